"""HTTP endpoints, by a real receiver: the handshake, headers and bodies, retries, what ends a delivery
(spec 3.3, 3.4, 5.2, 5.3, 6.4, 6.6, 6.7)."""

import json
import re
import threading

import pytest
from queues import Queue, refused, sdk_client, text
from receiver import visit
from topics import MESSAGE_ID, Subscription, Topic, arrived, told
from waiting import until

pytestmark = pytest.mark.once

PLAIN = "text/plain; charset=UTF-8"
NEVER = {"healthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 1, "numRetries": 0}}
CONFIRMATION_KEYS = [
    "Type",
    "MessageId",
    "Token",
    "TopicArn",
    "Message",
    "SubscribeURL",
    "Timestamp",
    "SignatureVersion",
    "Signature",
    "SigningCertURL",
]
SHARED_HEADERS = {
    "x-amz-sns-message-type",
    "x-amz-sns-message-id",
    "x-amz-sns-topic-arn",
    "content-type",
    "user-agent",
    "accept-encoding",
    "connection",
    "host",
    "content-length",
}


def retries(**phases):
    defaults = {"minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3}
    return json.dumps({"healthyRetryPolicy": {**defaults, **phases}})


def texts(*requests):
    return [request.json["Message"] for request in requests]


# The handshake


def test_a_confirmation_request(server, topic, receiver):
    made = topic()
    subscription = made.subscribe("http", receiver.url())
    assert subscription.attribute("PendingConfirmation") == "true"
    request = receiver.next()
    body = request.json
    assert list(body) == CONFIRMATION_KEYS
    assert body["Type"] == "SubscriptionConfirmation"
    assert re.fullmatch(MESSAGE_ID, body["MessageId"])
    assert re.fullmatch("[0-9a-f]{200,}", body["Token"])
    assert body["TopicArn"] == made.arn
    assert body["Message"] == (
        f"You have chosen to subscribe to the topic {made.arn}.\n"
        "To confirm the subscription, visit the SubscribeURL included in this message."
    )
    link = f"{server.endpoint}/?Action=ConfirmSubscription&TopicArn={made.arn}&Token={body['Token']}"
    assert body["SubscribeURL"] == link
    assert body["SignatureVersion"] == "1"
    lines = [f"  {json.dumps(key)} : {json.dumps(value)}" for key, value in body.items()]
    assert request.text == "{\n" + ",\n".join(lines) + "\n}"


def test_the_headers_of_a_confirmation_request(topic, receiver):
    made = topic()
    made.subscribe("http", receiver.url("/a/path?and=query"), RawMessageDelivery="true")
    request = receiver.next()
    assert request.path == "/a/path?and=query"
    assert request.header_names() == SHARED_HEADERS
    assert request.type == "SubscriptionConfirmation"
    assert request.header("x-amz-sns-message-id") == request.json["MessageId"]
    assert request.header("x-amz-sns-topic-arn") == made.arn
    assert request.header("Content-Type") == PLAIN
    assert request.header("User-Agent") == "Amazon Simple Notification Service Agent"
    assert request.header("Accept-Encoding") == "gzip,deflate"
    assert request.header("Connection") == "Keep-Alive"
    assert request.header("Host") == receiver.base.removeprefix("http://")


def test_confirming_by_the_link_needs_no_signature(topic, receiver):
    subscription = topic().subscribe("http", receiver.url())
    status, answer = visit(receiver.next().json["SubscribeURL"])
    assert status == 200
    assert f"<SubscriptionArn>{subscription.arn}</SubscriptionArn>" in answer
    attributes = subscription.attributes()
    assert (attributes["PendingConfirmation"], attributes["ConfirmationWasAuthenticated"]) == ("false", "false")


def test_confirming_by_the_operation(sns, topic, receiver):
    made = topic()
    subscription = made.subscribe("http", receiver.url())
    token = receiver.next().json["Token"]
    for _ in range(2):
        assert sns.confirm_subscription(TopicArn=made.arn, Token=token)["SubscriptionArn"] == subscription.arn
    assert subscription.attribute("PendingConfirmation") == "false"


def test_the_token_decides_not_the_name_of_the_topic(sns, topic, receiver):
    made = topic()
    subscription = made.subscribe("http", receiver.url())
    token = receiver.next().json["Token"]
    other = made.arn.rsplit(":", 1)[0] + ":another"
    assert sns.confirm_subscription(TopicArn=other, Token=token)["SubscriptionArn"] == subscription.arn


def test_a_topic_of_another_region_does_not_confirm(sns, topic, receiver):
    made = topic()
    subscription = made.subscribe("http", receiver.url())
    token = receiver.next().json["Token"]
    with refused("InvalidParameter", "Invalid parameter: Topic"):
        sns.confirm_subscription(TopicArn=made.arn.replace("us-east-1", "eu-west-1"), Token=token)
    assert subscription.attribute("PendingConfirmation") == "true"


def test_an_authenticated_confirmation(sns, topic, receiver):
    made = topic()
    subscription = made.subscribe("http", receiver.url())
    token = receiver.next().json["Token"]
    sns.confirm_subscription(TopicArn=made.arn, Token=token, AuthenticateOnUnsubscribe="true")
    assert subscription.attribute("ConfirmationWasAuthenticated") == "true"


def test_what_is_pending_gets_no_notifications(topic, receiver):
    made = topic()
    made.subscribe("http", receiver.url())
    request = receiver.next()
    made.publish("too early")
    visit(request.json["SubscribeURL"])
    made.publish("in time")
    assert texts(receiver.next()) == ["in time"]
    receiver.nothing()


def test_subscribing_again_while_pending_asks_again(topic, receiver):
    made = topic()
    first = made.subscribe("http", receiver.url())
    receiver.next()
    assert made.subscribe("http", receiver.url()).arn == first.arn
    again = receiver.next()
    assert again.type == "SubscriptionConfirmation"
    assert visit(again.json["SubscribeURL"])[0] == 200
    assert first.attribute("PendingConfirmation") == "false"


def test_an_endpoint_that_is_down_changes_nothing_for_subscribe(sns, topic):
    made = topic()
    answer = sns.subscribe(TopicArn=made.arn, Protocol="http", Endpoint="http://127.0.0.1:1/down")
    assert answer["SubscriptionArn"] == "pending confirmation"


# Notifications


def test_a_notification(server, topic, receiver):
    made = topic()
    subscription = receiver.subscribed(made)
    sent = made.publish("Hello \"you\" ü😀\n", Subject="S", MessageAttributes={"a": text("b")})
    request = receiver.next()
    body = request.json
    assert request.text == (
        "{\n"
        '  "Type" : "Notification",\n'
        f'  "MessageId" : "{sent["MessageId"]}",\n'
        f'  "TopicArn" : "{made.arn}",\n'
        '  "Subject" : "S",\n'
        '  "Message" : "Hello \\"you\\" ü😀\\n",\n'
        f'  "Timestamp" : "{body["Timestamp"]}",\n'
        '  "SignatureVersion" : "1",\n'
        f'  "Signature" : "{body["Signature"]}",\n'
        f'  "SigningCertURL" : "{body["SigningCertURL"]}",\n'
        f'  "UnsubscribeURL" : "{server.endpoint}/?Action=Unsubscribe&SubscriptionArn={subscription.arn}",\n'
        '  "MessageAttributes" : {\n'
        '    "a" : {"Type":"String","Value":"b"}\n'
        "  }\n"
        "}"
    )
    assert request.header_names() == SHARED_HEADERS | {"x-amz-sns-subscription-arn"}
    assert request.type == "Notification"
    assert request.header("x-amz-sns-message-id") == sent["MessageId"]
    assert request.header("x-amz-sns-topic-arn") == made.arn
    assert request.header("x-amz-sns-subscription-arn") == subscription.arn
    assert request.header("Content-Type") == PLAIN


def test_a_raw_notification(topic, receiver):
    made = topic()
    receiver.subscribed(made, RawMessageDelivery="true")
    sent = made.publish("plain ü", Subject="lost", MessageAttributes={"lost": text("x")})
    request = receiver.next()
    assert request.raw == "plain ü".encode()
    assert request.header("x-amz-sns-rawdelivery") == "true"
    assert request.header("x-amz-sns-message-id") == sent["MessageId"]
    assert request.header_names() == SHARED_HEADERS | {"x-amz-sns-subscription-arn", "x-amz-sns-rawdelivery"}


def test_a_message_for_the_web(topic, receiver):
    made = topic()
    receiver.subscribed(made)
    made.publish(json.dumps({"default": "d", "http": "h", "https": "s"}), MessageStructure="json")
    assert texts(receiver.next()) == ["h"]


def test_filters_hold_for_the_web_too(topic, receiver):
    made = topic()
    receiver.subscribed(made, FilterPolicy='{"k":["a"]}')
    made.publish("left out", MessageAttributes={"k": text("b")})
    made.publish("let through", MessageAttributes={"k": text("a")})
    assert texts(receiver.next()) == ["let through"]
    receiver.nothing()


def test_the_content_type_is_the_subscriptions_or_the_topics_or_plain(topic, receiver):
    made = topic()
    made.set("DeliveryPolicy", '{"http":{"defaultRequestPolicy":{"headerContentType":"application/json"}}}')
    subscription = made.subscribe("http", receiver.url())
    confirmation = receiver.next()
    assert confirmation.header("Content-Type") == PLAIN
    visit(confirmation.json["SubscribeURL"])
    made.publish("1")
    assert receiver.next().header("Content-Type") == "application/json"
    subscription.set("DeliveryPolicy", '{"requestPolicy":{"headerContentType":"text/csv"}}')
    made.publish("2")
    assert receiver.next().header("Content-Type") == "text/csv"
    subscription.set("RawMessageDelivery", "true")
    made.publish("3")
    assert receiver.next().header("Content-Type") == "text/csv"


def test_credentials_in_the_url_are_sent_but_not_shown(sns, topic, receiver):
    made = topic()
    url = receiver.url().replace("http://", "http://someone:secret@")
    receiver.answer(401, headers={"WWW-Authenticate": 'Basic realm="here"'})
    made.subscribe("http", url)
    proof = until(lambda: receiver.next().header("Authorization"), "a request with a proof")
    assert proof == "Basic c29tZW9uZTpzZWNyZXQ="
    [listed] = made.subscriptions()
    assert "secret" not in listed["Endpoint"] and "****" in listed["Endpoint"]


def test_many_messages_all_arrive(topic, receiver):
    made = topic()
    receiver.subscribed(made)
    for call in range(5):
        made.publish_batch(*({"Id": str(n), "Message": f"{call}/{n}"} for n in range(10)))
    assert sorted(texts(*receiver.take(50))) == sorted(f"{call}/{n}" for call in range(5) for n in range(10))


def test_a_slow_endpoint_holds_nobody_up(topic, receiver, queue):
    made, q, pause = topic(), queue(), threading.Event()
    receiver.subscribed(made, "/slow")
    receiver.subscribed(made, "/quick")
    made.feed(q)
    receiver.answer(200, "/slow", pause=pause)
    for number in range(3):
        made.publish(str(number))
    quick = []
    until(lambda: quick.append(receiver.next()) or len([r for r in quick if r.path == "/quick"]) == 3)
    assert sorted(told(q, 3)) == ["0", "1", "2"]
    pause.set()
    slow = [request for request in quick if request.path == "/slow"]
    until(lambda: len(slow) == 3 or slow.append(receiver.next()))
    assert sorted(texts(*slow)) == ["0", "1", "2"]


# Retries


@pytest.mark.parametrize("status", [500, 503, 599, 429])
def test_server_errors_are_tried_again_with_the_same_id(topic, receiver, still, status):
    made = topic()
    receiver.subscribed(made)
    receiver.answer(status)
    sent = made.publish("again")
    first = receiver.next()
    receiver.answer(200)
    second = until_next(receiver, still, 20)
    assert {first.json["MessageId"], second.json["MessageId"]} == {sent["MessageId"]}
    still.advance(100)
    receiver.nothing()


def until_next(receiver, still, seconds):
    """Nothing comes a second before; the retry comes when its time has come."""
    receiver.nothing(0.2)
    still.advance(seconds - 1)
    receiver.nothing(0.2)
    still.advance(1)
    return receiver.next()


def test_the_default_is_three_retries_twenty_seconds_apart_and_then_the_dead_letter_queue(topic, receiver, queue, still):
    made, dead = topic(), queue()
    subscription = receiver.subscribed(made).dead_letters_to(dead)
    receiver.answer(500)
    sent = made.publish("never", Subject="s", MessageAttributes={"a": text("b")})
    receiver.next()
    for _ in range(3):
        until_next(receiver, still, 20)
    [message] = arrived(dead)
    envelope = json.loads(message["Body"])
    assert (envelope["MessageId"], envelope["Message"], envelope["Subject"]) == (sent["MessageId"], "never", "s")
    assert envelope["MessageAttributes"] == {"a": {"Type": "String", "Value": "b"}}
    assert envelope["UnsubscribeURL"].endswith(subscription.arn)
    assert "MessageAttributes" not in message
    assert subscription.attribute("PendingConfirmation") == "false"
    still.advance(1000)
    receiver.nothing()


def test_the_phases_of_a_delivery_policy(topic, receiver, queue, still):
    """One retry at once, one after the smallest delay, one after the largest."""
    made, dead = topic(), queue()
    subscription = receiver.subscribed(made).dead_letters_to(dead)
    policy = retries(
        minDelayTarget=10, maxDelayTarget=40, numRetries=3, numNoDelayRetries=1, numMinDelayRetries=1, numMaxDelayRetries=1
    )
    subscription.set("DeliveryPolicy", policy)
    receiver.answer(503)
    made.publish("phases")
    receiver.take(2)
    until_next(receiver, still, 10)
    until_next(receiver, still, 40)
    assert told(dead) == ["phases"]


def test_no_retries_is_one_attempt(topic, receiver, queue):
    made, dead = topic(), queue()
    receiver.subscribed(made).dead_letters_to(dead).set("DeliveryPolicy", json.dumps(NEVER))
    receiver.answer(500)
    made.publish("once")
    assert told(dead) == ["once"]
    assert texts(receiver.next()) == ["once"]
    receiver.nothing()


def test_the_topics_policy_counts_for_subscriptions_without_one(topic, receiver, queue):
    made, dead = topic(), queue()
    policy = {"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 1, "numRetries": 0}}}
    made.set("DeliveryPolicy", json.dumps(policy))
    receiver.subscribed(made).dead_letters_to(dead)
    receiver.answer(500)
    made.publish("once")
    assert told(dead) == ["once"]


def test_the_topic_can_forbid_policies_of_subscriptions(topic, receiver, queue):
    made, dead = topic(), queue()
    policy = {
        "http": {
            "defaultHealthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 1, "numRetries": 0},
            "disableSubscriptionOverrides": True,
        }
    }
    made.set("DeliveryPolicy", json.dumps(policy))
    receiver.subscribed(made).dead_letters_to(dead).set("DeliveryPolicy", retries(numRetries=10))
    receiver.answer(500)
    made.publish("once")
    assert told(dead) == ["once"]


def test_an_endpoint_can_be_spared(topic, receiver, still):
    """At most one a second, as the subscription asks."""
    made = topic()
    policy = json.dumps({"throttlePolicy": {"maxReceivesPerSecond": 1}})
    receiver.subscribed(made).set("DeliveryPolicy", policy)
    still.advance(10)
    for number in range(3):
        made.publish(str(number))
    found = texts(receiver.next())
    receiver.nothing()
    for _ in range(2):
        still.advance(1)
        found += texts(receiver.next())
        receiver.nothing()
    assert sorted(found) == ["0", "1", "2"]


def test_a_server_may_try_once_only(start, receiver):
    running = start("--memory", "--deliveries", "once")
    made = Topic.create(sdk_client(running.endpoint, service="sns"), "t")
    dead = Queue.create(sdk_client(running.endpoint), "dead")
    receiver.subscribed(made).dead_letters_to(dead)
    receiver.answer(500)
    made.publish("once")
    assert told(dead) == ["once"]


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_client_errors_are_final(topic, receiver, queue, status):
    made, dead = topic(), queue()
    subscription = receiver.subscribed(made).dead_letters_to(dead)
    receiver.answer(status, body=b"go away")
    made.publish("refused")
    assert told(dead) == ["refused"]
    receiver.next()
    receiver.nothing()
    receiver.answer(200)
    made.publish("the next one")
    assert texts(receiver.next()) == ["the next one"]
    assert subscription.attribute("PendingConfirmation") == "false"


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_all_of_the_two_hundreds_are_success(topic, receiver, queue, status, still):
    made = topic()
    receiver.subscribed(made)
    receiver.answer(status)
    made.publish("x")
    receiver.next()
    still.advance(3600)
    receiver.nothing()


def test_a_raw_dead_letter_from_the_web(topic, receiver, queue):
    made, dead = topic(), queue()
    receiver.subscribed(made, RawMessageDelivery="true").dead_letters_to(dead)
    receiver.answer(400)
    made.publish("plain", MessageAttributes={"a": text("b")})
    [message] = arrived(dead)
    assert (message["Body"], message["MessageAttributes"]) == ("plain", {"a": text("b")})


def test_nobody_listens_is_tried_again(topic, receiver, queue, still):
    made, dead = topic(), queue()
    subscription = receiver.subscribed(made).dead_letters_to(dead)
    receiver.close()
    made.publish("nobody")

    def given_up():
        still.advance(20)
        return dead.counts()[0]

    until(given_up, "the dead letter")
    assert told(dead) == ["nobody"]
    assert subscription.attribute("PendingConfirmation") == "false"


def test_who_leaves_during_the_retries_is_left_alone(topic, receiver, still):
    made = topic()
    subscription = receiver.subscribed(made)
    receiver.answer(500)
    made.publish("x")
    receiver.next()
    subscription.unsubscribe()
    still.advance(20)
    give_up = [request.type for request in drained(receiver)]
    assert "Notification" not in give_up


def drained(receiver):
    found = []
    try:
        while True:
            found.append(receiver.next(0.3))
    except AssertionError:
        return found


# Unsubscribing


def test_the_link_unsubscribes_and_says_so(topic, receiver):
    made = topic()
    subscription = receiver.subscribed(made, RawMessageDelivery="true")
    subscription.set("RawMessageDelivery", "false")
    made.publish("x")
    status, answer = visit(receiver.next().json["UnsubscribeURL"])
    assert status == 200 and "<UnsubscribeResponse" in answer
    request = receiver.next()
    body = request.json
    assert list(body) == CONFIRMATION_KEYS
    assert request.type == body["Type"] == "UnsubscribeConfirmation"
    assert body["Message"] == (
        f"You have chosen to deactivate subscription {subscription.arn}.\n"
        "To cancel this operation and restore the subscription, visit the SubscribeURL included in this message."
    )
    assert request.header("x-amz-sns-message-id") == body["MessageId"]
    assert request.header("x-amz-sns-rawdelivery") is None
    assert request.header("Content-Type") == PLAIN
    made.publish("gone")
    receiver.nothing()


def test_the_link_of_the_confirmation_restores_the_subscription(topic, receiver):
    made = topic()
    subscription = receiver.subscribed(made)
    made.publish("x")
    visit(receiver.next().json["UnsubscribeURL"])
    assert visit(receiver.next().json["SubscribeURL"])[0] == 200
    made.publish("back")
    assert texts(receiver.next()) == ["back"]
    assert len(made.subscriptions()) == 1 and subscription.topic_arn == made.arn


def test_an_unsubscribe_confirmation_that_fails_is_no_dead_letter(topic, receiver, queue, still):
    made, dead = topic(), queue()
    receiver.subscribed(made).dead_letters_to(dead)
    made.publish("x")
    link = receiver.next().json["UnsubscribeURL"]
    receiver.answer(400)
    visit(link)
    assert receiver.next().type == "UnsubscribeConfirmation"
    still.advance(3600)
    receiver.nothing()
    assert dead.counts() == (0, 0, 0)


def test_the_link_does_not_work_when_unsubscribing_must_be_authenticated(sns, topic, receiver):
    made = topic()
    subscription = made.subscribe("http", receiver.url())
    token = receiver.next().json["Token"]
    sns.confirm_subscription(TopicArn=made.arn, Token=token, AuthenticateOnUnsubscribe="true")
    made.publish("x")
    status, _ = visit(receiver.next().json["UnsubscribeURL"])
    assert 400 <= status < 500
    made.publish("still here")
    assert texts(receiver.next()) == ["still here"]
    Subscription(sns, subscription.arn).unsubscribe()
    assert made.subscriptions() == []
