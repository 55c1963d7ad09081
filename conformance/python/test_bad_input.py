"""Malformed, oversized, truncated and slow requests: an AWS-shaped answer or a clean close, never harm.

The server of this file has short time limits. After every attack it must still answer, and its memory must not
have grown for good.
"""

import json
import random
import socket
import struct
import time

import pytest
from http_calls import JSON_TYPE, scope

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("unharmed")]


class Reply:
    """What came back until the peer closed, or went quiet."""

    def __init__(self, raw, closed):
        self.raw = raw
        self.closed = closed
        self.status = int(raw.split(b" ", 2)[1]) if raw.startswith(b"HTTP/1.1 ") else None

    @property
    def body(self):
        return self.raw.split(b"\r\n\r\n", 1)[1] if b"\r\n\r\n" in self.raw else b""


def attack(target, *parts, pause=0.0, patience=4.0, half_close=False):
    """Sends the parts, then reads until the server closes or nothing has come for `patience` seconds."""
    with socket.create_connection(("127.0.0.1", target.port), timeout=patience) as connection:
        raw = b""
        try:
            for part in parts:
                connection.sendall(part)
                if pause:
                    time.sleep(pause)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        try:
            while data := connection.recv(65536):
                raw += data
                if len(raw) > 1 << 20:
                    break
            return Reply(raw, True)
        except ConnectionResetError:
            return Reply(raw, True)
        except TimeoutError:
            return Reply(raw, False)


def request(body=b"", method="POST", path="/", close=True, **headers):
    sent = {"Host": "localhost", "Content-Length": str(len(body)), "Connection": "close" if close else "keep-alive", **scope("0" * 12)}
    sent.update({name.replace("_", "-"): value for name, value in headers.items()})
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items() if value is not None)
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def amazon_json(operation, body, **headers):
    return request(body, Content_Type=JSON_TYPE, X_Amz_Target=f"AmazonSQS.{operation}", **headers)


def form(body, **headers):
    return request(body, Content_Type="application/x-www-form-urlencoded", **headers)


def assert_refused_in_json(reply):
    assert reply.closed and reply.status is not None and 400 <= reply.status < 500, reply.raw[:300]
    error = json.loads(reply.body)
    assert "#" in error["__type"]


def assert_refused_in_xml(reply):
    assert reply.closed and reply.status is not None and 400 <= reply.status < 500, reply.raw[:300]
    assert b"<Code>" in reply.body or b"<UnknownOperationException/>" in reply.body


def assert_refused_or_closed(reply):
    assert reply.closed, "the connection should have been closed"
    assert reply.status is None or 400 <= reply.status < 600, reply.raw[:300]


# JSON

MALFORMED = {
    "nothing": b"",
    "half an object": b'{"QueueName": "a',
    "two objects": b"{}{}",
    "an array": b"[]",
    "a number": b"1",
    "null": b"null",
    "no JSON": b"QueueName=a",
    "a control character": b'{"QueueName":"a\x00b"}',
    "invalid UTF-8": b'{"QueueName":"\xff\xfe"}',
    "a lone surrogate": b'{"QueueName":"\\ud800"}',
    "a bad escape": b'{"QueueName":"\\x41"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "deep arrays": b'{"QueueName":' + b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep and closed": b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "a huge number": b'{"QueueName":1e999999}',
    "many digits": b'{"MaxResults":' + b"9" * 100_000 + b"}",
    "many members": b"{" + b",".join(b'"a%d":1' % n for n in range(50_000)) + b"}",
    "one name many times": b'{"QueueName":"a",' + b'"QueueName":1,' * 1000 + b'"b":{}}',
}


@pytest.mark.parametrize("what", MALFORMED)
def test_malformed_json(target, what):
    assert_refused_in_json(attack(target, amazon_json("CreateQueue", MALFORMED[what])))


@pytest.mark.parametrize(
    "operation, body",
    [
        ("SendMessage", {"QueueUrl": 5, "MessageBody": []}),
        ("SendMessage", {"QueueUrl": "q", "MessageBody": "x", "DelaySeconds": "soon"}),
        ("SendMessage", {"QueueUrl": "q", "MessageBody": "x", "DelaySeconds": 1e300}),
        ("SendMessage", {"QueueUrl": "q", "MessageBody": "x", "MessageAttributes": []}),
        ("SendMessage", {"QueueUrl": "q", "MessageBody": "x", "MessageAttributes": {"a": {"DataType": "Binary", "BinaryValue": "%%%"}}}),
        ("ReceiveMessage", {"QueueUrl": "q", "MaxNumberOfMessages": 2**63}),
        ("ReceiveMessage", {"QueueUrl": "q", "VisibilityTimeout": -(2**63) - 1}),
        ("SendMessageBatch", {"QueueUrl": "q", "Entries": {"Id": "a"}}),
        ("SendMessageBatch", {"QueueUrl": "q", "Entries": [None]}),
        ("SendMessageBatch", {"QueueUrl": "q", "Entries": [[]] * 10_000}),
        ("TagQueue", {"QueueUrl": "q", "Tags": "a=b"}),
        ("CancelMessageMoveTask", {"TaskHandle": "ey" * 1000}),
        ("StartMessageMoveTask", {"SourceArn": ":" * 1000}),
        ("ListQueues", {"NextToken": "\u0000" * 100, "MaxResults": 1}),
        ("SetQueueAttributes", {"QueueUrl": "q", "Attributes": {"RedrivePolicy": "{" * 10_000}}),
        ("SetQueueAttributes", {"QueueUrl": "q", "Attributes": {"Policy": "[" * 8000}}),
        ("", {}),
    ],
)
def test_values_of_the_wrong_kind(target, operation, body):
    reply = attack(target, amazon_json(operation, json.dumps(body).encode()))
    if operation == "ListQueues":
        assert reply.closed and reply.status < 500
    else:
        assert_refused_in_json(reply)


def test_a_target_that_is_no_text(target):
    assert_refused_or_closed(attack(target, amazon_json("SendMessage\u00e9", b"{}")))


# Query

FORMS = {
    "bad percent": b"Action=CreateQueue&QueueName=%",
    "bad hex": b"Action=CreateQueue&QueueName=%zz",
    "invalid UTF-8": b"Action=CreateQueue&QueueName=%ff%fe",
    "raw bytes": b"Action=CreateQueue&QueueName=\xff\x00",
    "no value": b"Action",
    "only separators": b"&&&===&&&",
    "huge index": b"Action=CreateQueue&QueueName=&Tag.99999999999999999999.Key=a",
    "large index": b"Action=SendMessageBatch&QueueUrl=q&SendMessageBatchRequestEntry.4000000000.Id=a",
    "negative index": b"Action=SendMessageBatch&QueueUrl=q&SendMessageBatchRequestEntry.-1.Id=a",
    "deep name": b"Action=SendMessage&QueueUrl=q&MessageAttribute" + b".1" * 50_000 + b"=a",
    "many parameters": b"Action=SendMessage&QueueUrl=q&" + b"&".join(b"a%d=b" % n for n in range(50_000)),
    "bad number": b"Action=ReceiveMessage&QueueUrl=q&MaxNumberOfMessages=ten",
    "bad base64": b"Action=SendMessage&QueueUrl=q&MessageBody=x&MessageAttribute.1.Name=a"
    b"&MessageAttribute.1.Value.DataType=Binary&MessageAttribute.1.Value.BinaryValue=%25%25",
}


@pytest.mark.parametrize("what", FORMS)
def test_malformed_forms(target, what):
    assert_refused_in_xml(attack(target, form(FORMS[what])))


def test_echoed_input_is_escaped(target):
    reply = attack(target, form(b"Action=%3Cscript%3E%26%22&QueueName=x"))
    assert_refused_in_xml(reply)
    assert b"<script>" not in reply.body


# Sizes


def test_a_body_of_ten_megabytes_is_refused(target):
    reply = attack(target, amazon_json("SendMessage", b'{"QueueUrl":"q","MessageBody":"' + b"x" * (10 << 20) + b'"}'))
    assert_refused_or_closed(reply)


def test_a_promise_of_a_huge_body_is_refused_before_it_comes(target):
    reply = attack(target, amazon_json("SendMessage", b"", Content_Length=str(1 << 40)))
    assert_refused_or_closed(reply)


def test_an_endless_chunked_body_is_cut_off(target):
    head = amazon_json("SendMessage", b"", Content_Length=None, Transfer_Encoding="chunked")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    assert_refused_or_closed(attack(target, head, *[chunk] * 2000))


def test_a_huge_header_is_refused(target):
    assert_refused_or_closed(attack(target, request(X_Large="x" * (1 << 20))))


def test_endless_headers_are_cut_off(target):
    lines = b"".join(b"X-%d: y\r\n" % n for n in range(100_000))
    assert_refused_or_closed(attack(target, b"POST / HTTP/1.1\r\nHost: a\r\n", lines))


def test_a_huge_path_is_refused(target):
    assert_refused_or_closed(attack(target, request(method="GET", path="/" + "a" * (1 << 20))))


def test_large_bodies_again_and_again_do_not_pile_up(target):
    payload = amazon_json("SendMessage", b'{"QueueUrl":"nowhere","MessageBody":"' + b"x" * 1_000_000 + b'"}')
    for _ in range(60):
        assert attack(target, payload).status == 400


# Framing


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n\r\n",
        b"hello\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"BREW / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST / HTTP/1.1\r\nBad Header: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /%00%ff/../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 64,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x04\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00" + b"\x00" * 30,
    ],
    ids=lambda raw: ascii(raw[:60].decode("latin-1")),
)
def test_bad_framing(target, raw):
    reply = attack(target, raw)
    assert reply.closed
    assert reply.status is None or 400 <= reply.status < 600


def test_random_bytes(target):
    chance = random.Random(7)
    for _ in range(100):
        reply = attack(target, chance.randbytes(chance.randrange(1, 2000)), half_close=True, patience=6)
        assert reply.closed


def test_requests_with_flipped_bytes(target):
    """Well-formed requests with single bytes changed: any answer below 500, or a close."""
    chance = random.Random(11)
    good = [
        amazon_json("CreateQueue", b'{"QueueName":"flipped","Attributes":{"DelaySeconds":"5"}}'),
        amazon_json("SendMessage", b'{"QueueUrl":"flipped","MessageBody":"x","MessageAttributes":{"a":{"DataType":"String","StringValue":"v"}}}'),
        form(b"Action=SendMessage&QueueUrl=flipped&MessageBody=x&MessageAttribute.1.Name=a"),
        form(b"Action=GetQueueAttributes&QueueUrl=flipped&AttributeName.1=All"),
    ]
    for n in range(300):
        changed = bytearray(good[n % len(good)])
        for _ in range(chance.randrange(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        reply = attack(target, bytes(changed), half_close=True, patience=6)
        assert reply.closed, changed
        assert reply.status is None or reply.status < 500, (bytes(changed), reply.raw[:300])


@pytest.mark.parametrize("cut", [1, 10, 60, 200, -1])
def test_a_truncated_request_is_closed(target, cut):
    whole = amazon_json("CreateQueue", b'{"QueueName":"truncated"}' + b" " * 100)
    reply = attack(target, whole[:cut], half_close=True)
    assert_refused_or_closed(reply)


def test_a_client_that_vanishes_is_forgotten(target):
    body = b'{"QueueName":"vanished"}'
    for _ in range(200):
        connection = socket.create_connection(("127.0.0.1", target.port))
        connection.sendall(amazon_json("CreateQueue", body)[: random.randrange(1, 300)])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


# Time


def test_a_slow_head_is_cut_off(target):
    began = time.monotonic()
    drips = [b"POST / HTTP/1.1\r\n"] + [b"X-%d: y\r\n" % n for n in range(40)]
    reply = attack(target, *drips, pause=0.1)
    assert_refused_or_closed(reply)
    assert time.monotonic() - began < 8


def test_a_silent_connection_is_cut_off(target):
    began = time.monotonic()
    assert_refused_or_closed(attack(target, patience=8))
    assert time.monotonic() - began < 6


def test_a_slow_body_is_cut_off(target):
    began = time.monotonic()
    whole = amazon_json("CreateQueue", b'{"QueueName":"slow"}' + b" " * 1000)
    drips = [whole[:-900]] + [whole[-900 + n : -899 + n] for n in range(60)]
    reply = attack(target, *drips, pause=0.1)
    assert_refused_or_closed(reply)
    assert time.monotonic() - began < 10


def test_an_idle_connection_is_closed_after_its_limit(target):
    reply = attack(target, request(method="GET", path="/_tidings/health", close=False), patience=6)
    assert reply.status == 200 and reply.closed


def test_many_slow_clients_leave_room_for_others(target):
    slow = [socket.create_connection(("127.0.0.1", target.port)) for _ in range(300)]
    try:
        for connection in slow:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\n")
        began = time.monotonic()
        assert target.healthy()
        assert time.monotonic() - began < 1
    finally:
        for connection in slow:
            connection.close()


def test_a_client_that_does_not_read_is_cut_off(target):
    """Requests without end and no answer taken: neither memory nor the connection may grow for ever."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", target.port))
    connection.settimeout(0.5)
    payload = request(method="GET", path="/metrics", close=False) * 50
    sent = 0
    give_up = time.monotonic() + 15
    with connection, pytest.raises(OSError):
        while time.monotonic() < give_up and sent < 64 << 20:
            try:
                sent += connection.send(payload)
            except TimeoutError:
                continue
        pytest.fail(f"the server still held the connection after {sent} bytes and 15 s")
