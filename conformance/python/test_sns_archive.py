"""Archive and replay of FIFO topics (spec 4.8)."""

import datetime
import json

import pytest
from queues import refused, text
from topics import Subscription, arrived
from waiting import until

pytestmark = pytest.mark.once

KEEP = '{"MessageRetentionPeriod":"30"}'


def instant(millis):
    at = datetime.datetime.fromtimestamp(millis / 1000, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{millis % 1000:03}Z"


def replay(subscription, start, end=None):
    policy = {"PointType": "Timestamp", "StartingPoint": instant(start)}
    if end is not None:
        policy["EndingPoint"] = instant(end)
    subscription.set("ReplayPolicy", json.dumps(policy))


def envelopes(queue, count):
    return [json.loads(message["Body"]) for message in arrived(queue, count)]


def completed(subscription):
    until(lambda: subscription.attribute("ReplayStatus") == "Completed", "the end of the replay")


@pytest.fixture
def archive(fifo_topic):
    return fifo_topic(ContentBasedDeduplication="true", ArchivePolicy=KEEP)


def test_the_archive_shows_where_it_begins(fifo_topic):
    made = fifo_topic()
    assert "BeginningArchiveTime" not in made.attributes()
    made.set("ArchivePolicy", KEEP)
    attributes = made.attributes()
    assert json.loads(attributes["ArchivePolicy"]) == {"MessageRetentionPeriod": "30"}
    assert attributes["BeginningArchiveTime"]


@pytest.mark.parametrize("days", ["0", "366", "x"])
def test_archives_last_a_day_to_a_year(fifo_topic, days):
    with refused("InvalidParameter"):
        fifo_topic().set("ArchivePolicy", json.dumps({"MessageRetentionPeriod": days}))


def test_standard_topics_have_no_archive(topic):
    with refused("InvalidParameter"):
        topic().set("ArchivePolicy", KEEP)


def test_a_topic_with_an_archive_cannot_be_deleted(archive):
    with refused("InvalidState"):
        archive.delete()
    archive.set("ArchivePolicy", "{}")
    archive.delete()


def test_a_replay_delivers_what_was_published_before_with_ids_and_times(server, archive, fifo):
    start = server.clock.now
    sent = [archive.publish(str(n), f"g{n % 2}", MessageAttributes={"n": text(str(n))}) for n in range(10)]
    q = fifo()
    subscription = archive.feed(q)
    replay(subscription, start - 1000)
    found = envelopes(q, 10)
    assert [envelope["MessageId"] for envelope in sorted(found, key=lambda it: it["SequenceNumber"])] == [
        answer["MessageId"] for answer in sent
    ]
    for envelope in found:
        assert envelope["Replayed"] == "true"
        assert envelope["MessageAttributes"]["n"]["Value"] == envelope["Message"]
    completed(subscription)


def test_new_messages_come_behind_the_replay(server, archive, fifo):
    start = server.clock.now
    for number in range(5):
        archive.publish(f"old {number}", "g")
    q = fifo()
    subscription = archive.feed(q)
    replay(subscription, start - 1000)
    archive.publish("new", "g")
    found = envelopes(q, 6)
    assert [envelope["Message"] for envelope in found] == [*(f"old {n}" for n in range(5)), "new"]
    completed(subscription)
    archive.publish("newer", "g")
    [envelope] = envelopes(q, 1)
    assert (envelope["Message"], envelope.get("Replayed")) == ("newer", None)


def test_a_replay_from_the_middle(archive, fifo, still):
    archive.publish("before", "g")
    still.advance(10)
    middle = still.now
    still.advance(10)
    archive.publish("after", "g")
    still.advance(10)
    q = fifo()
    subscription = archive.feed(q)
    replay(subscription, middle)
    assert [envelope["Message"] for envelope in envelopes(q, 1)] == ["after"]


def test_a_replay_with_an_end_stops_there_and_so_does_the_subscription(archive, fifo, still):
    start = still.now
    archive.publish("within", "g")
    still.advance(10)
    end = still.now
    still.advance(10)
    archive.publish("beyond", "g")
    still.advance(10)
    q, witness = fifo(), fifo()
    archive.feed(witness)
    subscription = archive.feed(q)
    replay(subscription, start, end)
    assert [envelope["Message"] for envelope in envelopes(q, 1)] == ["within"]
    completed(subscription)
    archive.publish("new", "g")
    assert [envelope["Message"] for envelope in envelopes(witness, 1)] == ["new"]
    assert q.counts() == (0, 0, 0)


def test_filters_hold_for_replays(server, archive, fifo):
    start = server.clock.now
    for kind in ("a", "b", "a"):
        archive.publish(f"{kind} {server.clock.now}", "g", MessageAttributes={"kind": text(kind)})
    q = fifo()
    subscription = archive.feed(q, FilterPolicy='{"kind":["a"]}')
    replay(subscription, start - 1000)
    assert all(envelope["Message"].startswith("a ") for envelope in envelopes(q, 2))
    completed(subscription)
    assert q.counts() == (0, 0, 0)


def test_without_a_replay_nothing_old_comes(archive, fifo):
    archive.publish("old", "g")
    q = fifo()
    subscription = archive.feed(q)
    archive.publish("new", "g")
    assert [envelope["Message"] for envelope in envelopes(q, 1)] == ["new"]
    assert not {"ReplayStatus", "ReplayPolicy"} & set(subscription.attributes())


def test_what_is_older_than_the_retention_is_gone(fifo_topic, fifo, still):
    made = fifo_topic(ContentBasedDeduplication="true", ArchivePolicy='{"MessageRetentionPeriod":"1"}')
    start = still.now
    made.publish("old", "g")
    still.advance(90_000)
    made.publish("young", "g")
    q = fifo()
    replay(made.feed(q), start)
    assert [envelope["Message"] for envelope in envelopes(q, 1)] == ["young"]


@pytest.mark.parametrize("policy", ["junk", "{}x", '{"PointType":"Dance","StartingPoint":"2025-01-31T08:00:00.000Z"}', '{"PointType":"Timestamp"}'])
def test_bad_replay_policies(archive, fifo, policy):
    subscription = archive.feed(fifo())
    with refused("InvalidParameter"):
        subscription.set("ReplayPolicy", policy)
    assert "ReplayPolicy" not in Subscription(subscription.sns, subscription.arn).attributes()
