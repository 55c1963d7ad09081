"""`/_aws/sqs/messages`: looking at a queue without touching it (spec 11)."""

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from http_calls import found
from queues import entry, text

import requests

pytestmark = pytest.mark.once


def peek(server, q, **flags):
    answer = requests.get(
        f"{server.endpoint}/_aws/sqs/messages",
        params={"QueueUrl": q.url, **flags},
        headers={"Accept": "application/json"},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    result = answer.json()["ReceiveMessageResponse"]["ReceiveMessageResult"] or {}
    messages = result.get("Message", [])
    return messages if isinstance(messages, list) else [messages]


def attributes(message):
    return {pair["Name"]: pair["Value"] for pair in message["Attribute"]}


def test_all_visible_messages_are_seen_in_order_without_side_effect(server, queue):
    q = queue()
    q.send_batch(*(entry(f"e{n}", str(n)) for n in range(10)))
    q.send("10")
    for _ in range(2):
        seen = peek(server, q)
        assert [message["Body"] for message in seen] == [str(n) for n in range(11)]
        assert {message["ReceiptHandle"] for message in seen} == {"SQS/BACKDOOR/ACCESS"}
        assert {attributes(message)["ApproximateReceiveCount"] for message in seen} == {"0"}
        assert {attributes(message)["ApproximateFirstReceiveTimestamp"] for message in seen} == {"0"}
    assert q.counts() == (11, 0, 0)
    assert q.one()["Attributes"]["ApproximateReceiveCount"] == "1"


def test_the_sender_is_the_account(server, queue, account):
    q = queue()
    q.send()
    [seen] = peek(server, q)
    assert attributes(seen)["SenderId"] == account


def test_the_default_answer_is_the_xml_of_a_receive(server, queue):
    q = queue()
    q.send("x", MessageAttributes={"k": text("v")})
    for answer in (
        requests.get(f"{server.endpoint}/_aws/sqs/messages", params={"QueueUrl": q.url}, timeout=10),
        requests.post(f"{server.endpoint}/_aws/sqs/messages", data={"QueueUrl": q.url}, timeout=10),
        requests.get(f"{server.endpoint}/_aws/sqs/messages/us-east-1/{q.url.split('/')[3]}/{q.name}", timeout=10),
    ):
        assert answer.status_code == 200
        assert found(answer, "./ReceiveMessageResult/Message/Body") == ["x"]
        assert found(answer, "./ReceiveMessageResult/Message/MessageAttribute/Name") == ["k"]


def test_hidden_and_delayed_messages_are_shown_on_request(server, queue):
    q = queue()
    q.send("taken")
    q.one()
    q.send("delayed", DelaySeconds=60)
    q.send("visible")
    assert [message["Body"] for message in peek(server, q)] == ["visible"]
    seen = {message["Body"]: attributes(message) for message in peek(server, q, ShowInvisible="true")}
    assert {body: each["IsVisible"] for body, each in seen.items()} == {"taken": "false", "visible": "true"}
    seen = {message["Body"]: attributes(message) for message in peek(server, q, ShowDelayed="1")}
    assert {body: each["IsDelayed"] for body, each in seen.items()} == {"delayed": "true", "visible": "false"}
    assert len(peek(server, q, ShowInvisible="True", ShowDelayed="TRUE")) == 3


def test_a_locked_group_is_left_out_unless_hidden_ones_are_asked_for(server, fifo):
    q = fifo()
    for body in ("1", "2"):
        q.send(body, group="g", dedup=body)
    q.send("other", group="h", dedup="3")
    q.receive(1)
    assert [message["Body"] for message in peek(server, q)] == ["other"]
    seen = {message["Body"]: attributes(message)["IsVisible"] for message in peek(server, q, ShowInvisible="true")}
    assert seen == {"1": "false", "2": "true", "other": "true"}


def test_a_single_message_is_a_bare_object(server, queue):
    q = queue()
    q.send("x")
    answer = requests.get(
        f"{server.endpoint}/_aws/sqs/messages",
        params={"QueueUrl": q.url},
        headers={"Accept": "application/json"},
        timeout=10,
    )
    message = answer.json()["ReceiveMessageResponse"]["ReceiveMessageResult"]["Message"]
    assert {"MessageId", "ReceiptHandle", "MD5OfBody", "Body", "Attribute"} <= set(message)


def test_an_sdk_may_use_it_as_endpoint(server, queue, account):
    q = queue()
    q.send_batch(*(entry(f"e{n}", str(n)) for n in range(5)))
    sdk = boto3.client(
        "sqs",
        endpoint_url=f"{server.endpoint}/_aws/sqs/messages",
        region_name="us-east-1",
        aws_access_key_id=account,
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )
    seen = sdk.receive_message(QueueUrl=q.url)["Messages"]
    assert [message["Body"] for message in seen] == list("01234")
    with pytest.raises(ClientError) as caught:
        sdk.send_message(QueueUrl=q.url, MessageBody="x")
    error = caught.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error["Error"]["Code"] == "InvalidRequest"
    assert error["Error"]["Message"] == "This endpoint only accepts ReceiveMessage calls"


@pytest.mark.parametrize(
    "url, status, code",
    [
        (None, 400, "AWS.SimpleQueueService.NonExistentQueue"),
        ("http://localhost:4566/000000000000/nowhere", 400, "AWS.SimpleQueueService.NonExistentQueue"),
        ("http://localhost:4566/", 404, "InvalidAddress"),
    ],
)
def test_errors(server, url, status, code):
    answer = requests.get(
        f"{server.endpoint}/_aws/sqs/messages",
        params={"QueueUrl": url} if url else {},
        headers={"Accept": "application/json"},
        timeout=10,
    )
    assert (answer.status_code, answer.json()["ErrorResponse"]["Error"]["Code"]) == (status, code)


def test_the_right_name_in_the_wrong_region(server, queue, account):
    q = queue()
    answer = requests.get(f"{server.endpoint}/_aws/sqs/messages/us-east-2/{account}/{q.name}", timeout=10)
    assert answer.status_code == 400
    assert "AWS.SimpleQueueService.NonExistentQueue" in answer.text
