"""Garbage, half requests and huge ones sent to SNS: an AWS error or a closed connection, never harm."""

import json
import random

import pytest
import requests
from http_calls import scope
from queues import refused, sdk_client
from topics import Topic

pytestmark = pytest.mark.once

ACTIONS = [
    "CreateTopic",
    "Subscribe",
    "Publish",
    "PublishBatch",
    "SetTopicAttributes",
    "SetSubscriptionAttributes",
    "ConfirmSubscription",
    "Unsubscribe",
    "AddPermission",
    "TagResource",
    "ListTopics",
    "ListSubscriptionsByTopic",
    "PutDataProtectionPolicy",
    "CreatePlatformApplication",
    "SetSMSAttributes",
]


@pytest.fixture
def post(target, account):
    def post(body, **headers):
        more = {"Content-Type": "application/x-www-form-urlencoded", **scope(account, service="sns"), **headers}
        return requests.post(target.endpoint, data=body, headers=more, timeout=30)

    return post


@pytest.fixture
def made(target, account):
    return Topic.create(sdk_client(target.endpoint, account, service="sns"), "attacked")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    "rest",
    [
        "",
        "&&&=&=x&x",
        "&TopicArn=%zz%0",
        "&TopicArn=" + "a" * 100_000,
        "&Name=%ff%fe&TopicArn=%00",
        "&Attributes.entry.1.key=a&Attributes.entry.99999999999999999999.value=b",
        "&Tags.member.0.Key=a&Tags.member.-1.Key=b&Tags.member.x.Key=c",
        "&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value=b&MessageAttributes.entry.1.Value.DataType.x=y",
        "&PublishBatchRequestEntries.member.1=a&PublishBatchRequestEntries.member.2.Id.x=b",
        "&" + "&".join(f"x{n}=y" for n in range(20_000)),
    ],
    ids=lambda rest: rest[:24],
)
def test_broken_forms(post, unharmed, action, rest):
    answer = post(f"Action={action}&Version=2010-03-31{rest}")
    assert answer.status_code in (200, 400, 403, 404, 413)
    assert answer.status_code == 200 or b"<ErrorResponse" in answer.content


def test_random_bytes(post, unharmed):
    chance = random.Random(1)
    for _ in range(200):
        answer = post(b"Action=Publish&" + chance.randbytes(chance.randrange(300)))
        assert 400 <= answer.status_code < 500


DEEP = 20_000


@pytest.mark.parametrize(
    "text",
    [
        "[" * DEEP,
        '{"a":' * DEEP,
        '{"a":' * DEEP + "1" + "}" * DEEP,
        '{"$or":[' * 500 + '{"a":[1]}' + "]}" * 500,
        '{"a":["' + "x" * 300_000 + '"]}',
        '{"a":[' + ",".join(map(str, range(50_000))) + "]}",
        '{"a":[{"cidr":"::/999999999999999999999"}]}',
        "\u0000",
    ],
    ids=lambda text: text[:12],
)
@pytest.mark.parametrize("name", ["FilterPolicy", "RedrivePolicy", "DeliveryPolicy", "ReplayPolicy"])
def test_hostile_settings_of_a_subscription(made, unharmed, text, name):
    subscription = made.subscribe("http", "http://127.0.0.1:1/")
    before = subscription.attributes()
    for scope_of in ("MessageAttributes", "MessageBody"):
        subscription.set("FilterPolicyScope", scope_of)
        with refused("InvalidParameter"):
            subscription.set(name, text)
    subscription.set("FilterPolicyScope", "MessageAttributes")
    assert subscription.attributes() == before


@pytest.mark.parametrize("text", ['{"a":[{"numeric":["=",1e999999]}]}', '{"a":[{"prefix":"\\ud800"}]}', '{"a":[1e-999999]}'])
def test_policies_that_may_be_taken_but_do_no_harm(made, unharmed, account, text):
    subscription = made.subscribe("sqs", f"arn:aws:sqs:us-east-1:{account}:nobody")
    try:
        subscription.set("FilterPolicy", text)
    except made.sns.exceptions.InvalidParameterException:
        return
    for value in ("1e999999", "0", "-1"):
        made.publish("x", MessageAttributes={"a": {"DataType": "Number", "StringValue": value}})


@pytest.mark.parametrize("name", ["Policy", "DeliveryPolicy"])
@pytest.mark.parametrize("text", ["[" * DEEP, '{"http":' * DEEP, "junk"], ids=lambda text: text[:8])
def test_hostile_settings_of_a_topic(made, unharmed, name, text):
    before = made.attributes()
    with refused("InvalidParameter"):
        made.set(name, text)
    assert made.attributes() == before


@pytest.mark.parametrize("message", ["[" * 100_000, '{"default":' * 20_000, '{"default":"\\ud800"}', '{"default":"x"' + " " * 200_000])
def test_hostile_structures(made, unharmed, message):
    with refused("InvalidParameter"):
        made.publish(message, MessageStructure="json")


def test_hostile_bodies_before_a_filter(made, unharmed, account):
    subscription = made.subscribe("sqs", f"arn:aws:sqs:us-east-1:{account}:nobody", FilterPolicyScope="MessageBody")
    subscription.set("FilterPolicy", '{"a":{"b":{"c":["x"]}},"d":[{"prefix":"p"}]}')
    for body in ("[" * 100_000, '{"a":' * 40_000, json.dumps({"a": [[{"b": [{"c": list("xyz") * 20}] * 20}] * 20]})):
        assert made.publish(body)["MessageId"]


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///path",
        "http://a b/",
        "http://host\r\nX-Evil: 1/",
        "http://" + "h" * 10_000,
        "http://host/\u0000",
    ],
    ids=lambda url: url[:20],
)
def test_hostile_urls(made, unharmed, url):
    with refused("InvalidParameter"):
        made.subscribe("http", url)


def test_tokens_of_lists_that_nobody_gave(made, unharmed):
    for token in ("junk", "", "AAAA", "/" * 10_000, "ü"):
        for call in (made.sns.list_topics, made.sns.list_subscriptions):
            try:
                call(NextToken=token)
            except made.sns.exceptions.ClientError as refusal:
                assert refusal.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_body_beyond_all_limits(post, unharmed):
    try:
        answer = post(b"Action=Publish&Message=" + b"x" * (64 << 20))
    except requests.ConnectionError:
        return
    assert answer.status_code in (400, 413)


def test_links_with_garbage(target, unharmed):
    for query in ("Action=Unsubscribe", "Action=ConfirmSubscription&TopicArn=x", "Action=Unsubscribe&SubscriptionArn=" + "%00" * 999):
        answer = requests.get(f"{target.endpoint}/?{query}", timeout=10)
        assert 400 <= answer.status_code < 500
