"""TagQueue, UntagQueue, ListQueueTags, AddPermission, RemovePermission (spec 3, 7)."""

import json

import pytest
from queues import refused


def tags(q):
    return q.sqs.list_queue_tags(QueueUrl=q.url).get("Tags")


def tag(q, **pairs):
    q.sqs.tag_queue(QueueUrl=q.url, Tags=pairs)


def test_an_untagged_queue_has_no_tags_member(sqs, queue):
    assert "Tags" not in sqs.list_queue_tags(QueueUrl=queue().url)


def test_tags_are_added_and_overwritten_with_case_and_empty_values(queue):
    q = queue()
    tag(q, team="blue", Team="red", empty="")
    tag(q, team="green")
    assert tags(q) == {"team": "green", "Team": "red", "empty": ""}


def test_untagging_ignores_unknown_keys(sqs, queue):
    q = queue()
    tag(q, a="1", b="2")
    sqs.untag_queue(QueueUrl=q.url, TagKeys=["a", "unknown"])
    assert tags(q) == {"b": "2"}
    sqs.untag_queue(QueueUrl=q.url, TagKeys=["b"])
    assert tags(q) is None


def test_fifty_tags_are_allowed(queue):
    q = queue()
    tag(q, **{f"k{n}": "v" for n in range(50)})
    assert len(tags(q)) == 50
    with refused("InvalidParameterValue", f"Too many tags added for queue {q.name}."):
        tag(q, one="more")
    tag(q, k0="changed")
    assert tags(q)["k0"] == "changed"


def test_an_empty_tag_list_is_missing(sqs, queue):
    with refused("MissingParameter", "The request must contain the parameter Tags."):
        sqs.tag_queue(QueueUrl=queue().url, Tags={})


@pytest.mark.parametrize("key, value", [("k" * 129, "v"), ("k", "v" * 257), ("aws:x", "v"), ("k?", "v")])
def test_bad_tags_are_refused(queue, key, value):
    with refused("InvalidParameterValue"):
        tag(queue(), **{key: value})


def test_the_longest_tag_and_all_its_characters(queue):
    q = queue()
    tag(q, **{"k" * 128: "v" * 256, "a b_.:/=+-@ü9": "a b_.:/=+-@ü9"})
    assert tags(q) == {"k" * 128: "v" * 256, "a b_.:/=+-@ü9": "a b_.:/=+-@ü9"}


def permit(q, label="label", accounts=("111122223333",), actions=("ReceiveMessage",)):
    q.sqs.add_permission(QueueUrl=q.url, Label=label, AWSAccountIds=list(accounts), Actions=list(actions))


def test_a_permission_is_a_statement_of_the_policy(queue):
    q = queue()
    permit(q)
    policy = q.attribute("Policy")
    assert json.loads(policy) == {
        "Version": "2008-10-17",
        "Id": f"{q.arn}/SQSDefaultPolicy",
        "Statement": [
            {
                "Sid": "label",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                "Action": "SQS:ReceiveMessage",
                "Resource": q.arn,
            }
        ],
    }
    assert list(json.loads(policy)) == ["Version", "Id", "Statement"]
    assert list(json.loads(policy)["Statement"][0]) == ["Sid", "Effect", "Principal", "Action", "Resource"]


def test_several_accounts_and_actions_are_arrays(queue):
    q = queue()
    permit(q, accounts=("111122223333", "444455556666"), actions=("SendMessage", "ReceiveMessage"))
    [statement] = json.loads(q.attribute("Policy"))["Statement"]
    assert sorted(statement["Principal"]["AWS"]) == [
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::444455556666:root",
    ]
    assert sorted(statement["Action"]) == ["SQS:ReceiveMessage", "SQS:SendMessage"]


def test_new_statements_stand_at_the_end_and_the_last_one_takes_the_policy_along(sqs, queue):
    q = queue()
    for label in ("a", "b"):
        permit(q, label)
    assert [statement["Sid"] for statement in json.loads(q.attribute("Policy"))["Statement"]] == ["a", "b"]
    sqs.remove_permission(QueueUrl=q.url, Label="a")
    assert [statement["Sid"] for statement in json.loads(q.attribute("Policy"))["Statement"]] == ["b"]
    sqs.remove_permission(QueueUrl=q.url, Label="b")
    assert q.attribute("Policy") is None


def test_a_permission_joins_a_policy_that_was_set(queue):
    q = queue()
    statement = {"Sid": "own", "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": q.arn}
    q.set(Policy=json.dumps({"Version": "2012-10-17", "Id": "mine", "Statement": [statement]}))
    permit(q)
    policy = json.loads(q.attribute("Policy"))
    assert [each["Sid"] for each in policy["Statement"]] == ["own", "label"]
    assert policy["Statement"][0] == statement


def test_labels_are_unique(sqs, queue):
    q = queue()
    permit(q)
    with refused("InvalidParameterValue", "Value label for parameter Label is invalid. Reason: Already exists."):
        permit(q)
    expected = "Value none for parameter Label is invalid. Reason: can't find label."
    with refused("InvalidParameterValue", expected):
        sqs.remove_permission(QueueUrl=q.url, Label="none")


@pytest.mark.parametrize("label", ["l" * 81, "a b", "a.b"])
def test_bad_labels_are_refused(queue, label):
    with refused("InvalidParameterValue"):
        permit(queue(), label)


def test_unknown_actions_are_refused(queue):
    expected = (
        "Value SQS:Nonsense for parameter ActionName is invalid. "
        "Reason: Please refer to the appropriate WSDL for a list of valid actions. "
    )
    with refused("InvalidParameterValue", expected):
        permit(queue(), actions=("Nonsense",))


@pytest.mark.parametrize("action", ["CreateQueue", "ListQueues", "AddPermission", "SetQueueAttributes", "DeleteQueue"])
def test_actions_of_the_owner_cannot_be_given_away(queue, action):
    expected = (
        f"Value SQS:{action} for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action."
    )
    with refused("InvalidParameterValue", expected):
        permit(queue(), actions=(action,))


def test_every_valid_action_is_accepted(queue):
    q = queue()
    valid = "* SendMessage ReceiveMessage DeleteMessage ChangeMessageVisibility GetQueueAttributes GetQueueUrl".split()
    permit(q, "seven", actions=valid)
    permit(q, "more", actions=("ListDeadLetterSourceQueues", "PurgeQueue"))
    assert len(json.loads(q.attribute("Policy"))["Statement"]) == 2


def test_more_than_seven_actions_are_refused(queue):
    with refused("OverLimit", "8 Actions were found, maximum allowed is 7.", status=403):
        permit(
            queue(),
            actions="SendMessage ReceiveMessage DeleteMessage ChangeMessageVisibility "
            "GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues PurgeQueue".split(),
        )


def test_a_permission_needs_an_account(queue):
    expected = "Value [] for parameter PrincipalId is invalid. Reason: Unable to verify."
    with refused("InvalidParameterValue", expected):
        permit(queue(), accounts=())
