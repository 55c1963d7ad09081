"""ReceiveMessage: defaults, limits, system attributes, order, long polling (spec 3, 5.1, 5.2)."""

import threading
import time

import pytest
from queues import entry, refused, text

SENT = {"SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp"}


def test_an_empty_queue_answers_without_messages(sqs, queue):
    assert "Messages" not in sqs.receive_message(QueueUrl=queue().url)


def test_one_message_is_the_default(sqs, queue):
    q = queue()
    q.send_batch(entry("a"), entry("b"))
    assert len(sqs.receive_message(QueueUrl=q.url)["Messages"]) == 1


@pytest.mark.parametrize(
    "parameter, bad, reason",
    [
        ("MaxNumberOfMessages", (0, 11, -1), "Must be between 1 and 10, if provided."),
        ("WaitTimeSeconds", (-1, 21), "Must be >= 0 and <= 20, if provided."),
        ("VisibilityTimeout", (-1, 43201), "Must be between 0 and 43200, if provided."),
    ],
)
def test_parameters_out_of_range_are_refused(sqs, queue, parameter, bad, reason):
    q = queue()
    for value in bad:
        with refused("InvalidParameterValue", f"Value {value} for parameter {parameter} is invalid. Reason: {reason}"):
            sqs.receive_message(QueueUrl=q.url, **{parameter: value})


def test_messages_come_in_send_order(queue):
    q = queue()
    for n in range(25):
        q.send(str(n))
    assert q.bodies() + q.bodies() + q.bodies() == [str(n) for n in range(25)]


def test_system_attributes_come_only_when_asked_for(queue):
    q = queue()
    q.send()
    assert "Attributes" not in q.one(AttributeNames=[], VisibilityTimeout=0)
    assert set(q.one(AttributeNames=["SentTimestamp"], VisibilityTimeout=0)["Attributes"]) == {"SentTimestamp"}
    assert set(q.one(VisibilityTimeout=0)["Attributes"]) == SENT


def test_names_that_the_message_has_not_are_left_out(queue):
    q = queue()
    q.send()
    assert "Attributes" not in q.one(AttributeNames=["MessageGroupId", "SequenceNumber", "AWSTraceHeader"])


def test_an_unknown_system_attribute_is_refused(queue):
    with refused("InvalidAttributeName", "Unknown Attribute Nonsense."):
        queue().receive(AttributeNames=["Nonsense"])


def test_fifo_messages_tell_group_dedup_id_and_sequence(fifo):
    q = fifo()
    sent = q.send(group="g", dedup="d")
    got = q.one()["Attributes"]
    assert set(got) == SENT | {"MessageGroupId", "MessageDeduplicationId", "SequenceNumber"}
    assert (got["MessageGroupId"], got["MessageDeduplicationId"]) == ("g", "d")
    assert got["SequenceNumber"] == sent["SequenceNumber"]


def test_times_and_counts_of_a_message(queue, still):
    q = queue()
    sent = still.now
    q.send()
    still.advance(2.5)
    first = q.one(VisibilityTimeout=10)["Attributes"]
    assert int(first["SentTimestamp"]) == sent
    assert int(first["ApproximateFirstReceiveTimestamp"]) == sent + 2500
    assert first["ApproximateReceiveCount"] == "1"
    still.advance(10)
    second = q.one()["Attributes"]
    assert int(second["ApproximateFirstReceiveTimestamp"]) == sent + 2500
    assert second["ApproximateReceiveCount"] == "2"


def test_one_sender_has_one_id(queue):
    q = queue()
    q.send_batch(entry("a"), entry("b"))
    q.send()
    assert len({message["Attributes"]["SenderId"] for message in q.receive()}) == 1


def test_both_lists_of_names_are_united(sqs, queue, protocol):
    if protocol == "query":
        pytest.skip("this SDK has no MessageSystemAttributeNames")
    q = queue()
    q.send()
    names = {"AttributeNames": ["SentTimestamp"], "MessageSystemAttributeNames": ["ApproximateReceiveCount"]}
    assert set(q.one(VisibilityTimeout=0, **names)["Attributes"]) == {"SentTimestamp", "ApproximateReceiveCount"}
    assert set(q.one(AttributeNames=[], MessageSystemAttributeNames=["All"])["Attributes"]) == SENT


def test_every_receive_gives_a_new_handle(queue):
    q = queue()
    q.send()
    handles = {q.one(VisibilityTimeout=0)["ReceiptHandle"] for _ in range(5)}
    assert len(handles) == 5


def test_a_visibility_timeout_of_zero_leaves_the_message_receivable(queue):
    q = queue()
    q.send()
    counts = [q.one(VisibilityTimeout=0)["Attributes"]["ApproximateReceiveCount"] for _ in range(3)]
    assert counts == ["1", "2", "3"]
    q.delete(q.one(VisibilityTimeout=0))
    assert q.receive() == []


def test_the_request_timeout_wins_over_the_queue(queue, still):
    q = queue(VisibilityTimeout="100")
    q.send()
    q.one(VisibilityTimeout=5)
    still.advance(5)
    q.one()
    still.advance(99)
    assert q.receive() == []
    still.advance(1)
    assert q.one()


def test_a_message_comes_back_before_newer_ones(queue, still):
    q = queue(VisibilityTimeout="5")
    q.send("first")
    q.one()
    q.send("second")
    still.advance(5)
    assert q.bodies() == ["first", "second"]


def test_the_middle_of_the_queue_can_be_deleted(queue, still):
    q = queue(VisibilityTimeout="5")
    for n in range(5):
        q.send(str(n))
    q.delete(q.receive()[2])
    still.advance(5)
    assert q.bodies() == ["0", "1", "3", "4"]


# Retention


def test_messages_expire_to_the_millisecond(queue, still):
    q = queue(MessageRetentionPeriod="60")
    q.send()
    still.advance(59.999)
    assert q.counts() == (1, 0, 0)
    still.advance(0.001)
    assert q.counts() == (0, 0, 0)
    assert q.receive() == []


def test_retention_counts_from_sending_and_also_in_flight_and_delayed(queue, still):
    q = queue(MessageRetentionPeriod="60")
    q.send("taken")
    q.send("delayed", DelaySeconds=50)
    taken = q.one(VisibilityTimeout=50)
    still.advance(55)
    assert q.counts() == (2, 0, 0)
    taken = q.one(VisibilityTimeout=100)
    still.advance(5)
    assert q.counts() == (0, 0, 0)
    q.delete(taken)


def test_two_weeks_pass_at_once(queue, clock):
    q = queue(MessageRetentionPeriod="1209600")
    q.send()
    clock.advance(1209590)
    assert q.counts() == (1, 0, 0)
    clock.advance(10)
    assert q.counts() == (0, 0, 0)


# Long polling


class Poll:
    """A receive in a thread of its own."""

    def __init__(self, q, seconds=20, **more):
        self.got = None
        self.failed = None
        self.thread = threading.Thread(target=self.run, args=(q, seconds, more), daemon=True)
        self.thread.start()

    def run(self, q, seconds, more):
        try:
            self.got = q.receive(WaitTimeSeconds=seconds, **more)
        except Exception as failed:
            self.failed = failed

    def result(self, within=5):
        self.thread.join(within)
        assert not self.thread.is_alive(), f"the poll did not return within {within} s"
        if self.failed:
            raise self.failed
        return self.got

    def parked(self, seconds=0.15):
        """Gives the request time to arrive, and asserts that it waits."""
        self.thread.join(seconds)
        assert self.thread.is_alive(), "the poll should wait"
        return self


def test_a_send_wakes_a_poller(queue):
    q = queue()
    poll = Poll(q).parked()
    q.send("wake up")
    assert [message["Body"] for message in poll.result()] == ["wake up"]


def test_a_poll_returns_at_once_when_there_is_a_message(queue):
    q = queue()
    q.send()
    began = time.monotonic()
    assert len(q.receive(WaitTimeSeconds=20)) == 1
    assert time.monotonic() - began < 2


def test_a_poll_ends_empty_after_its_wait(queue):
    q = queue()
    began = time.monotonic()
    assert q.receive(WaitTimeSeconds=1) == []
    assert 0.9 <= time.monotonic() - began < 3


def test_the_wait_of_the_queue_applies_and_zero_forces_a_short_poll(sqs, queue):
    q = queue(ReceiveMessageWaitTimeSeconds="1")
    began = time.monotonic()
    assert "Messages" not in sqs.receive_message(QueueUrl=q.url, WaitTimeSeconds=0)
    assert time.monotonic() - began < 0.5
    assert "Messages" not in sqs.receive_message(QueueUrl=q.url)
    assert time.monotonic() - began >= 0.9


def test_the_end_of_a_delay_wakes_a_poller(queue):
    q = queue()
    q.send("delayed", DelaySeconds=1)
    assert [message["Body"] for message in Poll(q).result()] == ["delayed"]


def test_the_end_of_a_visibility_timeout_wakes_a_poller(queue):
    q = queue()
    q.send()
    q.one(VisibilityTimeout=1)
    assert len(Poll(q, 20).result()) == 1


def test_making_a_message_visible_wakes_a_poller(queue):
    q = queue()
    q.send()
    message = q.one()
    poll = Poll(q).parked()
    q.hide(message, 0)
    assert len(poll.result()) == 1


def test_an_unlocked_group_wakes_a_poller(fifo):
    q = fifo()
    q.send("1", group="g", dedup="1")
    q.send("2", group="g", dedup="2")
    first = q.one()
    poll = Poll(q).parked()
    q.delete(first)
    assert [message["Body"] for message in poll.result()] == ["2"]


def test_one_message_wakes_one_poller(queue):
    q = queue()
    polls = [Poll(q, 2) for _ in range(4)]
    for poll in polls:
        poll.parked(0.05)
    q.send("once")
    assert sum(len(poll.result()) for poll in polls) == 1


def test_several_messages_wake_several_pollers(queue):
    q = queue()
    polls = [Poll(q, 20, most=1) for _ in range(3)]
    for poll in polls:
        poll.parked(0.05)
    q.send_batch(*(entry(f"e{n}", str(n)) for n in range(3)))
    assert sorted(message["Body"] for poll in polls for message in poll.result()) == ["0", "1", "2"]


def test_purging_nothing_does_not_disturb_a_poller(sqs, queue):
    q = queue()
    poll = Poll(q).parked()
    sqs.purge_queue(QueueUrl=q.url)
    poll.parked()
    q.send("after")
    assert [message["Body"] for message in poll.result()] == ["after"]


def test_deleting_the_queue_ends_a_poll(sqs, queue):
    q = queue()
    poll = Poll(q).parked()
    sqs.delete_queue(QueueUrl=q.url)
    poll.thread.join(5)
    assert not poll.thread.is_alive()


# Fair queues: the rule is approximate, so only what must hold in any case.


def test_groups_on_a_standard_queue_do_not_lock(queue):
    q = queue()
    q.send("1", group="g")
    q.send("2", group="g")
    assert q.one()["Body"] == "1"
    assert q.one()["Body"] == "2"


def test_a_quiet_tenant_is_served_among_the_messages_of_a_noisy_one(queue):
    q = queue()
    for n in range(10):
        q.send_batch(*(entry(f"e{m}", "noisy", MessageGroupId="noisy") for m in range(10)))
    for _ in range(5):
        q.receive()
    q.send("quiet", group="quiet")
    rest = [body for _ in range(6) for body in q.bodies()]
    assert sorted(rest) == ["noisy"] * 50 + ["quiet"]


def test_trace_headers_come_with_all(queue):
    q = queue()
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793"
    q.send(MessageSystemAttributes={"AWSTraceHeader": text(trace)})
    assert q.one()["Attributes"]["AWSTraceHeader"] == trace
