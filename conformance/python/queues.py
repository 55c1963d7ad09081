"""Short words for what the tests do with a queue, over an unmodified boto3 client."""

import contextlib
import hashlib
import json

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ABSENT = {
    "json": "The specified queue does not exist.",
    "query": "The specified queue does not exist for this wsdl version.",
}
NO_QUEUE = "AWS.SimpleQueueService.NonExistentQueue"


def sdk_client(endpoint, account="000000000000", region="us-east-1", service="sqs"):
    """A boto3 client that neither retries nor checks parameters, so that the server sees what the test says."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False, read_timeout=40, max_pool_connections=32),
    )


@contextlib.contextmanager
def refused(code, text=None, status=400):
    """The block must fail with this AWS error code (the query form), status and, if given, exact text."""
    with pytest.raises(ClientError) as caught:
        yield caught
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    if text is not None:
        assert error["Message"] == text


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def text(value):
    return {"DataType": "String", "StringValue": value}


class Queue:
    """A queue of the test's account."""

    def __init__(self, sqs, url):
        self.sqs = sqs
        self.url = url

    @classmethod
    def create(cls, sqs, name, attributes=None, **more):
        if attributes:
            more["Attributes"] = attributes
        return cls(sqs, sqs.create_queue(QueueName=name, **more)["QueueUrl"])

    @property
    def name(self):
        return self.url.rsplit("/", 1)[1]

    @property
    def arn(self):
        return self.attributes("QueueArn")["QueueArn"]

    def send(self, body="hello", group=None, dedup=None, **more):
        if group is not None:
            more["MessageGroupId"] = group
        if dedup is not None:
            more["MessageDeduplicationId"] = dedup
        return self.sqs.send_message(QueueUrl=self.url, MessageBody=body, **more)

    def send_batch(self, *entries):
        return self.sqs.send_message_batch(QueueUrl=self.url, Entries=list(entries))

    def receive(self, most=10, **more):
        """Messages of one call, with all their attributes."""
        more.setdefault("AttributeNames", ["All"])
        more.setdefault("MessageAttributeNames", ["All"])
        return self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=most, **more).get("Messages", [])

    def bodies(self, most=10, **more):
        return [message["Body"] for message in self.receive(most, **more)]

    def one(self, **more):
        messages = self.receive(1, **more)
        assert len(messages) == 1, "expected a message"
        return messages[0]

    def delete(self, *messages):
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=handle_of(message))

    def hide(self, message, seconds):
        return self.sqs.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=handle_of(message), VisibilityTimeout=seconds
        )

    def attributes(self, *names):
        return self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=list(names or ["All"])).get("Attributes", {})

    def attribute(self, name):
        return self.attributes(name).get(name)

    def set(self, **attributes):
        return self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes=attributes)

    def counts(self):
        """(visible, in flight, delayed)"""
        names = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
        attributes = self.attributes(*names)
        return tuple(int(attributes[name]) for name in names)

    def dead_letters_to(self, target, after):
        self.set(RedrivePolicy=json.dumps({"deadLetterTargetArn": target.arn, "maxReceiveCount": after}))
        return self


def handle_of(message):
    return message if isinstance(message, str) else message["ReceiptHandle"]


def entry(id, body="hello", **more):
    return {"Id": id, "MessageBody": body, **more}
