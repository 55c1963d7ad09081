"""Create, read, update, read for every attribute, as Terraform and its kind do.

Whatever was written must read back as the same value, in the form in which the tool wrote it: a value that comes
back otherwise shows as a change that never ends.
"""

import json

import pytest
from queues import Queue

PLAIN = {
    "DelaySeconds": ("5", "900"),
    "MaximumMessageSize": ("2048", "262144"),
    "MessageRetentionPeriod": ("86400", "1209600"),
    "ReceiveMessageWaitTimeSeconds": ("10", "0"),
    "VisibilityTimeout": ("0", "43200"),
    "KmsMasterKeyId": ("alias/aws/sqs", "arn:aws:kms:us-east-1:111122223333:key/1"),
    "KmsDataKeyReusePeriodSeconds": ("600", "86400"),
    "SqsManagedSseEnabled": ("false", "true"),
}
ORDERED = {
    "ContentBasedDeduplication": ("true", "false"),
    "DeduplicationScope": ("messageGroup", "queue"),
}


def access(resource, *actions):
    statement = {
        "Sid": "access",
        "Effect": "Allow",
        "Principal": {"AWS": ["*"]},
        "Action": list(actions),
        "Resource": resource,
        "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:topic"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize("name", [*PLAIN, *ORDERED])
def test_an_attribute_goes_round(sqs, name):
    ordered = name in ORDERED
    first, second = (ORDERED if ordered else PLAIN)[name]
    base = {"FifoQueue": "true"} if ordered else {}
    q = Queue.create(sqs, "round.fifo" if ordered else "round", {**base, name: first})
    assert q.attribute(name) == first
    q.set(**{name: second})
    assert q.attribute(name) == second
    assert q.attributes()[name] == second


def test_documents_go_round_as_the_same_documents(queue):
    target, other = queue("dead"), queue("other")
    first = {
        "Policy": access("arn:aws:sqs:us-east-1:111122223333:q", "sqs:SendMessage"),
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": target.arn, "maxReceiveCount": 4}),
        "RedriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"}),
    }
    second = {
        "Policy": access("*", "sqs:SendMessage", "sqs:ReceiveMessage"),
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": other.arn, "maxReceiveCount": 10}),
        "RedriveAllowPolicy": json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [target.arn]}),
    }
    q = queue("round", **first)
    for wanted in (first, second):
        q.set(**wanted)
        found = q.attributes(*wanted)
        assert {name: json.loads(value) for name, value in found.items()} == {
            name: json.loads(value) for name, value in wanted.items()
        }
    q.set(Policy="", RedrivePolicy="", RedriveAllowPolicy="")
    assert not {"Policy", "RedrivePolicy", "RedriveAllowPolicy"} & set(q.attributes())


def test_high_throughput_goes_on_and_off(fifo):
    q = fifo()
    for scope, limit in (("messageGroup", "perMessageGroupId"), ("queue", "perQueue")):
        q.set(DeduplicationScope=scope, FifoThroughputLimit=limit)
        found = q.attributes("DeduplicationScope", "FifoThroughputLimit")
        assert found == {"DeduplicationScope": scope, "FifoThroughputLimit": limit}


def test_everything_at_once_and_applied_again_unchanged(sqs, queue):
    """A second apply of the same plan changes nothing, and its read shows no difference."""
    target = queue("dead")
    plan = {
        "DelaySeconds": "1",
        "MaximumMessageSize": "4096",
        "MessageRetentionPeriod": "3600",
        "ReceiveMessageWaitTimeSeconds": "2",
        "VisibilityTimeout": "3",
        "SqsManagedSseEnabled": "false",
        "Policy": access("*", "sqs:SendMessage"),
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": target.arn, "maxReceiveCount": 5}),
    }
    q = Queue.create(sqs, "planned", plan, tags={"owner": "terraform"})
    for _ in range(2):
        found = q.attributes("All")
        for name, value in plan.items():
            if name.endswith("Policy"):
                assert json.loads(found[name]) == json.loads(value)
            else:
                assert found[name] == value
        assert sqs.get_queue_url(QueueName="planned")["QueueUrl"] == q.url
        assert sqs.list_queue_tags(QueueUrl=q.url)["Tags"] == {"owner": "terraform"}
        assert Queue.create(sqs, "planned", plan, tags={"owner": "terraform"}).url == q.url
        q.set(**plan)


def test_the_url_has_exactly_two_path_segments(queue):
    assert queue("planned").url.split("://")[1].count("/") == 2
