"""Roles that several scenarios give to a process."""
import contextlib
import selectors
import socket
import time

from .process import allow_files
from .wire import failed_connects

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def server(tell, address, answer=None):
    """Keeps each connection until its client closes it; answers what is sent, with the same unless told."""
    allow_files(4096)
    listener = socket.create_server(address, backlog=1024)
    ready = selectors.DefaultSelector()
    ready.register(listener, selectors.EVENT_READ)
    tell("listening")
    while True:
        for key, _ in ready.select():
            if key.fileobj is listener:
                connection, _ = listener.accept()
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                ready.register(connection, selectors.EVENT_READ)
            else:
                serve(ready, key.fileobj, answer)


def serve(ready, connection, answer):
    try:
        data = connection.recv(65536)
        if data:
            connection.sendall(answer.encode() if answer else data)
            return
    except ConnectionError:
        pass
    ready.unregister(connection)
    connection.close()


def http_server(tell, address, thinks_s=0, pauses_s=0, backlog=64):
    """Answers one request after the other, each after it has thought; pauses before it accepts the first."""
    listener = socket.create_server(address, backlog=backlog)
    tell("listening")
    time.sleep(pauses_s)
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(4096)
            time.sleep(thinks_s)
            connection.sendall(ANSWER)


def steadfast_clients(tell, address, count):
    """So many keep on trying to connect; each SYN is sent again after a second."""
    while True:
        tell(failed_connects(address, count, 2.5))
        time.sleep(0.5)
