"""Topics, queues and callers of several accounts and regions (spec 1.2, 6.1, 12)."""

import json

import pytest
from queues import Queue, sdk_client
from topics import Topic, arrived, redrive, told

pytestmark = pytest.mark.once


@pytest.fixture
def client(server):
    def client(service, account, region="us-east-1"):
        return sdk_client(server.endpoint, account, region, service)

    return client


def test_a_queue_of_another_region(client, topic, account):
    made = topic()
    there = Queue.create(client("sqs", account, "eu-west-1"), "there")
    assert there.arn == f"arn:aws:sqs:eu-west-1:{account}:there"
    assert made.feed(there).attribute("PendingConfirmation") == "false"
    made.publish("x")
    assert told(there) == ["x"]


def test_a_queue_of_another_account_is_confirmed_at_once(client, topic, other_account):
    made = topic()
    theirs = Queue.create(client("sqs", other_account), "theirs")
    assert made.feed(theirs).attribute("PendingConfirmation") == "false"
    made.publish("x")
    assert told(theirs) == ["x"]


def test_another_account_subscribes_its_queue(client, topic, other_account):
    made = topic()
    theirs = Topic(client("sns", other_account), made.arn)
    q = Queue.create(client("sqs", other_account), "theirs")
    subscription = theirs.feed(q)
    assert subscription.attribute("Owner") == other_account
    assert [item["SubscriptionArn"] for item in made.subscriptions()] == [subscription.arn]
    made.publish("x")
    assert told(q) == ["x"]
    subscription.set("RawMessageDelivery", "true")
    made.publish("raw")
    assert arrived(q)[0]["Body"] == "raw"
    subscription.unsubscribe()
    assert made.subscriptions() == []


def test_another_account_uses_a_topic_by_its_arn(client, topic, queue, other_account):
    made, q = topic(), queue()
    made.feed(q)
    theirs = Topic(client("sns", other_account), made.arn)
    theirs.publish("x")
    assert told(q) == ["x"]
    theirs.set("DisplayName", "changed")
    assert made.attribute("DisplayName") == theirs.attribute("DisplayName") == "changed"
    assert len(theirs.subscriptions()) == 1
    theirs.sns.add_permission(TopicArn=made.arn, Label="l", AWSAccountId=[other_account], ActionName=["Publish"])
    assert "l" in [statement.get("Sid") for statement in json.loads(made.attribute("Policy"))["Statement"]]
    theirs.sns.remove_permission(TopicArn=made.arn, Label="l")
    theirs.delete()
    assert made.sns.list_topics()["Topics"] == []


def test_equal_names_in_other_accounts_and_regions_are_other_topics(client, account, other_account):
    places = [(account, "us-east-1"), (account, "eu-west-1"), (other_account, "us-east-1")]
    topics = [Topic.create(client("sns", *place), "same") for place in places]
    queues = [Queue.create(client("sqs", *place), "same") for place in places]
    for made, q in zip(topics, queues):
        made.feed(q)
    for number, made in enumerate(topics):
        made.publish(str(number))
    assert [told(q) for q in queues] == [["0"], ["1"], ["2"]]


def test_a_dead_letter_queue_stays_behind_a_queue_of_another_region(client, topic, queue, account):
    made, dead = topic(), queue()
    there = Queue.create(client("sqs", account, "eu-west-1"), "gone")
    made.feed(there, RedrivePolicy=redrive(dead))
    there.sqs.delete_queue(QueueUrl=there.url)
    made.publish("x")
    assert told(dead) == ["x"]


@pytest.mark.parametrize("fifo", [False, True])
def test_topic_and_queues_in_different_cells(start, fifo):
    """Whatever journal a queue lives in, it gets everything, once, and FIFO queues in order."""
    running = start("--cells", "4")
    sns, sqs = sdk_client(running.endpoint, service="sns"), sdk_client(running.endpoint)
    ending, kind = (".fifo", "Fifo") if fifo else ("", "")
    made = Topic.create(sns, f"t{ending}", {"FifoTopic": "true"} if fifo else None)
    queues = [Queue.create(sqs, f"q{n}{ending}", {"FifoQueue": "true"} if fifo else None) for n in range(8)]
    for q in queues:
        made.feed(q)
    sent = [str(number) for number in range(20)]
    for message in sent:
        made.publish(message, **({"group": "g", "dedup": message} if fifo else {}))
    for q in queues:
        found = told(q, 20)
        assert (found if kind else sorted(found, key=int)) == sent
