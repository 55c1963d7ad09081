"""RedrivePolicy, RedriveAllowPolicy and what a move to a dead-letter queue keeps (spec 6.1 to 6.3)."""

import json

import pytest
from queues import refused, text

NOT_A_MAP = "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map."


def policy(**members):
    return json.dumps(members)


def invalid(value, reason):
    return f"Value {value} for parameter RedrivePolicy is invalid. Reason: {reason}"


@pytest.mark.parametrize("count", [1, 5, 1000, "5"])
def test_the_count_reads_back_as_a_number(queue, count):
    target = queue("dead")
    source = queue("source", RedrivePolicy=policy(deadLetterTargetArn=target.arn, maxReceiveCount=count))
    assert json.loads(source.attribute("RedrivePolicy")) == {
        "deadLetterTargetArn": target.arn,
        "maxReceiveCount": int(count),
    }


def test_an_empty_policy_removes_it(queue):
    target, source = queue("dead"), queue("source")
    source.dead_letters_to(target, 1)
    source.set(RedrivePolicy="")
    assert source.attribute("RedrivePolicy") is None
    source.send()
    for _ in range(3):
        assert source.one(VisibilityTimeout=0)
    assert target.receive() == []


@pytest.mark.parametrize("value", ["{", "text", "[]", "5"])
def test_a_policy_that_is_no_map_is_refused(queue, value):
    with refused("InvalidAttributeValue", NOT_A_MAP):
        queue().set(RedrivePolicy=value)


def test_missing_members_are_named(queue):
    target, source = queue("dead"), queue("source")
    value = policy(deadLetterTargetArn=target.arn)
    with refused("InvalidParameterValue", invalid(value, "Redrive policy does not contain mandatory attribute: maxReceiveCount.")):
        source.set(RedrivePolicy=value)
    value = policy(maxReceiveCount=3)
    with refused("InvalidParameterValue", invalid(value, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")):
        source.set(RedrivePolicy=value)


@pytest.mark.parametrize("count", [0, 1001, -1, "many"])
def test_counts_out_of_range_are_refused(queue, count):
    target, source = queue("dead"), queue("source")
    value = policy(deadLetterTargetArn=target.arn, maxReceiveCount=count)
    reason = f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive."
    with refused("InvalidParameterValue", invalid(value, reason)):
        source.set(RedrivePolicy=value)


@pytest.mark.parametrize("arn", ["dead", "arn:aws:sqs", ""])
def test_the_target_must_be_an_arn(queue, arn):
    value = policy(deadLetterTargetArn=arn, maxReceiveCount=3)
    with refused("InvalidParameterValue", invalid(value, "Dead-letter target ARN should be fully qualified ARN.")):
        queue().set(RedrivePolicy=value)


def test_further_members_are_refused(queue):
    target, source = queue("dead"), queue("source")
    value = policy(deadLetterTargetArn=target.arn, maxReceiveCount=3, extra=1)
    reason = "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn]."
    with refused("InvalidParameterValue", invalid(value, reason)):
        source.set(RedrivePolicy=value)


def test_the_target_must_exist(queue, account):
    value = policy(deadLetterTargetArn=f"arn:aws:sqs:us-east-1:{account}:nowhere", maxReceiveCount=3)
    with refused("InvalidParameterValue", invalid(value, "Dead letter target does not exist.")):
        queue().set(RedrivePolicy=value)


def test_source_and_target_must_be_of_one_type(queue, fifo):
    standard, ordered = queue(), fifo()
    reason = "Dead-letter queue must be same type of queue as the source.."
    for source, target in ((standard, ordered), (ordered, standard)):
        value = policy(deadLetterTargetArn=target.arn, maxReceiveCount=3)
        with refused("InvalidParameterValue", invalid(value, reason)):
            source.set(RedrivePolicy=value)


def test_a_message_is_delivered_exactly_so_often_and_then_moved(queue, still):
    target, source = queue("dead"), queue("source", VisibilityTimeout="1")
    source.dead_letters_to(target, 3)
    source.send()
    for count in "123":
        assert source.one()["Attributes"]["ApproximateReceiveCount"] == count
        still.advance(1)
    assert target.receive() == []
    assert source.receive() == []
    assert target.one()["Attributes"]["ApproximateReceiveCount"] == "4"


def test_nothing_moves_without_a_receive_on_the_source(queue, still):
    target, source = queue("dead"), queue("source", VisibilityTimeout="1")
    source.dead_letters_to(target, 1)
    source.send()
    source.one()
    still.advance(100)
    assert target.counts() == (0, 0, 0)
    assert source.counts() == (1, 0, 0)


def test_with_no_visibility_timeout_two_receives_move_a_message(queue):
    target, source = queue("dead"), queue("source")
    source.dead_letters_to(target, 1)
    source.send()
    assert len(source.receive(VisibilityTimeout=0)) == 1
    assert source.receive(VisibilityTimeout=0) == []
    assert len(target.receive()) == 1


def test_a_move_leaves_room_for_the_messages_behind(queue, still):
    target, source = queue("dead"), queue("source", VisibilityTimeout="1")
    source.dead_letters_to(target, 1)
    source.send("poison")
    source.one()
    source.send("fine")
    still.advance(1)
    assert source.bodies(1) == ["fine"]
    assert target.bodies() == ["poison"]


def test_what_a_move_keeps_and_adds(queue, still):
    target, source = queue("dead"), queue("source", VisibilityTimeout="1")
    source.dead_letters_to(target, 1)
    attributes = {"k": text("x"), "b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793"
    source.send("kept", group="tenant", MessageAttributes=attributes, MessageSystemAttributes={"AWSTraceHeader": text(trace)})
    before = source.one()
    still.advance(10)
    assert source.receive() == []
    after = target.one()
    for member in ("MessageId", "Body", "MD5OfBody", "MessageAttributes", "MD5OfMessageAttributes"):
        assert after[member] == before[member]
    for member in ("SentTimestamp", "SenderId", "AWSTraceHeader", "MessageGroupId"):
        assert after["Attributes"][member] == before["Attributes"][member]
    assert after["Attributes"]["DeadLetterQueueSourceArn"] == source.arn
    assert "DeadLetterQueueSourceArn" not in before["Attributes"]


def test_retention_in_a_standard_target_counts_from_the_first_send(queue, still):
    target, source = queue("dead", MessageRetentionPeriod="100"), queue("source", VisibilityTimeout="1")
    source.dead_letters_to(target, 1)
    source.send()
    source.one()
    still.advance(60)
    source.receive()
    assert target.counts() == (1, 0, 0)
    still.advance(40)
    assert target.counts() == (0, 0, 0)


def test_retention_in_a_fifo_target_starts_anew(fifo, still):
    target, source = fifo(MessageRetentionPeriod="100"), fifo(VisibilityTimeout="1")
    source.dead_letters_to(target, 1)
    source.send(group="g", dedup="d")
    source.one()
    still.advance(60)
    source.receive()
    still.advance(99)
    assert target.counts() == (1, 0, 0)
    still.advance(1)
    assert target.counts() == (0, 0, 0)


def test_a_fifo_move_keeps_the_group_and_replaces_the_dedup_id(fifo, still):
    target, source = fifo(), fifo(VisibilityTimeout="1")
    source.dead_letters_to(target, 1)
    sent = source.send("poison", group="g", dedup="d")
    source.one()
    still.advance(1)
    source.receive()
    moved = target.one()
    assert moved["MessageId"] == sent["MessageId"]
    assert moved["Attributes"]["MessageGroupId"] == "g"
    assert moved["Attributes"]["MessageDeduplicationId"] == sent["MessageId"]
    assert moved["Attributes"]["ApproximateReceiveCount"] == "2"


def test_a_moved_head_unlocks_its_group(fifo, still):
    target, source = fifo(), fifo(VisibilityTimeout="1")
    source.dead_letters_to(target, 1)
    source.send("poison", group="g", dedup="1")
    source.send("fine", group="g", dedup="2")
    assert source.bodies(1) == ["poison"]
    still.advance(1)
    assert source.bodies(1) == ["fine"]
    assert target.bodies() == ["poison"]


def test_equal_dedup_ids_of_two_sources_both_arrive(fifo, still):
    target = fifo()
    for source in (fifo(VisibilityTimeout="1"), fifo(VisibilityTimeout="1")):
        source.dead_letters_to(target, 1)
        source.send("same", group="g", dedup="same")
        source.one()
        still.advance(1)
        source.receive()
    assert target.bodies() == ["same", "same"]


def test_a_deleted_target_loses_nothing(sqs, queue):
    target, source = queue("dead"), queue("source")
    source.dead_letters_to(target, 1)
    source.send("safe")
    sqs.delete_queue(QueueUrl=target.url)
    for _ in range(4):
        assert source.bodies(VisibilityTimeout=0) == ["safe"]


def test_a_queue_may_name_itself(queue):
    q = queue()
    q.dead_letters_to(q, 1)
    q.send("round")
    first = q.one(VisibilityTimeout=0)
    seen = [message for _ in range(3) for message in q.receive(VisibilityTimeout=0)]
    assert {message["MessageId"] for message in seen} <= {first["MessageId"]}
    assert q.counts() == (1, 0, 0)


# RedriveAllowPolicy

UNSUPPORTED = (
    "Invalid value for the parameter RedriveAllowPolicy. Reason: "
    "Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format."
)


def test_an_allow_policy_is_kept_and_removed(queue):
    q = queue()
    q.set(RedriveAllowPolicy=policy(redrivePermission="allowAll"))
    assert json.loads(q.attribute("RedriveAllowPolicy")) == {"redrivePermission": "allowAll"}
    q.set(RedriveAllowPolicy="")
    assert q.attribute("RedriveAllowPolicy") is None


@pytest.mark.parametrize("value", ["{", "text", "[]"])
def test_an_allow_policy_of_another_form_is_refused(queue, value):
    with refused("InvalidParameterValue", UNSUPPORTED):
        queue().set(RedriveAllowPolicy=value)


def test_by_queue_needs_sources_at_most_ten_and_only_it_takes_them(queue):
    q = queue()
    arns = [f"arn:aws:sqs:us-east-1:111111111111:source-{n}" for n in range(11)]
    start = "Amazon SQS can't create the redrive allow policy. "
    cases = [
        (
            policy(redrivePermission="byQueue"),
            start + "When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values.",
        ),
        (
            policy(redrivePermission="byQueue", sourceQueueArns=arns),
            start + "The maximum number of source queue ARNs you can specify is 10.",
        ),
        (
            policy(redrivePermission="allowAll", sourceQueueArns=arns[:1]),
            start + "To specify one or more source queue ARNs, you must set redrivePermission to byQueue.",
        ),
    ]
    for value, reason in cases:
        with refused("InvalidParameterValue", f"Value {value} for parameter RedriveAllowPolicy is invalid. Reason: {reason}"):
            q.set(RedriveAllowPolicy=value)
    q.set(RedriveAllowPolicy=policy(redrivePermission="byQueue", sourceQueueArns=arns[:10]))


def test_a_target_that_allows_nobody_is_refused_as_target(queue):
    target, source = queue("dead", RedriveAllowPolicy=policy(redrivePermission="denyAll")), queue("source")
    with refused("InvalidParameterValue"):
        source.dead_letters_to(target, 1)


def test_a_target_can_allow_single_sources(queue):
    friend, stranger = queue("friend"), queue("stranger")
    target = queue("dead", RedriveAllowPolicy=policy(redrivePermission="byQueue", sourceQueueArns=[friend.arn]))
    friend.dead_letters_to(target, 1)
    with refused("InvalidParameterValue"):
        stranger.dead_letters_to(target, 1)
