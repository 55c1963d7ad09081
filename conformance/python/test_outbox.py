"""What was sent, tokens, opt-outs, and a reset, as a test suite uses them beside AWS's API (spec 12)."""

import pytest
import requests
from outreach_calls import Outbox, eventually, sns_client
from queues import Queue, sdk_client

pytestmark = pytest.mark.once

NUMBER = "+436641234567"
UNKNOWN = "arn:aws:sns:us-east-1:000000000000:none:6ba7b810-9dad-11d1-80b4-00c04fd430c8"


@pytest.fixture
def sns(server, account):
    return sns_client(server.endpoint, account)


@pytest.fixture
def outbox(server, account):
    return Outbox(server, account)


def get(server, path, **parameters):
    return requests.get(server.endpoint + path, params=parameters, timeout=10)


def mails(server, account, **parameters):
    return get(server, "/_aws/ses", accountId=account, **parameters).json()["messages"]


def everything(server, account, **parameters):
    return get(server, "/_tidings/outbox", accountId=account, **parameters).json()


def token(server, arn):
    return get(server, f"/_aws/sns/subscription-tokens/{arn}")


# Mails


def test_mails_of_a_topic_are_listed_as_ses_has_them(server, account, sns, outbox):
    topic = sns.create_topic(Name="news")["TopicArn"]
    for address in ("a@example.com", "b@example.com"):
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)
    sns.publish(TopicArn=topic, Message="hello", Subject="greetings")
    listed = eventually(lambda: mails(server, account), 2)
    for mail in listed:
        assert set(mail) == {"Id", "Region", "Source", "Destination", "Subject", "Body", "Timestamp"}
        assert mail["Region"] == "us-east-1"
        assert mail["Body"]["text_part"].startswith("hello")
        assert mail["Body"]["html_part"] is None
    assert {mail["Destination"]["ToAddresses"][0] for mail in listed} == {"a@example.com", "b@example.com"}
    assert mails(server, account, id=listed[0]["Id"]) == [listed[0]]
    assert len(mails(server, account, email="b@example.com")) == 1
    assert mails(server, account, region="eu-west-1") == []
    outbox.forget("/_aws/ses", id=listed[0]["Id"])
    assert mails(server, account) == [listed[1]]
    outbox.forget("/_aws/ses")
    assert mails(server, account) == []


def test_mails_of_all_accounts_are_listed_unless_one_is_named(server, account, sns):
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=f"{account}@example.com")
    sns.publish(TopicArn=topic, Message="hello")
    eventually(lambda: mails(server, account), 1)
    listed = get(server, "/_aws/ses", email=f"{account}@example.com").json()["messages"]
    assert len(listed) == 1


# Everything


def test_the_outbox_says_what_was_asked_and_what_left(server, account, sns, outbox):
    sns.publish(PhoneNumber=NUMBER, Message="first")
    application = sns.create_platform_application(Name="app", Platform="GCM", Attributes={"PlatformCredential": "x"})
    endpoint = sns.create_platform_endpoint(PlatformApplicationArn=application["PlatformApplicationArn"], Token="t")
    arn = endpoint["EndpointArn"]
    sns.publish(TargetArn=arn, Message="second")
    text, push = everything(server, account)
    assert (text["kind"], text["to"], text["asked"]["Message"]) == ("sms", NUMBER, "first")
    assert (push["kind"], push["to"], push["asked"]["Message"]) == ("push", arn, "second")
    assert push["details"]["Payload"] == '{"data":{"default":"second"}}'
    assert (text["account"], text["region"]) == (account, "us-east-1")
    assert 0 < text["time"] <= push["time"]
    assert everything(server, account, limit=1) == [push]
    assert everything(server, account, kind="sms") == [text]
    assert everything(server, account, to=arn) == [push]
    outbox.forget("/_tidings/outbox", kind="push")
    assert everything(server, account) == [text]


@pytest.mark.parametrize("parameters", [{"kind": "letter"}, {"limit": "0"}, {"accountId": "1"}, {"region": "Mars"}])
def test_what_makes_no_sense_is_refused(server, parameters):
    assert get(server, "/_tidings/outbox", **parameters).status_code == 400


# Tokens


@pytest.mark.parametrize(("protocol", "endpoint"), [("http", "http://127.0.0.1:9/"), ("email", "a@example.com")])
def test_a_token_confirms_its_subscription(server, sns, protocol, endpoint):
    topic = sns.create_topic(Name="news")["TopicArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint, ReturnSubscriptionArn=True)
    arn = arn["SubscriptionArn"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert attributes["PendingConfirmation"] == "true"
    shown = token(server, arn)
    assert shown.status_code == 200
    assert shown.json()["subscription_arn"] == arn
    sns.confirm_subscription(TopicArn=topic, Token=shown.json()["subscription_token"])
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert attributes["PendingConfirmation"] == "false"


def test_what_is_no_subscription_has_no_token(server):
    unknown = token(server, UNKNOWN)
    assert unknown.status_code == 404
    assert unknown.json() == {"error": "The provided SubscriptionARN is not found", "subscription_arn": UNKNOWN}
    invalid = token(server, "randomarn")
    assert invalid.status_code == 400
    assert invalid.json() == {"error": "The provided SubscriptionARN is invalid", "subscription_arn": "randomarn"}


# Opting out


@pytest.mark.parametrize("body", ["", "{}", '{"phoneNumber":"nobody"}', '{"phoneNumber":"+15550100","accountId":"1"}'])
def test_what_cannot_opt_out_is_refused(server, body):
    assert requests.post(f"{server.endpoint}/_aws/sns/phone-opt-outs", data=body, timeout=10).status_code == 400


# The server


def test_health_names_the_services(server):
    services = get(server, "/_localstack/health").json()["services"]
    assert services == {"sqs": "running", "sns": "running", "logs": "running"}
    assert get(server, "/_localstack/info").json()["services"] == list(services)


def test_a_reset_removes_what_every_service_has(start):
    running = start()
    account = "000000000000"
    sns, sqs = sns_client(running.endpoint, account), sdk_client(running.endpoint)
    topic = sns.create_topic(Name="news")["TopicArn"]
    queue = Queue.create(sqs, "q")
    arn = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    sns.create_platform_application(Name="app", Platform="GCM", Attributes={"PlatformCredential": "x"})
    sns.set_sms_attributes(attributes={"DefaultSenderID": "shop"})
    sns.publish(PhoneNumber=NUMBER, Message="hello")
    Outbox(running, account).opt_out(NUMBER)

    def assert_empty():
        assert sns.list_topics()["Topics"] == []
        assert sns.list_subscriptions()["Subscriptions"] == []
        assert sns.list_platform_applications()["PlatformApplications"] == []
        assert sns.list_phone_numbers_opted_out()["phoneNumbers"] == []
        assert "DefaultSenderID" not in sns.get_sms_attributes()["attributes"]
        assert "QueueUrls" not in sqs.list_queues()
        assert token(running, subscription).status_code == 404
        assert get(running, "/_tidings/outbox").json() == []

    assert requests.post(f"{running.endpoint}/_tidings/reset", timeout=10).status_code == 200
    assert_empty()
    running.kill()
    running.start()
    assert_empty()


def test_what_was_sent_outlives_a_crash(start):
    running = start()
    account = "000000000000"
    sns = sns_client(running.endpoint, account)
    sns.publish(PhoneNumber=NUMBER, Message="kept")
    before = everything(running, account)
    running.kill()
    running.start()
    assert [sent["asked"]["Message"] for sent in before] == ["kept"]
    assert everything(running, account) == before
    Outbox(running, account).forget("/_tidings/outbox")
    running.kill()
    running.start()
    assert everything(running, account) == []
