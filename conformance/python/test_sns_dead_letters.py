"""Dead letters of subscriptions: what could not be delivered goes, as it was, into a queue (spec 6.7)."""

import json

import pytest
from queues import text
from topics import Subscription, arrived, redrive

pytestmark = pytest.mark.once


def lose(queue):
    """Deletes a queue under a subscription: its deliveries fail for good."""
    queue.sqs.delete_queue(QueueUrl=queue.url)


def test_what_a_deleted_queue_does_not_get_is_a_dead_letter(topic, queue):
    made, gone, dead = topic(), queue(), queue()
    subscription = made.feed(gone).dead_letters_to(dead)
    lose(gone)
    sent = made.publish("lost?", Subject="s", MessageAttributes={"a": text("b")})
    [message] = arrived(dead)
    envelope = json.loads(message["Body"])
    assert envelope["MessageId"] == sent["MessageId"]
    assert (envelope["Message"], envelope["Subject"]) == ("lost?", "s")
    assert envelope["MessageAttributes"] == {"a": {"Type": "String", "Value": "b"}}
    assert envelope["UnsubscribeURL"].endswith(f"SubscriptionArn={subscription.arn}")
    assert "MessageAttributes" not in message


def test_a_raw_dead_letter_keeps_its_attributes(topic, queue):
    made, gone, dead = topic(), queue(), queue()
    made.feed(gone, RawMessageDelivery="true", RedrivePolicy=redrive(dead))
    lose(gone)
    made.publish("lost?", MessageAttributes={"a": text("b")})
    [message] = arrived(dead)
    assert (message["Body"], message["MessageAttributes"]) == ("lost?", {"a": text("b")})


def test_a_queue_that_never_was_is_a_dead_letter_too(topic, queue, account):
    made, dead = topic(), queue()
    made.subscribe("sqs", f"arn:aws:sqs:us-east-1:{account}:never", RedrivePolicy=redrive(dead))
    made.publish("lost?")
    assert json.loads(arrived(dead)[0]["Body"])["Message"] == "lost?"


def test_more_than_ten_attributes_raw_is_a_dead_letter(topic, queue):
    """In which form is not known: a queue holds no more than ten attributes."""
    made, q, dead = topic(), queue(), queue()
    made.feed(q, RawMessageDelivery="true", RedrivePolicy=redrive(dead))
    made.publish("too many", MessageAttributes={f"a{n}": text(str(n)) for n in range(11)})
    assert "too many" in arrived(dead)[0]["Body"]
    assert q.counts() == (0, 0, 0)


def test_the_others_get_theirs(topic, queue):
    made, gone, dead, well = topic(), queue(), queue(), queue()
    made.feed(gone).dead_letters_to(dead)
    made.feed(well)
    lose(gone)
    made.publish("x")
    assert json.loads(arrived(well)[0]["Body"])["Message"] == "x"
    assert json.loads(arrived(dead)[0]["Body"])["Message"] == "x"


def test_fifo_dead_letters_keep_group_and_deduplication_id(fifo_topic, fifo):
    made, gone, dead = fifo_topic(), fifo(), fifo()
    made.feed(gone).dead_letters_to(dead)
    lose(gone)
    for number in range(5):
        made.publish(str(number), f"g{number % 2}", f"d{number}")
    messages = arrived(dead, 5)
    assert {json.loads(m["Body"])["Message"]: m["Attributes"]["MessageDeduplicationId"] for m in messages} == {
        str(n): f"d{n}" for n in range(5)
    }
    for group in ("g0", "g1"):
        order = [json.loads(m["Body"])["Message"] for m in messages if m["Attributes"]["MessageGroupId"] == group]
        assert order == sorted(order)


def test_what_the_filter_leaves_out_is_no_dead_letter(topic, queue):
    made, gone, dead = topic(), queue(), queue()
    made.feed(gone, FilterPolicy='{"k":["a"]}', RedrivePolicy=redrive(dead))
    lose(gone)
    made.publish("left out", MessageAttributes={"k": text("b")})
    made.publish("lost?", MessageAttributes={"k": text("a")})
    assert [json.loads(message["Body"])["Message"] for message in arrived(dead)] == ["lost?"]


def test_the_policy_at_the_time_of_failing_decides(topic, queue):
    made, gone, dead = topic(), queue(), queue()
    subscription = made.feed(gone)
    lose(gone)
    made.publish("before")
    subscription.dead_letters_to(dead)
    made.publish("after")
    assert [json.loads(message["Body"])["Message"] for message in arrived(dead)] == ["after"]


def test_a_dead_letter_queue_that_is_gone_loses_the_message_and_harms_nothing(topic, queue):
    made, gone, dead, well = topic(), queue(), queue(), queue()
    made.feed(gone).dead_letters_to(dead)
    lose(gone)
    lose(dead)
    made.feed(well)
    made.publish("x")
    assert json.loads(arrived(well)[0]["Body"])["Message"] == "x"


def test_a_failed_delivery_leaves_the_subscription_as_it_is(sns, topic, queue):
    made, gone, dead = topic(), queue(), queue()
    subscription = made.feed(gone).dead_letters_to(dead)
    before = subscription.attributes()
    lose(gone)
    made.publish("x")
    arrived(dead)
    assert Subscription(sns, subscription.arn).attributes() == before
