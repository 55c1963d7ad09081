"""The Query protocol on the wire: XML, headers, parameters in the form, the URL or both (spec 1)."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from http_calls import REQUEST_ID, scope
from receiver import visit
import requests

pytestmark = pytest.mark.once

NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/"
VERSION = "2010-03-31"


@pytest.fixture
def call(server, account):
    def call(action, parameters=None, **more):
        form = {"Action": action, "Version": VERSION, **(parameters or {})}
        return requests.post(server.endpoint, data=form, headers=scope(account, service="sns"), timeout=30, **more)

    return call


def tree(answer):
    return ElementTree.fromstring(answer.content)


def names(element):
    """An element as nested tuples of names without namespace and texts."""
    assert element.tag.startswith(f"{{{NAMESPACE}}}"), element.tag
    name = element.tag.split("}")[1]
    return (name, [names(child) for child in element]) if len(element) else (name, element.text)


def test_a_success_with_a_result(call, account):
    answer = call("CreateTopic", {"Name": "wire"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/xml")
    request_id = answer.headers["x-amzn-RequestId"]
    assert re.fullmatch(REQUEST_ID, request_id)
    assert names(tree(answer)) == (
        "CreateTopicResponse",
        [
            ("CreateTopicResult", [("TopicArn", f"arn:aws:sns:us-east-1:{account}:wire")]),
            ("ResponseMetadata", [("RequestId", request_id)]),
        ],
    )


@pytest.mark.parametrize(
    "action, parameters",
    [
        ("SetTopicAttributes", {"AttributeName": "DisplayName", "AttributeValue": "x"}),
        ("AddPermission", {"Label": "l", "AWSAccountId.member.1": "111122223333", "ActionName.member.1": "Publish"}),
        ("RemovePermission", {"Label": "l"}),
        ("DeleteTopic", {}),
    ],
)
def test_a_success_without_a_result(call, account, action, parameters):
    arn = f"arn:aws:sns:us-east-1:{account}:wire"
    call("CreateTopic", {"Name": "wire"})
    name, children = names(tree(call(action, {"TopicArn": arn, **parameters})))
    assert name == f"{action}Response"
    assert [child[0] for child in children] == ["ResponseMetadata"]


def test_an_error(call):
    answer = call("CreateTopic", {"Name": "bad name"})
    assert answer.status_code == 400
    request_id = answer.headers["x-amzn-RequestId"]
    error = [("Type", "Sender"), ("Code", "InvalidParameter"), ("Message", "Invalid parameter: Topic Name")]
    assert names(tree(answer)) == ("ErrorResponse", [("Error", error), ("RequestId", request_id)])


def test_a_missing_parameter(call):
    error = dict(names(tree(call("CreateTopic")))[1][0][1])
    assert error["Code"] == "ValidationError"
    assert error["Message"] == "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"


def test_an_unknown_action(call):
    answer = call("Dance")
    assert answer.status_code == 400
    assert dict(names(tree(answer))[1][0][1])["Code"] == "InvalidAction"


def test_lists_and_maps(call, account):
    arn = f"arn:aws:sns:us-east-1:{account}:wire"
    tags = {"Tags.member.1.Key": "a", "Tags.member.1.Value": "b"}
    attributes = {"Attributes.entry.1.key": "DisplayName", "Attributes.entry.1.value": "<&>"}
    call("CreateTopic", {"Name": "wire", **tags, **attributes})
    listed = names(tree(call("ListTopics")))[1][0]
    assert listed == ("ListTopicsResult", [("Topics", [("member", [("TopicArn", arn)])])])
    tagged = names(tree(call("ListTagsForResource", {"ResourceArn": arn})))[1][0]
    assert tagged == ("ListTagsForResourceResult", [("Tags", [("member", [("Key", "a"), ("Value", "b")])])])
    entries = names(tree(call("GetTopicAttributes", {"TopicArn": arn})))[1][0][1][0]
    assert entries[0] == "Attributes" and ("entry", [("key", "DisplayName"), ("value", "<&>")]) in entries[1]


@pytest.mark.parametrize(
    "action, member",
    [("ListTopics", "Topics"), ("ListSubscriptions", "Subscriptions"), ("ListPhoneNumbersOptedOut", "phoneNumbers")],
)
def test_an_empty_list_is_there(call, action, member):
    name, children = names(tree(call(action)))[1][0]
    assert (name, [child[0] for child in children]) == (f"{action}Result", [member])


def test_a_batch(call, account):
    call("CreateTopic", {"Name": "wire"})
    entries = {
        "PublishBatchRequestEntries.member.1.Id": "one",
        "PublishBatchRequestEntries.member.1.Message": "x",
        "PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Name": "n",
        "PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.DataType": "String",
        "PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.StringValue": "v",
    }
    answer = call("PublishBatch", {"TopicArn": f"arn:aws:sns:us-east-1:{account}:wire", **entries})
    result = dict(names(tree(answer))[1][0][1])
    assert [name for name, _ in result["Successful"][0][1]] == ["Id", "MessageId"]
    assert "Failed" in result and not result["Failed"]


def test_an_empty_list_is_written_by_its_bare_name(call, account):
    call("CreateTopic", {"Name": "wire", "Tags": ""})
    answer = call("PublishBatch", {"TopicArn": f"arn:aws:sns:us-east-1:{account}:wire", "PublishBatchRequestEntries": ""})
    assert dict(names(tree(answer))[1][0][1])["Code"] == "EmptyBatchRequest"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_all_parameters_in_the_url(server, account, method):
    parameters = {"Action": "CreateTopic", "Version": VERSION, "Name": "by-url"}
    headers = scope(account, service="sns")
    answer = requests.request(method, server.endpoint, params=parameters, headers=headers, timeout=30)
    assert answer.status_code == 200 and b":by-url<" in answer.content


def test_an_unsigned_link_finds_its_account_and_region(server, account):
    there = f"arn:aws:sns:eu-west-1:{account}:t:11111111-2222-3333-4444-555555555555"
    status, answer = visit(f"{server.endpoint}/?Action=Unsubscribe&SubscriptionArn={there}")
    assert (status, "<UnsubscribeResponse" in answer) == (200, True)
    topic = there.rsplit(":", 1)[0]
    status, answer = visit(f"{server.endpoint}/?Action=ConfirmSubscription&TopicArn={topic}&Token=abc123")
    assert status == 400 and "Invalid parameter: Token" in answer
