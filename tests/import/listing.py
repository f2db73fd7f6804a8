"""What a source yields, told by the program of members.c (the first argument of each test): a JSON line for each
member and for each that was skipped. All files are made in a folder that goes away with the test."""
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile

MEMBERS = os.path.abspath(sys.argv[1])
here = tempfile.mkdtemp(prefix="tcpadvise-source-")
atexit.register(shutil.rmtree, here)


class Listing:
    def __init__(self, done):
        assert not done.stderr, done.stderr.decode()
        self.rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.status = done.returncode
        self.members = [row for row in self.rows if "name" in row]
        self.skipped = {row["skipped"]: row["why"] for row in self.rows if "skipped" in row}
        self.error = next((row for row in self.rows if "error" in row), None)
        self.peak_kib = next((row["peak_kib"] for row in self.rows if "peak_kib" in row), None)

    def paths(self):
        return [row["path"] for row in self.members]

    def texts(self):
        return {row["path"]: row["text"].encode() for row in self.members}


def listed(source, *options, text=True, **how):
    options += ("first=60000",) if text else ()
    return Listing(subprocess.run([MEMBERS, source, *options], capture_output=True, timeout=250, cwd=here, **how))


def equal(got, want):
    assert got == want, f"\ngot  {got!r}\nwant {want!r}"
