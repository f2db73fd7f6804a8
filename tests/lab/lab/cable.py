"""The other end of a network device: that of vec0 in a kernel of one's own is a socket outside. Nobody takes
a packet from it before the lab says so, as if a switch or a virtual machine's host had stopped."""
import os
import socket
import threading

SOCKET, TAKE = "cable", "take"
STEP_S = 0.05


def kernel_word(directory):
    """What tells the kernel to have the device."""
    return f"vec0:transport=bess,dst={os.path.join(directory, SOCKET)}"


def take(directory):
    """From now on packets are taken."""
    with open(os.path.join(directory, TAKE), "w", encoding="ascii"):
        pass


class Cable:
    def __init__(self, directory):
        self._signal = os.path.join(directory, TAKE)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(os.path.join(directory, SOCKET))
        self._listener.listen(1)
        self._listener.settimeout(STEP_S)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._take)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
        self._listener.close()

    def _take(self):
        while not self._ended.wait(STEP_S):
            if os.path.exists(self._signal):
                try:
                    connection, _ = self._listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    self._read_out(connection)

    def _read_out(self, connection):
        connection.settimeout(STEP_S)
        while not self._ended.is_set():
            try:
                if not connection.recv(65536):
                    return
            except TimeoutError:
                pass
