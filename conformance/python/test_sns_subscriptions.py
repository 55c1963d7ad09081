"""Subscriptions: Subscribe, Unsubscribe, Get- and SetSubscriptionAttributes, the lists (spec 3)."""

import base64
import json
import re

import pytest
from queues import refused, sdk_client
from topics import ABSENT, MESSAGE_ID, Subscription, Topic, redrive

pytestmark = pytest.mark.once

DIFFERENT = "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
UNKNOWN = "Subscription does not exist"


def test_a_queue_is_confirmed_at_once(sns, topic, queue, account):
    made, q = topic(), queue()
    answer = sns.subscribe(TopicArn=made.arn, Protocol="sqs", Endpoint=q.arn)
    arn = answer["SubscriptionArn"]
    assert re.fullmatch(re.escape(made.arn) + ":" + MESSAGE_ID, arn)
    attributes = Subscription(sns, arn).attributes()
    principal = attributes.pop("SubscriptionPrincipal")
    assert principal.startswith(f"arn:aws:iam::{account}:user/")
    assert attributes == {
        "SubscriptionArn": arn,
        "TopicArn": made.arn,
        "Protocol": "sqs",
        "Endpoint": q.arn,
        "Owner": account,
        "ConfirmationWasAuthenticated": "true",
        "PendingConfirmation": "false",
        "RawMessageDelivery": "false",
    }


@pytest.mark.parametrize("protocol, endpoint", [("email", "someone@example.com"), ("email-json", "someone@example.com")])
def test_a_mail_address_is_pending(sns, topic, protocol, endpoint):
    made = topic()
    answer = sns.subscribe(TopicArn=made.arn, Protocol=protocol, Endpoint=endpoint)
    assert answer["SubscriptionArn"] == "pending confirmation"
    attributes = made.subscribe(protocol, endpoint).attributes()
    assert (attributes["PendingConfirmation"], attributes["ConfirmationWasAuthenticated"]) == ("true", "false")


def test_subscribing_again_while_pending_is_the_same_subscription(topic):
    made = topic()
    assert made.subscribe("email", "a@example.com").arn == made.subscribe("email", "a@example.com").arn
    assert made.subscribe("email", "b@example.com").arn != made.subscribe("email", "a@example.com").arn


def test_a_phone_is_confirmed_at_once(topic):
    attributes = topic().subscribe("sms", "+4366012345678").attributes()
    assert (attributes["PendingConfirmation"], attributes["Endpoint"]) == ("false", "+4366012345678")


@pytest.mark.parametrize("number", ["+12/34-567.890", "+123123120"])
def test_numbers_with_single_separators_and_short_ones(topic, number):
    topic().subscribe("sms", number)


@pytest.mark.parametrize("number", ["+15--551234567", "NAA+15551234567", "+15551234567.", "/+15551234567"])
def test_other_numbers_are_refused(topic, number):
    with refused("InvalidParameter", f"Invalid SMS endpoint: {number}"):
        topic().subscribe("sms", number)


@pytest.mark.parametrize("protocol", ["pigeon", "", "SQS"])
def test_an_unknown_protocol(topic, queue, protocol):
    text = f"Invalid parameter: Amazon SNS does not support this protocol string: {protocol}"
    with refused("InvalidParameter", text):
        topic().subscribe(protocol, queue().arn)


@pytest.mark.parametrize("endpoint", ["http://localhost:4566/000000000000/q", "junk", "arn:aws:sns:us-east-1:000000000000:q"])
def test_a_queue_is_named_by_its_arn(topic, endpoint):
    with refused("InvalidParameter", "Invalid parameter: SQS endpoint ARN"):
        topic().subscribe("sqs", endpoint)


def test_the_queue_need_not_exist(topic, account):
    topic().subscribe("sqs", f"arn:aws:sqs:us-east-1:{account}:later")


def test_a_fifo_queue_cannot_follow_a_standard_topic(topic, fifo):
    text = (
        "Invalid parameter: Invalid parameter: Endpoint Reason: "
        "FIFO SQS Queues can not be subscribed to standard SNS topics"
    )
    with refused("InvalidParameter", text):
        topic().feed(fifo())


def test_a_standard_queue_can_follow_a_fifo_topic(fifo_topic, queue):
    fifo_topic().feed(queue())


@pytest.mark.parametrize("protocol, endpoint", [("http", "https://example.com/"), ("https", "http://example.com/")])
def test_the_url_is_of_the_protocol(topic, protocol, endpoint):
    with refused("InvalidParameter"):
        topic().subscribe(protocol, endpoint)


@pytest.mark.parametrize("protocol", ["lambda", "firehose"])
def test_what_is_not_there_yet_is_refused_clearly(topic, account, protocol):
    ends = {"lambda": f"arn:aws:lambda:us-east-1:{account}:function:f", "firehose": f"arn:aws:firehose:us-east-1:{account}:deliverystream/d"}
    with refused("InvalidParameter"):
        topic().subscribe(protocol, ends[protocol], SubscriptionRoleArn=f"arn:aws:iam::{account}:role/r")


def test_an_unknown_topic_is_not_found(sns, queue, account):
    with refused("NotFound", ABSENT, 404):
        Topic(sns, f"arn:aws:sns:us-east-1:{account}:none").feed(queue())


def test_subscribing_again_returns_the_subscription_if_what_is_given_is_so(topic, queue):
    made, q = topic(), queue()
    first = made.feed(q, RawMessageDelivery="true", FilterPolicy='{"a":["b"]}')
    assert made.feed(q).arn == first.arn
    assert made.feed(q, RawMessageDelivery="True").arn == first.arn
    assert made.feed(q, RawMessageDelivery="true", FilterPolicy='{"a":["b"]}').arn == first.arn
    assert made.feed(q, FilterPolicyScope="MessageAttributes").arn == first.arn
    assert len(made.subscriptions()) == 1


@pytest.mark.parametrize(
    "attributes",
    [{"RawMessageDelivery": "false"}, {"FilterPolicy": '{"a":["c"]}'}, {"FilterPolicyScope": "MessageBody"}],
)
def test_subscribing_again_with_other_attributes_is_refused(topic, queue, attributes):
    made, q = topic(), queue()
    made.feed(q, RawMessageDelivery="true", FilterPolicy='{"a":["b"]}')
    with refused("InvalidParameter", DIFFERENT):
        made.feed(q, **attributes)


@pytest.mark.parametrize("given, kept", [("TrUe", "true"), ("FALSE", "false")])
def test_raw_delivery_in_any_case(topic, queue, given, kept):
    made = topic()
    assert made.feed(queue(), RawMessageDelivery=given).attribute("RawMessageDelivery") == kept
    later = made.feed(queue())
    later.set("RawMessageDelivery", given)
    assert later.attribute("RawMessageDelivery") == kept


def test_policies_come_back_as_the_text_given(topic, queue):
    subscription = topic().feed(queue())
    text = '{ "a" : [ "b", {"prefix":"c"} ],\n "d":[1.50] }'
    subscription.set("FilterPolicy", text)
    dead = redrive(queue()).replace(":", " : ", 1)
    subscription.set("RedrivePolicy", dead)
    attributes = subscription.attributes()
    assert (attributes["FilterPolicy"], attributes["RedrivePolicy"]) == (text, dead)


def test_the_scope_is_shown_only_with_a_policy_though_remembered(topic, queue):
    subscription = topic().feed(queue())
    subscription.set("FilterPolicyScope", "MessageBody")
    assert "FilterPolicyScope" not in subscription.attributes()
    subscription.set("FilterPolicy", '{"a":["b"]}')
    assert subscription.attribute("FilterPolicyScope") == "MessageBody"
    subscription.set("FilterPolicy", "")
    attributes = subscription.attributes()
    assert "FilterPolicy" not in attributes and "FilterPolicyScope" not in attributes


def test_a_policy_without_a_scope_is_on_attributes(topic, queue):
    assert topic().feed(queue(), FilterPolicy='{"a":["b"]}').attribute("FilterPolicyScope") == "MessageAttributes"


def test_an_empty_filter_policy_at_subscribe_is_none(topic, queue):
    assert "FilterPolicy" not in topic().feed(queue(), FilterPolicy="").attributes()


def test_the_empty_text_removes_a_redrive_policy(topic, queue):
    subscription = topic().feed(queue()).dead_letters_to(queue())
    subscription.set("RedrivePolicy", "")
    assert "RedrivePolicy" not in subscription.attributes()


REFUSED = [
    ("RawMessageDelivery", "yes", "RawMessageDelivery: Invalid value [yes]. Must be true or false."),
    ("RawMessageDelivery", "", "RawMessageDelivery: Invalid value []. Must be true or false."),
    (
        "FilterPolicyScope",
        "Body",
        "FilterPolicyScope: Invalid value [Body]. Please use either MessageBody or MessageAttributes",
    ),
    ("RedrivePolicy", '{"deadLetterTargetArn":"junk"}', "RedrivePolicy: deadLetterTargetArn is an invalid arn"),
]


@pytest.mark.parametrize("name, value, text", REFUSED)
def test_bad_values_are_refused_by_set(topic, queue, name, value, text):
    subscription = topic().feed(queue())
    before = subscription.attributes()
    with refused("InvalidParameter", f"Invalid parameter: {text}"):
        subscription.set(name, value)
    assert subscription.attributes() == before


@pytest.mark.parametrize("name, value, text", REFUSED)
def test_bad_values_are_refused_by_subscribe(topic, queue, name, value, text):
    made = topic()
    with refused("InvalidParameter", f"Invalid parameter: Attributes Reason: {text}"):
        made.feed(queue(), **{name: value})
    assert made.subscriptions() == []


def test_a_redrive_policy_that_is_no_json(topic, queue):
    subscription = topic().feed(queue())
    with refused("InvalidParameter") as caught:
        subscription.set("RedrivePolicy", "{invalid}")
    text = caught.value.response["Error"]["Message"]
    assert text.startswith("Invalid parameter: RedrivePolicy: failed to parse JSON. "), text


def test_a_redrive_policy_has_no_receive_count(topic, queue):
    policy = json.loads(redrive(queue())) | {"maxReceiveCount": 3}
    with refused("InvalidParameter"):
        topic().feed(queue()).set("RedrivePolicy", json.dumps(policy))


def test_fifo_to_fifo_takes_a_fifo_dead_letter_queue(fifo_topic, fifo, queue):
    subscription = fifo_topic().feed(fifo())
    text = "Invalid parameter: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."
    with refused("InvalidParameter", text):
        subscription.dead_letters_to(queue())
    subscription.dead_letters_to(fifo())


def test_a_standard_queue_at_a_fifo_topic_takes_a_standard_dead_letter_queue(fifo_topic, queue):
    fifo_topic().feed(queue()).dead_letters_to(queue())


@pytest.mark.parametrize("name", ["Nonsense", "PendingConfirmation", "Endpoint", "Owner"])
def test_other_attributes_cannot_be_set(topic, queue, name):
    with refused("InvalidParameter", "Invalid parameter: AttributeName"):
        topic().feed(queue()).set(name, "x")


def test_a_delivery_policy_is_shown_in_its_long_form(topic):
    subscription = topic().subscribe("http", "http://127.0.0.1:1/nobody")
    subscription.set("DeliveryPolicy", '{"requestPolicy":{"headerContentType":"text/csv"}}')
    attributes = subscription.attributes()
    assert attributes["DeliveryPolicy"] == (
        '{"healthyRetryPolicy":null,"sicklyRetryPolicy":null,"throttlePolicy":null,'
        '"requestPolicy":{"headerContentType":"text/csv"},"guaranteed":false}'
    )
    effective = json.loads(attributes["EffectiveDeliveryPolicy"])
    assert effective["requestPolicy"] == {"headerContentType": "text/csv"}
    assert effective["healthyRetryPolicy"]["numRetries"] == 3
    assert (effective["sicklyRetryPolicy"], effective["throttlePolicy"], effective["guaranteed"]) == (None, None, False)


def test_each_set_replaces_the_whole_delivery_policy(topic):
    subscription = topic().subscribe("http", "http://127.0.0.1:1/nobody")
    subscription.set("DeliveryPolicy", '{"requestPolicy":{"headerContentType":"text/csv"}}')
    retries = {"minDelayTarget": 1, "maxDelayTarget": 2, "numRetries": 5, "numNoDelayRetries": 1}
    policy = {"healthyRetryPolicy": retries, "throttlePolicy": {"maxReceivesPerSecond": 7}}
    subscription.set("DeliveryPolicy", json.dumps(policy))
    found = json.loads(subscription.attribute("DeliveryPolicy"))
    assert len(found["healthyRetryPolicy"]) == 7 and retries.items() <= found["healthyRetryPolicy"].items()
    assert found["throttlePolicy"] == {"maxReceivesPerSecond": 7}
    assert found["requestPolicy"] is None


def test_the_topics_delivery_policy_shows_through(topic):
    made = topic()
    made.set("DeliveryPolicy", '{"http":{"defaultRequestPolicy":{"headerContentType":"application/json"}}}')
    subscription = made.subscribe("http", "http://127.0.0.1:1/nobody")
    subscription.set("DeliveryPolicy", '{"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":1,"numRetries":0}}')
    effective = json.loads(subscription.attribute("EffectiveDeliveryPolicy"))
    assert effective["requestPolicy"] == {"headerContentType": "application/json"}
    assert effective["healthyRetryPolicy"]["numRetries"] == 0


def test_pending_subscriptions_can_be_set(topic, queue):
    subscription = topic().subscribe("http", "http://127.0.0.1:1/nobody")
    subscription.set("RawMessageDelivery", "true")
    subscription.dead_letters_to(queue())
    attributes = subscription.attributes()
    assert (attributes["RawMessageDelivery"], attributes["PendingConfirmation"]) == ("true", "true")


def test_unsubscribing_is_idempotent(topic, queue):
    made = topic()
    subscription = made.feed(queue())
    subscription.unsubscribe()
    subscription.unsubscribe()
    assert made.subscriptions() == []
    with refused("NotFound", UNKNOWN, 404):
        subscription.attributes()


def test_subscribing_after_unsubscribing_is_a_new_subscription(topic, queue):
    made, q = topic(), queue()
    first = made.feed(q, RawMessageDelivery="true")
    first.unsubscribe()
    second = made.feed(q)
    assert second.arn != first.arn and second.attribute("RawMessageDelivery") == "false"


@pytest.mark.parametrize("arn, parts", [("", 1), ("pending confirmation", 1), ("arn:aws:sns", 3)])
@pytest.mark.parametrize("call", ["unsubscribe", "get_subscription_attributes"])
def test_a_subscription_arn_of_too_few_parts(sns, call, arn, parts):
    text = f"Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not {parts}"
    with refused("InvalidParameter", text):
        getattr(sns, call)(SubscriptionArn=arn)


def test_unsubscribing_a_topic_lacks_the_id(topic):
    made = topic()
    with refused("InvalidParameter", "Invalid parameter: SubscriptionId"):
        Subscription(made.sns, made.arn).unsubscribe()


def test_unsubscribing_without_an_arn(sns):
    text = "Invalid parameter: SubscriptionArn Reason: no value for required parameter"
    with refused("InvalidParameter", text):
        sns.unsubscribe()


def test_an_unknown_subscription(sns, topic):
    none = Subscription(sns, f"{topic().arn}:11111111-2222-3333-4444-555555555555")
    with refused("NotFound", UNKNOWN, 404):
        none.attributes()
    with refused("NotFound", UNKNOWN, 404):
        none.set("RawMessageDelivery", "true")
    none.unsubscribe()


def test_lists_show_what_is_pending_without_its_arn(sns, topic, queue, account):
    made, q = topic(), queue()
    confirmed = made.feed(q)
    made.subscribe("email", "someone@example.com")
    listed = sns.list_subscriptions()["Subscriptions"]
    shared = {"Owner": account, "TopicArn": made.arn}
    first = {"SubscriptionArn": confirmed.arn, "Protocol": "sqs", "Endpoint": q.arn, **shared}
    second = {"SubscriptionArn": "PendingConfirmation", "Protocol": "email", "Endpoint": "someone@example.com", **shared}
    assert sorted(listed, key=lambda item: item["Protocol"], reverse=True) == [first, second]


def test_lists_come_in_pages_of_a_hundred(sns, topic, account):
    made, other = topic(), topic()
    for number in range(130):
        made.subscribe("sqs", f"arn:aws:sqs:us-east-1:{account}:q{number:03}")
    other.subscribe("sqs", f"arn:aws:sqs:us-east-1:{account}:q000")

    def pages(call, **more):
        page = call(**more)
        found = [page]
        while "NextToken" in page:
            base64.b64decode(page["NextToken"], validate=True)
            page = call(NextToken=page["NextToken"], **more)
            found.append(page)
        return [[item["SubscriptionArn"] for item in page["Subscriptions"]] for page in found]

    of_topic = pages(sns.list_subscriptions_by_topic, TopicArn=made.arn)
    assert [len(page) for page in of_topic] == [100, 30] and len(set(sum(of_topic, []))) == 130
    everything = pages(sns.list_subscriptions)
    assert [len(page) for page in everything] == [100, 31] and len(set(sum(everything, []))) == 131


def test_the_lists_are_of_one_region(server, sns, topic, queue, account):
    topic().feed(queue())
    there = sdk_client(server.endpoint, account, "eu-west-1", "sns")
    assert there.list_subscriptions()["Subscriptions"] == []
    assert len(sns.list_subscriptions()["Subscriptions"]) == 1


def test_a_confirm_token_must_be_known(sns, topic):
    made = topic()
    with refused("InvalidParameter", "Invalid token"):
        sns.confirm_subscription(TopicArn=made.arn, Token="randomtoken")
    for token in ("abc123", "0" * 280):
        with refused("InvalidParameter", "Invalid parameter: Token"):
            sns.confirm_subscription(TopicArn=made.arn, Token=token)
    for arn in ("junk", made.arn.replace("us-east-1", "eu-west-1")):
        with refused("InvalidParameter", "Invalid parameter: Topic"):
            sns.confirm_subscription(TopicArn=arn, Token="randomtoken")
