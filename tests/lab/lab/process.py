"""The processes of a host: roles written in Python, and programs that users run."""
import ctypes
import json
import os
import resource
import select
import signal
import subprocess
import sys
import traceback

from .tool import Skip

TELL_SECONDS = 30
CLONE_NEWNET = 0x40000000


def libc_call(name, *args):
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*args) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


def enter_network(pid):
    """Moves this process into the network namespace of another; os.setns() came with Python 3.12."""
    with open(f"/proc/{pid}/ns/net", "rb") as file:
        libc_call("setns", file.fileno(), CLONE_NEWNET)


def allow_files(soft, hard=None):
    """Sets the soft limit of descriptors of this process, and the hard one where it is given."""
    if hard is None:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Process:
    """A role(tell, *args) that runs under a name of its own, tells its parent JSON values as it gets
    on, and then stays until it is ended. before() runs first, in the new process."""

    def __init__(self, name, role, args, before=lambda: None):
        reader, writer = os.pipe()
        self.name = name
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reader)
            self._run(role, args, before, writer)
        os.close(writer)
        self._reader = os.fdopen(reader, "rb", buffering=0)  # select() must see a value that is not heard yet

    def _run(self, role, args, before, writer):
        def tell(value):
            os.write(writer, (json.dumps(value) + "\n").encode())
        try:
            before()
            with open("/proc/self/comm", "w", encoding="utf-8") as file:
                file.write(self.name)
            role(tell, *args)
            while True:
                signal.pause()
        except BaseException:  # whatever it was, the parent must not go on in this child
            traceback.print_exc()
        finally:
            os._exit(1)

    def hear(self, seconds=TELL_SECONDS):
        """The next value that the process tells."""
        ready, _, _ = select.select([self._reader], [], [], seconds)
        line = self._reader.readline() if ready else ""
        assert line, f"{self.name} ended or said nothing for {seconds} s"
        return json.loads(line)

    def end(self):
        """As a crash would: the kernel closes what it held."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self._reader.close()
            self.pid = 0


class Program:
    """A program that stays until it is ended. What it writes goes to a file, path `output`."""

    def __init__(self, argv, output, before, environment=None):
        self.name = os.path.basename(argv[0])
        self.output = output
        with open(output, "wb") as file:
            try:
                self._popen = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                                               preexec_fn=before, env=environment)
            except FileNotFoundError:
                raise Skip(f"the program {argv[0]} is not installed")
        self.pid = self._popen.pid

    def said(self):
        with open(self.output, encoding="utf-8", errors="replace") as file:
            return file.read()

    def is_running(self):
        return self._popen.poll() is None

    def end(self):
        """As its service manager would: it may close what it has."""
        if self.is_running():
            self._popen.terminate()
            self._popen.send_signal(signal.SIGCONT)  # one that is stopped hears nothing before
            try:
                self._popen.wait(5)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait(5)
