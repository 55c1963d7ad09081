"""Short words for what the tests do with a topic and its subscriptions, over an unmodified boto3 client."""

import json


from waiting import PATIENCE_SECONDS, until

ABSENT = "Topic does not exist"
MESSAGE_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class Topic:
    """A topic of the test's account, or one that its client may use."""

    def __init__(self, sns, arn):
        self.sns = sns
        self.arn = arn

    @classmethod
    def create(cls, sns, name, attributes=None, **more):
        if attributes:
            more["Attributes"] = attributes
        return cls(sns, sns.create_topic(Name=name, **more)["TopicArn"])

    @property
    def name(self):
        return self.arn.rsplit(":", 1)[1]

    def publish(self, message="hello", group=None, dedup=None, **more):
        if group is not None:
            more["MessageGroupId"] = group
        if dedup is not None:
            more["MessageDeduplicationId"] = dedup
        return self.sns.publish(TopicArn=self.arn, Message=message, **more)

    def publish_batch(self, *entries):
        return self.sns.publish_batch(TopicArn=self.arn, PublishBatchRequestEntries=list(entries))

    def subscribe(self, protocol, endpoint, **attributes):
        more = {"Attributes": attributes} if attributes else {}
        answer = self.sns.subscribe(
            TopicArn=self.arn, Protocol=protocol, Endpoint=endpoint, ReturnSubscriptionArn=True, **more
        )
        return Subscription(self.sns, answer["SubscriptionArn"])

    def feed(self, queue, **attributes):
        """Subscribes a queue."""
        return self.subscribe("sqs", queue.arn, **attributes)

    def attributes(self):
        return self.sns.get_topic_attributes(TopicArn=self.arn)["Attributes"]

    def attribute(self, name):
        return self.attributes().get(name)

    def set(self, name, value):
        return self.sns.set_topic_attributes(TopicArn=self.arn, AttributeName=name, AttributeValue=value)

    def subscriptions(self):
        return self.sns.list_subscriptions_by_topic(TopicArn=self.arn)["Subscriptions"]

    def tags(self):
        tags = self.sns.list_tags_for_resource(ResourceArn=self.arn)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in tags}

    def delete(self):
        return self.sns.delete_topic(TopicArn=self.arn)


class Subscription:
    def __init__(self, sns, arn):
        self.sns = sns
        self.arn = arn

    @property
    def topic_arn(self):
        return self.arn.rsplit(":", 1)[0]

    def attributes(self):
        return self.sns.get_subscription_attributes(SubscriptionArn=self.arn)["Attributes"]

    def attribute(self, name):
        return self.attributes().get(name)

    def set(self, name, value):
        return self.sns.set_subscription_attributes(
            SubscriptionArn=self.arn, AttributeName=name, AttributeValue=value
        )

    def filter(self, policy, scope=None):
        if scope:
            self.set("FilterPolicyScope", scope)
        self.set("FilterPolicy", policy if isinstance(policy, str) else json.dumps(policy))
        return self

    def dead_letters_to(self, queue):
        self.set("RedrivePolicy", redrive(queue))
        return self

    def unsubscribe(self):
        return self.sns.unsubscribe(SubscriptionArn=self.arn)


def redrive(queue):
    """The text of a redrive policy."""
    return json.dumps({"deadLetterTargetArn": queue if isinstance(queue, str) else queue.arn})


def entry(id, message="hello", **more):
    return {"Id": id, "Message": message, **more}


def tag_list(**pairs):
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def arrived(queue, count=1, seconds=PATIENCE_SECONDS):
    """Exactly so many messages, taken out of the queue as they come."""
    found = []

    def enough():
        for message in queue.receive():
            found.append(message)
            queue.delete(message)
        return len(found) >= count

    until(enough, f"{count} messages in {queue.url}, there are {len(found)}", seconds)
    assert len(found) == count, [message["Body"] for message in found]
    return found


def notification(queue):
    """The envelope of the one message that comes."""
    [message] = arrived(queue)
    return json.loads(message["Body"])


def told(queue, count=1):
    """The messages within so many envelopes."""
    return [json.loads(message["Body"])["Message"] for message in arrived(queue, count)]


def told_until(queue, fence):
    """The messages within all envelopes up to and without the message `fence`, which the test published last."""
    found = []

    def come():
        for message in queue.receive():
            found.append(json.loads(message["Body"])["Message"])
            queue.delete(message)
        return fence in found

    until(come, f"{fence!r} in {queue.url}")
    found.remove(fence)
    return found


