"""A small HTTP endpoint for the labs: `receiver.py DIRECTORY`.

Writes the body of each POST to DIRECTORY/1, /2, ... and its own address to DIRECTORY/url. Answers with the status that
DIRECTORY/status holds, or 200.
"""

import http.server
import pathlib
import sys

home = pathlib.Path(sys.argv[1])


class Posts(http.server.BaseHTTPRequestHandler):
    count = 0

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Posts.count += 1
        part = home / "part"
        part.write_bytes(body)
        part.rename(home / str(Posts.count))
        status = home / "status"
        self.send_response(int(status.read_text()) if status.exists() else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Posts)
(home / "part").write_text(f"http://127.0.0.1:{server.server_port}/")
(home / "part").rename(home / "url")
server.serve_forever()
