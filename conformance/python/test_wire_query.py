"""Query/XML on the wire: paths, flattening, envelopes, escapes, JSON on request (spec 1.2)."""

import re

import pytest
from http_calls import NAMESPACE, REQUEST_ID, Wire, dotted, found, parse, presigned, scope, xml_error

import requests

pytestmark = pytest.mark.once
NO_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist for this wsdl version.")


@pytest.fixture
def wire(server, account):
    return Wire(server.endpoint, account)


@pytest.fixture
def url(wire):
    return found(wire.form("CreateQueue", QueueName="wire"), "./CreateQueueResult/QueueUrl")[0]


def test_a_success_is_the_envelope_of_aws_without_blanks(wire):
    answer = wire.form("CreateQueue", QueueName="wire")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert re.fullmatch(REQUEST_ID, answer.headers["x-amzn-requestid"])
    assert re.fullmatch(
        rf'<\?xml version="1.0"\?>\s*<CreateQueueResponse xmlns="{NAMESPACE}"><CreateQueueResult>'
        rf"<QueueUrl>{wire.endpoint}/{wire.account}/wire</QueueUrl></CreateQueueResult>"
        rf"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></CreateQueueResponse>",
        answer.text,
    )


def test_name_stands_before_value(wire, url):
    answer = wire.form("GetQueueAttributes", path=url, **dotted(AttributeName__1="QueueArn"))
    assert "<Attribute><Name>QueueArn</Name><Value>arn:" in answer.text


def test_operations_without_output_have_only_metadata(wire, url):
    answer = wire.form("PurgeQueue", QueueUrl=url)
    assert [child.tag.split("}")[1] for child in parse(answer)] == ["ResponseMetadata"]


def test_an_empty_receive_is_an_empty_element(wire, url):
    assert "<ReceiveMessageResult/>" in wire.form("ReceiveMessage", QueueUrl=url).text


def test_an_error_has_its_detail(wire):
    answer = wire.form("GetQueueUrl", QueueName="none")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/xml")
    assert xml_error(answer) == NO_QUEUE
    assert re.search(
        rf'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>[^<]*</Code><Message>[^<]*</Message><Detail/></Error>'
        rf"<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>$",
        answer.text,
    )


@pytest.mark.parametrize("call", ["form", "get"])
def test_the_queue_can_be_named_by_path_or_by_parameter(wire, url, call):
    send = getattr(wire, call)
    assert send("SendMessage", path=url, MessageBody="by path").status_code == 200
    assert send("SendMessage", QueueUrl=url, MessageBody="by parameter").status_code == 200
    answer = send("ReceiveMessage", path=url, MaxNumberOfMessages="10")
    assert found(answer, "./ReceiveMessageResult/Message/Body") == ["by path", "by parameter"]


def test_the_parameter_wins_over_the_path(wire, url):
    other = found(wire.form("CreateQueue", QueueName="other"), ".//QueueUrl")[0]
    wire.form("SendMessage", path=url, QueueUrl=other, MessageBody="x")
    assert found(wire.form("ReceiveMessage", path=other), ".//Body") == ["x"]


def test_the_version_may_be_given_or_not(wire):
    assert wire.form("ListQueues", Version="2012-11-05").status_code == 200
    assert wire.form("ListQueues").status_code == 200


def test_parameters_may_stand_in_url_and_body(wire, url):
    answer = requests.post(f"{url}?Action=SendMessage", data={"MessageBody": "split"}, timeout=10)
    assert answer.status_code == 200
    answer = requests.post(f"{url}?Action=SendMessage&MessageBody=all", timeout=10)
    assert answer.status_code == 200
    assert found(wire.form("ReceiveMessage", path=url, MaxNumberOfMessages="10"), ".//Body") == ["split", "all"]


def test_a_charset_may_follow_the_content_type(wire):
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert wire.form("ListQueues", headers=headers).status_code == 200


def test_plus_and_percent_are_decoded(wire, url):
    headers = {**scope(wire.account), "Content-Type": "application/x-www-form-urlencoded"}
    requests.post(url, data="Action=SendMessage&MessageBody=a+b%2Bc%26d%3De%C3%BC", headers=headers, timeout=10)
    assert found(wire.form("ReceiveMessage", path=url), ".//Body") == ["a b+c&d=eü"]


def test_everything_flattened_in_and_out(wire, url):
    sent = wire.form(
        "SendMessage",
        path=url,
        MessageBody="x",
        **dotted(
            MessageAttribute__1__Name="text",
            MessageAttribute__1__Value__StringValue="v",
            MessageAttribute__1__Value__DataType="String",
            MessageAttribute__2__Name="raw",
            MessageAttribute__2__Value__BinaryValue="AP8=",
            MessageAttribute__2__Value__DataType="Binary",
            MessageSystemAttribute__1__Name="AWSTraceHeader",
            MessageSystemAttribute__1__Value__StringValue="Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
            MessageSystemAttribute__1__Value__DataType="String",
        ),
    )
    assert found(sent, ".//MD5OfMessageSystemAttributes") == ["5ae4d5d7636402d80f4eb6d213245a88"]
    got = wire.form("ReceiveMessage", path=url, **dotted(AttributeName__1="All", MessageAttributeName__1="All"))
    assert found(got, ".//MD5OfMessageAttributes") == found(sent, ".//MD5OfMessageAttributes")
    assert found(got, ".//MessageAttribute/Name") == ["raw", "text"] or found(got, ".//MessageAttribute/Name") == ["text", "raw"]
    assert found(got, ".//BinaryValue") == ["AP8="]
    assert "AWSTraceHeader" in found(got, ".//Message/Attribute/Name")


def test_with_both_lists_of_names_only_attribute_name_counts(wire, url):
    wire.form("SendMessage", path=url, MessageBody="x")
    both = dotted(AttributeName__1="SentTimestamp", MessageSystemAttributeName__1="SenderId")
    answer = wire.form("ReceiveMessage", path=url, VisibilityTimeout="0", **both)
    assert found(answer, ".//Attribute/Name") == ["SentTimestamp"]
    answer = wire.form("ReceiveMessage", path=url, **dotted(MessageSystemAttributeName__1="SenderId"))
    assert found(answer, ".//Attribute/Name") == ["SenderId"]


def test_batches_flattened(wire, url):
    sent = wire.form(
        "SendMessageBatch",
        path=url,
        **dotted(
            SendMessageBatchRequestEntry__1__Id="a",
            SendMessageBatchRequestEntry__1__MessageBody="first",
            SendMessageBatchRequestEntry__2__Id="b",
            SendMessageBatchRequestEntry__2__MessageBody="\x01",
            SendMessageBatchRequestEntry__2__DelaySeconds="0",
        ),
    )
    assert found(sent, ".//SendMessageBatchResultEntry/Id") == ["a"]
    assert found(sent, ".//BatchResultErrorEntry/Code") == ["InvalidMessageContents"]
    assert found(sent, ".//BatchResultErrorEntry/SenderFault") == ["true"]
    handle = found(wire.form("ReceiveMessage", path=url), ".//ReceiptHandle")[0]
    hidden = wire.form(
        "ChangeMessageVisibilityBatch",
        path=url,
        **dotted(
            ChangeMessageVisibilityBatchRequestEntry__1__Id="a",
            ChangeMessageVisibilityBatchRequestEntry__1__ReceiptHandle=handle,
            ChangeMessageVisibilityBatchRequestEntry__1__VisibilityTimeout="60",
        ),
    )
    assert found(hidden, ".//ChangeMessageVisibilityBatchResultEntry/Id") == ["a"]
    deleted = wire.form(
        "DeleteMessageBatch",
        path=url,
        **dotted(DeleteMessageBatchRequestEntry__1__Id="a", DeleteMessageBatchRequestEntry__1__ReceiptHandle=handle),
    )
    assert found(deleted, ".//DeleteMessageBatchResultEntry/Id") == ["a"]


def test_lists_need_not_be_contiguous_nor_in_order(wire, url):
    names = dotted(AttributeName__3="DelaySeconds", AttributeName__1="VisibilityTimeout")
    answer = wire.form("GetQueueAttributes", path=url, **names)
    assert sorted(found(answer, ".//Attribute/Name")) == ["DelaySeconds", "VisibilityTimeout"]


def test_an_empty_list_as_sdks_write_it(wire, url):
    answer = wire.form("SendMessageBatch", path=url, Entries="")
    assert xml_error(answer)[0] == "AWS.SimpleQueueService.EmptyBatchRequest"
    assert xml_error(wire.form("SendMessageBatch", path=url))[0] == "AWS.SimpleQueueService.EmptyBatchRequest"
    answer = wire.form("GetQueueAttributes", path=url, AttributeNames="")
    assert answer.status_code == 200 and found(answer, ".//Attribute") == []
    wire.form("SendMessage", path=url, MessageBody="x")
    answer = wire.form("ReceiveMessage", path=url, AttributeNames="", MessageAttributeNames="")
    assert found(answer, ".//Body") == ["x"]


def test_tags_and_attributes_at_creation_flattened(wire):
    made = wire.form(
        "CreateQueue",
        QueueName="tagged",
        **dotted(Tag__1__Key="k", Tag__1__Value="", Attribute__1__Name="DelaySeconds", Attribute__1__Value="7"),
    )
    url = found(made, ".//QueueUrl")[0]
    assert "<Tag><Key>k</Key><Value></Value></Tag>" in wire.form("ListQueueTags", QueueUrl=url).text
    assert found(wire.form("GetQueueAttributes", QueueUrl=url, **dotted(AttributeName__1="DelaySeconds")), ".//Value") == ["7"]


def test_permissions_flattened(wire, url):
    answer = wire.form(
        "AddPermission", path=url, Label="l", **dotted(AWSAccountId__1="111122223333", ActionName__1="SendMessage")
    )
    assert answer.status_code == 200
    policy = wire.form("GetQueueAttributes", path=url, **dotted(AttributeName__1="Policy"))
    assert '"Sid":"l"' in found(policy, ".//Value")[0].replace(" ", "")


def test_carriage_returns_and_entities_survive_xml(wire, url):
    body = "a\rb\r\nc &quot; \" < > & ]]> &#13;"
    wire.form("SendMessage", path=url, MessageBody=body)
    answer = wire.form("ReceiveMessage", path=url)
    assert b"&#13;" in answer.content.lower().replace(b"&#xd;", b"&#13;")
    assert found(answer, ".//Body") == [body]


def test_a_missing_parameter_is_named(wire, url):
    answer = wire.form("SendMessage", path=url)
    assert (answer.status_code, xml_error(answer)) == (
        400,
        ("MissingParameter", "The request must contain the parameter MessageBody."),
    )
    answer = wire.form("SendMessage", MessageBody="x")
    assert xml_error(answer) == ("MissingParameter", "The request must contain the parameter QueueUrl.")


@pytest.mark.parametrize("action", ["CreateQueue", "ListQueues", "MakeCoffee"])
def test_actions_that_a_queue_path_does_not_have(wire, url, action):
    answer = wire.form(action, path=url, QueueName="other")
    assert answer.status_code == 400
    assert xml_error(answer) == ("InvalidAction", f"The action {action} is not valid for this endpoint.")


def test_an_unknown_action_at_the_root(wire):
    answer = wire.form("MakeCoffee")
    assert answer.status_code == 400
    assert xml_error(answer) == ("InvalidAction", "The action MakeCoffee is not valid for this endpoint.")


def test_get_queue_url_works_at_a_queue_path_for_any_queue(wire, url):
    other = found(wire.form("CreateQueue", QueueName="other"), ".//QueueUrl")[0]
    assert found(wire.get("GetQueueUrl", path=url, QueueName="wire"), ".//QueueUrl") == [url]
    assert found(wire.get("GetQueueUrl", path=url, QueueName="other"), ".//QueueUrl") == [other]


def test_a_queue_can_be_deleted_by_get(wire, url):
    assert wire.get("DeleteQueue", path=url).status_code == 200
    assert xml_error(wire.get("GetQueueAttributes", path=url)) == NO_QUEUE


@pytest.mark.parametrize("accept", ["*/*", "application/json"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_request_without_action_is_unknown_in_xml(wire, url, method, accept):
    for address in (wire.endpoint + "/", url):
        answer = requests.request(method, address, headers={**scope(wire.account), "Accept": accept}, timeout=10)
        assert answer.status_code == 404
        assert "<UnknownOperationException/>" in answer.text


def test_unsigned_requests_work_at_a_queue_url(wire, url):
    assert requests.get(url, params={"Action": "SendMessage", "MessageBody": "x"}, timeout=10).status_code == 200
    answer = requests.get(url, params={"Action": "ReceiveMessage"}, timeout=10)
    assert found(answer, ".//Body") == ["x"]


def test_presigned_requests_work_at_the_root_and_at_a_queue_url(wire, url):
    signed = presigned(wire.account)
    answer = requests.get(f"{wire.endpoint}/", params={"Action": "ListQueues", **signed}, timeout=10)
    assert found(answer, ".//QueueUrl") == [url]
    answer = requests.get(url, params={"Action": "SendMessage", "MessageBody": "x", **signed}, timeout=10)
    assert answer.status_code == 200
    assert found(requests.get(url, params={"Action": "ReceiveMessage", **signed}, timeout=10), ".//Body") == ["x"]


def test_another_service_in_the_scope_does_not_matter_at_a_queue_url(wire, url):
    headers = scope(wire.account, service="sqs_query")
    assert requests.get(url, params={"Action": "PurgeQueue"}, headers=headers, timeout=10).status_code == 200


# JSON instead of XML on request


ACCEPT = {"Accept": "application/json"}


def test_json_on_request(wire, url):
    answer = wire.get("ListQueues", headers=ACCEPT)
    assert answer.headers["content-type"].startswith("application/json")
    body = answer.json()["ListQueuesResponse"]
    assert re.fullmatch(REQUEST_ID, body["ResponseMetadata"]["RequestId"])
    assert url in str(body["ListQueuesResult"])


def test_json_members_of_a_receive(wire, url):
    wire.form("SendMessage", path=url, MessageBody="x")
    answer = wire.get("ReceiveMessage", path=url, headers=ACCEPT)
    assert answer.json()["ReceiveMessageResponse"]["ReceiveMessageResult"]["messages"][0]["Body"] == "x"


def test_json_members_of_attributes(wire, url):
    answer = wire.get("GetQueueAttributes", path=url, headers=ACCEPT, **dotted(AttributeName__1="DelaySeconds"))
    result = answer.json()["GetQueueAttributesResponse"]["GetQueueAttributesResult"]
    assert result["Attributes"] == [{"Name": "DelaySeconds", "Value": "0"}]


def test_json_errors_on_request(wire):
    answer = wire.get("GetQueueUrl", headers=ACCEPT, QueueName="none")
    assert answer.status_code == 400
    assert (answer.json()["Error"]["Code"], answer.json()["Error"]["Message"]) == NO_QUEUE
    assert re.fullmatch(REQUEST_ID, answer.json()["RequestId"])
