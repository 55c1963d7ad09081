"""Message attributes, their MD5 and their filters (spec 2.4, 2.5, 3 ReceiveMessage)."""

import pytest
from queues import refused, text

NAME_CHARACTERS = (
    "Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens and underscores. "
)
RESERVED = (
    "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. "
    "These strings are reserved for internal use. Additionally, they cannot start or end with '.'."
)
KENOBI = {"General": text("Kenobi"), "Hello": text("There"), "Help.Me": text("Me")}
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


def number(value):
    return {"DataType": "Number", "StringValue": value}


def binary(value, kind="Binary"):
    return {"DataType": kind, "BinaryValue": value}


VECTORS = [
    ({"timestamp": number("1493147359900")}, "235c5c510d26fb653d073faed50ae77c"),
    ({"k": text("x")}, "a45daa70926828a2f0a1db3418e6feb4"),
    ({"attr1": number("99.12")}, "d302007e9aa062660afc85fd0a482472"),
    ({"attr1": number("99.12"), "attr2": number("109.12")}, "9b720b3af309c1c4b0d395c53b08c502"),
    (
        {"attr1": binary(b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01")},
        "8cbe4db156db8a94db8b801b7addb984",
    ),
    (KENOBI, "4c360f3fdafd970e05fae2f149d997f5"),
]


@pytest.mark.parametrize("attributes, md5", VECTORS)
def test_the_md5_of_attributes_is_byte_exact(queue, attributes, md5):
    q = queue()
    assert q.send(MessageAttributes=attributes)["MD5OfMessageAttributes"] == md5
    got = q.one()
    assert got["MD5OfMessageAttributes"] == md5
    assert got["MessageAttributes"] == attributes


FILTERS = [
    (["All"], set(KENOBI), "4c360f3fdafd970e05fae2f149d997f5"),
    ([".*"], set(KENOBI), "4c360f3fdafd970e05fae2f149d997f5"),
    (["*"], set(KENOBI), "4c360f3fdafd970e05fae2f149d997f5"),
    (["Hel.*"], {"Hello", "Help.Me"}, "83fee93c1bcd8b9a5a923ffacdc636c7"),
    (["Hello"], {"Hello"}, "a311262e065454b75da111d535b8dacd"),
    (["Hello", "None", "AWS.", "..foo"], {"Hello"}, "a311262e065454b75da111d535b8dacd"),
    (["Hello", "Hello", "Hel.*"], {"Hello", "Help.Me"}, "83fee93c1bcd8b9a5a923ffacdc636c7"),
]


@pytest.mark.parametrize("names, expected, md5", FILTERS)
def test_a_receive_returns_what_the_filter_names_and_the_md5_of_that(queue, names, expected, md5):
    q = queue()
    q.send(MessageAttributes=KENOBI)
    got = q.one(MessageAttributeNames=names)
    assert set(got["MessageAttributes"]) == expected
    assert got["MD5OfMessageAttributes"] == md5


@pytest.mark.parametrize("names", [[], ["hello"], ["Hell"], ["AWS."], ["..foo"], ["None.*"]])
def test_a_filter_that_matches_nothing_returns_neither_attributes_nor_md5(queue, names):
    q = queue()
    q.send(MessageAttributes=KENOBI)
    assert not {"MessageAttributes", "MD5OfMessageAttributes"} & set(q.one(MessageAttributeNames=names))


def test_custom_labels_survive(queue):
    q = queue()
    attributes = {
        "n": {"DataType": "Number.int", "StringValue": "5"},
        "s": {"DataType": "String.json", "StringValue": "{}"},
        "b": binary(bytes(range(256)), "Binary.gif"),
    }
    sent = q.send(MessageAttributes=attributes)
    got = q.one()
    assert got["MessageAttributes"] == attributes
    assert got["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]


def test_ten_attributes_are_allowed_and_eleven_are_not(queue):
    q = queue()
    q.send(MessageAttributes={f"a{n}": text("v") for n in range(10)})
    with refused("InvalidParameterValue", "Number of message attributes [11] exceeds the allowed maximum [10]."):
        q.send(MessageAttributes={f"a{n}": text("v") for n in range(11)})


@pytest.mark.parametrize("name", ["n" * 255, "a.b-c_D9", "ø", "ß", "ä", "AWS", "aws_x", "Amazonas"])
def test_good_names_are_accepted(queue, name):
    q = queue()
    q.send(MessageAttributes={name: text("v")})
    assert set(q.one()["MessageAttributes"]) == {name}


def test_a_name_of_256_bytes_is_refused(queue):
    with refused("InvalidParameterValue", "Message (user) attribute names must be shorter than 256 Bytes"):
        queue().send(MessageAttributes={"n" * 256: text("v")})


@pytest.mark.parametrize("name", ["a!", 'a"', "a§", "a(", "a?", "a b"])
def test_other_characters_in_names_are_refused(queue, name):
    with refused("InvalidParameterValue", NAME_CHARACTERS):
        queue().send(MessageAttributes={name: text("v")})


@pytest.mark.parametrize("name", ["AWS.x", "aws.x", "Amazon.x", "AMAZON.x", ".x", "x."])
def test_reserved_names_are_refused(queue, name):
    with refused("InvalidParameterValue", RESERVED):
        queue().send(MessageAttributes={name: text("v")})


@pytest.mark.parametrize("kind", ["Text", "string", "Strings", "NUMBER", ".String", "Integer"])
def test_a_wrong_base_type_is_refused(queue, kind):
    expected = (
        "The type of message (user) attribute 'a' is invalid. "
        "You must use only the following supported type prefixes: Binary, Number, String."
    )
    with refused("InvalidParameterValue", expected):
        queue().send(MessageAttributes={"a": {"DataType": kind, "StringValue": "1"}})


def test_a_missing_type_is_refused(queue):
    with refused("InvalidParameterValue"):
        queue().send(MessageAttributes={"a": {"StringValue": "1"}})
    with refused("InvalidParameterValue"):
        queue().send(MessageAttributes={"a": {"DataType": "", "StringValue": "1"}})


def test_a_type_of_256_bytes_is_refused(queue):
    with refused("InvalidParameterValue", "Message (user) attribute types must be shorter than 256 Bytes"):
        queue().send(MessageAttributes={"a": {"DataType": "String." + "x" * 249, "StringValue": "1"}})


def test_an_empty_string_value_is_refused(queue):
    expected = "Message (user) attribute 'a' must contain a non-empty value of type 'String'."
    with refused("InvalidParameterValue", expected):
        queue().send(MessageAttributes={"a": text("")})


def test_a_value_of_the_wrong_kind_is_refused(queue):
    with refused("InvalidParameterValue"):
        queue().send(MessageAttributes={"a": {"DataType": "String", "BinaryValue": b"1"}})
    with refused("InvalidParameterValue"):
        queue().send(MessageAttributes={"a": {"DataType": "Binary", "StringValue": "1"}})
    with refused("InvalidParameterValue"):
        queue().send(MessageAttributes={"a": {"DataType": "String"}})
    with refused("InvalidParameterValue"):
        queue().send(MessageAttributes={"a": {"DataType": "String", "StringValue": "1", "BinaryValue": b"1"}})


def test_forbidden_characters_in_a_value_are_refused(queue):
    expected = (
        "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | "
        "#x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
    )
    with refused("InvalidParameterValue", expected):
        queue().send(MessageAttributes={"a": text("x\x01y")})


@pytest.mark.parametrize("value", ["ten", "1x", "", "--1", "0x10"])
def test_a_number_must_be_one(queue, value):
    expected = None if value == "" else "Can't cast the value of message (user) attribute 'a' to a number."
    with refused("InvalidParameterValue", expected):
        queue().send(MessageAttributes={"a": number(value)})


@pytest.mark.parametrize("value", ["0", "-5", "99.12", "1493147359900", "1e10", "9" * 38])
def test_numbers_go_round_unchanged(queue, value):
    q = queue()
    q.send(MessageAttributes={"a": number(value)})
    assert q.one()["MessageAttributes"]["a"] == number(value)


def test_list_values_are_refused(queue):
    with refused("InvalidParameterValue", "Message attribute list values in SendMessage operation are not supported."):
        queue().send(MessageAttributes={"a": {"DataType": "String", "StringListValues": ["x"]}})


def test_the_trace_header_is_a_system_attribute_with_its_own_md5(queue):
    q = queue()
    sent = q.send(MessageSystemAttributes={"AWSTraceHeader": text(TRACE)}, MessageAttributes={"k": text("x")})
    assert sent["MD5OfMessageSystemAttributes"] == "5ae4d5d7636402d80f4eb6d213245a88"
    assert sent["MD5OfMessageAttributes"] == "a45daa70926828a2f0a1db3418e6feb4"
    got = q.one()
    assert got["Attributes"]["AWSTraceHeader"] == TRACE
    assert got["MD5OfMessageAttributes"] == "a45daa70926828a2f0a1db3418e6feb4"
    assert set(got["MessageAttributes"]) == {"k"}


def test_other_system_attributes_are_refused(queue):
    with refused("InvalidParameterValue"):
        queue().send(MessageSystemAttributes={"Nonsense": text("v")})
    with refused("InvalidParameterValue"):
        queue().send(MessageSystemAttributes={"AWSTraceHeader": number("1")})
