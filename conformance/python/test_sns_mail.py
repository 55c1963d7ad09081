"""Mail to subscribers: over a real SMTP server, and, without one, into the local mailbox (spec 6.5, 6.6, 12)."""

import json
import re

import pytest
import requests
from mail_server import MailServer
from queues import Queue, sdk_client, text
from receiver import visit
from topics import Topic, told
from waiting import until

pytestmark = pytest.mark.once

JANE = "jane@example.com"


@pytest.fixture
def mails(tmp_path):
    with MailServer(tmp_path) as running:
        yield running


@pytest.fixture
def mailing(start, mails):
    """A server that sends its mail over `mails`."""
    return start("--memory", "--smtp", mails.url)


def client(running, service="sns"):
    return sdk_client(running.endpoint, service=service)


def confirmed(topic, mails, protocol="email", **attributes):
    """A subscription of Jane's, who has followed the link in her mail."""
    subscription = topic.subscribe(protocol, JANE, **attributes)
    visit(link(mails.next().get_content()))
    assert subscription.attribute("PendingConfirmation") == "false"
    return subscription


def link(content):
    return re.search(r"http://[^\s\"<>]*Action=ConfirmSubscription[^\s\"<>]*", content).group()


def test_a_subscriber_is_asked_by_mail(mailing, mails):
    made = Topic.create(client(mailing), "news", {"DisplayName": "The News"})
    subscription = made.subscribe("email", JANE)
    mail = mails.next()
    assert mail["Subject"] == "AWS Notification - Subscription Confirmation"
    assert mail["To"] == JANE and mail["X-RcptTo"] == JANE
    assert mail["From"].addresses[0].display_name == "The News"
    assert mail["From"].addresses[0].addr_spec == "no-reply@sns.amazonaws.com"
    assert made.arn in mail.get_content()
    made.publish("too early")
    assert visit(link(mail.get_content()))[0] == 200
    assert subscription.attribute("PendingConfirmation") == "false"
    made.publish("in time")
    assert mails.next().get_content().startswith("in time")


def test_a_mail_is_the_message_and_a_way_out(mailing, mails):
    made = Topic.create(client(mailing), "news")
    subscription = confirmed(made, mails)
    made.publish("Grüße 😀\nand a second line", Subject="The subject", MessageAttributes={"a": text("b")})
    mail = mails.next()
    assert (mail["Subject"], mail["To"]) == ("The subject", JANE)
    assert mail.get_content_type() == "text/plain"
    content = mail.get_content()
    assert content.startswith("Grüße 😀\nand a second line")
    assert subscription.arn in content
    made.publish("without a subject")
    assert mails.next()["Subject"] == "AWS Notification Message"


def test_long_lines_dots_and_binary_looking_texts_arrive(mailing, mails):
    made = Topic.create(client(mailing), "news")
    confirmed(made, mails)
    message = ".\n..\n.dot\n" + "x" * 5000 + "\n" + "ü" * 5000 + "\nFrom here\n=41=\n"
    made.publish(message)
    assert mails.next().get_content().replace("\r\n", "\n").startswith(message)


def test_a_message_for_mail(mailing, mails):
    made = Topic.create(client(mailing), "news")
    confirmed(made, mails)
    made.publish(json.dumps({"default": "d", "email": "for mail", "email-json": "j"}), MessageStructure="json")
    assert mails.next().get_content().startswith("for mail")


def test_a_mail_for_programs(mailing, mails):
    made = Topic.create(client(mailing), "news")
    confirmed(made, mails, "email-json")
    sent = made.publish("x", Subject="s", MessageAttributes={"a": text("b")})
    told = json.loads(mails.next().get_content())
    assert (told["Type"], told["MessageId"], told["Message"], told["Subject"]) == ("Notification", sent["MessageId"], "x", "s")
    assert told["MessageAttributes"] == {"a": {"Type": "String", "Value": "b"}}
    assert told["Signature"] and told["UnsubscribeURL"]


def test_filters_hold_for_mail(mailing, mails):
    made = Topic.create(client(mailing), "news")
    confirmed(made, mails, FilterPolicy='{"k":["a"]}')
    made.publish("left out", MessageAttributes={"k": text("b")})
    made.publish("let through", MessageAttributes={"k": text("a")})
    assert mails.next().get_content().startswith("let through")


def test_a_mail_server_that_is_down_is_tried_again(mailing, mails):
    made = Topic.create(client(mailing), "news")
    confirmed(made, mails)
    mails.stop()
    made.publish("later")
    mailing.clock.advance(10)
    mails.start()

    def come():
        mailing.clock.advance(10)
        return mails.fresh()

    [mail] = until(come, "the mail")
    assert mail.get_content().startswith("later")


def test_a_mail_that_nobody_takes_is_a_dead_letter_after_fifty_retries(start, mails):
    running = start("--memory", "--smtp", mails.url)
    made, dead = Topic.create(client(running), "news"), Queue.create(client(running, "sqs"), "dead")
    confirmed(made, mails).dead_letters_to(dead)
    mails.stop()
    made.publish("never")

    def given_up():
        running.clock.advance(600)
        return dead.counts()[0]

    until(given_up, "the dead letter", 30)
    assert told(dead) == ["never"]


# Without a mail server


def mailbox(server, account, **parameters):
    answer = requests.get(f"{server.endpoint}/_aws/ses", params=parameters, timeout=10)
    assert answer.status_code == 200, answer.text
    return [mail for mail in answer.json()["messages"] if account in json.dumps(mail)]


def test_the_local_mailbox(server, topic, account):
    made = topic()
    address = f"{account}@example.com"
    made.subscribe("email", address)
    made.publish("Grüße", Subject="lost")
    [mail] = until(lambda: mailbox(server, account), "the mail")
    assert mail["Destination"] == {"ToAddresses": [address]}
    assert mail["Body"]["text_part"] == "Grüße"
    assert (mail["Region"], mail["Subject"]) == ("us-east-1", "lost")
    assert {"Id", "Source", "Timestamp"} <= set(mail)


def test_mail_for_programs_in_the_local_mailbox(server, topic, account):
    made = topic()
    made.subscribe("email-json", f"{account}@example.com")
    sent = made.publish("x", Subject="s")
    [mail] = until(lambda: mailbox(server, account), "the mail")
    told = json.loads(mail["Body"]["text_part"])
    assert (told["Type"], told["MessageId"], told["Message"]) == ("Notification", sent["MessageId"], "x")


def test_one_mail_of_the_local_mailbox(server, topic, account):
    made = topic()
    made.subscribe("email", f"{account}@example.com")
    made.publish("one")
    [mail] = until(lambda: mailbox(server, account), "the mail")
    answer = requests.get(f"{server.endpoint}/_aws/ses", params={"id": mail["Id"]}, timeout=10)
    assert answer.json()["messages"] == [mail]


def test_the_local_mailbox_can_be_emptied(start):
    running = start("--memory")
    made = Topic.create(client(running), "news")
    made.subscribe("email", JANE)
    made.publish("x")
    until(lambda: mailbox(running, JANE), "the mail")
    assert requests.delete(f"{running.endpoint}/_aws/ses", timeout=10).ok
    assert mailbox(running, JANE) == []


def test_a_token_can_be_looked_up(server, sns, topic, account):
    made = topic()
    subscription = made.subscribe("email", JANE)
    answer = requests.get(f"{server.endpoint}/_aws/sns/subscription-tokens/{subscription.arn}", timeout=10).json()
    assert answer["subscription_arn"] == subscription.arn
    token = answer["subscription_token"]
    assert sns.confirm_subscription(TopicArn=made.arn, Token=token)["SubscriptionArn"] == subscription.arn
    assert subscription.attribute("PendingConfirmation") == "false"


def test_tokens_of_what_is_not_there(server, topic):
    none = f"{topic().arn}:11111111-2222-3333-4444-555555555555"
    for arn, status, error in ((none, 404, "not found"), ("junk", 400, "invalid")):
        answer = requests.get(f"{server.endpoint}/_aws/sns/subscription-tokens/{arn}", timeout=10)
        assert (answer.status_code, answer.json()) == (
            status,
            {"error": f"The provided SubscriptionARN is {error}", "subscription_arn": arn},
        )
