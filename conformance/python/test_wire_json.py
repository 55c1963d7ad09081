"""AWS JSON 1.0 on the wire: headers, absent members, error bodies (spec 1.1)."""

import json
import re

import pytest
from http_calls import JSON_TYPE, REQUEST_ID, Wire

pytestmark = pytest.mark.once


@pytest.fixture
def wire(server, account):
    return Wire(server.endpoint, account)


@pytest.fixture
def url(wire):
    return wire.json("CreateQueue", {"QueueName": "wire"}).json()["QueueUrl"]


def error(answer):
    assert answer.headers["content-type"] == JSON_TYPE
    assert re.fullmatch(REQUEST_ID, answer.headers["x-amzn-requestid"])
    assert set(answer.json()) <= {"__type", "message"}
    return answer.status_code, answer.json()["__type"], answer.headers["x-amzn-query-error"], answer.json().get("message")


def test_a_success_has_the_headers_of_aws(wire):
    answer = wire.json("CreateQueue", {"QueueName": "wire"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == JSON_TYPE
    assert re.fullmatch(REQUEST_ID, answer.headers["x-amzn-requestid"])
    assert answer.headers["date"]
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_request_ids_differ(wire):
    ids = {wire.json("ListQueues", {}).headers["x-amzn-requestid"] for _ in range(5)}
    assert len(ids) == 5


def test_absent_lists_and_maps_are_left_out(wire, url):
    assert wire.json("ListQueues", {"QueueNamePrefix": "none"}).json() == {}
    assert wire.json("ReceiveMessage", {"QueueUrl": url}).json() == {}
    assert wire.json("ListQueueTags", {"QueueUrl": url}).json() == {}
    assert wire.json("GetQueueAttributes", {"QueueUrl": url}).json() == {}
    assert wire.json("GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["Policy"]}).json() == {}
    assert wire.json("ListDeadLetterSourceQueues", {"QueueUrl": url}).json() == {"queueUrls": []}


def test_operations_without_output_answer_nothing_or_an_empty_object(wire, url):
    for operation, body in (
        ("SetQueueAttributes", {"Attributes": {"DelaySeconds": "0"}}),
        ("TagQueue", {"Tags": {"a": "b"}}),
        ("UntagQueue", {"TagKeys": ["a"]}),
        ("PurgeQueue", {}),
        ("DeleteQueue", {}),
    ):
        answer = wire.json(operation, {"QueueUrl": url, **body})
        assert (answer.status_code, answer.text) in ((200, ""), (200, "{}"))


def test_a_modelled_error(wire):
    missing = f"{wire.endpoint}/{wire.account}/missing"
    assert error(wire.json("SendMessage", {"QueueUrl": missing, "MessageBody": "x"})) == (
        400,
        "com.amazonaws.sqs#QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue;Sender",
        "The specified queue does not exist.",
    )


def test_unmodelled_errors_are_corals(wire, url):
    bad = wire.json("ReceiveMessage", {"QueueUrl": url, "MaxNumberOfMessages": 11})
    assert error(bad)[:3] == (
        400,
        "com.amazon.coral.service#InvalidParameterValueException",
        "InvalidParameterValue;Sender",
    )
    missing = wire.json("SendMessage", {"QueueUrl": url})
    assert error(missing) == (
        400,
        "com.amazon.coral.service#MissingRequiredParameterException",
        "MissingParameter;Sender",
        "The request must contain the parameter MessageBody.",
    )


@pytest.mark.parametrize(
    "operation, body, status, shape, code",
    [
        ("CreateQueue", {"QueueName": "wire", "Attributes": {"VisibilityTimeout": "31"}}, 400, "QueueNameExists", "QueueAlreadyExists"),
        ("SetQueueAttributes", {"Attributes": {"Nonsense": "1"}}, 400, "InvalidAttributeName", "InvalidAttributeName"),
        ("SetQueueAttributes", {"Attributes": {"DelaySeconds": "x"}}, 400, "InvalidAttributeValue", "InvalidAttributeValue"),
        ("SendMessage", {"MessageBody": "\u0001"}, 400, "InvalidMessageContents", "InvalidMessageContents"),
        ("DeleteMessage", {"ReceiptHandle": "garbage"}, 404, "ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"),
        ("SendMessageBatch", {"Entries": []}, 400, "EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"),
        (
            "ListMessageMoveTasks",
            {"SourceArn": "arn:aws:sqs:us-east-1:000000000000:none"},
            404,
            "ResourceNotFoundException",
            "ResourceNotFoundException",
        ),
    ],
)
def test_shapes_and_codes_of_modelled_errors(wire, url, operation, body, status, shape, code):
    answer = wire.json(operation, {"QueueUrl": url, **body})
    assert error(answer)[:3] == (status, f"com.amazonaws.sqs#{shape}", f"{code};Sender")


def test_an_unknown_operation(wire):
    answer = wire.json("MakeCoffee", {})
    assert error(answer)[:3] == (400, "com.amazon.coral.service#UnknownOperationException", "InvalidAction;Sender")


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "text", '{"QueueName":', '{"QueueName":"a"}}', b"\xff\xfe"])
def test_what_is_no_json_object_is_a_serialization_error(wire, body):
    answer = wire.json("CreateQueue", body)
    assert answer.status_code == 400
    if body != "":
        assert answer.json()["__type"] == "com.amazon.coral.service#SerializationException"


def test_an_object_for_a_string(wire):
    answer = wire.json("CreateQueue", {"QueueName": {"a": 1}})
    assert answer.status_code == 400
    assert answer.json()["__type"] == "com.amazon.coral.service#SerializationException"
    assert answer.json()["message"] == "Start of structure or map found where not expected."


def test_an_array_for_a_string(wire):
    answer = wire.json("CreateQueue", {"QueueName": ["a"]})
    assert answer.status_code == 400
    assert answer.json()["__type"] == "com.amazon.coral.service#SerializationException"
    assert answer.json()["message"] == "Unrecognized collection type class java.lang.String"


def test_numbers_for_string_attributes_are_taken_as_their_text(wire):
    answer = wire.json("CreateQueue", {"QueueName": "number", "Attributes": {"DelaySeconds": 400, "Policy": None}})
    url = answer.json()["QueueUrl"]
    answer = wire.json("GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["DelaySeconds"]})
    assert answer.json() == {"Attributes": {"DelaySeconds": "400"}}
    refused = wire.json("SetQueueAttributes", {"QueueUrl": url, "Attributes": {"DelaySeconds": True}})
    assert error(refused)[1] == "com.amazonaws.sqs#InvalidAttributeValue"


def test_unknown_members_are_ignored(wire):
    assert wire.json("CreateQueue", {"QueueName": "extra", "Color": {"deep": [1, 2]}}).status_code == 200


def test_json_may_be_posted_to_the_queue_url_path(wire, url):
    """The PHP SDK does."""
    answer = wire.json("SendMessage", {"QueueUrl": url, "MessageBody": "php"}, path=f"/{wire.account}/wire")
    assert answer.status_code == 200 and answer.headers["content-type"] == JSON_TYPE
    assert answer.json()["MessageId"]


def test_the_queue_url_in_the_body_wins_over_the_path(wire, url):
    other = wire.json("CreateQueue", {"QueueName": "other"}).json()["QueueUrl"]
    wire.json("SendMessage", {"QueueUrl": other, "MessageBody": "x"}, path=f"/{wire.account}/wire")
    assert wire.json("ReceiveMessage", {"QueueUrl": url}).json() == {}
    assert len(wire.json("ReceiveMessage", {"QueueUrl": other}).json()["Messages"]) == 1


def test_the_trace_header_of_the_request_becomes_that_of_the_message(wire, url):
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
    wire.json("SendMessage", {"QueueUrl": url, "MessageBody": "x"}, headers={"X-Amzn-Trace-Id": trace})
    got = wire.json("ReceiveMessage", {"QueueUrl": url, "AttributeNames": ["All"]}).json()["Messages"][0]
    assert got["Attributes"]["AWSTraceHeader"] == trace


def test_a_trace_header_given_as_attribute_wins(wire, url):
    given = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}
    body = {"QueueUrl": url, "MessageBody": "x", "MessageSystemAttributes": given}
    wire.json("SendMessage", body, headers={"X-Amzn-Trace-Id": "Root=1-00000000-000000000000000000000000"})
    got = wire.json("ReceiveMessage", {"QueueUrl": url, "AttributeNames": ["AWSTraceHeader"]}).json()["Messages"][0]
    assert got["Attributes"] == {"AWSTraceHeader": given["AWSTraceHeader"]["StringValue"]}


def test_message_members_are_those_that_were_sent(wire, url):
    attributes = {
        "s": {"DataType": "String", "StringValue": "v"},
        "b": {"DataType": "Binary", "BinaryValue": "AP8="},
    }
    wire.json("SendMessage", {"QueueUrl": url, "MessageBody": "x", "MessageAttributes": attributes})
    [got] = wire.json("ReceiveMessage", {"QueueUrl": url, "MessageAttributeNames": ["All"]}).json()["Messages"]
    assert got["MessageAttributes"] == attributes
    assert set(got) == {"MessageId", "ReceiptHandle", "MD5OfBody", "Body", "MD5OfMessageAttributes", "MessageAttributes"}


def test_batch_answers_leave_out_what_did_not_happen(wire, url):
    good = wire.json("SendMessageBatch", {"QueueUrl": url, "Entries": [{"Id": "a", "MessageBody": "b"}]})
    assert set(good.json()) == {"Successful"}
    bad = wire.json("DeleteMessageBatch", {"QueueUrl": url, "Entries": [{"Id": "a", "ReceiptHandle": "garbage"}]})
    assert set(bad.json()) == {"Failed"}
    assert bad.json()["Failed"][0]["SenderFault"] is True


def test_localstacks_header_overrides_the_message_count(wire, url):
    for n in range(2):
        entries = [{"Id": str(m), "MessageBody": f"{n}{m}"} for m in range(10)]
        wire.json("SendMessageBatch", {"QueueUrl": url, "Entries": entries})
    headers = {"x-localstack-sqs-override-message-count": "15"}
    answer = wire.json("ReceiveMessage", {"QueueUrl": url, "MaxNumberOfMessages": 1}, headers=headers)
    assert len(answer.json()["Messages"]) == 15


def test_localstacks_header_overrides_the_wait_and_fills_the_count(wire, url):
    wire.json("SendMessage", {"QueueUrl": url, "MessageBody": "now"})
    wire.json("SendMessage", {"QueueUrl": url, "MessageBody": "later", "DelaySeconds": 1})
    headers = {"x-localstack-sqs-override-wait-time-seconds": "5"}
    answer = wire.json("ReceiveMessage", {"QueueUrl": url, "MaxNumberOfMessages": 2}, headers=headers)
    assert [message["Body"] for message in answer.json()["Messages"]] == ["now", "later"]


def test_a_content_type_with_charset_is_json_too(wire):
    answer = wire.json("ListQueues", {}, headers={"Content-Type": JSON_TYPE + "; charset=utf-8"})
    assert answer.status_code == 200 and answer.json() == {}


def test_escapes_and_surrogate_pairs_in_json(wire, url):
    raw = json.dumps({"QueueUrl": url, "MessageBody": "😀\r\n\t\"\\/ü"})
    assert "\\ud83d" in raw
    wire.json("SendMessage", raw)
    assert wire.json("ReceiveMessage", {"QueueUrl": url}).json()["Messages"][0]["Body"] == "😀\r\n\t\"\\/ü"
