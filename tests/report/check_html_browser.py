"""The HTML report in Chromium: it asks nobody for anything and complains of nothing, its script
sorts, copies and shows, it is read without that, and it fits phones and desktops."""
import os
import shutil
import subprocess
import sys
import tempfile

from chromium import Browser, Page

SNAPSHOTS = os.path.join(os.environ["SOURCE"], "tests", "fixtures", "snapshots")
FIXTURES = ["port-exhaustion", "three-namespaces", "hostile-names"]

mistakes = []


def expect(condition, text):
    if not condition:
        mistakes.append(text)


def render(name, folder):
    path = os.path.join(folder, f"{name}.html")
    subprocess.run([os.environ["TCPADVISE"], "--input", os.path.join(SNAPSHOTS, f"{name}.json"),
                    "--format", "html", "--output", path], check=True)
    return path


def check_fits(page, name):
    for width in (360, 390, 1280):
        page.resize(width)
        # what is folded away must fit, too, when it is opened
        needs = page.run("document.querySelectorAll('details').forEach(d => d.open = true);"
                         "document.documentElement.scrollWidth")
        expect(needs <= width, f"{name}: {needs} pixels wide on {width}")


def check_quiet(page, name):
    expect(len(page.requests()) == 1, f"{name} asked for {page.requests()}")
    expect(not page.complaints(), f"{name} complains: {page.complaints()}")


def check_structure(page, name):
    expect(page.run("document.querySelectorAll('svg.diagram a.state').length") == 11,
           f"{name}: eleven states")
    expect(page.run("['findings', 'states', 'limits', 'rates', 'figures'].every("
                    "id => document.querySelector('main > section#' + id + ' > h2'))"),
           f"{name}: a section is missing")
    expect(page.run("JSON.parse(document.getElementById('snapshot').textContent).schema") ==
           "tcpadvise.snapshot/1", f"{name}: the snapshot")
    expect(page.run("[...document.querySelectorAll('a, button, summary, .scroll')].every("
                    "e => e.tagName != 'A' || e.tabIndex >= 0)"), f"{name}: keyboard")


SORTED = """(() => {
	const table = [...document.querySelectorAll('#figures table.sortable')].find(
		table => table.tBodies[0].rows.length > 2);
	table.closest('details').open = true;
	const head = [...table.tHead.rows[0].cells].findIndex(
		(_, i) => table.tBodies[0].rows[0].cells[i].classList.contains('number'));
	const values = () => [...table.tBodies[0].rows].map(row => row.cells[head].textContent)
		.filter(text => text).map(Number);
	const button = table.tHead.rows[0].cells[head].querySelector('button');
	button.click();
	const down = values();
	button.click();
	const up = values();
	const sorted = [...up].sort((a, b) => a - b);
	return up.length > 2 && up.join() === sorted.join() &&
		down.join() === sorted.reverse().join() &&
		button.parentElement.getAttribute('aria-sort') === 'ascending';
})()"""

COPIED = """(async () => {
	const box = document.querySelector('.with-copy');
	let copied;
	document.addEventListener('copy', () => { copied = String(getSelection()); });
	Object.defineProperty(navigator, 'clipboard',
		{ value: { writeText: async text => { throw new Error('denied'); } } });
	box.closest('details')?.setAttribute('open', '');
	box.querySelector('button').click();
	await new Promise(done => setTimeout(done, 100));
	const code = box.querySelector('code').textContent;
	return code.length > 0 && copied === code &&
		box.querySelector('button').textContent === document.body.dataset.copied;
})()"""

SHOWN = """(() => {
	document.querySelector('a.state[data-state=time_wait]').dispatchEvent(
		new MouseEvent('click', { bubbles: true, cancelable: true }));
	const panel = document.getElementById('state-panel');
	return !panel.hidden && panel.textContent.includes('TIME-WAIT') && location.hash === '';
})()"""


def check_script(page, name):
    expect(page.run(SORTED), f"{name}: a table is not sorted")
    expect(page.run(COPIED), f"{name}: a command is not copied")
    expect(page.run(SHOWN), f"{name}: a state does not say what it means")


def check_without_script(browser, path, name):
    page = Page(browser, path, scripts=False)
    expect(page.run("document.querySelectorAll('button').length") == 0, f"{name}: dead buttons")
    expect(page.run("document.querySelector('.finding').offsetHeight") > 0, f"{name}: findings")
    expect(page.run("getComputedStyle(document.querySelector('.finding')).borderLeftWidth") ==
           "5px", f"{name}: no style")
    page.call("Page.navigate", url=f"file://{path}#state-time_wait")
    expect(page.run("document.getElementById('state-time_wait') !== null"), f"{name}: no meaning")
    check_quiet_but_navigation(page, name)
    page.close()


def check_quiet_but_navigation(page, name):
    others = [url for url in page.requests() if not url.startswith("file://")]
    expect(not others, f"{name} asked for {others}")
    expect(not page.complaints(), f"{name} complains: {page.complaints()}")


def check(browser, name, folder):
    path = render(name, folder)
    page = Page(browser, path)
    check_structure(page, name)
    if name == FIXTURES[0]:
        check_script(page, name)
        check_without_script(browser, path, name)
    check_fits(page, name)
    check_quiet(page, name)
    page.close()


def main():
    program = shutil.which("chromium")
    if not program:
        print("chromium is not installed")
        return 77
    with tempfile.TemporaryDirectory() as folder, Browser(program) as browser:
        for name in FIXTURES:
            check(browser, name, folder)
    print("\n".join(mistakes))
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
