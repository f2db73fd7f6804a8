"""shop.py ADDRESS PORT STOCK-ADDRESS STOCK-PORT [SECONDS]: a web server that asks another server for each request, and
waits for it for ever or for so many seconds."""
import http.client
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ADDRESS, PORT, STOCK, STOCK_PORT = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
PATIENCE_S = float(sys.argv[5]) if len(sys.argv) > 5 else None


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        stock = http.client.HTTPConnection(STOCK, STOCK_PORT, timeout=PATIENCE_S)
        try:
            stock.request("GET", "/")
            self.send_response(stock.getresponse().status)
            self.end_headers()
        except TimeoutError:
            self.send_error(504)
        finally:
            stock.close()

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 512

    def handle_error(self, *_):
        """A visitor who has gone."""


Server((ADDRESS, PORT), Handler).serve_forever()
