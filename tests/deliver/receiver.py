"""A local receiver of webhooks that behaves well or badly, for the tests of delivery."""
import http.server
import ssl
import threading

SECRET = "T0SECRET/B0SECRET/x9Secret7"


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the server's "mode" says and keeps what it got."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, dict(self.headers), body))
        try:
            getattr(self, "mode_" + self.server.mode)()
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def mode_ok(self):
        self.answer(200, b"ok")

    def mode_created(self):
        self.answer(201, b"{}")

    def mode_no_service(self):
        self.answer(404, b"no_service")

    def mode_echo_page(self):
        self.answer(404, f"<pre>Cannot POST {self.path}</pre>".encode())

    def mode_escape(self):
        self.answer(403, b"\x1b[2Jinvalid_token")

    def mode_error(self):
        self.answer(500, b"rollup_error")

    def mode_too_large(self):
        self.answer(413, b"")

    def mode_redirect(self):
        self.answer(302, b"", [("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")])

    def mode_proxy_page(self):
        self.answer(200, b"<html>Welcome to the guest network</html>")

    def mode_hang(self):
        self.server.stop.wait(30)

    def mode_close(self):
        self.close_connection = True

    def mode_cut(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"ok")
        self.close_connection = True

    def mode_drip(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"o")
            self.wfile.flush()
            if self.server.stop.wait(0.1):
                break

    def mode_huge(self):
        self.send_response(200)
        self.send_header("Content-Length", str(100 << 20))
        self.end_headers()
        for _ in range(1600):
            self.wfile.write(b"x" * 65536)

    def mode_gibberish(self):
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        self.close_connection = True

    def log_message(self, *_):
        pass


class Receiver:
    """A server on a free port of the loopback, for the length of a with statement."""

    def __init__(self, mode, context=None):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.server.mode, self.server.seen, self.server.stop = mode, [], threading.Event()
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.scheme = "https" if context else "http"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.stop.set()
        self.server.shutdown()
        self.server.server_close()

    def url(self, host="127.0.0.1"):
        return f"{self.scheme}://{host}:{self.server.server_port}/services/{SECRET}?token={SECRET}"
