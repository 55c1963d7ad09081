"""Cleartext HTTP/2 used against the server: floods of cheap frames, and answers that nobody takes.

As in `test_bad_input.py`, the server must stay alive, answer others, and not grow for good.
"""

import socket
import time

import hpack
import pytest
from http_calls import scope

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("unharmed")]
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, PING, HEADERS, CONTINUATION, WINDOW_UPDATE, RST = 4, 6, 1, 9, 8, 3


def frame(kind, stream=0, payload=b"", flags=0):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def headers(method="GET", path="/_tidings/health"):
    fields = [(":method", method), (":path", path), (":scheme", "http"), (":authority", "localhost"), *scope("0" * 12).items()]
    return hpack.Encoder().encode([(name.lower(), value) for name, value in fields])


def flood(target, frames, seconds=8):
    """Sends frames without reading until the server closes or the time is over. True when it closed."""
    with socket.create_connection(("127.0.0.1", target.port), timeout=0.5) as connection:
        give_up = time.monotonic() + seconds
        data = PREFACE + frame(SETTINGS)
        try:
            for part in frames:
                data += part
                if len(data) < 60_000:
                    continue
                while data and time.monotonic() < give_up:
                    try:
                        data = data[connection.send(data) :]
                    except TimeoutError:
                        continue
                if time.monotonic() > give_up:
                    return False
            connection.sendall(data)
        except OSError:
            return True
        return False


def test_pings_without_end(target):
    flood(target, (frame(PING, payload=b"12345678") for _ in range(3_000_000)))


def test_settings_without_end(target):
    flood(target, (frame(SETTINGS) for _ in range(3_000_000)))


def test_streams_that_are_reset_at_once(target):
    block = headers()

    def resets():
        for stream in range(1, 400_000, 2):
            yield frame(HEADERS, stream, block, 0x5) + frame(RST, stream, (8).to_bytes(4, "big"))

    flood(target, resets())


def test_header_blocks_without_end(target):
    def blocks():
        yield frame(HEADERS, 1, headers())
        for _ in range(20_000):
            yield frame(CONTINUATION, 1, b"\x00" + b"\x01a" + b"\x7f\x80\x20" + b"b" * 4000)

    assert flood(target, blocks())


def test_empty_window_updates_and_unknown_frames(target):
    flood(target, (frame(WINDOW_UPDATE, payload=b"\x00\x00\x00\x00") for _ in range(10_000)))
    flood(target, (frame(0x42, payload=b"x" * 100) for _ in range(100_000)))


def test_answers_that_nobody_takes(target):
    """Many streams ask for a large answer and give no window for it."""
    block = headers(path="/metrics")
    window = (4).to_bytes(2, "big") + (0).to_bytes(4, "big")

    def asks():
        yield frame(SETTINGS, payload=window)
        for stream in range(1, 200_000, 2):
            yield frame(HEADERS, stream, block, 0x5)

    flood(target, asks())


def test_a_silent_http2_connection_is_closed(target):
    with socket.create_connection(("127.0.0.1", target.port), timeout=10) as connection:
        connection.sendall(PREFACE + frame(SETTINGS))
        began = time.monotonic()
        while connection.recv(65536):
            pass
        assert time.monotonic() - began < 8
