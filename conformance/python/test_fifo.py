"""FIFO queues: order, locks and rotation of groups, deduplication, attempt ids (spec 8)."""

import hashlib
import threading

import pytest
from queues import entry, refused


def put(q, *bodies):
    """Sends bodies like `g1a` to the group named by their first two characters."""
    for body in bodies:
        q.send(body, group=body[:2], dedup=body)


def by_body(messages):
    return {message["Body"]: message for message in messages}


# Order and locks


def test_a_receive_drains_one_group_before_the_next(fifo):
    q = fifo()
    put(q, "g1a", "g2a", "g1b", "g1c")
    assert q.bodies() == ["g1a", "g1b", "g1c", "g2a"]


def test_a_group_in_flight_is_locked_for_old_and_new_messages(fifo):
    q = fifo()
    put(q, "g1a", "g1b", "g2a")
    assert q.bodies(1) == ["g1a"]
    put(q, "g1c")
    assert q.bodies() == ["g2a"]
    assert q.bodies() == []


def test_deleting_all_in_flight_unlocks_the_group(fifo):
    q = fifo()
    put(q, "g1a", "g1b", "g1c")
    first, second = q.receive(2)
    q.delete(first)
    assert q.bodies() == []
    q.delete(second)
    assert q.bodies() == ["g1c"]


def test_expiry_unlocks_the_group_in_order(fifo, still):
    q = fifo(VisibilityTimeout="5")
    put(q, "g1a", "g1b", "g1c")
    q.receive(2)
    still.advance(4.999)
    assert q.bodies() == []
    still.advance(0.001)
    assert q.bodies() == ["g1a", "g1b", "g1c"]


def test_order_is_kept_after_a_timeout_when_a_newer_message_was_deleted(fifo, still):
    q = fifo(VisibilityTimeout="5")
    put(q, "g1a", "g1b", "g1c")
    q.delete(q.receive(2)[1])
    still.advance(5)
    assert q.bodies() == ["g1a", "g1c"]


@pytest.mark.parametrize(
    "extended, deliverable", [("g1a", []), ("g1b", ["g1a"]), ("g1c", ["g1a", "g1b"])], ids=["first", "second", "third"]
)
def test_a_hidden_message_hides_itself_and_those_after_it(fifo, still, extended, deliverable):
    q = fifo(VisibilityTimeout="1")
    put(q, "g1a", "g1b", "g1c")
    q.hide(by_body(q.receive())[extended], 30)
    still.advance(1)
    assert q.bodies() == deliverable


def test_a_head_made_visible_is_delivered_without_its_hidden_follower(fifo):
    q = fifo()
    put(q, "g1a", "g1b", "g2a")
    got = by_body(q.receive(2))
    q.hide(got["g1a"], 0)
    assert q.bodies() == ["g2a", "g1a"]


def test_no_timeout_leaves_the_group_unlocked_and_sends_it_behind(fifo):
    q = fifo()
    put(q, "g1a", "g1b", "g2a", "g2b", "g3a")
    assert q.bodies(3, VisibilityTimeout=0) == ["g1a", "g1b", "g2a"]
    assert q.bodies() == ["g3a", "g1a", "g1b", "g2a", "g2b"]


def test_a_deleted_group_goes_behind_the_untouched_ones(fifo):
    q = fifo()
    put(q, "g1a", "g1b", "g2a", "g1c", "g2b", "g3a")
    q.delete(*q.receive(2))
    assert q.bodies() in (["g2a", "g2b", "g1c", "g3a"], ["g2a", "g2b", "g3a", "g1c"])


def test_expired_groups_go_behind_the_untouched_ones(fifo, still):
    q = fifo(VisibilityTimeout="1")
    put(q, "g1a", "g2a", "g3a")
    assert q.bodies(2) == ["g1a", "g2a"]
    still.advance(1)
    assert q.bodies() in (["g3a", "g1a", "g2a"], ["g3a", "g2a", "g1a"])


def test_a_shortened_group_goes_behind_the_untouched_ones(fifo, still):
    q = fifo()
    put(q, "g1a", "g2a")
    q.hide(q.one(), 1)
    still.advance(1)
    assert q.bodies() == ["g2a", "g1a"]


def test_counts_take_blocked_siblings_as_visible(fifo):
    q = fifo()
    put(q, "g1a", "g1b", "g1c")
    q.receive(1)
    assert q.counts() == (2, 1, 0)


def test_a_group_comes_back_after_an_empty_receive(fifo, still):
    q = fifo(VisibilityTimeout="1")
    put(q, "g1a")
    q.one()
    assert q.bodies() == []
    still.advance(1)
    assert q.bodies() == ["g1a"]


def test_concurrent_receivers_never_share_a_group(fifo):
    q = fifo()
    groups = [f"{n:02}" for n in range(20)]
    for body in "abc":
        q.send_batch(*(entry(g, g + body, MessageGroupId=g, MessageDeduplicationId=g + body) for g in groups[:10]))
        q.send_batch(*(entry(g, g + body, MessageGroupId=g, MessageDeduplicationId=g + body) for g in groups[10:]))
    seen, lock, clashes = [], threading.Lock(), []
    held = set()

    def consume():
        while messages := q.receive(2):
            mine = {message["Body"][:2] for message in messages}
            with lock:
                clashes.extend(mine & held)
                held.update(mine)
                seen.extend(message["Body"] for message in messages)
            with lock:
                held.difference_update(mine)
            q.delete(*messages)

    threads = [threading.Thread(target=consume) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert clashes == []
    for group in groups:
        assert [body for body in seen if body.startswith(group)] == [group + body for body in "abc"]


def test_the_queue_delay_holds_a_group_back(fifo, still):
    q = fifo(DelaySeconds="5")
    put(q, "g1a")
    still.advance(3)
    put(q, "g1b")
    still.advance(2)
    assert q.bodies() == ["g1a"]


# Deduplication


def test_a_duplicate_gets_the_first_message_id_and_is_not_stored(fifo):
    q = fifo()
    first = q.send("one", group="g", dedup="d")
    second = q.send("two", group="g", dedup="d")
    assert first["MessageId"] == second["MessageId"]
    assert q.bodies() == ["one"]


def test_the_body_can_stand_for_the_id(fifo):
    q = fifo(ContentBasedDeduplication="true")
    q.send("Test", group="g")
    q.send("Test", group="g")
    [got] = q.receive()
    expected = "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25"
    assert got["Attributes"]["MessageDeduplicationId"] == expected == hashlib.sha256(b"Test").hexdigest()


def test_the_content_is_the_body_without_attributes(fifo):
    q = fifo(ContentBasedDeduplication="true")
    q.send("same", group="g", MessageAttributes={"a": {"DataType": "String", "StringValue": "1"}})
    q.send("same", group="g", MessageAttributes={"a": {"DataType": "String", "StringValue": "2"}})
    assert len(q.receive()) == 1


def test_an_explicit_id_wins_over_the_content(fifo):
    q = fifo(ContentBasedDeduplication="true")
    q.send("same", group="g", dedup="1")
    q.send("same", group="g", dedup="2")
    q.send("other", group="g", dedup="1")
    assert q.bodies() == ["same", "same"]


def test_the_window_is_five_minutes_from_the_first_send(fifo, still):
    q = fifo()
    q.send("one", group="g", dedup="d")
    still.advance(299.999)
    q.send("two", group="g", dedup="d")
    assert q.counts()[0] == 1
    still.advance(0.001)
    q.send("three", group="g", dedup="d")
    assert q.bodies() == ["one", "three"]


def test_the_memory_survives_receive_and_delete(fifo):
    q = fifo()
    q.send("one", group="g", dedup="d")
    q.delete(q.one())
    q.send("two", group="g", dedup="d")
    assert q.bodies() == []


def test_purging_clears_the_memory(sqs, fifo):
    q = fifo()
    q.send("one", group="g", dedup="d")
    sqs.purge_queue(QueueUrl=q.url)
    q.send("two", group="g", dedup="d")
    assert q.bodies() == ["two"]


def test_the_scope_queue_reaches_across_groups(fifo):
    q = fifo()
    q.send("one", group="g1", dedup="d")
    q.send("two", group="g2", dedup="d")
    assert q.bodies() == ["one"]


def test_the_scope_group_does_not(fifo):
    q = fifo(DeduplicationScope="messageGroup")
    q.send("one", group="g1", dedup="d")
    q.send("two", group="g2", dedup="d")
    q.send("three", group="g1", dedup="d")
    assert sorted(q.bodies()) == ["one", "two"]


def test_a_narrower_scope_does_not_act_at_once(fifo):
    q = fifo()
    q.send("one", group="g1", dedup="before")
    q.set(DeduplicationScope="messageGroup")
    assert q.attribute("DeduplicationScope") == "messageGroup"
    q.send("two", group="g2", dedup="before")
    q.send("three", group="g1", dedup="after")
    q.send("four", group="g2", dedup="after")
    assert q.bodies() == ["one", "three"]


def test_a_wider_scope_does_not_act_at_once(fifo):
    q = fifo(DeduplicationScope="messageGroup")
    q.send("one", group="g1", dedup="d")
    q.set(DeduplicationScope="queue")
    q.send("two", group="g2", dedup="d")
    assert sorted(q.bodies()) == ["one", "two"]


def test_high_throughput_queues_keep_order_and_deduplicate_per_group(fifo):
    q = fifo(DeduplicationScope="messageGroup", FifoThroughputLimit="perMessageGroupId", ContentBasedDeduplication="true")
    for group in ("g1", "g2"):
        for body in ("a", "b", "a"):
            q.send(body, group=group)
    assert q.bodies() == ["a", "b", "a", "b"]


# ReceiveRequestAttemptId


def test_the_same_attempt_returns_the_same_messages_and_handles(fifo):
    q = fifo()
    put(q, "g1a", "g1b", "g2a")
    first = q.receive(ReceiveRequestAttemptId="attempt")
    again = q.receive(ReceiveRequestAttemptId="attempt")
    assert [(m["MessageId"], m["ReceiptHandle"]) for m in again] == [(m["MessageId"], m["ReceiptHandle"]) for m in first]
    assert q.receive(ReceiveRequestAttemptId="other") == []


def test_a_repeated_attempt_restarts_the_visibility_timeout(fifo, still):
    q = fifo(VisibilityTimeout="10")
    put(q, "g1a")
    q.receive(ReceiveRequestAttemptId="attempt")
    still.advance(9)
    [message] = q.receive(ReceiveRequestAttemptId="attempt")
    still.advance(9)
    q.delete(message)
    assert q.counts() == (0, 0, 0)


def test_an_attempt_ends_with_a_delete(fifo):
    q = fifo()
    put(q, "g1a", "g1b")
    first, _ = q.receive(ReceiveRequestAttemptId="attempt")
    q.delete(first)
    assert "g1a" not in q.bodies(ReceiveRequestAttemptId="attempt")


def test_an_attempt_is_remembered_for_five_minutes(fifo, still):
    q = fifo(VisibilityTimeout="1000")
    put(q, "g1a")
    q.receive(ReceiveRequestAttemptId="attempt")
    still.advance(299)
    assert len(q.receive(ReceiveRequestAttemptId="attempt")) == 1
    still.advance(600)
    assert q.receive(ReceiveRequestAttemptId="attempt") == []


def test_a_standard_queue_refuses_an_attempt_id(queue):
    with refused("InvalidParameterValue"):
        queue().receive(ReceiveRequestAttemptId="attempt")


@pytest.mark.parametrize("value", ["", "a b", "x" * 129])
def test_bad_attempt_ids_are_refused(fifo, value):
    with refused("InvalidParameterValue"):
        fifo().receive(ReceiveRequestAttemptId=value)


# Dead letters and order


def test_a_poisoned_head_does_not_let_its_group_overtake(fifo, still):
    dead, q = fifo(), fifo(VisibilityTimeout="1")
    q.dead_letters_to(dead, 2)
    put(q, "g1a", "g1b")
    for _ in range(2):
        assert q.bodies(1) == ["g1a"]
        assert q.bodies() == []
        still.advance(1)
    assert q.bodies() == ["g1b"]
    assert dead.bodies() == ["g1a"]
