"""Defaults, ranges and texts of queue attributes (spec 2.7)."""

import json

import pytest
from queues import refused

NUMERIC = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1024, 1048576),
    "MessageRetentionPeriod": (60, 1209600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43200),
    "KmsDataKeyReusePeriodSeconds": (60, 86400),
}
COUNTS = {f"ApproximateNumberOfMessages{state}": "0" for state in ("", "Delayed", "NotVisible")}
DEFAULTS = {
    **COUNTS,
    "DelaySeconds": "0",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "SqsManagedSseEnabled": "true",
    "VisibilityTimeout": "30",
}
FIFO_DEFAULTS = {
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "FifoQueue": "true",
    "FifoThroughputLimit": "perQueue",
}
STAMPS = ("CreatedTimestamp", "LastModifiedTimestamp", "QueueArn")


def test_all_of_a_fresh_standard_queue(queue):
    found = queue().attributes("All")
    for name in STAMPS:
        assert found.pop(name)
    assert found == DEFAULTS


def test_all_of_a_fresh_fifo_queue(fifo):
    found = fifo().attributes("All")
    for name in STAMPS:
        assert found.pop(name)
    assert found == {**DEFAULTS, **FIFO_DEFAULTS}


def test_without_names_nothing_is_returned(sqs, queue):
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=queue().url)
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=queue().url, AttributeNames=[])


def test_only_what_is_asked_and_set_is_returned(queue):
    q = queue()
    assert q.attributes("VisibilityTimeout", "DelaySeconds") == {"VisibilityTimeout": "30", "DelaySeconds": "0"}
    unset = ("Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId")
    assert q.attributes(*unset) == {}
    assert q.attributes("Policy", "DelaySeconds") == {"DelaySeconds": "0"}


@pytest.mark.parametrize("name", ["Nonsense", "visibilityTimeout", "all"])
def test_unknown_names_are_refused_on_get(queue, name):
    with refused("InvalidAttributeName", f"Unknown Attribute {name}."):
        queue().attributes(name)


def test_unknown_names_are_refused_on_set_and_create(sqs, queue):
    with refused("InvalidAttributeName", "Unknown Attribute Nonsense."):
        queue().set(Nonsense="1")
    with refused("InvalidAttributeName", "Unknown Attribute Nonsense."):
        sqs.create_queue(QueueName="fresh", Attributes={"Nonsense": "1"})


@pytest.mark.parametrize("name", ["QueueArn", "CreatedTimestamp", "LastModifiedTimestamp", "ApproximateNumberOfMessages"])
def test_read_only_attributes_cannot_be_set(queue, name):
    with refused("InvalidAttributeName", f"Unknown Attribute {name}."):
        queue().set(**{name: "1"})


@pytest.mark.parametrize("name", NUMERIC)
def test_numbers_are_accepted_at_both_ends_of_their_range(queue, name):
    least, most = NUMERIC[name]
    q = queue(**{name: str(least)})
    assert q.attribute(name) == str(least)
    q.set(**{name: str(most)})
    assert q.attribute(name) == str(most)


@pytest.mark.parametrize("name", NUMERIC)
@pytest.mark.parametrize("off", ["below", "above", "word", "blank", "sign", "decimal", "huge"])
def test_numbers_out_of_range_or_form_are_refused(sqs, queue, name, off):
    least, most = NUMERIC[name]
    value = {
        "below": str(least - 1),
        "above": str(most + 1),
        "word": "many",
        "blank": f" {most}",
        "sign": f"+{most}",
        "decimal": f"{most}.0",
        "huge": "9" * 40,
    }[off]
    text = f"Invalid value for the parameter {name}."
    with refused("InvalidAttributeValue", text):
        queue().set(**{name: value})
    with refused("InvalidAttributeValue", text):
        sqs.create_queue(QueueName="never", Attributes={name: value})
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix="never")


def test_an_empty_number_is_refused(queue):
    with refused("InvalidAttributeValue", "Invalid value for the parameter VisibilityTimeout."):
        queue().set(VisibilityTimeout="")


def test_a_refused_change_changes_nothing(queue):
    q = queue()
    with refused("InvalidAttributeValue"):
        q.set(VisibilityTimeout="5", DelaySeconds="901")
    assert q.attributes("VisibilityTimeout", "DelaySeconds") == {"VisibilityTimeout": "30", "DelaySeconds": "0"}


def test_timestamps_are_epoch_seconds_and_modification_moves_the_second(queue, still):
    q = queue()
    created = q.attributes("CreatedTimestamp", "LastModifiedTimestamp")
    assert created["CreatedTimestamp"] == created["LastModifiedTimestamp"] == str(still.now // 1000)
    still.advance(100)
    q.set(DelaySeconds="1")
    changed = q.attributes("CreatedTimestamp", "LastModifiedTimestamp")
    assert changed["CreatedTimestamp"] == created["CreatedTimestamp"]
    assert int(changed["LastModifiedTimestamp"]) == int(created["LastModifiedTimestamp"]) + 100


@pytest.mark.parametrize("value", ["true", "false"])
def test_a_standard_queue_does_not_know_fifo_and_content_deduplication(queue, value):
    q = queue()
    for name in ("FifoQueue", "ContentBasedDeduplication"):
        with refused("InvalidAttributeName", f"Unknown Attribute {name}."):
            q.set(**{name: value})


@pytest.mark.parametrize("value", ["true", "false"])
def test_a_standard_queue_is_not_created_with_content_deduplication(sqs, value):
    with refused("InvalidAttributeName", "Unknown Attribute ContentBasedDeduplication."):
        sqs.create_queue(QueueName="plain", Attributes={"ContentBasedDeduplication": value})


def test_a_standard_queue_is_not_created_with_fifo_false(sqs):
    with refused("InvalidAttributeName", "Unknown Attribute FifoQueue."):
        sqs.create_queue(QueueName="plain", Attributes={"FifoQueue": "false"})


@pytest.mark.parametrize("name, value", [("DeduplicationScope", "queue"), ("FifoThroughputLimit", "perQueue")])
def test_throughput_attributes_need_a_fifo_queue(sqs, queue, name, value):
    text = f"You can specify the {name} only when FifoQueue is set to true."
    with refused("InvalidAttributeName", text):
        queue().set(**{name: value})
    with refused("InvalidAttributeName", text):
        sqs.create_queue(QueueName="plain", Attributes={name: value})


def test_a_fifo_queue_stays_one(fifo):
    q = fifo()
    q.set(FifoQueue="true")
    text = "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."
    with refused("InvalidAttributeValue", text):
        q.set(FifoQueue="false")
    assert q.attribute("FifoQueue") == "true"


def test_booleans_are_read_in_any_case_and_written_in_lower(fifo):
    q = fifo(ContentBasedDeduplication="True")
    assert q.attribute("ContentBasedDeduplication") == "true"
    q.set(ContentBasedDeduplication="False")
    assert q.attribute("ContentBasedDeduplication") == "false"


def test_words_that_are_no_boolean_are_refused(fifo):
    with refused("InvalidAttributeValue"):
        fifo().set(ContentBasedDeduplication="perhaps")
    with refused("InvalidAttributeValue"):
        fifo().set(SqsManagedSseEnabled="perhaps")


def test_high_throughput_needs_both_attributes(fifo):
    q = fifo()
    with refused("InvalidAttributeValue"):
        q.set(FifoThroughputLimit="perMessageGroupId")
    q.set(DeduplicationScope="messageGroup")
    assert q.attributes("DeduplicationScope", "FifoThroughputLimit") == {
        "DeduplicationScope": "messageGroup",
        "FifoThroughputLimit": "perQueue",
    }
    q.set(DeduplicationScope="messageGroup", FifoThroughputLimit="perMessageGroupId")
    assert q.attribute("FifoThroughputLimit") == "perMessageGroupId"


@pytest.mark.parametrize("name", ["DeduplicationScope", "FifoThroughputLimit"])
def test_unknown_throughput_words_are_refused(fifo, name):
    with refused("InvalidAttributeValue"):
        fifo().set(**{name: "perhaps"})


def test_a_kms_key_switches_managed_encryption_off_for_good(queue):
    q = queue()
    q.set(KmsMasterKeyId="testKeyId")
    assert q.attributes("KmsMasterKeyId", "SqsManagedSseEnabled") == {
        "KmsMasterKeyId": "testKeyId",
        "SqsManagedSseEnabled": "false",
    }
    q.set(KmsMasterKeyId="")
    assert q.attributes("KmsMasterKeyId", "SqsManagedSseEnabled") == {"SqsManagedSseEnabled": "false"}


def test_a_kms_key_may_be_an_alias(queue):
    assert queue(KmsMasterKeyId="alias/aws/sqs").attribute("KmsMasterKeyId") == "alias/aws/sqs"


def test_two_kinds_of_encryption_at_once_are_refused(sqs, queue):
    text = "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE."
    both = {"KmsMasterKeyId": "testKeyId", "SqsManagedSseEnabled": "true"}
    with refused("InvalidAttributeName", text):
        queue().set(**both)
    with refused("InvalidAttributeName", text):
        sqs.create_queue(QueueName="both", Attributes=both)


def test_the_default_reuse_period_is_not_shown(queue):
    q = queue()
    assert q.attribute("KmsDataKeyReusePeriodSeconds") is None
    q.set(KmsDataKeyReusePeriodSeconds="600")
    assert q.attribute("KmsDataKeyReusePeriodSeconds") == "600"
    q.set(KmsDataKeyReusePeriodSeconds="300")
    assert "KmsDataKeyReusePeriodSeconds" not in q.attributes("All")


def statement(**change):
    return {
        "Sid": "one",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "sqs:SendMessage",
        "Resource": "not-an-arn",
        **change,
    }


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_policy_keeps_strings_strings_and_arrays_arrays(queue):
    q = queue()
    for change in ({}, {"Action": ["sqs:SendMessage"]}, {"Principal": {"AWS": ["*"]}}):
        wanted = policy(statement(**change))
        q.set(Policy=wanted)
        assert json.loads(q.attribute("Policy")) == json.loads(wanted)


def test_an_empty_policy_removes_it_and_may_be_set_where_none_is(queue):
    q = queue()
    q.set(Policy="")
    q.set(Policy=policy(statement()))
    q.set(Policy="")
    assert q.attribute("Policy") is None


@pytest.mark.parametrize("value", ["{", "[]", "text", "5", '{"Statement":[}'])
def test_a_policy_that_is_no_json_object_is_refused(queue, value):
    with refused("InvalidAttributeValue", "Invalid value for the parameter Policy."):
        queue().set(Policy=value)


def test_at_most_twenty_statements(queue):
    q = queue()
    q.set(Policy=policy(*(statement(Sid=f"s{n}") for n in range(20))))
    with refused("OverLimit", "21 statements were found in the submitted policy, max allowed is 20", status=403):
        q.set(Policy=policy(*(statement(Sid=f"s{n}") for n in range(21))))


def test_a_policy_over_8192_bytes_is_refused(queue):
    with refused("InvalidAttributeValue"):
        queue().set(Policy=policy(statement(Resource="r" * 8192)))


def test_empty_redrive_policies_may_be_set_where_none_is(queue):
    q = queue()
    q.set(RedrivePolicy="", RedriveAllowPolicy="")
    assert q.attributes("RedrivePolicy", "RedriveAllowPolicy") == {}


def test_the_counts_follow_the_clock_without_a_poll(queue, still):
    q = queue(VisibilityTimeout="10")
    q.send("delayed", DelaySeconds=5)
    q.send("taken")
    q.send("waiting")
    assert q.counts() == (2, 0, 1)
    assert q.one()["Body"] == "taken"
    assert q.counts() == (1, 1, 1)
    still.advance(5)
    assert q.counts() == (2, 1, 0)
    still.advance(5)
    assert q.counts() == (3, 0, 0)


def test_a_shorter_retention_expires_old_messages(queue, still):
    q = queue()
    q.send("old")
    still.advance(120)
    q.send("new")
    q.set(MessageRetentionPeriod="60")
    assert q.bodies() == ["new"]


def test_a_new_queue_delay_is_not_retroactive_on_standard_queues(queue, still):
    q = queue(DelaySeconds="10")
    q.send("delayed")
    q.set(DelaySeconds="0")
    assert q.bodies() == []
    still.advance(10)
    assert q.bodies() == ["delayed"]


def test_a_new_queue_delay_is_retroactive_on_fifo_queues(fifo, still):
    q = fifo(DelaySeconds="10")
    q.send("delayed", group="g", dedup="1")
    assert q.bodies() == []
    q.set(DelaySeconds="0")
    assert q.bodies() == ["delayed"]


def test_a_new_visibility_timeout_does_not_touch_messages_in_flight(queue, still):
    q = queue(VisibilityTimeout="10")
    q.send()
    q.one()
    q.set(VisibilityTimeout="100")
    still.advance(10)
    assert q.one()
    still.advance(99)
    assert q.receive() == []
    still.advance(1)
    assert q.one()
