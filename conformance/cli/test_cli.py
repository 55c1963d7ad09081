"""The AWS CLI, from a shell's point of view: every operation once, its output, its errors and exit status."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

AWS = pathlib.Path(sys.executable).parent / "aws"


@pytest.fixture
def aws(server, account):
    """Runs `aws sqs ...` and returns the parsed output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_PAGER": "",
        "AWS_MAX_ATTEMPTS": "1",
    }

    def aws(*arguments, fails=None):
        command = [str(AWS), "--endpoint-url", server.endpoint, "sqs", *arguments, "--output", "json"]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        if fails:
            assert ended.returncode != 0
            assert fails in ended.stderr
            return None
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout) if ended.stdout.strip() else {}

    return aws


def test_a_message_goes_its_way(aws, server, account):
    url = aws("create-queue", "--queue-name", "shop", "--attributes", "VisibilityTimeout=60", "--tags", "team=blue")["QueueUrl"]
    assert url == f"{server.endpoint}/{account}/shop"
    assert aws("get-queue-url", "--queue-name", "shop")["QueueUrl"] == url
    assert aws("list-queues", "--queue-name-prefix", "sh")["QueueUrls"] == [url]
    attributes = json.dumps({"kind": {"DataType": "String", "StringValue": "order"}})
    sent = aws("send-message", "--queue-url", url, "--message-body", "hello", "--message-attributes", attributes)
    [got] = aws("receive-message", "--queue-url", url, "--attribute-names", "All", "--message-attribute-names", "All")["Messages"]
    assert (got["MessageId"], got["Body"]) == (sent["MessageId"], "hello")
    assert got["MessageAttributes"]["kind"]["StringValue"] == "order"
    handle = got["ReceiptHandle"]
    aws("change-message-visibility", "--queue-url", url, "--receipt-handle", handle, "--visibility-timeout", "90")
    aws("delete-message", "--queue-url", url, "--receipt-handle", handle)
    assert aws("receive-message", "--queue-url", url) == {}
    aws("delete-queue", "--queue-url", url)
    aws("get-queue-url", "--queue-name", "shop", fails="AWS.SimpleQueueService.NonExistentQueue")


def test_batches(aws):
    url = aws("create-queue", "--queue-name", "batches")["QueueUrl"]
    entries = json.dumps([{"Id": str(n), "MessageBody": f"body {n}"} for n in range(3)])
    assert len(aws("send-message-batch", "--queue-url", url, "--entries", entries)["Successful"]) == 3
    messages = aws("receive-message", "--queue-url", url, "--max-number-of-messages", "10")["Messages"]
    assert [message["Body"] for message in messages] == ["body 0", "body 1", "body 2"]
    handles = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(messages)]
    hidden = json.dumps([{**handle, "VisibilityTimeout": 5} for handle in handles])
    assert len(aws("change-message-visibility-batch", "--queue-url", url, "--entries", hidden)["Successful"]) == 3
    handles.append({"Id": "bad", "ReceiptHandle": "garbage"})
    answer = aws("delete-message-batch", "--queue-url", url, "--entries", json.dumps(handles))
    assert len(answer["Successful"]) == 3 and answer["Failed"][0]["Code"] == "ReceiptHandleIsInvalid"


def test_attributes_tags_and_permissions(aws):
    url = aws("create-queue", "--queue-name", "settings")["QueueUrl"]
    aws("set-queue-attributes", "--queue-url", url, "--attributes", "DelaySeconds=5")
    found = aws("get-queue-attributes", "--queue-url", url, "--attribute-names", "All")["Attributes"]
    assert found["DelaySeconds"] == "5"
    aws("tag-queue", "--queue-url", url, "--tags", "a=b,c=d")
    aws("untag-queue", "--queue-url", url, "--tag-keys", "a")
    assert aws("list-queue-tags", "--queue-url", url)["Tags"] == {"c": "d"}
    aws("add-permission", "--queue-url", url, "--label", "l", "--aws-account-ids", "111122223333", "--actions", "SendMessage")
    policy = aws("get-queue-attributes", "--queue-url", url, "--attribute-names", "Policy")["Attributes"]["Policy"]
    assert json.loads(policy)["Statement"][0]["Sid"] == "l"
    aws("remove-permission", "--queue-url", url, "--label", "l")
    assert aws("get-queue-attributes", "--queue-url", url, "--attribute-names", "Policy") == {}


def test_fifo_dead_letters_and_move_tasks(aws):
    made = ("--attributes", "FifoQueue=true,ContentBasedDeduplication=true")
    dead = aws("create-queue", "--queue-name", "dead.fifo", *made)["QueueUrl"]
    arn = aws("get-queue-attributes", "--queue-url", dead, "--attribute-names", "QueueArn")["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "1"})
    attributes = json.dumps({"FifoQueue": "true", "ContentBasedDeduplication": "true", "RedrivePolicy": policy})
    url = aws("create-queue", "--queue-name", "work.fifo", "--attributes", attributes)["QueueUrl"]
    assert aws("list-dead-letter-source-queues", "--queue-url", dead)["queueUrls"] == [url]
    assert aws("send-message", "--queue-url", url, "--message-body", "x", "--message-group-id", "g")["SequenceNumber"]
    aws("receive-message", "--queue-url", url, "--visibility-timeout", "0")
    assert aws("receive-message", "--queue-url", url, "--visibility-timeout", "0") == {}
    assert aws("start-message-move-task", "--source-arn", arn)["TaskHandle"]
    assert aws("receive-message", "--queue-url", url, "--wait-time-seconds", "5")["Messages"][0]["Body"] == "x"
    assert aws("list-message-move-tasks", "--source-arn", arn)["Results"][0]["Status"] == "COMPLETED"
    aws("cancel-message-move-task", "--task-handle", "garbage", fails="InvalidParameterValue")


def test_purge_and_errors(aws):
    url = aws("create-queue", "--queue-name", "errors")["QueueUrl"]
    aws("send-message", "--queue-url", url, "--message-body", "x")
    aws("purge-queue", "--queue-url", url)
    assert aws("receive-message", "--queue-url", url) == {}
    aws("receive-message", "--queue-url", url, "--max-number-of-messages", "11", fails="(InvalidParameterValue)")
    aws("set-queue-attributes", "--queue-url", url, "--attributes", "Nonsense=1", fails="Unknown Attribute Nonsense.")
    aws("create-queue", "--queue-name", "bad name", fails="Can only include alphanumeric characters")
    aws("send-message", "--queue-url", url, "--message-body", "x", "--delay-seconds", "901", fails="DelaySeconds must be >= 0")


def test_the_cli_pages_through_queues(aws):
    for n in range(5):
        aws("create-queue", "--queue-name", f"page-{n}")
    assert len(aws("list-queues", "--page-size", "2")["QueueUrls"]) == 5
    assert aws("list-queues", "--max-items", "2")["NextToken"]
