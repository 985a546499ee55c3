"""A webhook's receiver that answers as it is told to and keeps what it took."""
import http.server
import json
import socket
import struct
import threading
import time

ABORT = struct.pack("ii", 1, 0)


class Hook:
    """answers: a list of what comes next: a status, ("429", seconds), "reset" (read, no answer), "lost" (taken, and the
    connection is cut before the answer). Behind its end everything is taken with 204."""

    def __init__(self, port=0):
        self.taken, self.asked, self.heads, self.answers = [], 0, [], []
        self.early, self.not_before, self.lock = 0, 0.0, threading.Lock()
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                hook.serve(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads, block_on_close, allow_reuse_address = True, False, True

            def handle_error(self, *_):
                pass  # the other side was killed

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def serve(self, h):
        try:
            body = json.loads(h.rfile.read(int(h.headers["Content-Length"])))
        except ValueError:
            return self.reset(h)  # cut while it was sent
        with self.lock:
            self.asked += 1
            self.early += time.monotonic() < self.not_before
            answer = self.answers.pop(0) if self.answers else 204
            status = answer[0] if isinstance(answer, tuple) else answer
            if status in (204, "lost"):
                self.taken.append(body)
                self.heads.append(dict(h.headers))
            if status == 429:
                self.not_before = time.monotonic() + answer[1]
        if status in ("reset", "lost"):
            return self.reset(h)
        h.send_response(status)
        h.send_header("Content-Length", "0")
        if status == 429:
            h.send_header("Retry-After", str(answer[1]))
        h.end_headers()

    def reset(self, h):
        h.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        h.close_connection = True
        h.connection.close()

    def events(self):
        """Numbers of the events in the order they were taken, those of digests one by one."""
        with self.lock:
            return [a["n"] for body in self.taken for a in body.get("alerts", [body])]
