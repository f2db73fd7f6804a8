/* report.js - what the HTML report can do beyond being read: copy commands, sort tables, show what a
   state means where it was tapped, open everything to be printed. It is put into the report and
   allowed there by its digest. */
"use strict";

const words = document.body.dataset;

function make(name, text) {
	const element = document.createElement(name);
	element.textContent = text;
	if (name === "button")
		element.type = "button";
	return element;
}

/* ---- copying ---- */

function copySelection(code) {
	const range = document.createRange();
	range.selectNodeContents(code);
	getSelection().removeAllRanges();
	getSelection().addRange(range);
	return document.execCommand("copy");
}

/* A file that was opened from disk may have no clipboard; a selection always works. */
async function copy(code) {
	try {
		await navigator.clipboard.writeText(code.textContent);
		return true;
	} catch {
		return copySelection(code);
	}
}

function addCopyButton(pre) {
	const box = make("div", "");
	const button = make("button", words.copy);

	box.className = "with-copy";
	pre.replaceWith(box);
	box.append(pre, button);
	button.addEventListener("click", async () => {
		if (!await copy(pre.firstElementChild))
			return;
		button.textContent = words.copied;
		setTimeout(() => { button.textContent = words.copy; }, 2000);
	});
}

/* ---- sorting ---- */

function keyOf(row, column) {
	const text = row.cells[column].textContent.trim();
	const number = Number(text);

	return text !== "" && Number.isFinite(number) ? number : text;
}

/* Numbers by value, text by letters, and what is not known at the end of either order. */
function compare(a, b) {
	if (typeof a === "number" && typeof b === "number")
		return a - b;
	if (typeof a !== typeof b)
		return typeof a === "number" ? -1 : 1;
	return a.localeCompare(b, undefined, { numeric: true });
}

function sort(table, column, down) {
	const body = table.tBodies[0];
	const rows = Array.from(body.rows, row => ({ row, key: keyOf(row, column) }));

	rows.sort((a, b) => {
		if (a.key === "" || b.key === "")
			return (a.key === "") - (b.key === "");
		return down ? compare(b.key, a.key) : compare(a.key, b.key);
	});
	body.append(...rows.map(({ row }) => row));
}

function makeSortable(table) {
	const heads = Array.from(table.tHead.rows[0].cells);

	heads.forEach((head, column) => {
		const button = make("button", head.textContent);

		head.replaceChildren(button);
		button.addEventListener("click", () => {
			const down = head.getAttribute("aria-sort") !== "descending";

			heads.forEach(other => other.removeAttribute("aria-sort"));
			head.setAttribute("aria-sort", down ? "descending" : "ascending");
			sort(table, column, down);
		});
	});
}

/* ---- states ---- */

/* The words of the list, beside the diagram; without this the link leads to the list. */
function showState(panel, link) {
	const source = document.getElementById(link.getAttribute("href").slice(1));
	const button = make("button", words.close);

	button.addEventListener("click", () => {
		panel.hidden = true;
		link.focus();
	});
	panel.replaceChildren(...Array.from(source.childNodes, node => node.cloneNode(true)), button);
	panel.hidden = false;
	panel.scrollIntoView({ block: "nearest" });
}

/* ---- printing ---- */

function openAll() {
	document.querySelectorAll("details:not([open])").forEach(details => {
		details.open = true;
		details.dataset.closed = "";
	});
}

function closeAgain() {
	document.querySelectorAll("details[data-closed]").forEach(details => {
		details.open = false;
		delete details.dataset.closed;
	});
}

/* What a link leads to may be folded away. */
function unfoldTarget() {
	const target = document.getElementById(location.hash.slice(1));
	const folded = target && target.closest("details:not([open])");

	if (!folded)
		return;
	folded.open = true;
	target.scrollIntoView();
}

document.querySelectorAll("pre.copy").forEach(addCopyButton);
document.querySelectorAll("table.sortable").forEach(makeSortable);
const panel = document.getElementById("state-panel");
document.querySelectorAll("a.state").forEach(link => {
	link.addEventListener("click", event => {
		event.preventDefault();
		showState(panel, link);
	});
});
addEventListener("hashchange", unfoldTarget);
addEventListener("beforeprint", openAll);
addEventListener("afterprint", closeAgain);
