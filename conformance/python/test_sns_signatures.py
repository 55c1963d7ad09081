"""Signatures of both versions, verified against the certificate that the message names (spec 5.4)."""

import base64
import datetime
import json
import urllib.request

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from queues import Queue, sdk_client, text
from receiver import visit
from topics import Topic, arrived, notification, redrive

pytestmark = pytest.mark.once

NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}


def certificate(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.status == 200
        return x509.load_pem_x509_certificate(answer.read())


def verify(told, cert=None):
    keys = NOTIFICATION if told["Type"] == "Notification" else CONFIRMATION
    signed = "".join(f"{key}\n{told[key]}\n" for key in keys if key in told)
    cert = cert or certificate(told["SigningCertURL"])
    digest = HASHES[told["SignatureVersion"]]()
    cert.public_key().verify(base64.b64decode(told["Signature"]), signed.encode(), padding.PKCS1v15(), digest)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("message", ["test content", "ünï😀\n\"quoted\" \\ \u2028", "x" * 100_000])
@pytest.mark.parametrize("subject", [None, "random"])
def test_notifications_to_queues(topic, queue, version, message, subject):
    made, q = topic(SignatureVersion=version), queue()
    made.feed(q)
    made.publish(message, MessageAttributes={"unsigned": text("x")}, **({"Subject": subject} if subject else {}))
    told = notification(q)
    assert told["SignatureVersion"] == version
    verify(told)


def test_version_one_is_the_default_and_the_setting_counts_at_once(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    made.publish("1")
    made.set("SignatureVersion", "2")
    made.publish("2")
    found = [json.loads(message["Body"]) for message in arrived(q, 2)]
    assert sorted((told["Message"], told["SignatureVersion"]) for told in found) == [("1", "1"), ("2", "2")]
    for told in found:
        verify(told)


def test_a_changed_message_does_not_verify(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    made.publish("true")
    told = notification(q)
    with pytest.raises(InvalidSignature):
        verify({**told, "Message": "false"})


@pytest.mark.parametrize("version", ["1", "2"])
def test_everything_that_is_posted(topic, receiver, version):
    made = topic(SignatureVersion=version)
    made.subscribe("http", receiver.url())
    confirmation = receiver.next().json
    verify(confirmation)
    visit(confirmation["SubscribeURL"])
    made.publish("x", Subject="s")
    told = receiver.next().json
    verify(told)
    visit(told["UnsubscribeURL"])
    goodbye = receiver.next().json
    assert goodbye["Type"] == "UnsubscribeConfirmation"
    verify(goodbye)
    assert {message["SignatureVersion"] for message in (confirmation, told, goodbye)} == {version}


def test_dead_letters_are_signed_too(topic, queue):
    made, gone, dead = topic(), queue(), queue()
    made.feed(gone, RedrivePolicy=redrive(dead))
    gone.sqs.delete_queue(QueueUrl=gone.url)
    made.publish("x")
    verify(notification(dead))


def test_the_certificate_is_valid_now_and_long_enough(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    made.publish("x")
    cert = certificate(notification(q)["SigningCertURL"])
    now = datetime.datetime.now(datetime.timezone.utc)
    assert cert.not_valid_before_utc <= now
    assert now + datetime.timedelta(days=30) < cert.not_valid_after_utc
    assert cert.public_key().key_size >= 2048


def test_another_certificate_is_not_found(server):
    status, _ = visit(f"{server.endpoint}/_aws/sns/SimpleNotificationService-{'0' * 32}.pem")
    assert status == 404


def test_the_key_outlives_a_restart(start):
    running = start()
    client = lambda service: sdk_client(running.endpoint, service=service)  # noqa: E731
    made, q = Topic.create(client("sns"), "kept"), Queue.create(client("sqs"), "kept")
    made.feed(q)
    made.publish("before")
    running.kill()
    running.start()
    made.publish("after")
    found = [json.loads(message["Body"]) for message in arrived(q, 2)]
    assert len({told["SigningCertURL"] for told in found}) == 1
    for told in found:
        verify(told)


def test_the_host_of_the_certificate_can_be_one_of_awss(start):
    running = start("--memory", "--sns-cert-host", "sns.us-east-1.amazonaws.com")
    client = lambda service: sdk_client(running.endpoint, service=service)  # noqa: E731
    made, q = Topic.create(client("sns"), "t"), Queue.create(client("sqs"), "q")
    made.feed(q)
    made.publish("x")
    told = notification(q)
    url = told["SigningCertURL"]
    assert url.startswith("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-") and url.endswith(".pem")
    verify(told, certificate(url.replace("https://sns.us-east-1.amazonaws.com", running.endpoint)))


def test_links_begin_with_the_public_url(start, receiver):
    running = start("--memory", "--public-url", "http://tidings.example:8080")
    made = Topic.create(sdk_client(running.endpoint, service="sns"), "t")
    made.subscribe("http", receiver.url())
    told = receiver.next().json
    assert told["SubscribeURL"].startswith("http://tidings.example:8080/?Action=ConfirmSubscription&")
    assert told["SigningCertURL"].startswith("http://tidings.example:8080/_aws/sns/")
