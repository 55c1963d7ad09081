"""FIFO topics: order, duplicates, sequence numbers, what their queues receive (spec 4.7)."""

import hashlib
import json
import re
import threading

import pytest
from queues import refused
from topics import arrived, notification, told

pytestmark = pytest.mark.once

NO_GROUP = "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
NO_DEDUP = (
    "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or "
    "MessageDeduplicationId provided explicitly"
)
HASH_OF_TEST = "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25"


def test_the_envelope_has_a_number_and_no_signature(fifo_topic, fifo):
    made, q = fifo_topic(), fifo()
    made.feed(q)
    sent = made.publish("x", "g", "d", Subject="s", MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}})
    envelope = notification(q)
    assert list(envelope) == [
        "Type",
        "MessageId",
        "SequenceNumber",
        "TopicArn",
        "Subject",
        "Message",
        "Timestamp",
        "UnsubscribeURL",
        "MessageAttributes",
    ]
    assert (envelope["MessageId"], envelope["SequenceNumber"]) == (sent["MessageId"], sent["SequenceNumber"])


def test_group_and_deduplication_id_reach_the_queue(fifo_topic, fifo):
    made, q = fifo_topic(), fifo()
    made.feed(q)
    sent = made.publish("x", "group-1", "dedup-1")
    [message] = arrived(q)
    assert message["Attributes"]["MessageGroupId"] == "group-1"
    assert message["Attributes"]["MessageDeduplicationId"] == "dedup-1"
    assert re.fullmatch(r"\d{20}", sent["SequenceNumber"])
    assert message["Attributes"]["SequenceNumber"] != sent["SequenceNumber"]


def test_the_content_hash_is_that_of_the_message_alone(fifo_topic, fifo):
    made, q = fifo_topic(ContentBasedDeduplication="true"), fifo()
    made.feed(q)
    made.publish("Test", "g", Subject="s")
    assert hashlib.sha256(b"Test").hexdigest() == HASH_OF_TEST
    assert arrived(q)[0]["Attributes"]["MessageDeduplicationId"] == HASH_OF_TEST


def test_equal_messages_with_other_subject_and_attributes_are_duplicates(fifo_topic, fifo):
    made, q = fifo_topic(ContentBasedDeduplication="true"), fifo()
    made.feed(q)
    first = made.publish("same", "g")
    second = made.publish("same", "g", Subject="s", MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}})
    assert (second["MessageId"], second["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
    made.publish("fence", "g")
    assert told(q, 2) == ["same", "fence"]


def test_a_group_is_required(fifo_topic):
    with refused("InvalidParameter", NO_GROUP):
        fifo_topic().publish("x", dedup="d")


def test_a_deduplication_id_or_content_based_deduplication_is_required(fifo_topic):
    made = fifo_topic()
    with refused("InvalidParameter", NO_DEDUP):
        made.publish("x", "g")
    made.set("ContentBasedDeduplication", "true")
    made.publish("x", "g")


def test_an_explicit_id_is_stronger_than_the_content(fifo_topic, fifo):
    made, q = fifo_topic(ContentBasedDeduplication="true"), fifo()
    made.feed(q)
    made.publish("same", "g", "1")
    made.publish("same", "g", "2")
    assert told(q, 2) == ["same", "same"]


def test_sequence_numbers_rise_over_all_groups(fifo_topic):
    made = fifo_topic()
    numbers = [made.publish("x", f"g{n % 3}", str(n))["SequenceNumber"] for n in range(20)]
    assert numbers == sorted(numbers) and len(set(numbers)) == 20
    assert all(re.fullmatch(r"\d{20}", number) for number in numbers)


def test_duplicates_are_forgotten_after_five_minutes(fifo_topic, fifo, still):
    made, q = fifo_topic(), fifo()
    made.feed(q)
    first = made.publish("one", "g", "d")
    still.advance(299)
    assert made.publish("two", "g", "d")["MessageId"] == first["MessageId"]
    still.advance(2)
    assert made.publish("three", "g", "d")["MessageId"] != first["MessageId"]
    assert told(q, 2) == ["one", "three"]


def test_the_scope_of_duplicates_is_the_topic_or_the_group(fifo_topic):
    whole = fifo_topic()
    assert whole.publish("x", "g1", "d")["MessageId"] == whole.publish("x", "g2", "d")["MessageId"]
    groups = fifo_topic(FifoThroughputScope="MessageGroup")
    assert groups.publish("x", "g1", "d")["MessageId"] != groups.publish("x", "g2", "d")["MessageId"]
    assert groups.publish("x", "g1", "d")["MessageId"] == groups.publish("x", "g1", "d")["MessageId"]


def test_all_queues_get_a_group_in_the_same_order(fifo_topic, fifo):
    """Several publish at the same time: the order is some order, and everywhere the same."""
    made, queues = fifo_topic(), [fifo() for _ in range(3)]
    for q in queues:
        made.feed(q)

    def publish(who):
        for number in range(8):
            made.publish(f"{who}/{number}", "g", f"{who}/{number}")

    threads = [threading.Thread(target=publish, args=(who,)) for who in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    orders = []
    for q in queues:
        envelopes = [json.loads(message["Body"]) for message in arrived(q, 24)]
        numbers = [envelope["SequenceNumber"] for envelope in envelopes]
        assert numbers == sorted(numbers)
        orders.append([envelope["Message"] for envelope in envelopes])
    assert orders[0] == orders[1] == orders[2]
    for who in "abc":
        assert [body for body in orders[0] if body.startswith(who)] == [f"{who}/{number}" for number in range(8)]


def test_a_standard_queue_gets_neither_group_nor_deduplication_id(fifo_topic, queue):
    made, q = fifo_topic(), queue()
    made.feed(q)
    sent = made.publish("x", "g", "d")
    [message] = arrived(q)
    assert not {"MessageGroupId", "MessageDeduplicationId", "SequenceNumber"} & set(message["Attributes"])
    assert json.loads(message["Body"])["SequenceNumber"] == sent["SequenceNumber"]


def test_raw_delivery_of_a_fifo_topic(fifo_topic, fifo):
    made, q = fifo_topic(), fifo()
    made.feed(q, RawMessageDelivery="true")
    made.publish("plain", "g", "d", MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}})
    [message] = arrived(q)
    assert message["Body"] == "plain"
    assert message["MessageAttributes"]["a"]["StringValue"] == "b"
    assert (message["Attributes"]["MessageGroupId"], message["Attributes"]["MessageDeduplicationId"]) == ("g", "d")


@pytest.mark.parametrize("group", ["", "x" * 129, "a b"])
def test_bad_groups(fifo_topic, group):
    with refused("InvalidParameter"):
        fifo_topic().publish("x", group, "d")


def test_filters_and_duplicates(fifo_topic, fifo):
    """What a filter leaves out is remembered as published all the same."""
    made, q = fifo_topic(), fifo()
    made.feed(q).filter({"kind": ["wanted"]})
    wanted = {"kind": {"DataType": "String", "StringValue": "wanted"}}
    first = made.publish("no", "g", "1")
    assert made.publish("yes", "g", "1", MessageAttributes=wanted)["MessageId"] == first["MessageId"]
    made.publish("fence", "g", "2", MessageAttributes=wanted)
    assert told(q) == ["fence"]
