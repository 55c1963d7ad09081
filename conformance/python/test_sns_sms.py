"""SMS: sending, attributes, opting out, and the sandbox (spec 9, 12)."""

import json

import pytest
from outreach_calls import Outbox, eventually, sns_client, string
from queues import refused

pytestmark = pytest.mark.once

NUMBER = "+436641234567"
DAY = 24 * 3600


@pytest.fixture
def sns(server, account):
    return sns_client(server.endpoint, account)


@pytest.fixture
def outbox(server, account):
    return Outbox(server, account)


# Sending


def test_an_sms_straight_to_a_number_is_listed(sns, outbox):
    assert outbox.texts(NUMBER) == []
    attributes = {"AWS.SNS.SMS.SenderID": string("Shop")}
    answer = sns.publish(PhoneNumber=NUMBER, Message="hello", MessageAttributes=attributes)
    assert outbox.texts(NUMBER) == [
        {
            "PhoneNumber": NUMBER,
            "TopicArn": None,
            "SubscriptionArn": None,
            "MessageId": answer["MessageId"],
            "Message": "hello",
            "MessageAttributes": attributes,
            "MessageStructure": None,
            "Subject": None,
        }
    ]


def test_an_sms_through_a_topic_is_listed_with_its_subscription(sns, outbox):
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    subscription = sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=NUMBER)["SubscriptionArn"]
    message = json.dumps({"default": "long", "sms": "short"})
    sns.publish(TopicArn=topic, Message=message, MessageStructure="json", Subject="s")
    [sent] = eventually(lambda: outbox.texts(NUMBER), 1)
    assert (sent["TopicArn"], sent["SubscriptionArn"]) == (topic, subscription)
    assert json.loads(sent["Message"]) == "short"
    assert (sent["MessageStructure"], sent["Subject"]) == ("json", "s")


def test_a_number_has_a_form(sns):
    for number in ("nonsense", "+1a", "+0123456789"):
        text = f"Invalid parameter: PhoneNumber Reason: {number} is not valid to publish to"
        with refused("InvalidParameter", text):
            sns.publish(PhoneNumber=number, Message="hello")


def test_an_sms_is_bounded_in_length(sns, outbox):
    sns.publish(PhoneNumber=NUMBER, Message="é" * 1600)
    with refused("InvalidParameter"):
        sns.publish(PhoneNumber=NUMBER, Message="é" * 1601)
    assert len(outbox.texts(NUMBER)) == 1


def test_what_was_sent_is_listed_by_number_and_forgotten_on_request(sns, outbox):
    other = "+436649999999"
    for number in (NUMBER, NUMBER, other):
        sns.publish(PhoneNumber=number, Message="m")
    assert {number: len(sent) for number, sent in outbox.all_texts().items()} == {NUMBER: 2, other: 1}
    outbox.forget("/_aws/sns/sms-messages", phoneNumber=NUMBER)
    assert set(outbox.all_texts()) == {other}
    outbox.forget("/_aws/sns/sms-messages")
    assert outbox.all_texts() == {}


# Attributes


def test_a_fresh_region_has_a_spend_limit_and_nothing_else(sns):
    assert sns.get_sms_attributes()["attributes"] == {"MonthlySpendLimit": "1"}


def test_attributes_are_added_and_names_choose_among_them(server, sns, account):
    attributes = {"DefaultSMSType": "Transactional", "DefaultSenderID": "Shop", "MonthlySpendLimit": "5"}
    sns.set_sms_attributes(attributes=attributes)
    assert sns.get_sms_attributes()["attributes"] == attributes
    chosen = sns.get_sms_attributes(attributes=["DefaultSMSType", "Nonsense"])["attributes"]
    assert chosen == {"DefaultSMSType": "Transactional"}
    elsewhere = sns_client(server.endpoint, account, "eu-west-1")
    assert elsewhere.get_sms_attributes()["attributes"] == {"MonthlySpendLimit": "1"}


def test_attributes_are_known_and_legal(sns):
    with refused("InvalidParameter", "DefaultSendID is not a valid attribute"):
        sns.set_sms_attributes(attributes={"DefaultSendID": "x"})
    with refused("InvalidParameter", "DefaultSMSType is invalid"):
        sns.set_sms_attributes(attributes={"DefaultSMSType": "invalid"})


# Opting out


def test_who_opted_out_gets_nothing_until_they_opt_in(sns, outbox):
    assert sns.check_if_phone_number_is_opted_out(phoneNumber=NUMBER)["isOptedOut"] is False
    assert sns.list_phone_numbers_opted_out()["phoneNumbers"] == []
    outbox.opt_out(NUMBER)
    assert sns.check_if_phone_number_is_opted_out(phoneNumber=NUMBER)["isOptedOut"] is True
    assert sns.list_phone_numbers_opted_out()["phoneNumbers"] == [NUMBER]
    sns.publish(PhoneNumber=NUMBER, Message="unwanted")
    assert outbox.texts(NUMBER) == []
    sns.opt_in_phone_number(phoneNumber=NUMBER)
    assert sns.list_phone_numbers_opted_out()["phoneNumbers"] == []
    sns.publish(PhoneNumber=NUMBER, Message="wanted")
    assert [sent["Message"] for sent in outbox.texts(NUMBER)] == ["wanted"]


def test_a_number_may_opt_in_again_after_30_days(sns, outbox, still):
    outbox.opt_out(NUMBER)
    sns.opt_in_phone_number(phoneNumber=NUMBER)
    outbox.opt_out(NUMBER)
    with refused("InvalidParameter"):
        sns.opt_in_phone_number(phoneNumber=NUMBER)
    still.advance(30 * DAY)
    sns.opt_in_phone_number(phoneNumber=NUMBER)


def test_a_number_that_never_opted_out_may_opt_in(sns):
    sns.opt_in_phone_number(phoneNumber=NUMBER)


def test_the_opt_out_operations_want_a_number(sns):
    text = "Invalid parameter: PhoneNumber Reason: input incorrectly formatted"
    for call in (sns.check_if_phone_number_is_opted_out, sns.opt_in_phone_number):
        with refused("InvalidParameter", text):
            call(phoneNumber="+44DEADBEEF")


# The sandbox


def password_of(outbox, number):
    """The digits of the SMS that the number got last."""
    return "".join(filter(str.isdigit, outbox.texts(number)[-1]["Message"]))


def statuses(sns):
    numbers = sns.list_sms_sandbox_phone_numbers()["PhoneNumbers"]
    return {each["PhoneNumber"]: each["Status"] for each in numbers}


def test_a_fresh_account_is_not_in_the_sandbox(sns):
    assert sns.get_sms_sandbox_account_status()["IsInSandbox"] is False
    assert statuses(sns) == {}


def test_a_number_is_verified_by_the_password_it_was_sent(sns, outbox):
    sns.create_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    assert statuses(sns) == {NUMBER: "Pending"}
    password = password_of(outbox, NUMBER)
    assert 5 <= len(password) <= 8
    wrong = "".join(str((int(digit) + 1) % 10) for digit in password)
    with refused("VerificationException"):
        sns.verify_sms_sandbox_phone_number(PhoneNumber=NUMBER, OneTimePassword=wrong)
    sns.verify_sms_sandbox_phone_number(PhoneNumber=NUMBER, OneTimePassword=password)
    assert statuses(sns) == {NUMBER: "Verified"}


def test_a_number_leaves_the_sandbox_after_a_day(sns, still):
    sns.create_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    with refused("UserError"):
        sns.delete_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    still.advance(DAY)
    sns.delete_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    assert statuses(sns) == {}
    with refused("ResourceNotFound", status=404):
        sns.delete_sms_sandbox_phone_number(PhoneNumber=NUMBER)


def test_the_sandbox_holds_ten_numbers(sns):
    for n in range(10):
        sns.create_sms_sandbox_phone_number(PhoneNumber=f"+4366400000{n:02}")
    with refused("UserError"):
        sns.create_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    first = sns.list_sms_sandbox_phone_numbers(MaxResults=7)
    second = sns.list_sms_sandbox_phone_numbers(MaxResults=7, NextToken=first["NextToken"])
    assert (len(first["PhoneNumbers"]), len(second["PhoneNumbers"])) == (7, 3)
    assert "NextToken" not in second


def test_numbers_of_the_sandbox_have_the_models_form(sns):
    with refused("ValidationError"):
        sns.create_sms_sandbox_phone_number(PhoneNumber="nonsense")


def test_there_are_no_origination_numbers(sns):
    assert sns.list_origination_numbers()["PhoneNumbers"] == []
