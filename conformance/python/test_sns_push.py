"""Platform applications, their endpoints, and what is pushed to them (spec 8, 12)."""

import json

import pytest
from outreach_calls import Outbox, eventually, sns_client, string
from queues import refused

pytestmark = pytest.mark.once

NULL_ATTRIBUTES = (
    "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: Member must not be null"
)


@pytest.fixture
def sns(server, account):
    return sns_client(server.endpoint, account)


@pytest.fixture
def outbox(server, account):
    return Outbox(server, account)


@pytest.fixture
def application(sns):
    """Makes applications: `application("APNS", EventEndpointCreated=arn)`."""

    def make(platform="GCM", name="shop", **attributes):
        attributes = {"PlatformPrincipal": "p", "PlatformCredential": "hunter2", **attributes}
        answer = sns.create_platform_application(Name=name, Platform=platform, Attributes=attributes)
        return answer["PlatformApplicationArn"]

    return make


@pytest.fixture
def device(sns, application):
    """An endpoint of an application of its own."""

    def make(platform="GCM", token="device-token"):
        return endpoint(sns, application(platform), token)

    return make


def endpoint(sns, application, token="device-token", **more):
    return sns.create_platform_endpoint(PlatformApplicationArn=application, Token=token, **more)["EndpointArn"]


def attributes_of(sns, arn):
    return sns.get_endpoint_attributes(EndpointArn=arn)["Attributes"]


# Applications


def test_an_application_has_an_arn_by_platform_and_name(application, account):
    for platform in ("ADM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "GCM", "BAIDU", "MPNS", "WNS", "MACOS"):
        assert application(platform) == f"arn:aws:sns:us-east-1:{account}:app/{platform}/shop"


def test_a_name_has_its_characters_and_length(sns):
    characters = "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'"
    for name, reason in (
        ("", "cannot be empty"),
        ("n" * 257, "must be at most 256 characters long"),
        ("a b", characters),
    ):
        with refused("InvalidParameter", f"Invalid parameter: {name} Reason: {reason}"):
            sns.create_platform_application(Name=name, Platform="ADM", Attributes={"PlatformCredential": "c"})


def test_a_platform_is_one_that_aws_knows(sns):
    with refused("InvalidParameter", "Invalid parameter: Platform Reason: FCM is not supported"):
        sns.create_platform_application(Name="n", Platform="FCM", Attributes={"PlatformCredential": "c"})


def test_credential_and_principal_come_together_except_for_gcm(sns):
    text = "Invalid parameter: Attributes Reason: {} attribute provided without {}"
    with refused("InvalidParameter", text.format("PlatformPrincipal", "PlatformCredential")):
        sns.create_platform_application(Name="n", Platform="ADM", Attributes={"PlatformPrincipal": "p"})
    with refused("InvalidParameter", text.format("PlatformCredential", "PlatformPrincipal")):
        sns.create_platform_application(Name="n", Platform="ADM", Attributes={"PlatformCredential": "c"})
    sns.create_platform_application(Name="n", Platform="GCM", Attributes={"PlatformCredential": "c"})
    with refused("ValidationError", NULL_ATTRIBUTES):
        sns.create_platform_application(Name="n", Platform="GCM", Attributes={})


def test_attributes_read_back_without_the_credentials(sns, application):
    arn = application()
    assert sns.get_platform_application_attributes(PlatformApplicationArn=arn)["Attributes"] == {"Enabled": "true"}
    sns.set_platform_application_attributes(PlatformApplicationArn=arn, Attributes={"SuccessFeedbackSampleRate": "100"})
    wanted = {"Enabled": "true", "SuccessFeedbackSampleRate": "100"}
    assert sns.get_platform_application_attributes(PlatformApplicationArn=arn)["Attributes"] == wanted
    listed = sns.list_platform_applications()
    assert listed["PlatformApplications"] == [{"PlatformApplicationArn": arn, "Attributes": wanted}]
    assert "NextToken" not in listed


def test_setting_attributes_looks_at_the_arn_then_at_the_map_then_at_the_application(sns, account):
    text = "Invalid parameter: PlatformApplicationArn Reason: An ARN must have at least 6 elements, not 1"
    with refused("InvalidParameter", text):
        sns.set_platform_application_attributes(PlatformApplicationArn="randomarn", Attributes={})
    unknown = f"arn:aws:sns:us-east-1:{account}:app/GCM/none"
    with refused("ValidationError", NULL_ATTRIBUTES):
        sns.set_platform_application_attributes(PlatformApplicationArn=unknown, Attributes={})
    with refused("NotFound", "PlatformApplication does not exist", 404):
        sns.set_platform_application_attributes(PlatformApplicationArn=unknown, Attributes={"Enabled": "true"})


def test_a_deleted_application_is_gone_with_its_list(sns, application):
    arn = application()
    kept = endpoint(sns, arn)
    for _ in range(2):
        sns.delete_platform_application(PlatformApplicationArn=arn)
    for call in (sns.get_platform_application_attributes, sns.list_endpoints_by_platform_application):
        with refused("NotFound", "PlatformApplication does not exist", 404):
            call(PlatformApplicationArn=arn)
    sns.delete_endpoint(EndpointArn=kept)
    assert sns.list_platform_applications()["PlatformApplications"] == []


def test_an_account_sees_its_own_applications_in_one_region(server, application, account, other_account):
    application()
    for client in (sns_client(server.endpoint, other_account), sns_client(server.endpoint, account, "eu-west-1")):
        assert client.list_platform_applications()["PlatformApplications"] == []


# Endpoints


def test_an_endpoint_is_enabled_and_shows_what_it_was_given(sns, application):
    arn = application()
    first = endpoint(sns, arn, "1")
    assert first.startswith(arn.replace(":app/", ":endpoint/") + "/")
    assert attributes_of(sns, first) == {"Enabled": "true", "Token": "1"}
    second = endpoint(sns, arn, "2", CustomUserData="bar")
    assert attributes_of(sns, second) == {"Enabled": "true", "Token": "2", "CustomUserData": "bar"}
    listed = sns.list_endpoints_by_platform_application(PlatformApplicationArn=arn)["Endpoints"]
    assert listed == [{"EndpointArn": each, "Attributes": attributes_of(sns, each)} for each in (first, second)]


def test_user_data_among_the_attributes_goes_before_the_parameter(sns, application):
    arn = endpoint(sns, application(), CustomUserData="bar", Attributes={"CustomUserData": "foo"})
    assert attributes_of(sns, arn)["CustomUserData"] == "foo"


def test_a_token_is_one_endpoint(sns, application):
    app = application()
    arn = endpoint(sns, app, CustomUserData="d")
    assert endpoint(sns, app, CustomUserData="d") == arn
    text = f"Invalid parameter: Token Reason: Endpoint {arn} already exists with the same Token, but different attributes."
    for different in ({"CustomUserData": "other"}, {"CustomUserData": "d", "Attributes": {"Enabled": "false"}}):
        with refused("InvalidParameter", text):
            endpoint(sns, app, **different)


def test_attributes_of_endpoints_are_checked(sns, application):
    app = application()
    arn = endpoint(sns, app, "other")
    long = "Invalid value for attribute: CustomUserData: must be at most 2048 bytes long in UTF-8 encoding"
    for attributes, reason in (
        ({"EnableFoo": "1"}, "Invalid attribute name: EnableFoo"),
        ({"CustomUserData": "é" * 1025}, long),
    ):
        text = f"Invalid parameter: Attributes Reason: {reason}"
        with refused("InvalidParameter", text):
            endpoint(sns, app, Attributes=attributes)
        with refused("InvalidParameter", text):
            sns.set_endpoint_attributes(EndpointArn=arn, Attributes=attributes)
    with refused("ValidationError", NULL_ATTRIBUTES):
        sns.set_endpoint_attributes(EndpointArn=arn, Attributes={})
    sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"CustomUserData": "é" * 1024, "Enabled": "false"})
    assert attributes_of(sns, arn) == {"Enabled": "false", "Token": "other", "CustomUserData": "é" * 1024}


def test_a_deleted_endpoint_is_gone(sns, device):
    arn = device()
    for _ in range(2):
        sns.delete_endpoint(EndpointArn=arn)
    with refused("NotFound", "Endpoint does not exist", 404):
        attributes_of(sns, arn)


def test_an_unknown_application_has_no_endpoints(sns, account):
    with refused("NotFound", "PlatformApplication does not exist", 404):
        endpoint(sns, f"arn:aws:sns:us-east-1:{account}:app/GCM/none")


def test_endpoints_are_listed_in_pages_of_100(sns, application):
    app = application()
    arns = [endpoint(sns, app, f"t{n}") for n in range(101)]
    first = sns.list_endpoints_by_platform_application(PlatformApplicationArn=app)
    assert len(first["Endpoints"]) == 100
    second = sns.list_endpoints_by_platform_application(PlatformApplicationArn=app, NextToken=first["NextToken"])
    assert "NextToken" not in second
    assert [each["EndpointArn"] for each in first["Endpoints"] + second["Endpoints"]] == arns


# Pushes


def test_a_push_straight_to_an_endpoint_is_listed(sns, outbox, device):
    arn = device()
    assert outbox.pushes(arn) == []
    attributes = {"n": string("v")}
    answer = sns.publish(TargetArn=arn, Message="hello", Subject="s", MessageAttributes=attributes)
    assert outbox.pushes(arn) == [
        {
            "TargetArn": arn,
            "TopicArn": "",
            "Message": "hello",
            "MessageAttributes": attributes,
            "MessageStructure": None,
            "Subject": "s",
            "MessageId": answer["MessageId"],
        }
    ]


def test_a_platform_gets_its_own_entry_else_the_default_one(sns, outbox, device):
    arn = device()
    own = json.dumps({"data": {"message": "deal"}, "time_to_live": 3600})
    for message in ({"GCM": own}, {"default": "d", "APNS": "{}"}):
        sns.publish(TargetArn=arn, Message=json.dumps(message), MessageStructure="json")
    first, second = outbox.pushes(arn)
    assert (json.loads(first["Message"]), json.loads(second["Message"])) == (own, "d")
    assert first["MessageStructure"] == "json"


def test_a_push_through_a_topic_is_listed_with_its_topic(sns, outbox, device):
    arn = device()
    topic = sns.create_topic(Name="deals")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="application", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="hello")
    [pushed] = eventually(lambda: outbox.pushes(arn), 1)
    assert (pushed["TopicArn"], pushed["TargetArn"], pushed["Message"]) == (topic, arn, "hello")
    assert "MessageId" not in pushed


def test_what_was_pushed_is_listed_by_account_and_forgotten_on_request(sns, outbox, application):
    app = application()
    one, two = endpoint(sns, app, "1"), endpoint(sns, app, "2")
    for arn in (one, two):
        sns.publish(TargetArn=arn, Message="m")
    assert set(outbox.all_pushes()) == {one, two}
    outbox.forget("/_aws/sns/platform-endpoint-messages", endpointArn=one)
    assert set(outbox.all_pushes()) == {two}
    outbox.forget("/_aws/sns/platform-endpoint-messages")
    assert outbox.all_pushes() == {}


def test_a_disabled_endpoint_gets_nothing(sns, outbox, device):
    arn = device()
    sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Enabled": "false"})
    for message in ({"Message": "m"}, {"Message": "{}", "MessageStructure": "json"}):
        with refused("EndpointDisabled", "Endpoint is disabled"):
            sns.publish(TargetArn=arn, **message)
    assert outbox.pushes(arn) == []


def test_an_unknown_endpoint_gets_nothing(sns, device):
    arn = device()
    sns.delete_endpoint(EndpointArn=arn)
    text = "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified"
    with refused("InvalidParameter", text):
        sns.publish(TargetArn=arn, Message="m")


def test_an_application_tells_its_topic_of_its_endpoints(sns, sqs, queue, application):
    topic = sns.create_topic(Name="events")["TopicArn"]
    q = queue()
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=q.arn, Attributes={"RawMessageDelivery": "true"})
    names = ("EventEndpointCreated", "EventEndpointUpdated", "EventEndpointDeleted")
    app = application(**dict.fromkeys(names, topic))
    arn = endpoint(sns, app)
    sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Enabled": "false"})
    sns.delete_endpoint(EndpointArn=arn)
    bodies = []
    while len(bodies) < 3:
        received = q.bodies(WaitTimeSeconds=5)
        assert received, bodies
        bodies += received
    told = [json.loads(body) for body in bodies]
    assert {each["EventType"] for each in told} == {"EndpointCreated", "EndpointUpdated", "EndpointDeleted"}
    assert {(each["EndpointArn"], each["Resource"]) for each in told} == {(arn, app)}


def test_applications_endpoints_and_what_was_sent_survive_a_restart(start, account):
    running = start()
    sns = sns_client(running.endpoint, account)
    app = sns.create_platform_application(Name="a", Platform="GCM", Attributes={"PlatformCredential": "c"})
    arn = endpoint(sns, app["PlatformApplicationArn"])
    sns.publish(TargetArn=arn, Message="before")
    running.kill()
    running.start()
    assert attributes_of(sns, arn)["Token"] == "device-token"
    assert [each["Message"] for each in Outbox(running, account).pushes(arn)] == ["before"]
