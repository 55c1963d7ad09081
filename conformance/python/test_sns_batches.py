"""PublishBatch (spec 4.6)."""

import re

import pytest
from queues import refused, text
from topics import ABSENT, MESSAGE_ID, Topic, arrived, entry, told

pytestmark = pytest.mark.once

TOO_MANY = "The batch request contains more entries than permissible."
NOT_DISTINCT = "Two or more batch entries in the request have the same Id."
TOO_LONG = "The length of all the messages put together is more than the limit."
NO_GROUP = "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
NO_DEDUP = (
    "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or "
    "MessageDeduplicationId provided explicitly"
)
NO_DEFAULT = "Invalid parameter: Message Structure - No default entry in JSON message body"
LARGEST = 262_144


def test_ten_messages_in_one_call(topic, queue):
    made, q = topic(), queue()
    made.feed(q)
    answer = made.publish_batch(*(entry(f"id-{n}", f"message {n}") for n in range(10)))
    assert answer["Failed"] == []
    assert [done["Id"] for done in answer["Successful"]] == [f"id-{n}" for n in range(10)]
    assert all(set(done) == {"Id", "MessageId"} and re.fullmatch(MESSAGE_ID, done["MessageId"]) for done in answer["Successful"])
    assert sorted(told(q, 10)) == [f"message {n}" for n in range(10)]


def test_each_entry_has_its_own_subject_attributes_and_structure(topic, queue):
    made, q = topic(), queue()
    made.feed(q, RawMessageDelivery="true")
    made.publish_batch(
        entry("a", '{"default":"d","sqs":"s"}', MessageStructure="json"),
        entry("b", '{"default":"d"}', MessageAttributes={"k": text("v")}),
    )
    found = {message["Body"]: message.get("MessageAttributes") for message in arrived(q, 2)}
    assert found == {"s": None, '{"default":"d"}': {"k": text("v")}}


def test_no_entries(topic):
    with refused("EmptyBatchRequest"):
        topic().publish_batch()


def test_eleven_entries(topic):
    with refused("TooManyEntriesInBatchRequest", TOO_MANY):
        topic().publish_batch(*(entry(str(n)) for n in range(11)))


def test_equal_ids(topic):
    with refused("BatchEntryIdsNotDistinct", NOT_DISTINCT):
        topic().publish_batch(entry("a"), entry("b"), entry("a"))


@pytest.mark.parametrize("id", ["a b", "a.b", "ü"])
def test_ids_of_other_characters(topic, id):
    text = f"The Id of a batch entry in the batch request contains an impermissible character: {id}"
    with refused("InvalidBatchEntryId", text):
        topic().publish_batch(entry(id))


def test_long_ids(topic):
    topic().publish_batch(entry("i" * 80))
    with refused("InvalidBatchEntryId", f"The Id of a batch entry in the batch request is too long: {'i' * 81}"):
        topic().publish_batch(entry("i" * 81))


def test_the_sum_of_the_sizes_counts(topic):
    made = topic()
    half = "x" * (LARGEST // 2)
    assert len(made.publish_batch(entry("a", half), entry("b", half))["Successful"]) == 2
    with refused("BatchRequestTooLong", TOO_LONG):
        made.publish_batch(entry("a", half), entry("b", half + "x"))


def test_an_unknown_topic(sns, account):
    with refused("NotFound", ABSENT, 404):
        Topic(sns, f"arn:aws:sns:us-east-1:{account}:none").publish_batch(entry("a"))


def test_a_group_is_required_at_a_fifo_topic(fifo_topic):
    with refused("InvalidParameter", NO_GROUP):
        fifo_topic().publish_batch(entry("a", MessageDeduplicationId="1"))


def test_a_deduplication_id_is_required_without_content_based_deduplication(fifo_topic):
    with refused("InvalidParameter", NO_DEDUP):
        fifo_topic().publish_batch(entry("a", MessageGroupId="g"))


def test_what_is_looked_at_first(fifo_topic):
    """Count, ids, structure, group, deduplication id."""
    made = fifo_topic()
    with refused("TooManyEntriesInBatchRequest", TOO_MANY):
        made.publish_batch(*(entry(str(n)) for n in range(11)))
    with refused("BatchEntryIdsNotDistinct", NOT_DISTINCT):
        made.publish_batch(entry("a", "{}", MessageStructure="json"), entry("a"))
    with refused("InvalidParameter", NO_DEFAULT):
        made.publish_batch(entry("a", '{"sqs":"s"}', MessageStructure="json"))
    with refused("InvalidParameter", NO_GROUP):
        made.publish_batch(entry("a"))


def test_a_batch_at_a_fifo_topic_keeps_its_order(fifo_topic, fifo):
    made, q = fifo_topic(ContentBasedDeduplication="true"), fifo()
    made.feed(q)
    answer = made.publish_batch(*(entry(f"e{n}", str(n), MessageGroupId="g") for n in range(10)))
    numbers = [done["SequenceNumber"] for done in answer["Successful"]]
    assert numbers == sorted(numbers) and len(set(numbers)) == 10
    assert all(re.fullmatch(r"\d{20}", number) for number in numbers)
    assert told(q, 10) == [str(n) for n in range(10)]


def test_a_duplicate_within_and_after_a_batch(fifo_topic, fifo):
    made, q = fifo_topic(), fifo()
    made.feed(q)
    same = {"MessageGroupId": "g", "MessageDeduplicationId": "d"}
    first, second = made.publish_batch(entry("a", "first", **same), entry("b", "second", **same))["Successful"]
    assert (first["MessageId"], first["SequenceNumber"]) == (second["MessageId"], second["SequenceNumber"])
    [again] = made.publish_batch(entry("c", "third", **same))["Successful"]
    assert (again["MessageId"], again["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
    made.publish("fence", "g", "fence")
    assert told(q, 2) == ["first", "fence"]
