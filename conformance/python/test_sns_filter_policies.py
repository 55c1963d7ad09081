"""Filter policies that are refused, and how: texts and limits (spec 7.3)."""

import json

import pytest
from queues import refused

pytestmark = pytest.mark.once

ON_SET = "Invalid parameter: FilterPolicy: "
ON_SUBSCRIBE = "Invalid parameter: Attributes Reason: FilterPolicy: "
COMPLEX = "Filter policy is too complex"
MATCH_VALUE = "Match value must be String, number, true, false, or null"

# Policy and the first line of the text after the prefix; with a position behind it, or without.
POSITIONED = [
    ({"key": "value"}, '"key" must be an object or an array'),
    ({"key": {"suffix": "v"}}, '"suffix" must be an object or an array'),
    ({"key": []}, "Empty arrays are not allowed"),
    ({"key": [["value"]]}, MATCH_VALUE),
    ({"key": [{"dances": "v"}]}, "Unrecognized match type dances"),
    ({"key": [{"prefix": "a", "suffix": "b"}]}, "Only one key allowed in match expression"),
    ({"key": [{"prefix": 7}]}, "prefix match pattern must be a string"),
    ({"key": [{"suffix": 7}]}, "suffix match pattern must be a string"),
    ({"key": [{"equals-ignore-case": 7}]}, "equals-ignore-case match pattern must be a string"),
    ({"key": [{"anything-but": {"prefix": 7}}]}, "prefix match pattern must be a string"),
    ({"key": [{"exists": "yes"}]}, "exists match pattern must be either true or false."),
    ({"key": [{"anything-but": {"suffix": "v"}}]}, "Unsupported anything-but pattern: suffix"),
    ({"key": [{"anything-but": {"exists": True}}]}, "Unsupported anything-but pattern: exists"),
    ({"key": [{"cidr": 7}]}, "prefix match pattern must be a string"),
    ({"key": [{"numeric": []}]}, "Invalid member in numeric match: ]"),
    ({"key": [{"numeric": [1]}]}, "Invalid member in numeric match: 1"),
    ({"key": [{"numeric": ["<>", 1]}]}, "Unrecognized numeric range operator: <>"),
    ({"key": [{"numeric": [">"]}]}, "Value of > must be numeric"),
    ({"key": [{"numeric": ["=", "1"]}]}, "Value of equals must be numeric"),
    ({"key": [{"numeric": ["<", 1, ">", 0]}]}, "Too many elements in numeric expression"),
    ({"key": [{"numeric": ["=", 1, "<", 2]}]}, "Too many elements in numeric expression"),
    ({"key": [{"numeric": [">", 1, ">", 2]}]}, "Bad numeric range operator: >"),
    ({"key": [{"numeric": [">", 1, 30]}]}, "Bad value in numeric range: 30"),
    ({"key": [{"numeric": [">", 2, "<", 1]}]}, "Bottom must be less than top"),
    ({"key": [{"numeric": [">", 1, "<", 1]}]}, "Bottom must be less than top"),
    ({"key": [{"numeric": [">", 1, "<", 2, "<", 3]}]}, "Too many terms in numeric range expression"),
]
PLAIN = [
    ({f"k{n}": ["v"] for n in range(6)}, "Filter policy can not have more than 5 keys"),
    ({"a": list("abcdefghijklm"), "b": list("abcdefghijkl")}, COMPLEX),
    ({"key": [{"cidr": "10.0.0.0"}]}, "Malformed CIDR, one '/' required"),
    ({"key": [{"cidr": "10.0.0.0/x"}]}, "Malformed CIDR, mask bits must be an integer"),
    ({"key": [{"cidr": "10.0.0.256/8"}]}, "Nonstandard IP address: 10.0.0.256"),
]


def told(caught, prefix):
    text = caught.value.response["Error"]["Message"]
    assert text.startswith(prefix), text
    return text[len(prefix) :].split("\n", 1)


@pytest.mark.parametrize("policy, reason", POSITIONED, ids=lambda it: json.dumps(it) if isinstance(it, dict) else "")
def test_refused_by_set_with_a_position(topic, queue, policy, reason):
    subscription = topic().feed(queue())
    with refused("InvalidParameter") as caught:
        subscription.set("FilterPolicy", json.dumps(policy))
    first, position = told(caught, ON_SET)
    assert first == reason
    assert position.startswith(" at [Source: ") and "; line: 1, column: " in position
    assert "FilterPolicy" not in subscription.attributes()


@pytest.mark.parametrize("policy, reason", PLAIN, ids=lambda it: json.dumps(it) if isinstance(it, dict) else "")
def test_refused_by_set_without_a_position(topic, queue, policy, reason):
    with refused("InvalidParameter", ON_SET + reason):
        topic().feed(queue()).set("FilterPolicy", json.dumps(policy))


@pytest.mark.parametrize("policy, reason", POSITIONED + PLAIN, ids=lambda it: json.dumps(it) if isinstance(it, dict) else "")
def test_refused_by_subscribe(topic, queue, policy, reason):
    made = topic()
    with refused("InvalidParameter") as caught:
        made.feed(queue(), FilterPolicy=json.dumps(policy))
    assert told(caught, ON_SUBSCRIBE)[0] == reason
    assert made.subscriptions() == []


@pytest.mark.parametrize(
    "policy, reason",
    [
        ("{invalid}", "failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name"),
        (
            "invalid",
            "failed to parse JSON. Unrecognized token 'invalid': was expecting "
            "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
        ),
    ],
)
def test_what_is_no_json(topic, queue, policy, reason):
    with refused("InvalidParameter") as caught:
        topic().feed(queue()).set("FilterPolicy", policy)
    assert told(caught, ON_SET)[0] == reason


def test_a_nested_policy_needs_the_scope_of_the_body(topic, queue):
    subscription = topic().feed(queue())
    text = "Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy"
    with refused("InvalidParameter", text):
        subscription.set("FilterPolicy", '{"a":{"b":["c"]}}')
    subscription.set("FilterPolicyScope", "MessageBody")
    subscription.set("FilterPolicy", '{"a":{"b":["c"]}}')


def test_a_phones_policy_is_looked_at_too(topic):
    with refused("InvalidParameter"):
        topic().subscribe("sms", "+4366012345678", FilterPolicy='{"key":"value"}')


def test_a_hundred_and_fifty_combinations_are_allowed(topic, queue):
    """`$or` sums its branches: 3 * (6 + 4 * (4 + 7)) is 150."""
    inner = [{"metricId": list(range(4))}, {"spaceId": list(range(7))}]
    outer = [{"metricName": list(range(6))}, {"metricType": list(range(4)), "$or": inner}]
    policy = {"source": ["a", "b", "c"], "$or": outer}
    subscription = topic().feed(queue())
    subscription.set("FilterPolicy", json.dumps(policy))
    assert json.loads(subscription.attribute("FilterPolicy")) == policy


def test_more_are_not(topic, queue):
    policy = {"source": list(range(2)), "$or": [{"name": list(range(72))}, {"type": list(range(4))}]}
    with refused("InvalidParameter", ON_SET + COMPLEX):
        topic().feed(queue()).set("FilterPolicy", json.dumps(policy))


@pytest.mark.parametrize(
    "policy",
    [
        {"a": {"b": {"c": [1, 2, 3, 4]}}, "d": {"e": [1, 2, 3]}, "f": [1, 2, 3]},
        {
            "$or": [{"metricName": [1, 2, 3]}, {"namespace": [1, 2]}],
            "detail": {"scope": [1, 2], "$or": [{"source": [1]}, {"type": [1, 2, 3]}]},
        },
    ],
)
def test_depth_multiplies(topic, queue, policy):
    subscription = topic().feed(queue(), FilterPolicyScope="MessageBody")
    with refused("InvalidParameter", ON_SET + COMPLEX):
        subscription.set("FilterPolicy", json.dumps(policy))


def test_a_refused_policy_leaves_the_old_one(topic, queue):
    subscription = topic().feed(queue(), FilterPolicy='{"a":["b"]}')
    with refused("InvalidParameter"):
        subscription.set("FilterPolicy", '{"a":"b"}')
    assert subscription.attribute("FilterPolicy") == '{"a":["b"]}'
