"""What topics keep over a stop and a kill: settings, subscriptions, and messages that were not delivered yet."""

import json

import pytest
from queues import Queue, sdk_client, text
from topics import Topic, arrived, redrive, tag_list, told
from waiting import until

pytestmark = pytest.mark.once


class Machine:
    """A server of the test's own, and clients of it."""

    def __init__(self, running):
        self.running = running
        self.sns = sdk_client(running.endpoint, service="sns")
        self.sqs = sdk_client(running.endpoint)
        self.clock = running.clock

    def topic(self, name, attributes=None, **more):
        return Topic.create(self.sns, name, attributes, **more)

    def queue(self, name, **attributes):
        return Queue.create(self.sqs, name, attributes)

    def restart(self, how="kill"):
        self.running.kill() if how == "kill" else self.running.stop()
        self.running.start()


@pytest.fixture
def machine(start):
    return Machine(start())


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_topics_and_subscriptions_are_as_they_were(machine, how):
    attributes = {"DisplayName": "Kept", "SignatureVersion": "2"}
    made = machine.topic("kept", attributes, Tags=tag_list(a="b"))
    made.set("DeliveryPolicy", '{"http":{"defaultRequestPolicy":{"headerContentType":"application/json"}}}')
    made.sns.add_permission(TopicArn=made.arn, Label="l", AWSAccountId=["111122223333"], ActionName=["Publish"])
    q, dead = machine.queue("q"), machine.queue("dead")
    subscription = made.feed(q, RawMessageDelivery="true", FilterPolicy='{"k":["a"]}', RedrivePolicy=redrive(dead))
    pending = made.subscribe("email", "someone@example.com")
    gone = made.feed(dead)
    gone.unsubscribe()
    before = (made.attributes(), subscription.attributes(), pending.attributes(), made.subscriptions(), made.tags())
    machine.restart(how)
    assert (made.attributes(), subscription.attributes(), pending.attributes(), made.subscriptions(), made.tags()) == before
    made.publish("left out", MessageAttributes={"k": text("b")})
    made.publish("through", MessageAttributes={"k": text("a")})
    assert [message["Body"] for message in arrived(q)] == ["through"]


def test_what_was_delivered_to_queues_is_there_after_a_kill(machine):
    made = machine.topic("t")
    queues = [machine.queue(f"q{n}") for n in range(10)]
    for n, q in enumerate(queues):
        made.feed(q, RawMessageDelivery="true" if n % 2 else "false")
    sent = [made.publish(f"m{n}", MessageAttributes={"n": text(str(n))})["MessageId"] for n in range(20)]
    machine.restart()
    for n, q in enumerate(queues):
        messages = arrived(q, 20)
        if n % 2:
            assert sorted(m["Body"] for m in messages) == sorted(f"m{k}" for k in range(20))
            assert all(m["MessageAttributes"]["n"]["StringValue"] == m["Body"][1:] for m in messages)
        else:
            assert sorted(json.loads(m["Body"])["MessageId"] for m in messages) == sorted(sent)


def test_fifo_topics_know_duplicates_and_go_on_counting(machine):
    made = machine.topic("t.fifo", {"FifoTopic": "true"})
    q = machine.queue("q.fifo", FifoQueue="true")
    made.feed(q)
    first = made.publish("one", "g", "1")
    machine.restart()
    again = made.publish("one", "g", "1")
    assert (again["MessageId"], again["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
    second = made.publish("two", "g", "2")
    assert second["SequenceNumber"] > first["SequenceNumber"]
    assert told(q, 2) == ["one", "two"]


def test_a_pending_subscription_is_confirmed_with_the_token_from_before(machine, receiver):
    made = machine.topic("t")
    subscription = made.subscribe("http", receiver.url())
    token = receiver.next().json["Token"]
    machine.restart()
    assert made.sns.confirm_subscription(TopicArn=made.arn, Token=token)["SubscriptionArn"] == subscription.arn
    made.publish("x")
    assert receiver.notification().json["Message"] == "x"


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_delivery_that_failed_is_tried_again_after_a_restart(machine, receiver, how):
    made = machine.topic("t")
    receiver.subscribed(made)
    receiver.answer(500)
    sent = made.publish("again")
    receiver.next()
    receiver.nothing()
    machine.restart(how)
    receiver.answer(200)
    machine.clock.advance(25)
    request = receiver.notification()
    assert (request.json["Message"], request.json["MessageId"]) == ("again", sent["MessageId"])


def test_a_delivery_under_way_is_made_again_after_a_kill(machine, receiver):
    made = machine.topic("t")
    receiver.subscribed(made)
    receiver.answer(500)
    sent = [made.publish(f"m{n}")["MessageId"] for n in range(30)]
    machine.running.kill()
    receiver.answer(200)
    machine.running.start()
    machine.clock.advance(25)
    missing = set(sent)

    def come():
        missing.discard(receiver.notification().json["MessageId"])
        return not missing

    until(come, f"{len(missing)} messages")


def test_retries_used_up_before_a_kill_count(machine, receiver):
    """Two attempts were made; the dead letter comes after two more, not after four."""
    made = machine.topic("t")
    dead = machine.queue("dead")
    receiver.subscribed(made).dead_letters_to(dead)
    machine.clock.put(freeze=True)
    receiver.answer(500)
    made.publish("never")
    receiver.next()
    receiver.nothing(0.2)
    machine.clock.advance(20)
    receiver.next()
    receiver.nothing(0.2)
    machine.restart()
    machine.clock.put(freeze=True)
    attempts = 0

    def given_up():
        nonlocal attempts
        machine.clock.advance(5)
        while not receiver.received.empty():
            receiver.received.get()
            attempts += 1
        return dead.counts()[0]

    until(given_up, "the dead letter")
    assert told(dead) == ["never"]
    assert attempts <= 2


def test_an_archive_can_be_replayed_after_a_kill(machine):
    made = machine.topic("t.fifo", {"FifoTopic": "true", "ArchivePolicy": '{"MessageRetentionPeriod":"30"}'})
    for n in range(5):
        made.publish(str(n), "g", str(n))
    machine.restart()
    q = machine.queue("q.fifo", FifoQueue="true")
    subscription = made.feed(q)
    subscription.set("ReplayPolicy", '{"PointType":"Timestamp","StartingPoint":"2020-01-01T00:00:00.000Z"}')
    assert told(q, 5) == [str(n) for n in range(5)]


def test_deleted_topics_stay_deleted(machine):
    made = machine.topic("t")
    made.feed(machine.queue("q"))
    made.delete()
    machine.restart()
    assert machine.sns.list_topics()["Topics"] == []
    assert machine.sns.list_subscriptions()["Subscriptions"] == []
