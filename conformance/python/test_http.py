"""HTTP/1.1 and cleartext HTTP/2 on one port: keep-alive, pipelining, chunks, expectations."""

import json
import socket
import threading

import httpx
import pytest
from http_calls import JSON_TYPE, Wire, scope
from queues import Queue, sdk_client

pytestmark = pytest.mark.once


def json_request(account, operation, body, chunked=False, connection="keep-alive"):
    payload = json.dumps(body).encode()
    headers = {
        "Host": "localhost",
        "Content-Type": JSON_TYPE,
        "X-Amz-Target": f"AmazonSQS.{operation}",
        "Connection": connection,
        **scope(account),
    }
    if chunked:
        headers["Transfer-Encoding"] = "chunked"
        middle = len(payload) // 2
        payload = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (payload[:middle], payload[middle:])) + b"0\r\n\r\n"
    else:
        headers["Content-Length"] = str(len(payload))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{head}\r\n".encode() + payload


class Reader:
    """Reads HTTP/1.1 answers with a Content-Length from one socket."""

    def __init__(self, connection):
        self.file = connection.makefile("rb")

    def answer(self):
        status = int(self.file.readline().split()[1])
        length = 0
        while (line := self.file.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, self.file.read(length)


@pytest.fixture
def connection(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as opened:
        yield opened


def test_pipelined_requests_are_answered_in_order(server, account, connection):
    q = Queue.create(sdk_client(server.endpoint, account), "pipe")
    requests = [json_request(account, "SendMessage", {"QueueUrl": q.url, "MessageBody": str(n)}) for n in range(20)]
    connection.sendall(b"".join(requests))
    reader = Reader(connection)
    ids = []
    for _ in requests:
        status, body = reader.answer()
        assert status == 200
        ids.append(json.loads(body)["MessageId"])
    got = q.receive() + q.receive()
    assert [message["Body"] for message in got] == [str(n) for n in range(20)]
    assert [message["MessageId"] for message in got] == ids


def test_a_chunked_body_is_read(account, connection):
    connection.sendall(json_request(account, "CreateQueue", {"QueueName": "chunked"}, chunked=True))
    status, body = Reader(connection).answer()
    assert status == 200 and b"chunked" in body


def test_a_body_that_arrives_byte_by_byte_is_read(account, connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in json_request(account, "CreateQueue", {"QueueName": "slow"}):
        connection.sendall(bytes([byte]))
    status, body = Reader(connection).answer()
    assert status == 200 and b"slow" in body


def test_expect_100_continue(account, connection):
    request = json_request(account, "CreateQueue", {"QueueName": "expected"})
    head, body = request.split(b"\r\n\r\n")
    connection.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
    assert b"100" in connection.recv(1000)
    connection.sendall(body)
    assert Reader(connection).answer()[0] == 200


def test_connection_close_is_honoured(account, connection):
    connection.sendall(json_request(account, "ListQueues", {}, connection="close"))
    assert Reader(connection).answer()[0] == 200
    assert connection.recv(1) == b""


@pytest.fixture
def h2(server):
    with httpx.Client(http1=False, http2=True, base_url=server.endpoint, timeout=30) as client:
        yield client


def test_http2_with_prior_knowledge(h2, account):
    headers = {**scope(account), "Content-Type": JSON_TYPE, "X-Amz-Target": "AmazonSQS.CreateQueue"}
    answer = h2.post("/", json={"QueueName": "h2"}, headers=headers)
    assert (answer.http_version, answer.status_code) == ("HTTP/2", 200)
    assert answer.json()["QueueUrl"].endswith(f"/{account}/h2")
    assert answer.json()["QueueUrl"].startswith("http://127.0.0.1:")
    answer = h2.post("/", data={"Action": "ListQueues"}, headers=scope(account))
    assert (answer.http_version, answer.status_code) == ("HTTP/2", 200)
    assert f"/{account}/h2</QueueUrl>" in answer.text


def test_http2_errors_carry_the_same_headers(h2, account):
    headers = {**scope(account), "Content-Type": JSON_TYPE, "X-Amz-Target": "AmazonSQS.GetQueueUrl"}
    answer = h2.post("/", json={"QueueName": "none"}, headers=headers)
    assert answer.status_code == 400
    assert answer.headers["x-amzn-query-error"] == "AWS.SimpleQueueService.NonExistentQueue;Sender"


def test_http2_streams_do_not_wait_for_each_other(server, account, h2):
    """A parked receive and a send share one connection."""
    q = Queue.create(sdk_client(server.endpoint, account), "streams")
    headers = {**scope(account), "Content-Type": JSON_TYPE}
    got = []

    def poll():
        body = {"QueueUrl": q.url, "WaitTimeSeconds": 20}
        got.append(h2.post("/", json=body, headers={**headers, "X-Amz-Target": "AmazonSQS.ReceiveMessage"}))

    thread = threading.Thread(target=poll)
    thread.start()
    thread.join(0.2)
    assert thread.is_alive()
    h2.post("/", json={"QueueUrl": q.url, "MessageBody": "x"}, headers={**headers, "X-Amz-Target": "AmazonSQS.SendMessage"})
    thread.join(5)
    assert got[0].json()["Messages"][0]["Body"] == "x"


def test_a_large_body_over_http2(server, account, h2):
    q = Queue.create(sdk_client(server.endpoint, account), "large")
    headers = {**scope(account), "Content-Type": JSON_TYPE, "X-Amz-Target": "AmazonSQS.SendMessage"}
    assert h2.post("/", json={"QueueUrl": q.url, "MessageBody": "x" * 1_000_000}, headers=headers).status_code == 200
    headers["X-Amz-Target"] = "AmazonSQS.ReceiveMessage"
    assert len(h2.post("/", json={"QueueUrl": q.url}, headers=headers).json()["Messages"][0]["Body"]) == 1_000_000


def test_head_and_options_and_other_methods_get_a_short_answer(server, account):
    wire = Wire(server.endpoint, account)
    for method in ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"):
        answer = wire.session.request(method, server.endpoint + "/", timeout=10)
        assert 200 <= answer.status_code < 500
