"""Data protection policies: kept as put, and applied to what is published and delivered (spec 2.5)."""

import json

import pytest
from queues import refused
from topics import Topic, arrived, notification, redrive, told, told_until

pytestmark = pytest.mark.once

EMAIL = "arn:aws:dataprotection::aws:data-identifier/EmailAddress"
MASK = {"Deidentify": {"MaskConfig": {"MaskWithCharacter": "#"}}}
REDACT = {"Deidentify": {"RedactConfig": {}}}
DENY = {"Deny": {}}
LEAK = "write to jane.doe@example.com now"


def policy(operation, direction="Inbound", identifiers=(EMAIL,), principal=("*",), **more):
    statement = {
        "Sid": "one",
        "DataDirection": direction,
        "Principal": list(principal),
        "DataIdentifier": list(identifiers),
        "Operation": operation,
    }
    whole = {"Name": "protection", "Description": "d", "Version": "2021-06-01", "Statement": [statement], **more}
    return json.dumps(whole)


def protect(topic, text):
    topic.sns.put_data_protection_policy(ResourceArn=topic.arn, DataProtectionPolicy=text)


def protection(topic):
    return topic.sns.get_data_protection_policy(ResourceArn=topic.arn).get("DataProtectionPolicy")


def test_it_is_kept_as_put_and_not_among_the_attributes(topic):
    made = topic()
    before = set(made.attributes())
    text = policy(DENY).replace("{", "{ ", 1)
    protect(made, text)
    assert protection(made) == text
    assert set(made.attributes()) == before
    protect(made, "")
    assert not protection(made)


def test_it_may_be_given_at_creation(sns):
    text = policy(DENY)
    assert protection(Topic.create(sns, "protected", DataProtectionPolicy=text)) == text


def test_identifiers_with_a_region_are_accepted(topic):
    made = topic()
    protect(made, policy(DENY, identifiers=["arn:aws:dataprotection:us-east-1::data-identifier/EmailAddress"]))
    with refused("AuthorizationError", status=403):
        made.publish(LEAK)


def test_inbound_deny(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    protect(made, policy(DENY))
    with refused("AuthorizationError", status=403):
        made.publish(LEAK)
    made.publish("harmless")
    assert told(q) == ["harmless"]


def test_inbound_masking(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    protect(made, policy(MASK))
    made.publish(LEAK)
    assert told(q) == ["write to #################### now"]


def test_inbound_redacting(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    protect(made, policy(REDACT))
    made.publish(LEAK)
    [found] = told(q)
    assert "jane" not in found and found.startswith("write to ") and found.endswith(" now")


def test_outbound_masking(topic, queue):
    made, raw, enveloped = topic(), queue(), queue()
    made.feed(raw, RawMessageDelivery="true")
    made.feed(enveloped)
    protect(made, policy(MASK, "Outbound"))
    made.publish(LEAK)
    assert arrived(raw)[0]["Body"] == "write to #################### now"
    assert told(enveloped) == ["write to #################### now"]


def test_outbound_deny_is_a_failed_delivery(topic, queue):
    made, q, dead = topic(), queue(), queue()
    made.feed(q, RedrivePolicy=redrive(dead))
    protect(made, policy(DENY, "Outbound"))
    made.publish(LEAK)
    made.publish("harmless")
    assert told_until(q, "harmless") == []
    assert "write to" in notification(dead)["Message"]


def test_a_custom_identifier(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    custom = {"CustomDataIdentifier": [{"Name": "Employee", "Regex": "EMP-[0-9]{4}"}]}
    protect(made, policy(MASK, identifiers=["Employee"], Configuration=custom))
    made.publish("ask EMP-1234 or EMP-12")
    assert told(q) == ["ask ######## or EMP-12"]


def test_a_policy_of_one_principal_leaves_others_alone(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    protect(made, policy(DENY, principal=["arn:aws:iam::999999999999:role/other"]))
    made.publish(LEAK)
    assert told(q) == [LEAK]


@pytest.mark.parametrize("text", ["junk", "{}", "[]", policy({"Dance": {}}), policy(DENY, "Sideways"), "x" * 30_721])
def test_bad_policies_are_refused(topic, text):
    made = topic()
    with refused("InvalidParameter"):
        protect(made, text)
    assert not protection(made)


def test_audits_look_inbound_only(topic):
    findings = {"CloudWatchLogs": {"LogGroup": "/aws/vendedlogs/findings"}}
    audit = {"Audit": {"SampleRate": "99", "FindingsDestination": findings}}
    protect(topic(), policy(audit))
    with refused("InvalidParameter"):
        protect(topic(), policy(audit, "Outbound"))


def test_fifo_topics_have_none(fifo_topic):
    with refused("InvalidParameter"):
        protect(fifo_topic(), policy(DENY))


def test_an_unknown_topic(sns, account):
    none = Topic(sns, f"arn:aws:sns:us-east-1:{account}:none")
    with refused("NotFound", status=404):
        protect(none, policy(DENY))
    with refused("NotFound", status=404):
        protection(none)
