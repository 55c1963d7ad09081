"""A real SMTP server, aiosmtpd, as a process of its own. What it takes in, it keeps in a Maildir."""

import contextlib
import email.policy
import mailbox
import socket
import subprocess
import sys

from running import free_port
from waiting import until


class MailServer:
    def __init__(self, home):
        self.home = home
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.seen = set()
        self.process = None

    @property
    def box(self):
        return self.home / "mails"

    def start(self):
        listen = f"127.0.0.1:{self.port}"
        keeper = ["-c", "aiosmtpd.handlers.Mailbox", str(self.box)]
        self.process = subprocess.Popen([sys.executable, "-m", "aiosmtpd", "-n", "-l", listen, *keeper])
        until(self.listens, "the mail server")
        return self

    def listens(self):
        assert self.process.poll() is None, "the mail server has ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(15)
            self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def fresh(self):
        """The mails that came since the last call."""
        if not self.box.exists():
            return []
        found = []
        for key, message in mailbox.Maildir(self.box).items():
            if key not in self.seen:
                self.seen.add(key)
                found.append(email.message_from_bytes(message.as_bytes(), policy=email.policy.default))
        return found

    def next(self):
        """The one mail that comes next."""
        [mail] = until(self.fresh, "a mail")
        return mail
