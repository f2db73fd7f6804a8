"""application.py ADDRESS PORT: an application server behind a proxy. It ends a request with some work of its own, so
a proxy that asks for a connection a request has closed that connection before the application does. What is asked
for below /events/ is answered when the application ends."""
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BOOK_KEEPING_S = 0.005


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        if self.path.startswith("/events/"):
            threading.Event().wait()
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")
        self.wfile.flush()
        time.sleep(BOOK_KEEPING_S)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 512

    def handle_error(self, *_):
        """A proxy that is restarted cuts its connections."""


Server((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
