"""Which messages a filter lets through, by message attributes and by body (spec 7.1, 7.2)."""

import json

import pytest
from queues import text
from topics import told, told_until

pytestmark = pytest.mark.once


def number(value):
    return {"DataType": "Number", "StringValue": str(value)}


def array(*values):
    return {"DataType": "String.Array", "StringValue": json.dumps(values)}


BINARY = {"DataType": "Binary", "BinaryValue": b"red"}


def passes(topic, queue, policy, scope, *, message="probe", **more):
    """Whether the message passes, told from what comes before a second message that passes in any case."""
    made, q = topic(), queue()
    subscription = made.feed(q).filter(policy, scope)
    made.publish(message, **more)
    subscription.set("FilterPolicy", "")
    made.publish("fence")
    return told_until(q, "fence") == [message]


# By attributes: policy, attributes, whether they match

ATTRIBUTES = [
    ({"k": ["red"]}, {"k": text("red")}, True),
    ({"k": ["red"]}, {"k": text("Red")}, False),
    ({"k": ["red"]}, {}, False),
    ({"k": ["red", "blue"]}, {"k": text("blue")}, True),
    ({"k": ["red"], "l": ["x"]}, {"k": text("red")}, False),
    ({"k": ["red"], "l": ["x"]}, {"k": text("red"), "l": text("x")}, True),
    ({"k": ["1"]}, {"k": number(1)}, False),
    ({"k": [1]}, {"k": text("1")}, False),
    ({"k": [1]}, {"k": number("1.0")}, True),
    ({"k": [1.5]}, {"k": number("1.50")}, True),
    ({"k": ["red"]}, {"k": BINARY}, False),
    ({"k": [{"prefix": "re"}]}, {"k": text("red")}, True),
    ({"k": [{"prefix": "ed"}]}, {"k": text("red")}, False),
    ({"k": [{"suffix": "ed"}]}, {"k": text("red")}, True),
    ({"k": [{"suffix": "re"}]}, {"k": text("red")}, False),
    ({"k": [{"equals-ignore-case": "RED"}]}, {"k": text("rEd")}, True),
    ({"k": [{"equals-ignore-case": "RED"}]}, {"k": text("redd")}, False),
    ({"k": [{"anything-but": "red"}]}, {"k": text("blue")}, True),
    ({"k": [{"anything-but": "red"}]}, {"k": text("red")}, False),
    ({"k": [{"anything-but": "red"}]}, {}, False),
    ({"k": [{"anything-but": ["red", "blue"]}]}, {"k": text("blue")}, False),
    ({"k": [{"anything-but": ["red", "blue"]}]}, {"k": text("green")}, True),
    ({"k": [{"anything-but": [1, 2]}]}, {"k": number(2)}, False),
    ({"k": [{"anything-but": [1, 2]}]}, {"k": number(3)}, True),
    ({"k": [{"anything-but": {"prefix": "re"}}]}, {"k": text("red")}, False),
    ({"k": [{"anything-but": {"prefix": "re"}}]}, {"k": text("blue")}, True),
    ({"k": [{"numeric": ["=", 5]}]}, {"k": number("5.00")}, True),
    ({"k": [{"numeric": ["=", 5]}]}, {"k": text("5")}, False),
    ({"k": [{"numeric": [">", 1, "<=", 3]}]}, {"k": number(1)}, False),
    ({"k": [{"numeric": [">", 1, "<=", 3]}]}, {"k": number("1.00001")}, True),
    ({"k": [{"numeric": [">", 1, "<=", 3]}]}, {"k": number(3)}, True),
    ({"k": [{"numeric": [">", 1, "<=", 3]}]}, {"k": number("3.00001")}, False),
    ({"k": [{"numeric": ["<", 0]}]}, {"k": number(-1)}, True),
    ({"k": [{"numeric": [">=", -1]}]}, {"k": number(-1)}, True),
    ({"k": [{"exists": True}]}, {"k": text("x")}, True),
    ({"k": [{"exists": True}]}, {"l": text("x")}, False),
    ({"k": [{"exists": False}]}, {"l": text("x")}, True),
    ({"k": [{"exists": False}]}, {"k": text("x")}, False),
    ({"k": [None]}, {"l": text("x")}, False),
    ({"k": [{"cidr": "10.0.0.0/24"}]}, {"k": text("10.0.0.255")}, True),
    ({"k": [{"cidr": "10.0.0.0/24"}]}, {"k": text("10.0.1.0")}, False),
    ({"k": [{"cidr": "10.0.0.0/24"}]}, {"k": text("10.0.0.256")}, False),
    ({"k": [{"cidr": "2001:db8::/32"}]}, {"k": text("2001:0db8:0:0::1")}, True),
    ({"k": [{"cidr": "2001:db8::/32"}]}, {"k": text("2001:db9::1")}, False),
    ({"k": ["red"]}, {"k": array("blue", "red")}, True),
    ({"k": ["red"]}, {"k": array("blue")}, False),
    ({"k": [2]}, {"k": array(1, 2)}, True),
    ({"k": [True]}, {"k": array("a", True)}, True),
    ({"k": [None]}, {"k": array(None)}, True),
    ({"k": ["red"]}, {"k": {"DataType": "String.Array", "StringValue": "[broken"}}, False),
    ({"$or": [{"k": ["red"]}, {"l": ["x"]}]}, {"l": text("x")}, True),
    ({"$or": [{"k": ["red"]}, {"l": ["x"]}]}, {"k": text("red")}, True),
    ({"$or": [{"k": ["red"]}, {"l": ["x"]}]}, {"k": text("blue")}, False),
    ({"m": ["y"], "$or": [{"k": ["red"]}, {"l": ["x"]}]}, {"k": text("red")}, False),
    ({"m": ["y"], "$or": [{"k": ["red"]}, {"l": ["x"]}]}, {"k": text("red"), "m": text("y")}, True),
    ({"$or": [{"k": ["a"]}, {"$or": [{"l": ["b"]}, {"m": ["c"]}]}]}, {"m": text("c")}, True),
    ({"k": [{"prefix": "b"}, "red", {"numeric": [">", 5]}]}, {"k": number(6)}, True),
    ({"k": ["ünï😀"]}, {"k": text("ünï😀")}, True),
]


@pytest.mark.parametrize("policy, attributes, matches", ATTRIBUTES, ids=lambda it: json.dumps(it, default=str))
def test_by_message_attributes(topic, queue, policy, attributes, matches):
    more = {"MessageAttributes": attributes} if attributes else {}
    assert passes(topic, queue, policy, None, **more) is matches


# By body

RECORDS = {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "a.jpg"}}}]}
BODIES = [
    ({"k": ["red"]}, {"k": "red"}, True),
    ({"k": ["red"]}, {"k": "blue"}, False),
    ({"k": ["red"]}, {}, False),
    ({"k": ["1"]}, {"k": 1}, False),
    ({"k": [1]}, {"k": 1.0}, True),
    ({"k": [True]}, {"k": True}, True),
    ({"k": [True]}, {"k": "true"}, False),
    ({"k": [None]}, {"k": None}, True),
    ({"k": [None]}, {"l": 1}, False),
    ({"k": [""]}, {"k": ""}, True),
    ({"a": {"b": ["c"]}}, {"a": {"b": "c"}}, True),
    ({"a": {"b": ["c"]}}, {"a": {"b": "d"}}, False),
    ({"a": {"b": ["c"]}}, {"b": "c"}, False),
    ({"a.b": ["c"]}, {"a": {"b": "c"}}, True),
    ({"a.b": ["c"]}, {"a.b": "c"}, True),
    ({"a": {"b": {"c": ["d"]}}}, {"a": {"b": {"c": "d", "e": 1}, "f": []}}, True),
    ({"k": ["red"]}, {"k": ["blue", "red"]}, True),
    ({"k": ["red"]}, {"k": []}, False),
    ({"k": [{"exists": False}]}, {"k": [], "l": 1}, True),
    ({"k": [{"exists": True}]}, {"k": "x"}, True),
    ({"k": [{"exists": False}]}, {"l": 1}, True),
    ({"k": ["red"], "l": ["x"]}, {"k": "red", "l": "x", "m": []}, True),
    ({"Records": {"eventName": [{"prefix": "ObjectCreated"}]}}, RECORDS, True),
    ({"Records": {"s3": {"object": {"key": [{"suffix": ".png"}]}}}}, RECORDS, False),
    ({"Records": {"eventName": [{"prefix": "ObjectCreated"}], "s3": {"object": {"key": [{"suffix": ".jpg"}]}}}}, RECORDS, True),
    ({"a": {"b": ["c"]}}, {"a": [{"b": "x"}, {"b": "c"}]}, True),
    ({"a": {"b": ["c"]}}, {"a": [[{"b": "x"}], [{"b": "c"}]]}, True),
    ({"k": [{"anything-but": ["red"]}]}, {"k": "blue"}, True),
    ({"k": [{"anything-but": ["red"]}]}, {"k": "red"}, False),
    ({"k": [{"numeric": [">=", 0, "<", 100]}]}, {"k": 99.9}, True),
    ({"k": [{"numeric": [">=", 0, "<", 100]}]}, {"k": 100}, False),
    ({"k": [{"cidr": "192.168.0.0/16"}]}, {"k": "192.168.7.9"}, True),
    ({"k": [{"equals-ignore-case": "red"}]}, {"k": "RED"}, True),
    ({"$or": [{"a": {"b": ["c"]}}, {"k": [1]}]}, {"k": 1}, True),
    ({"$or": [{"a": {"b": ["c"]}}, {"k": [1]}]}, {"a": {"b": "c"}}, True),
    ({"$or": [{"a": {"b": ["c"]}}, {"k": [1]}]}, {"a": {"b": "d"}, "k": 2}, False),
]


@pytest.mark.parametrize("policy, body, matches", BODIES, ids=lambda it: json.dumps(it, default=str))
def test_by_body(topic, queue, policy, body, matches):
    assert passes(topic, queue, policy, "MessageBody", message=json.dumps(body)) is matches


@pytest.mark.parametrize("message", ["plain text", '"red"', '["red"]', '[{"k":"red"}]', "null", "17", '{"k":"red"'])
def test_a_body_that_is_no_object_does_not_match(topic, queue, message):
    assert passes(topic, queue, {"k": ["red"]}, "MessageBody", message=message) is False


def test_each_subscription_has_its_own_filter(topic, queue):
    made = topic()
    red, blue, everything = queue(), queue(), queue()
    made.feed(red, FilterPolicy='{"colour":["red"]}')
    made.feed(blue, FilterPolicy='{"colour":["blue"]}')
    made.feed(everything)
    for colour in ("red", "blue", "green"):
        made.publish(colour, MessageAttributes={"colour": text(colour)})
    assert sorted(told(everything, 3)) == ["blue", "green", "red"]
    assert told(red) == ["red"] and told(blue) == ["blue"]
    assert red.counts() == blue.counts() == (0, 0, 0)


def test_a_change_counts_at_once(topic, queue):
    made, q = topic(), queue()
    subscription = made.feed(q, FilterPolicy='{"k":["a"]}')
    made.publish("1", MessageAttributes={"k": text("b")})
    subscription.set("FilterPolicy", '{"k":["b"]}')
    made.publish("2", MessageAttributes={"k": text("b")})
    assert told_until(q, "2") == []


def test_a_change_of_scope_counts_too(topic, queue):
    made, q = topic(), queue()
    subscription = made.feed(q, FilterPolicy='{"k":["a"]}')
    subscription.set("FilterPolicyScope", "MessageBody")
    made.publish('{"k":"b"}', MessageAttributes={"k": text("a")})
    made.publish('{"k":"a"}')
    assert told(q) == ['{"k":"a"}']


def test_the_filters_of_a_batch_are_each_messages_own(topic, queue):
    made, q = topic(), queue()
    made.feed(q, FilterPolicy='{"k":[{"numeric":[">",5]}]}')
    made.publish_batch(
        *({"Id": str(n), "Message": str(n), "MessageAttributes": {"k": number(n)}} for n in range(10))
    )
    assert sorted(told(q, 4)) == ["6", "7", "8", "9"]


def test_a_large_body_with_arrays_does_not_explode(topic, queue):
    """Only the paths that a policy names are looked at."""
    wide = {"list": [{"a": [n] * 20, "b": {"c": [n] * 20}} for n in range(300)]}
    body = json.dumps({**wide, "k": "red"})
    assert 40_000 < len(body) < 262_144
    policy = {"k": ["red"], "list": {"a": [299], "b": {"c": [0]}}}
    assert passes(topic, queue, policy, "MessageBody", message=body) is True
