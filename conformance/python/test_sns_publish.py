"""Publish to queues: the envelope, raw delivery, message structure, subjects, sizes (spec 4.1 to 4.4, 5.1, 6.1)."""

import hashlib
import json
import re

import pytest
from queues import md5, refused, sdk_client, text
from topics import ABSENT, MESSAGE_ID, Topic, arrived, notification, told, told_until

pytestmark = pytest.mark.once

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
UNPARSED = "Invalid parameter: Message Structure - JSON message body failed to parse"
NO_DEFAULT = "Invalid parameter: Message Structure - No default entry in JSON message body"
TOO_LONG = "Invalid parameter: Message too long"
LARGEST = 262_144


def test_a_notification_byte_for_byte(server, topic, queue):
    made, q = topic(), queue()
    subscription = made.feed(q)
    attributes = {"attr1": {"DataType": "Number", "StringValue": "99.12"}, "b": {"DataType": "Binary", "BinaryValue": b"\2\3\4"}}
    sent = made.publish("Hello\n\"world\"!", Subject="My First Message", MessageAttributes=attributes)
    [message] = arrived(q)
    told = json.loads(message["Body"])
    assert message["Body"] == (
        "{\n"
        '  "Type" : "Notification",\n'
        f'  "MessageId" : "{sent["MessageId"]}",\n'
        f'  "TopicArn" : "{made.arn}",\n'
        '  "Subject" : "My First Message",\n'
        '  "Message" : "Hello\\n\\"world\\"!",\n'
        f'  "Timestamp" : "{told["Timestamp"]}",\n'
        '  "SignatureVersion" : "1",\n'
        f'  "Signature" : "{told["Signature"]}",\n'
        f'  "SigningCertURL" : "{told["SigningCertURL"]}",\n'
        f'  "UnsubscribeURL" : "{server.endpoint}/?Action=Unsubscribe&SubscriptionArn={subscription.arn}",\n'
        '  "MessageAttributes" : {\n'
        '    "attr1" : {"Type":"Number","Value":"99.12"},\n'
        '    "b" : {"Type":"Binary","Value":"AgME"}\n'
        "  }\n"
        "}"
    )
    assert re.fullmatch(TIME, told["Timestamp"])
    assert re.fullmatch(
        re.escape(server.endpoint) + r"/_aws/sns/SimpleNotificationService-[0-9a-f]{32}\.pem", told["SigningCertURL"]
    )


def test_without_subject_and_attributes_there_are_no_such_keys(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    made.publish("x")
    assert list(notification(q)) == [
        "Type",
        "MessageId",
        "TopicArn",
        "Message",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertURL",
        "UnsubscribeURL",
    ]


def test_the_queues_message_has_an_id_an_md5_and_no_attributes_of_its_own(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    sent = made.publish("x", MessageAttributes={"a": text("b")})
    [message] = arrived(q)
    assert re.fullmatch(MESSAGE_ID, sent["MessageId"]) and "SequenceNumber" not in sent
    assert message["MessageId"] != sent["MessageId"]
    assert message["MD5OfBody"] == md5(message["Body"])
    assert "MessageAttributes" not in message
    assert message["Attributes"]["SenderId"].startswith("AIDA")


@pytest.mark.parametrize("message", ["ünï😀", "\u2028\u2029", "tab\tnew\nline\rreturn", '"quoted\\"', "</xml>&amp;", "\u007f\u0080\ud7ff", " "])
def test_any_text_arrives_as_it_was(topic, queue, message):
    made, enveloped, raw = topic(), queue(), queue()
    made.feed(enveloped)
    made.feed(raw, RawMessageDelivery="true")
    made.publish(message)
    assert notification(enveloped)["Message"] == message
    assert arrived(raw)[0]["Body"] == message


def test_raw_delivery_maps_the_attributes(topic, queue):
    made, q = topic(), queue()
    made.feed(q, RawMessageDelivery="true")
    attributes = {
        "text": text("ü"),
        "list": {"DataType": "String.Array", "StringValue": '["a",1]'},
        "number": {"DataType": "Number.int", "StringValue": "1"},
        "binary": {"DataType": "Binary.gif", "BinaryValue": bytes(range(256))},
    }
    made.publish("plain", Subject="lost", MessageAttributes=attributes)
    [message] = arrived(q)
    assert (message["Body"], message["MD5OfBody"]) == ("plain", md5("plain"))
    assert message["MessageAttributes"] == attributes


def test_raw_delivery_can_be_switched(topic, queue):
    made, q = topic(), queue()
    subscription = made.feed(q)
    subscription.set("RawMessageDelivery", "true")
    made.publish("raw")
    assert arrived(q)[0]["Body"] == "raw"
    subscription.set("RawMessageDelivery", "false")
    made.publish("enveloped")
    assert told(q) == ["enveloped"]


def test_every_subscriber_gets_the_message_with_its_own_link(topic, queue):
    made = topic()
    queues = [queue() for _ in range(12)]
    subscriptions = [made.feed(q) for q in queues]
    sent = made.publish("to all")
    ids = set()
    for q, subscription in zip(queues, subscriptions):
        [message] = arrived(q)
        envelope = json.loads(message["Body"])
        assert envelope["MessageId"] == sent["MessageId"] and envelope["Message"] == "to all"
        assert envelope["UnsubscribeURL"].endswith(f"SubscriptionArn={subscription.arn}")
        assert message["MD5OfBody"] == md5(message["Body"])
        ids.add(message["MessageId"])
    assert len(ids) == 12


def test_nobody_subscribed_is_fine_and_later_subscribers_get_nothing_old(topic, queue):
    made, q = topic(), queue()
    assert made.publish("old")["MessageId"]
    made.feed(q)
    made.publish("new")
    assert told(q) == ["new"]


def test_who_unsubscribes_gets_no_more(topic, queue):
    made, gone, stays = topic(), queue(), queue()
    subscription = made.feed(gone)
    made.feed(stays)
    made.publish("one")
    subscription.unsubscribe()
    made.publish("two")
    assert sorted(told(stays, 2)) == ["one", "two"]
    assert told(gone) == ["one"]
    assert gone.counts() == (0, 0, 0)


def test_a_queue_that_is_made_later_gets_what_is_published_then(sns, topic, queue, account):
    made = topic()
    made.subscribe("sqs", f"arn:aws:sqs:us-east-1:{account}:later")
    made.publish("lost")
    q = queue("later")
    made.publish("found")
    assert told_until(q, "found") == []


def test_a_topic_may_be_named_as_target(sns, topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    sns.publish(TargetArn=made.arn, Message="x")
    assert told(q) == ["x"]


def test_a_queue_may_follow_many_topics(topic, queue):
    q = queue()
    topics = [topic() for _ in range(3)]
    for made in topics:
        made.feed(q)
    for number, made in enumerate(topics):
        made.publish(str(number))
    assert sorted(told(q, 3)) == ["0", "1", "2"]


def test_the_trace_header_goes_along(sns, topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    name = "before-sign.sns.Publish"
    sns.meta.events.register(name, lambda request, **_: request.headers.add_header("X-Amzn-Trace-Id", trace))
    made.publish("x")
    assert arrived(q)[0]["Attributes"]["AWSTraceHeader"] == trace


def test_a_group_at_a_standard_topic_reaches_the_standard_queue(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    made.publish("x", group="tenant-1")
    assert arrived(q)[0]["Attributes"]["MessageGroupId"] == "tenant-1"


def test_a_deduplication_id_at_a_standard_topic_is_refused(topic):
    text = (
        "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
        "that is not valid for this topic type"
    )
    with refused("InvalidParameter", text):
        topic().publish("x", dedup="d")


# What is missing or wrong


def test_an_empty_message(topic):
    with refused("InvalidParameter", "Invalid parameter: Empty message"):
        topic().publish("")


def test_no_target(sns):
    text = "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter"
    with refused("InvalidParameter", text):
        sns.publish(Message="x")


def test_no_message(sns, topic):
    with refused("ValidationError") as caught:
        sns.publish(TopicArn=topic().arn)
    text = caught.value.response["Error"]["Message"]
    assert text == "1 validation error detected: Value null at 'message' failed to satisfy constraint: Member must not be null"


def test_an_unknown_topic(sns, account):
    with refused("NotFound", ABSENT, 404):
        Topic(sns, f"arn:aws:sns:us-east-1:{account}:none").publish("x")


def test_a_topic_of_another_region(server, sns, topic, account):
    there = Topic.create(sdk_client(server.endpoint, account, "eu-west-1", "sns"), "there")
    with refused("InvalidParameter", "Invalid parameter: TopicArn"):
        sns.publish(TopicArn=there.arn, Message="x")


def test_an_arn_of_too_few_parts(sns):
    with refused("InvalidParameter", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"):
        sns.publish(TopicArn="", Message="x")


def test_a_bad_phone_number(sns):
    text = "Invalid parameter: PhoneNumber Reason: +00000000000000000 is not valid to publish to"
    with refused("InvalidParameter", text):
        sns.publish(PhoneNumber="+00000000000000000", Message="x")


def test_an_unknown_endpoint(sns, account):
    text = "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified"
    arn = f"arn:aws:sns:us-east-1:{account}:endpoint/GCM/app/11111111-2222-3333-4444-555555555555"
    with refused("InvalidParameter", text):
        sns.publish(TargetArn=arn, Message="x")


@pytest.mark.parametrize("subject", ["", "x" * 101, "two\nlines"])
def test_bad_subjects(topic, subject):
    with refused("InvalidParameter") as caught:
        topic().publish("x", Subject=subject)
    assert caught.value.response["Error"]["Message"].startswith("Invalid parameter: Subject")


# Message structure


def test_a_message_for_each_protocol(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    made.publish(json.dumps({"default": "for others", "sqs": "for queues", "unknown": "x"}), MessageStructure="json")
    made.publish(json.dumps({"default": "for others", "http": "for the web"}), MessageStructure="json")
    assert sorted(told(q, 2)) == ["for others", "for queues"]


def test_the_structure_and_raw_delivery(topic, queue):
    made, q = topic(), queue()
    made.feed(q, RawMessageDelivery="true")
    made.publish(json.dumps({"default": "d", "sqs": "s"}), MessageStructure="json")
    assert arrived(q)[0]["Body"] == "s"


@pytest.mark.parametrize(
    "message, delivered",
    [
        ('{"default":"d","sqs":7}', "d"),
        ('{"default":"d","sqs":{"a":"b"}}', "d"),
        ('{"default":"first","default":"last"}', "last"),
        (' {"default":"d"} ', "d"),
        ('{"default":"\\u00fc\\n"}', "ü\n"),
    ],
)
def test_structures_that_are_accepted(topic, queue, message, delivered):
    made, q = topic(), queue()
    made.feed(q)
    made.publish(message, MessageStructure="json")
    assert told(q) == [delivered]


@pytest.mark.parametrize("message", ["x", '{"default":"d"', '{"default":"d"} x'])
def test_structures_that_do_not_parse(topic, message):
    with refused("InvalidParameter", UNPARSED):
        topic().publish(message, MessageStructure="json")


@pytest.mark.parametrize("message", ["{}", '{"sqs":"s"}', '{"default":7}', '{"default":{"a":"b"}}', '{"Default":"d"}'])
def test_structures_without_a_default(topic, message):
    with refused("InvalidParameter", NO_DEFAULT):
        topic().publish(message, MessageStructure="json")


def test_json_without_the_structure_is_a_text(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    made.publish('{"default":"d"}')
    assert told(q) == ['{"default":"d"}']


# Sizes


def test_the_largest_message(topic, queue):
    made, q = topic(), queue()
    made.feed(q, RawMessageDelivery="true")
    made.publish("x" * LARGEST)
    assert len(arrived(q)[0]["Body"]) == LARGEST
    with refused("InvalidParameter", TOO_LONG):
        made.publish("x" * (LARGEST + 1))


def test_bytes_count_not_characters(topic):
    made = topic()
    made.publish("ü" * (LARGEST // 2))
    with refused("InvalidParameter", TOO_LONG):
        made.publish("ü" * (LARGEST // 2) + "x")


def test_attributes_count_by_name_type_and_value(topic):
    made = topic()
    attributes = {"name": text("value"), "raw": {"DataType": "Binary", "BinaryValue": b"1234"}}
    size = len("nameStringvalue") + len("rawBinary1234")
    made.publish("x" * (LARGEST - size), MessageAttributes=attributes)
    with refused("InvalidParameter", TOO_LONG):
        made.publish("x" * (LARGEST - size + 1), MessageAttributes=attributes)


def test_the_largest_message_in_an_envelope_to_many(topic, queue):
    """The envelope makes the queue's message larger than what was published."""
    made, queues = topic(), [queue() for _ in range(3)]
    for q in queues:
        made.feed(q)
    message = "y" * LARGEST
    made.publish(message)
    for q in queues:
        [got] = arrived(q)
        assert json.loads(got["Body"])["Message"] == message
        assert got["MD5OfBody"] == hashlib.md5(got["Body"].encode()).hexdigest()
