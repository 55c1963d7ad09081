"""Delivery status in CloudWatch Logs (spec 6.8)."""

import json
import re

import pytest
from queues import md5, sdk_client
from topics import MESSAGE_ID, arrived, told
from waiting import until

pytestmark = pytest.mark.once

ROLE = "arn:aws:iam::123456789012:role/log"


@pytest.fixture
def logs(server, account):
    return sdk_client(server.endpoint, account, service="logs")


def events(logs, topic, account, failures=False):
    group = f"sns/us-east-1/{account}/{topic.name}" + ("/Failure" if failures else "")
    try:
        found = logs.filter_log_events(logGroupName=group)["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [json.loads(event["message"]) for event in found]


def test_a_delivery_to_a_queue(logs, topic, queue, account):
    made, q = topic(SQSSuccessFeedbackRoleArn=ROLE, SQSSuccessFeedbackSampleRate="100"), queue()
    made.feed(q, RawMessageDelivery="true")
    sent = made.publish("x")
    [message] = arrived(q)
    [event] = until(lambda: events(logs, made, account), "the event")
    assert event["status"] == "SUCCESS"
    assert event["notification"]["messageMD5Sum"] == md5("x")
    assert (event["notification"]["messageId"], event["notification"]["topicArn"]) == (sent["MessageId"], made.arn)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", event["notification"]["timestamp"])
    assert (event["delivery"]["destination"], event["delivery"]["statusCode"]) == (q.arn, 200)
    assert re.fullmatch(MESSAGE_ID, event["delivery"]["deliveryId"])
    assert json.loads(event["delivery"]["providerResponse"])["sqsMessageId"] == message["MessageId"]
    assert event["delivery"]["dwellTimeMs"] >= 0


def test_a_delivery_over_http(logs, topic, receiver, account):
    made = topic(HTTPSuccessFeedbackRoleArn=ROLE, HTTPSuccessFeedbackSampleRate="100")
    receiver.subscribed(made)
    receiver.answer(201, body=b"thank you")
    made.publish("x")
    [event] = until(lambda: events(logs, made, account), "the event")
    assert event["status"] == "SUCCESS"
    delivery = event["delivery"]
    assert (delivery["destination"], delivery["statusCode"], delivery["attempts"]) == (receiver.url(), 201, 1)
    assert delivery["providerResponse"] == "thank you"


def test_a_failure(logs, topic, receiver, account):
    made = topic(HTTPFailureFeedbackRoleArn=ROLE)
    receiver.subscribed(made)
    receiver.answer(404, body=b"who?")
    made.publish("x")
    [event] = until(lambda: events(logs, made, account, failures=True), "the event")
    assert (event["status"], event["delivery"]["statusCode"]) == ("FAILURE", 404)
    assert events(logs, made, account) == []


def test_nothing_is_logged_unless_asked_for(logs, topic, queue, account):
    made, quiet, q = topic(SQSSuccessFeedbackRoleArn=ROLE), topic(), queue()
    made.set("SQSSuccessFeedbackSampleRate", "100")
    made.feed(q)
    quiet.feed(q)
    quiet.publish("x")
    made.publish("y")
    assert sorted(told(q, 2)) == ["x", "y"]
    until(lambda: events(logs, made, account), "the event")
    assert events(logs, quiet, account) == []


def test_only_deliveries_after_the_setting_are_logged(logs, topic, queue, account):
    made, q = topic(), queue()
    made.feed(q)
    made.publish("before")
    told(q)
    made.set("SQSSuccessFeedbackRoleArn", ROLE)
    made.set("SQSSuccessFeedbackSampleRate", "100")
    made.publish("after")
    [event] = until(lambda: events(logs, made, account), "the event")
    assert event["notification"]["messageMD5Sum"] == md5("after")
