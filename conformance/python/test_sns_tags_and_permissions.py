"""TagResource, UntagResource, ListTagsForResource, AddPermission, RemovePermission (spec 2.1, 2.3, 2.4)."""

import json

import pytest
from queues import refused
from topics import ABSENT, Topic, tag_list

pytestmark = pytest.mark.once

DIFFERENT = "Invalid parameter: Tags Reason: Topic already exists with different tags"
TWICE = "Invalid parameter: Duplicated keys are not allowed."


def tag(topic, **pairs):
    topic.sns.tag_resource(ResourceArn=topic.arn, Tags=tag_list(**pairs))


def test_an_untagged_topic_has_an_empty_list(sns, topic):
    assert sns.list_tags_for_resource(ResourceArn=topic().arn)["Tags"] == []


def test_tags_are_listed_as_they_came_and_overwritten(sns, topic):
    made = topic()
    tag(made, team="blue", Team="red", empty="")
    tag(made, team="green")
    tags = sns.list_tags_for_resource(ResourceArn=made.arn)["Tags"]
    assert tags == tag_list(team="green", Team="red", empty="")


def test_untagging_ignores_unknown_keys(sns, topic):
    made = topic()
    tag(made, a="1", b="2")
    sns.untag_resource(ResourceArn=made.arn, TagKeys=["a", "unknown"])
    assert made.tags() == {"b": "2"}


def test_fifty_tags_are_allowed(topic):
    made = topic()
    tag(made, **{f"k{n}": "v" for n in range(50)})
    assert len(made.tags()) == 50
    with refused("TagLimitExceeded"):
        tag(made, one="more")
    tag(made, k0="changed")
    assert made.tags()["k0"] == "changed"


@pytest.mark.parametrize("second", ["1", "2"])
def test_a_key_given_twice_is_refused(sns, topic, second):
    made = topic()
    pairs = [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": second}]
    with refused("InvalidParameter", TWICE):
        sns.tag_resource(ResourceArn=made.arn, Tags=pairs)
    with refused("InvalidParameter", TWICE):
        sns.create_topic(Name="doubled", Tags=pairs)
    assert made.tags() == {}


def test_creating_again_with_the_same_tags_some_of_them_or_none_is_fine(sns):
    first = Topic.create(sns, "tagged", Tags=tag_list(a="1", b="2"))
    for tags in (tag_list(a="1", b="2"), tag_list(b="2", a="1"), tag_list(a="1"), []):
        assert Topic.create(sns, "tagged", Tags=tags).arn == first.arn
    assert Topic.create(sns, "tagged").arn == first.arn
    assert first.tags() == {"a": "1", "b": "2"}


@pytest.mark.parametrize("tags", [tag_list(a="other"), tag_list(c="3"), tag_list(a="1", c="3")])
def test_creating_again_with_other_tags_is_refused(sns, tags):
    Topic.create(sns, "tagged", Tags=tag_list(a="1", b="2"))
    with refused("InvalidParameter", DIFFERENT):
        Topic.create(sns, "tagged", Tags=tags)


def test_tags_of_what_is_not_there(sns, account):
    none = f"arn:aws:sns:us-east-1:{account}:none"
    with refused("ResourceNotFound", "Resource does not exist", 404):
        sns.list_tags_for_resource(ResourceArn=none)
    with refused("ResourceNotFound", "Resource does not exist", 404):
        sns.tag_resource(ResourceArn=none, Tags=tag_list(a="b"))
    with refused("ResourceNotFound", "Resource does not exist", 404):
        sns.untag_resource(ResourceArn=none, TagKeys=["a"])


def permit(topic, label, accounts, actions):
    topic.sns.add_permission(TopicArn=topic.arn, Label=label, AWSAccountId=accounts, ActionName=actions)


def statements(topic):
    return json.loads(topic.attribute("Policy"))["Statement"]


def test_a_permission_is_a_statement_behind_the_others(topic):
    made = topic()
    permit(made, "one", ["111122223333"], ["Publish"])
    permit(made, "many", ["111122223333", "444455556666"], ["Publish", "Subscribe"])
    default, one, many = statements(made)
    assert default["Sid"] == "__default_statement_ID"
    assert one == {
        "Sid": "one",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "SNS:Publish",
        "Resource": made.arn,
    }
    assert many["Principal"]["AWS"] == ["arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"]
    assert many["Action"] == ["SNS:Publish", "SNS:Subscribe"]


def test_a_label_is_used_once(topic):
    made = topic()
    permit(made, "label", ["111122223333"], ["Publish"])
    with refused("InvalidParameter", "Invalid parameter: Statement already exists"):
        permit(made, "label", ["444455556666"], ["Subscribe"])
    assert len(statements(made)) == 2


def test_an_unknown_action_is_refused(topic):
    with refused("InvalidParameter", "Invalid parameter: Policy statement action out of service scope!"):
        permit(topic(), "label", ["111122223333"], ["Dance"])


def test_a_permission_is_removed_by_its_label(sns, topic):
    made = topic()
    before = made.attribute("Policy")
    permit(made, "label", ["111122223333"], ["Publish"])
    sns.remove_permission(TopicArn=made.arn, Label="label")
    assert json.loads(made.attribute("Policy")) == json.loads(before)


def test_permissions_of_an_unknown_topic(sns, account):
    none = Topic(sns, f"arn:aws:sns:us-east-1:{account}:none")
    with refused("NotFound", ABSENT, 404):
        permit(none, "label", ["111122223333"], ["Publish"])
    with refused("NotFound", ABSENT, 404):
        sns.remove_permission(TopicArn=none.arn, Label="label")
