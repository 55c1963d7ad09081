"""The AWS CLI, from a shell's point of view: every operation once, its output, its errors and exit status."""

import functools
import json
import os
import pathlib
import subprocess
import sys

import pytest

AWS = pathlib.Path(sys.executable).parent / "aws"


@pytest.fixture
def command(server, account):
    """Runs `aws SERVICE ...` and returns the parsed output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_PAGER": "",
        "AWS_MAX_ATTEMPTS": "1",
    }

    def command(service, *arguments, fails=None):
        line = [str(AWS), "--endpoint-url", server.endpoint, service, *arguments, "--output", "json"]
        ended = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60)
        if fails:
            assert ended.returncode != 0
            assert fails in ended.stderr
            return None
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout) if ended.stdout.strip() else {}

    return command


@pytest.fixture
def aws(command):
    """Runs `aws sqs ...`."""
    return functools.partial(command, "sqs")


@pytest.fixture
def sns(command):
    """Runs `aws sns ...`."""
    return functools.partial(command, "sns")


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


# SNS


def queue_arn(aws, name):
    """A queue of this name: its URL and its ARN."""
    url = aws("create-queue", "--queue-name", name)["QueueUrl"]
    found = aws("get-queue-attributes", "--queue-url", url, "--attribute-names", "QueueArn")
    return url, found["Attributes"]["QueueArn"]


def receive(aws, url):
    """The one message that is there, deleted."""
    [got] = aws("receive-message", "--queue-url", url, "--wait-time-seconds", "5", "--message-attribute-names", "All")["Messages"]
    aws("delete-message", "--queue-url", url, "--receipt-handle", got["ReceiptHandle"])
    return got


def test_a_topic_tells_its_queues(sns, aws, account):
    topic = sns("create-topic", "--name", "news", "--attributes", "DisplayName=News", "--tags", "Key=team,Value=blue")["TopicArn"]
    assert topic == f"arn:aws:sns:eu-west-1:{account}:news"
    assert sns("list-topics")["Topics"] == [{"TopicArn": topic}]
    enveloped, raw = queue_arn(aws, "enveloped"), queue_arn(aws, "raw")
    end = ("--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint")
    first = sns("subscribe", *end, enveloped[1])["SubscriptionArn"]
    second = sns("subscribe", *end, raw[1], "--attributes", "RawMessageDelivery=true")["SubscriptionArn"]
    listed = sns("list-subscriptions-by-topic", "--topic-arn", topic)["Subscriptions"]
    assert {item["SubscriptionArn"] for item in listed} == {first, second}
    assert len(sns("list-subscriptions")["Subscriptions"]) == 2
    attributes = json.dumps({"kind": {"DataType": "String", "StringValue": "order"}})
    sent = sns("publish", "--topic-arn", topic, "--message", "hello", "--subject", "s", "--message-attributes", attributes)
    told = json.loads(receive(aws, enveloped[0])["Body"])
    assert (told["MessageId"], told["Message"], told["Subject"]) == (sent["MessageId"], "hello", "s")
    plain = receive(aws, raw[0])
    assert (plain["Body"], plain["MessageAttributes"]["kind"]["StringValue"]) == ("hello", "order")
    sns("unsubscribe", "--subscription-arn", first)
    sns("delete-topic", "--topic-arn", topic)
    sns("publish", "--topic-arn", topic, "--message", "x", fails="(NotFound)")


def test_topic_settings(sns):
    topic = sns("create-topic", "--name", "settings")["TopicArn"]
    named = ("--topic-arn", topic)
    sns("set-topic-attributes", *named, "--attribute-name", "DisplayName", "--attribute-value", "Shown")
    sns("add-permission", *named, "--label", "l", "--aws-account-id", "111122223333", "--action-name", "Publish")
    found = sns("get-topic-attributes", *named)["Attributes"]
    assert (found["DisplayName"], json.loads(found["Policy"])["Statement"][1]["Sid"]) == ("Shown", "l")
    sns("remove-permission", *named, "--label", "l")
    sns("tag-resource", "--resource-arn", topic, "--tags", "Key=a,Value=b", "Key=c,Value=d")
    sns("untag-resource", "--resource-arn", topic, "--tag-keys", "a")
    assert sns("list-tags-for-resource", "--resource-arn", topic)["Tags"] == [{"Key": "c", "Value": "d"}]
    sns("create-topic", "--name", "bad name", fails="Invalid parameter: Topic Name")


def test_subscription_settings(sns, aws):
    topic = sns("create-topic", "--name", "filtered")["TopicArn"]
    url, arn = queue_arn(aws, "filtered")
    subscription = sns("subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint", arn)["SubscriptionArn"]
    value = ("--attribute-name", "FilterPolicy", "--attribute-value", '{"kind":["a"]}')
    sns("set-subscription-attributes", "--subscription-arn", subscription, *value)
    found = sns("get-subscription-attributes", "--subscription-arn", subscription)["Attributes"]
    assert (found["FilterPolicy"], found["FilterPolicyScope"]) == ('{"kind":["a"]}', "MessageAttributes")
    for kind in ("b", "a"):
        attributes = json.dumps({"kind": {"DataType": "String", "StringValue": kind}})
        sns("publish", "--topic-arn", topic, "--message", kind, "--message-attributes", attributes)
    assert json.loads(receive(aws, url)["Body"])["Message"] == "a"
    pending = ("--protocol", "email", "--notification-endpoint", "someone@example.com")
    assert sns("subscribe", "--topic-arn", topic, *pending)["SubscriptionArn"] == "pending confirmation"
    sns("confirm-subscription", "--topic-arn", topic, "--token", "abc123", fails="Invalid parameter: Token")


def test_a_batch_to_a_fifo_topic(sns, aws):
    topic = sns("create-topic", "--name", "ordered.fifo", "--attributes", "FifoTopic=true,ContentBasedDeduplication=true")["TopicArn"]
    url, arn = queue_arn(aws, "follows")
    sns("subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint", arn)
    entries = json.dumps([{"Id": str(n), "Message": f"m{n}", "MessageGroupId": "g"} for n in range(3)])
    answer = sns("publish-batch", "--topic-arn", topic, "--publish-batch-request-entries", entries)
    assert [done["Id"] for done in answer["Successful"]] == ["0", "1", "2"] and answer["Failed"] == []
    messages = aws("receive-message", "--queue-url", url, "--max-number-of-messages", "10")["Messages"]
    assert sorted(json.loads(message["Body"])["Message"] for message in messages) == ["m0", "m1", "m2"]


def test_the_cli_pages_through_topics(sns):
    for n in range(5):
        sns("create-topic", "--name", f"page-{n}")
    assert len(sns("list-topics", "--max-items", "2")["Topics"]) == 2
    assert sns("list-topics", "--max-items", "2")["NextToken"]
    assert len(sns("list-topics")["Topics"]) == 5


def test_data_protection(sns):
    topic = sns("create-topic", "--name", "protected")["TopicArn"]
    statement = {
        "Sid": "s",
        "DataDirection": "Inbound",
        "Principal": ["*"],
        "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
        "Operation": {"Deny": {}},
    }
    policy = json.dumps({"Name": "p", "Description": "d", "Version": "2021-06-01", "Statement": [statement]})
    sns("put-data-protection-policy", "--resource-arn", topic, "--data-protection-policy", policy)
    assert sns("get-data-protection-policy", "--resource-arn", topic)["DataProtectionPolicy"] == policy
    sns("publish", "--topic-arn", topic, "--message", "to jane@example.com", fails="(AuthorizationError)")


def test_phones(sns):
    sns("set-sms-attributes", "--attributes", "DefaultSMSType=Transactional")
    assert sns("get-sms-attributes")["attributes"]["DefaultSMSType"] == "Transactional"
    assert sns("publish", "--phone-number", "+4366012345678", "--message", "hello")["MessageId"]
    assert sns("check-if-phone-number-is-opted-out", "--phone-number", "+4366012345678") == {"isOptedOut": False}


def test_devices(sns):
    made = ("--name", "app", "--platform", "GCM", "--attributes", "PlatformCredential=secret")
    application = sns("create-platform-application", *made)["PlatformApplicationArn"]
    device = sns("create-platform-endpoint", "--platform-application-arn", application, "--token", "t")["EndpointArn"]
    assert sns("publish", "--target-arn", device, "--message", "hello")["MessageId"]
    sns("set-endpoint-attributes", "--endpoint-arn", device, "--attributes", "Enabled=false")
    sns("publish", "--target-arn", device, "--message", "hello", fails="(EndpointDisabled)")
    sns("delete-platform-application", "--platform-application-arn", application)
