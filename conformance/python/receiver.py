"""An HTTP endpoint for notifications: writes down every request and answers as told. Standard library only."""

import contextlib
import dataclasses
import http.server
import json
import queue
import socket
import threading
import time
import urllib.error
import urllib.request

from waiting import PATIENCE_SECONDS


@dataclasses.dataclass
class Received:
    path: str
    headers: list
    raw: bytes

    @property
    def text(self):
        return self.raw.decode()

    @property
    def json(self):
        return json.loads(self.raw)

    @property
    def type(self):
        return self.header("x-amz-sns-message-type")

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def header_names(self):
        return {key.lower() for key, _ in self.headers}


class Receiver:
    """Listens on a free port of 127.0.0.1 while used as a context; with the context of a certificate, for https."""

    def __init__(self, tls=None):
        self.received = queue.Queue()
        self.answers = {}
        self.connections = []
        receiver = self

        class Requests(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                receiver.connections.append(self.connection)

            def do_POST(self):
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                receiver.received.put(Received(self.path, self.headers.items(), raw))
                status, body, more, pause = receiver.answers.get(self.path, (200, b"", {}, None))
                if pause is not None:
                    pause.wait(PATIENCE_SECONDS)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Requests)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a killed server cuts its connections off
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """From now on nobody listens, and what is connected is cut off."""
        for _, _, _, pause in self.answers.values():
            if pause is not None:
                pause.set()
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def url(self, path="/hook"):
        return self.base + path

    def answer(self, status, path="/hook", body=b"", headers=None, pause=None):
        """What requests to this path are answered from now on; with `pause`, an event, only once that is set."""
        self.answers[path] = (status, body, headers or {}, pause)

    def next(self, seconds=PATIENCE_SECONDS):
        """The next request, whatever its path."""
        try:
            return self.received.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"no request within {seconds} s") from None

    def notification(self):
        """The next notification. A confirmation request may come again: after a crash nobody knows that it had come."""
        while (request := self.next()).type != "Notification":
            pass
        return request

    def take(self, count):
        return [self.next() for _ in range(count)]

    def nothing(self, seconds=0.3):
        """Looks for a while whether something comes that should not."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            assert self.received.empty(), self.received.get().text
            time.sleep(0.02)

    def subscribed(self, topic, path="/hook", **attributes):
        """A confirmed subscription of this endpoint; its confirmation is taken out of what was received."""
        subscription = topic.subscribe(self.base.split(":")[0], self.url(path), **attributes)
        request = self.next()
        assert request.type == "SubscriptionConfirmation", request
        visit(request.json["SubscribeURL"])
        return subscription


def visit(url):
    """A plain GET, as a browser or a script would do it: status and text."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
