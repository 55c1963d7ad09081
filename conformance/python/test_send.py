"""SendMessage: bodies, sizes, delays, identifiers, texts (spec 2.2, 2.3, 2.6, 3)."""

import re
import uuid

import pytest
from queues import md5, refused, text

BAD_CHARACTERS = (
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | "
    "#x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
)
MIB = 1048576


@pytest.mark.parametrize(
    "body",
    ["message", " ", "a\tb\nc\r\nd", '&quot; " &lt; < > &', "\r", "ünïcödé ✓", "\U0001f600", "퟿\U0010ffff", "{\"a\":1}", "]]>"],
    ids=lambda body: ascii(body),
)
def test_bodies_are_returned_verbatim_with_their_md5(queue, body):
    q = queue()
    sent = q.send(body)
    assert sent["MD5OfMessageBody"] == md5(body)
    got = q.one()
    assert (got["Body"], got["MD5OfBody"], got["MessageId"]) == (body, md5(body), sent["MessageId"])


def test_the_md5_of_the_published_example(queue):
    assert queue().send("message")["MD5OfMessageBody"] == "78e731027d8fd50ed642340b7c9a63b3"


def test_message_ids_are_uuids_and_handles_are_plain_text(queue):
    q = queue()
    sent = q.send()
    assert uuid.UUID(sent["MessageId"]).version == 4 and len(sent["MessageId"]) == 36
    handle = q.one()["ReceiptHandle"]
    assert len(handle) <= 1024 and re.fullmatch(r"[A-Za-z0-9+/=_-]+", handle)


def test_a_standard_answer_has_no_sequence_number_and_no_md5_of_absent_attributes(queue):
    answer = queue().send()
    assert set(answer) == {"MessageId", "MD5OfMessageBody", "ResponseMetadata"}


@pytest.mark.parametrize("body", ["\x00", "a\x0bb", "\x1f", "\uffff", "\ufffe"], ids=ascii)
def test_forbidden_characters_are_refused(queue, body):
    with refused("InvalidMessageContents", BAD_CHARACTERS):
        queue().send(body)


def test_an_empty_or_missing_body_is_missing(sqs, queue):
    missing = "The request must contain the parameter MessageBody."
    with refused("MissingParameter", missing):
        queue().send("")
    with refused("MissingParameter", missing):
        sqs.send_message(QueueUrl=queue().url)


def test_a_message_of_exactly_one_mebibyte_is_accepted(queue):
    q = queue()
    q.send("x" * MIB)
    assert len(q.one()["Body"]) == MIB


def test_a_byte_more_is_refused(queue):
    expected = f"One or more parameters are invalid. Reason: Message must be shorter than {MIB} bytes."
    with refused("InvalidParameterValue", expected):
        queue().send("x" * (MIB + 1))


def test_the_size_is_counted_in_utf8_bytes(queue):
    q = queue(MaximumMessageSize="1024")
    q.send("é" * 512)
    with refused("InvalidParameterValue"):
        q.send("é" * 512 + "x")


def test_the_size_limit_of_the_queue_is_kept(queue):
    q = queue(MaximumMessageSize="1024")
    q.send("x" * 1024)
    expected = "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes."
    with refused("InvalidParameterValue", expected):
        q.send("x" * 1025)


def test_names_types_and_values_of_attributes_count_in_the_size(queue):
    q = queue(MaximumMessageSize="1024")
    attributes = {"name": text("value"), "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"}}
    used = len("name" + "String" + "value") + len("raw" + "Binary") + 2
    q.send("x" * (1024 - used), MessageAttributes=attributes)
    with refused("InvalidParameterValue"):
        q.send("x" * (1025 - used), MessageAttributes=attributes)


def test_system_attributes_group_and_dedup_ids_do_not_count(fifo):
    q = fifo(MaximumMessageSize="1024")
    trace = {"AWSTraceHeader": text("Root=1-5759e988-bd862e3fe1be46a994272793")}
    q.send("x" * 1024, group="g" * 128, dedup="d" * 128, MessageSystemAttributes=trace)
    assert len(q.one()["Body"]) == 1024


def test_a_smaller_limit_later_does_not_touch_stored_messages(queue):
    q = queue()
    q.send("x" * 5000)
    q.set(MaximumMessageSize="1024")
    assert len(q.one()["Body"]) == 5000


@pytest.mark.parametrize("delay", [-1, 901])
def test_delays_out_of_range_are_refused(queue, delay):
    expected = f"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
    with refused("InvalidParameterValue", expected):
        queue().send(DelaySeconds=delay)


def test_a_delayed_message_appears_on_time(queue, still):
    q = queue()
    q.send(DelaySeconds=900)
    still.advance(899.999)
    assert q.receive() == []
    still.advance(0.001)
    assert q.bodies() == ["hello"]


def test_the_queue_delay_applies_unless_the_message_says_otherwise(queue, still):
    q = queue(DelaySeconds="10")
    q.send("default")
    q.send("at once", DelaySeconds=0)
    q.send("later", DelaySeconds=20)
    assert q.bodies() == ["at once"]
    still.advance(10)
    assert q.bodies() == ["default"]
    still.advance(10)
    assert q.bodies() == ["later"]


def test_a_standard_queue_refuses_a_dedup_id(queue):
    expected = (
        "Value d1 for parameter MessageDeduplicationId is invalid. "
        "Reason: The request includes a parameter that is not valid for this queue type."
    )
    with refused("InvalidParameterValue", expected):
        queue().send(dedup="d1")


def test_a_standard_queue_takes_a_group_and_gives_it_back(queue):
    q = queue()
    assert "SequenceNumber" not in q.send(group="tenant")
    q.send(group="tenant")
    got = q.receive()
    assert [message["Attributes"]["MessageGroupId"] for message in got] == ["tenant", "tenant"]
    assert not {"SequenceNumber", "MessageDeduplicationId"} & set(got[0]["Attributes"])


IDENTIFIER = "can only include alphanumeric and punctuation characters. 1 to 128 in length."


@pytest.mark.parametrize("value", ["", " ", "a b", "g" * 129, "ü", "a\tb"])
def test_bad_group_ids_are_refused_on_both_kinds(queue, fifo, value):
    expected = f"Value {value} for parameter MessageGroupId is invalid. Reason: MessageGroupId {IDENTIFIER}"
    for q, dedup in ((queue(), None), (fifo(), "d")):
        with refused("InvalidParameterValue", expected):
            q.send(group=value, dedup=dedup)


@pytest.mark.parametrize("value", ["", " ", "a b", "d" * 129, "ü"])
def test_bad_dedup_ids_are_refused(fifo, value):
    expected = f"Value {value} for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId {IDENTIFIER}"
    with refused("InvalidParameterValue", expected):
        fifo().send(group="g", dedup=value)


def test_all_punctuation_is_allowed_in_identifiers(fifo):
    q = fifo()
    every = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~azAZ09"
    q.send(group=every, dedup=every)
    attributes = q.one()["Attributes"]
    assert attributes["MessageGroupId"] == attributes["MessageDeduplicationId"] == every


def test_a_fifo_message_needs_a_group(fifo):
    with refused("MissingParameter", "The request must contain the parameter MessageGroupId."):
        fifo().send(dedup="d")


def test_a_fifo_message_needs_an_id_or_content_based_deduplication(fifo):
    expected = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
    with refused("InvalidParameterValue", expected):
        fifo().send(group="g")


def test_a_fifo_queue_refuses_a_message_delay_but_not_zero(fifo, still):
    q = fifo(DelaySeconds="5")
    expected = (
        "Value 1 for parameter DelaySeconds is invalid. "
        "Reason: The request include parameter that is not valid for this queue type."
    )
    with refused("InvalidParameterValue", expected):
        q.send(group="g", dedup="1", DelaySeconds=1)
    q.send("slow", group="g", dedup="2", DelaySeconds=0)
    assert q.bodies() == []
    still.advance(5)
    assert q.bodies() == ["slow"]


def test_sequence_numbers_have_twenty_digits_and_rise(fifo):
    q = fifo()
    numbers = [q.send(group="g", dedup=str(n))["SequenceNumber"] for n in range(3)]
    assert all(re.fullmatch(r"\d{20}", number) for number in numbers)
    assert numbers == sorted(set(numbers))
    assert [message["Attributes"]["SequenceNumber"] for message in q.receive()] == numbers
