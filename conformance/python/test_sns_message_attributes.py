"""What Publish and PublishBatch refuse of message attributes (spec 4.5)."""

import pytest
from queues import refused, text
from topics import arrived, entry, notification

pytestmark = pytest.mark.once

LONG = "Length of message attribute name must be less than 256 bytes."


def empty(kind):
    return f"The message attribute 'a' must contain non-empty message attribute value for message attribute type '{kind}'."


def bad_type(name="a"):
    return (
        f"The message attribute '{name}' has an invalid message attribute type, "
        "the set of supported type prefixes is Binary, Number, and String."
    )


def field(kind, wanted):
    return f"The message attribute 'a' with type '{kind}' must use field '{wanted}'."


def character(code):
    return (
        f"Invalid non-alphanumeric character '#x{code}' was found in the message attribute name. "
        "Can only include alphanumeric characters, hyphens, underscores, or dots."
    )


CASES = {
    "an empty text": ({"a": {"DataType": "String", "StringValue": ""}}, empty("String")),
    "no text": ({"a": {"DataType": "String"}}, empty("String")),
    "no bytes": ({"a": {"DataType": "Binary"}}, empty("Binary")),
    "empty bytes": ({"a": {"DataType": "Binary", "BinaryValue": b""}}, empty("Binary")),
    "bytes for a text": ({"a": {"DataType": "String", "BinaryValue": b"x"}}, field("String", "String")),
    "bytes for a number": ({"a": {"DataType": "Number", "BinaryValue": b"1"}}, field("Number", "String")),
    "a text for bytes": ({"a": {"DataType": "Binary", "StringValue": "x"}}, field("Binary", "Binary")),
    "an unknown type": ({"a": {"DataType": "Dance", "StringValue": "x"}}, bad_type()),
    "a type without a point": ({"a": {"DataType": "Stringprefixed", "StringValue": "x"}}, bad_type()),
    "a type with an empty suffix": ({"a": {"DataType": "String.", "StringValue": "x"}}, bad_type()),
    "a long name": ({"n" * 256: text("x")}, LONG),
    "a roof in the name": ({"a^b": text("x")}, character("5E")),
    "a leading dot": ({".a": text("x")}, "Invalid message attribute name starting with character '.' was found."),
    "a trailing dot": ({"a.": text("x")}, "Invalid message attribute name ending with character '.' was found."),
    "two dots": ({"a..b": text("x")}, "Message attribute name can not have successive '.' character."),
}


@pytest.mark.parametrize("case", CASES)
def test_publish_refuses(topic, case):
    attributes, reason = CASES[case]
    with refused("ParameterValueInvalid", reason):
        topic().publish("x", MessageAttributes=attributes)


@pytest.mark.parametrize("case", CASES)
def test_a_batch_is_refused_as_a_whole(topic, queue, case):
    made, q = topic(), queue()
    made.feed(q)
    attributes, reason = CASES[case]
    with refused("ParameterValueInvalid", reason):
        made.publish_batch(entry("good"), entry("bad", MessageAttributes=attributes))
    made.publish("after")
    assert notification(q)["Message"] == "after"


def null(path):
    return f"1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null"


def test_the_type_is_required(topic):
    attributes = {"attr1": {"StringValue": "x"}}
    with refused("ValidationError", null("messageAttributes.attr1.member.dataType")):
        topic().publish("x", MessageAttributes=attributes)
    with refused("ValidationError", null("publishBatchRequestEntries.1.member.messageAttributes.attr1.member.dataType")):
        topic().publish_batch(entry("1", MessageAttributes=attributes))


def test_a_number_must_be_one(topic):
    with refused("ParameterValueInvalid"):
        topic().publish("x", MessageAttributes={"a": {"DataType": "Number", "StringValue": "one"}})


@pytest.mark.parametrize("kind", ["String.  prefixed.", "String.x", "Number.float", "String.Array"])
def test_types_with_a_suffix(topic, queue, kind):
    made, q = topic(), queue()
    made.feed(q)
    value = '["1"]' if kind == "String.Array" else "1"
    made.publish("x", MessageAttributes={"a": {"DataType": kind, "StringValue": value}})
    assert notification(q)["MessageAttributes"] == {"a": {"Type": kind, "Value": value}}


def test_many_attributes_are_fine_in_an_envelope(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    made.publish("x", MessageAttributes={f"a{n}": text(str(n)) for n in range(25)})
    assert len(notification(q)["MessageAttributes"]) == 25


def test_ten_attributes_are_delivered_raw(topic, queue):
    made, q = topic(), queue()
    made.feed(q, RawMessageDelivery="true")
    made.publish("x", MessageAttributes={f"a{n}": text(str(n)) for n in range(10)})
    assert len(arrived(q)[0]["MessageAttributes"]) == 10


def test_the_longest_name(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    made.publish("x", MessageAttributes={"n" * 255: text("x")})
    assert list(notification(q)["MessageAttributes"]) == ["n" * 255]
