"""Roles that several scenarios give to a process."""
import selectors
import socket

from .process import allow_files


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
