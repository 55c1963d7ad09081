"""Topics: CreateTopic, DeleteTopic, ListTopics, Get- and SetTopicAttributes (spec 2)."""

import json
import urllib.request

import pytest
from queues import refused, sdk_client
from topics import ABSENT, Topic
from waiting import until

pytestmark = pytest.mark.once

DIFFERENT = "Invalid parameter: Attributes Reason: Topic already exists with different attributes"
DEFAULT_DELIVERY = (
    '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,'
    '"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,'
    '"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}'
)


def default_policy(arn, account):
    return (
        '{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow",'
        '"Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission",'
        '"SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],'
        f'"Resource":"{arn}","Condition":{{"StringEquals":{{"AWS:SourceOwner":"{account}"}}}}}}]}}'
    )


def test_a_fresh_standard_topic_has_exactly_these_attributes(topic, account):
    made = topic("orders")
    assert made.arn == f"arn:aws:sns:us-east-1:{account}:orders"
    assert made.attributes() == {
        "TopicArn": made.arn,
        "Owner": account,
        "Policy": default_policy(made.arn, account),
        "DisplayName": "",
        "SubscriptionsConfirmed": "0",
        "SubscriptionsPending": "0",
        "SubscriptionsDeleted": "0",
        "EffectiveDeliveryPolicy": DEFAULT_DELIVERY,
    }


def test_a_fresh_fifo_topic_has_two_attributes_more(fifo_topic, topic):
    more = set(fifo_topic().attributes().items()) - set(topic().attributes().items())
    names = {name for name, _ in more}
    assert {"FifoTopic", "ContentBasedDeduplication"} <= names
    assert ("FifoTopic", "true") in more and ("ContentBasedDeduplication", "false") in more
    assert set(fifo_topic().attributes()) == set(topic().attributes()) | {"FifoTopic", "ContentBasedDeduplication"}


def test_a_standard_topic_never_shows_fifo_topic(topic):
    assert "FifoTopic" not in topic(FifoTopic="false").attributes()


@pytest.mark.parametrize("name", ["a", "A-Z_09", "x" * 256])
def test_names_of_letters_digits_hyphens_and_underscores(topic, name):
    assert topic(name).name == name


@pytest.mark.parametrize("name", ["", "a b", "a.b", "a:b", "ü", "x" * 257, "late.fifo", ".fifo"])
def test_other_names_are_refused_with_one_text(topic, name):
    with refused("InvalidParameter", "Invalid parameter: Topic Name"):
        topic(name)


def test_fifo_needs_the_ending_and_the_attribute(sns, fifo_topic):
    with refused("InvalidParameter", "Invalid parameter: Topic Name"):
        sns.create_topic(Name="plain", Attributes={"FifoTopic": "true"})
    with refused("InvalidParameter", "Invalid parameter: Topic Name"):
        sns.create_topic(Name="x.fifo", Attributes={"FifoTopic": "false"})
    assert fifo_topic("x" * 251 + ".fifo").name == "x" * 251 + ".fifo"
    with refused("InvalidParameter", "Invalid parameter: Topic Name"):
        fifo_topic("x" * 252 + ".fifo")


def test_creating_again_returns_the_topic_if_what_is_given_is_so(sns):
    first = Topic.create(sns, "again", {"DisplayName": "Again", "KmsMasterKeyId": "alias/k"})
    assert Topic.create(sns, "again").arn == first.arn
    assert Topic.create(sns, "again", {"DisplayName": "Again"}).arn == first.arn
    assert Topic.create(sns, "again", {"DisplayName": "Again", "KmsMasterKeyId": "alias/k"}).arn == first.arn
    assert Topic.create(sns, "again", {"FifoTopic": "false"}).arn == first.arn


@pytest.mark.parametrize("attributes", [{"DisplayName": "Other"}, {"SignatureVersion": "2"}, {"KmsMasterKeyId": "alias/k"}])
def test_creating_again_with_other_or_new_attributes_is_refused(sns, attributes):
    Topic.create(sns, "again", {"DisplayName": "Again"})
    with refused("InvalidParameter", DIFFERENT):
        Topic.create(sns, "again", attributes)


def test_creating_a_fifo_topic_again(sns):
    attributes = {"FifoTopic": "true", "ContentBasedDeduplication": "true"}
    first = Topic.create(sns, "again.fifo", attributes)
    assert Topic.create(sns, "again.fifo", attributes).arn == first.arn
    with refused("InvalidParameter", DIFFERENT):
        Topic.create(sns, "again.fifo", {"FifoTopic": "true", "ContentBasedDeduplication": "false"})


@pytest.mark.parametrize(
    "name, value",
    [
        ("DisplayName", "Orders & more"),
        ("KmsMasterKeyId", "alias/aws/sns"),
        ("SignatureVersion", "2"),
        ("TracingConfig", "Active"),
        ("HTTPSuccessFeedbackRoleArn", "arn:aws:iam::123456789012:role/log"),
        ("SQSFailureFeedbackRoleArn", "arn:aws:iam::123456789012:role/log"),
        ("LambdaSuccessFeedbackSampleRate", "100"),
        ("ApplicationSuccessFeedbackSampleRate", "7"),
        ("FirehoseFailureFeedbackRoleArn", "arn:aws:iam::123456789012:role/log"),
    ],
)
def test_what_is_set_is_read_back_as_given(topic, name, value):
    made = topic()
    before = made.attributes()
    made.set(name, value)
    assert made.attributes() == {**before, name: value}


def test_attributes_of_creation_are_read_back(sns):
    given = {"DisplayName": "D", "SignatureVersion": "2", "TracingConfig": "PassThrough"}
    assert given.items() <= Topic.create(sns, "given", given).attributes().items()


def test_fifo_attributes_are_set_and_read_back(fifo_topic):
    made = fifo_topic()
    made.set("ContentBasedDeduplication", "true")
    made.set("FifoThroughputScope", "MessageGroup")
    found = made.attributes()
    assert (found["ContentBasedDeduplication"], found["FifoThroughputScope"]) == ("true", "MessageGroup")


@pytest.mark.parametrize("name", ["Nonsense", "FifoTopic", "Owner", "TopicArn", "EffectiveDeliveryPolicy", "SubscriptionsPending"])
def test_other_attributes_cannot_be_set(topic, name):
    with refused("InvalidParameter", "Invalid parameter: AttributeName"):
        topic().set(name, "x")


def test_a_policy_replaces_the_policy(topic, account):
    made = topic()
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Sid": "s", "Effect": "Allow", "Principal": "*", "Action": "SNS:Publish", "Resource": made.arn}],
        }
    )
    made.set("Policy", policy)
    assert json.loads(made.attribute("Policy")) == json.loads(policy)


def test_a_delivery_policy_is_kept_normalised_and_replaced_whole(topic):
    made = topic()
    made.set("DeliveryPolicy", '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1}}}')
    kept = json.loads(made.attribute("DeliveryPolicy"))
    assert kept["http"]["disableSubscriptionOverrides"] is False
    given = {"minDelayTarget": 5, "maxDelayTarget": 6, "numRetries": 1}
    assert given.items() <= kept["http"]["defaultHealthyRetryPolicy"].items()
    effective = json.loads(made.attribute("EffectiveDeliveryPolicy"))["http"]
    assert effective["defaultHealthyRetryPolicy"] == {
        **given,
        "numMaxDelayRetries": 0,
        "numNoDelayRetries": 0,
        "numMinDelayRetries": 0,
        "backoffFunction": "linear",
    }
    assert effective["defaultRequestPolicy"] == {"headerContentType": "text/plain; charset=UTF-8"}
    made.set("DeliveryPolicy", '{"http":{"defaultRequestPolicy":{"headerContentType":"application/json"}}}')
    effective = json.loads(made.attribute("EffectiveDeliveryPolicy"))["http"]
    assert effective["defaultHealthyRetryPolicy"]["numRetries"] == 3
    assert effective["defaultRequestPolicy"] == {"headerContentType": "application/json"}


def test_an_inner_null_leaves_an_empty_policy_and_the_empty_text_none(topic):
    made = topic()
    made.set("DeliveryPolicy", '{"http":{"defaultHealthyRetryPolicy":null}}')
    assert made.attribute("DeliveryPolicy") == '{"http":{"disableSubscriptionOverrides":false}}'
    made.set("DeliveryPolicy", "")
    assert "DeliveryPolicy" not in made.attributes()
    assert made.attribute("EffectiveDeliveryPolicy") == DEFAULT_DELIVERY


def test_counters_follow_the_subscriptions(topic, queue):
    made = topic()
    first = made.feed(queue())
    made.feed(queue())
    made.subscribe("email", "someone@example.com")
    names = ("SubscriptionsConfirmed", "SubscriptionsPending", "SubscriptionsDeleted")

    def counters():
        found = made.attributes()
        return tuple(found[name] for name in names)

    until(lambda: counters() == ("2", "1", "0"), "two confirmed, one pending")
    first.unsubscribe()
    until(lambda: counters() == ("1", "1", "1"), "one deleted")


@pytest.mark.parametrize("call", ["get_topic_attributes", "list_subscriptions_by_topic"])
def test_an_unknown_topic_is_not_found(sns, account, call):
    with refused("NotFound", ABSENT, 404):
        getattr(sns, call)(TopicArn=f"arn:aws:sns:us-east-1:{account}:none")


def test_setting_on_an_unknown_topic_is_not_found(sns, account):
    with refused("NotFound", ABSENT, 404):
        Topic(sns, f"arn:aws:sns:us-east-1:{account}:none").set("DisplayName", "x")


@pytest.mark.parametrize("arn, parts", [("", 1), ("junk", 1), ("arn:aws:sns", 3), ("arn:aws:sns:us-east-1:123456789012", 5)])
@pytest.mark.parametrize("call", ["get_topic_attributes", "list_subscriptions_by_topic", "delete_topic"])
def test_an_arn_of_too_few_parts_is_told_how_many(sns, call, arn, parts):
    text = f"Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not {parts}"
    with refused("InvalidParameter", text):
        getattr(sns, call)(TopicArn=arn)


@pytest.mark.parametrize("call", ["get_topic_attributes", "list_subscriptions_by_topic", "delete_topic"])
def test_a_topic_of_another_region_is_a_wrong_parameter(sns, account, call):
    with refused("InvalidParameter", "Invalid parameter: TopicArn"):
        getattr(sns, call)(TopicArn=f"arn:aws:sns:eu-west-1:{account}:there")


def test_deleting_is_idempotent(sns, topic, account):
    made = topic()
    made.delete()
    made.delete()
    sns.delete_topic(TopicArn=f"arn:aws:sns:us-east-1:{account}:never")
    assert sns.list_topics()["Topics"] == []
    with refused("NotFound", ABSENT, 404):
        made.attributes()


def test_deleting_takes_the_subscriptions_out_of_the_lists_and_ending_one_is_no_error(sns, topic, queue):
    made, q = topic(), queue()
    orphan = made.feed(q)
    made.delete()
    assert sns.list_subscriptions()["Subscriptions"] == []
    orphan.unsubscribe()


def test_a_topic_made_again_has_neither_subscriptions_nor_tags_nor_attributes(sns, topic, queue):
    made = Topic.create(sns, "phoenix", {"DisplayName": "old"}, Tags=[{"Key": "a", "Value": "b"}])
    made.feed(queue())
    made.delete()
    again = Topic.create(sns, "phoenix", Tags=[{"Key": "c", "Value": "d"}])
    assert again.tags() == {"c": "d"}
    assert again.attributes()["DisplayName"] == ""
    assert again.subscriptions() == []


def test_lists_come_in_pages_of_a_hundred(sns):
    for number in range(203):
        Topic.create(sns, f"page-{number:03}")
    pages, more = [], {}
    while True:
        page = sns.list_topics(**more)
        pages.append([topic["TopicArn"].rsplit(":", 1)[1] for topic in page["Topics"]])
        if "NextToken" not in page:
            break
        more = {"NextToken": page["NextToken"]}
    assert [len(page) for page in pages] == [100, 100, 3]
    assert sorted(sum(pages, [])) == [f"page-{number:03}" for number in range(203)]


def test_exactly_a_hundred_have_no_second_page(sns):
    for number in range(100):
        Topic.create(sns, f"page-{number:03}")
    page = sns.list_topics()
    assert len(page["Topics"]) == 100 and "NextToken" not in page


def test_only_topics_of_the_account_and_the_region_are_listed(server, sns, topic, account, other_account):
    made = topic("mine")
    Topic.create(sdk_client(server.endpoint, other_account, service="sns"), "theirs")
    there = Topic.create(sdk_client(server.endpoint, account, "eu-west-1", "sns"), "there")
    assert there.arn == f"arn:aws:sns:eu-west-1:{account}:there"
    assert sns.list_topics()["Topics"] == [{"TopicArn": made.arn}]


def test_a_reset_takes_topics_and_subscriptions_along(start):
    running = start("--memory")
    sns = sdk_client(running.endpoint, service="sns")
    made = Topic.create(sns, "t", {"DisplayName": "old"})
    made.subscribe("email", "someone@example.com")
    request = urllib.request.Request(f"{running.endpoint}/_tidings/reset", method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status in (200, 204)
    assert sns.list_topics()["Topics"] == [] and sns.list_subscriptions()["Subscriptions"] == []
    assert Topic.create(sns, "t").attribute("DisplayName") == ""
