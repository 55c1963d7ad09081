"""Starts the real binary on a free port, waits until it answers, and ends it. Standard library only."""

import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import time
import urllib.request

START_SECONDS = 20


def free_port():
    """Below the range that clients' own ports come from, so that it stays free over a restart."""
    for port in random.sample(range(15_000, 30_000), 1000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port")


class Clock:
    """The server's clock, over `/_tidings/clock`."""

    def __init__(self, endpoint):
        self.url = f"{endpoint}/_tidings/clock"

    def get(self):
        with urllib.request.urlopen(self.url, timeout=10) as answer:
            return json.load(answer)

    def put(self, **change):
        request = urllib.request.Request(self.url, json.dumps(change).encode(), method="PUT")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def advance(self, seconds):
        return self.put(advance=seconds)

    @property
    def now(self):
        """Milliseconds since 1970."""
        return self.get()["now"]


class Server:
    """One `tidings` process. `home` receives its data directory and its log."""

    def __init__(self, binary, home, *flags, env=None):
        self.binary = str(binary)
        self.home = pathlib.Path(home)
        self.flags = list(flags)
        self.env = env or {}
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.clock = Clock(self.endpoint)
        self.process = None

    @property
    def data(self):
        return self.home / "data"

    @property
    def log(self):
        return self.home / "log"

    def command(self):
        flags = list(self.flags)
        if "--memory" not in flags and "--data" not in flags:
            flags += ["--data", str(self.data)]
        return [self.binary, "--listen", f"127.0.0.1:{self.port}", *flags]

    def spawn(self):
        """Starts the process without waiting for it."""
        self.home.mkdir(parents=True, exist_ok=True)
        outside = {k: v for k, v in os.environ.items() if not k.startswith("TIDINGS_")}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.home, env={**outside, **self.env}
            )

    def start(self):
        self.spawn()
        give_up = time.monotonic() + START_SECONDS
        while not self.healthy():
            if self.process.poll() is not None:
                raise RuntimeError(f"tidings ended with {self.process.returncode}: {self.tail()}")
            if time.monotonic() > give_up:
                self.stop()
                raise RuntimeError(f"tidings did not answer within {START_SECONDS} s: {self.tail()}")
            time.sleep(0.01)
        return self

    def healthy(self):
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"{self.endpoint}/_tidings/health", timeout=5) as answer:
                return answer.status == 200
        return False

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """SIGKILL: what was not durable is gone."""
        if self.alive():
            self.process.kill()
        self.process.wait(30)

    def stop(self):
        """SIGTERM, and the exit status. SIGKILL when it does not end."""
        if self.process is None:
            return None
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(30)

    def tail(self, size=3000):
        return self.log.read_text(errors="replace")[-size:] if self.log.exists() else ""

    def resident_bytes(self):
        """VmRSS of the process (Linux)."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS in /proc")

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
