"""SendMessageBatch, DeleteMessageBatch, ChangeMessageVisibilityBatch (spec 2.3, 3)."""

import pytest
from queues import entry, md5, refused, text

PREFIX = "AWS.SimpleQueueService."
BAD_ID = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."
MIB = 1048576


def delete_batch(q, *entries):
    return q.sqs.delete_message_batch(QueueUrl=q.url, Entries=list(entries))


def hide_batch(q, *entries):
    return q.sqs.change_message_visibility_batch(QueueUrl=q.url, Entries=list(entries))


def by_handle(id, handle="garbage", **more):
    return {"Id": id, "ReceiptHandle": handle, **more}


def hidden(id, handle="garbage", seconds=5):
    return by_handle(id, handle, VisibilityTimeout=seconds)


BATCHES = {
    "SendMessage": (lambda q, *entries: q.send_batch(*entries), entry),
    "DeleteMessage": (delete_batch, by_handle),
    "ChangeMessageVisibility": (hide_batch, hidden),
}
every_batch = pytest.mark.parametrize("kind", BATCHES)


def test_a_batch_is_sent_in_order_and_answers_per_entry(queue):
    q = queue()
    answer = q.send_batch(*(entry(f"e{n}", f"body {n}") for n in range(10)))
    assert "Failed" not in answer
    assert [(done["Id"], done["MD5OfMessageBody"]) for done in answer["Successful"]] == [
        (f"e{n}", md5(f"body {n}")) for n in range(10)
    ]
    got = q.receive()
    assert [message["Body"] for message in got] == [f"body {n}" for n in range(10)]
    assert [message["MessageId"] for message in got] == [done["MessageId"] for done in answer["Successful"]]


@every_batch
def test_an_empty_batch_is_refused(queue, kind):
    call, _ = BATCHES[kind]
    with refused(PREFIX + "EmptyBatchRequest", f"There should be at least one {kind}BatchRequestEntry in the request."):
        call(queue())


@every_batch
@pytest.mark.parametrize("count", [11, 20])
def test_more_than_ten_entries_are_refused(queue, kind, count):
    call, make = BATCHES[kind]
    expected = f"Maximum number of entries per request are 10. You have sent {count}."
    with refused(PREFIX + "TooManyEntriesInBatchRequest", expected):
        call(queue(), *(make(f"e{n}") for n in range(count)))


@every_batch
@pytest.mark.parametrize("id", ["", "e" * 81, "invalid:id", "a b", "a.b"])
def test_a_bad_entry_id_refuses_the_whole_call(queue, kind, id):
    call, make = BATCHES[kind]
    with refused(PREFIX + "InvalidBatchEntryId", BAD_ID):
        call(queue(), make("fine"), make(id))


@every_batch
def test_entry_ids_must_be_distinct(queue, kind):
    call, make = BATCHES[kind]
    with refused(PREFIX + "BatchEntryIdsNotDistinct", "Id same repeated."):
        call(queue(), make("same"), make("other"), make("same"))


def test_the_longest_entry_id_is_accepted(queue):
    assert queue().send_batch(entry("-_aZ09" + "e" * 74))["Successful"]


def test_a_batch_of_exactly_one_mebibyte_is_accepted(queue):
    q = queue()
    q.send_batch(*(entry(f"e{n}", "x" * (MIB // 4)) for n in range(4)))
    assert q.counts() == (4, 0, 0)


def test_a_longer_batch_is_refused_whole(queue):
    q = queue()
    expected = f"Batch requests cannot be longer than {MIB} bytes. You have sent {MIB + 1} bytes."
    with refused(PREFIX + "BatchRequestTooLong", expected):
        q.send_batch(entry("a", "x" * MIB), entry("b", "y"))
    assert q.counts() == (0, 0, 0)


def test_attributes_count_in_the_batch_total(queue):
    attributes = {"k": text("v")}
    with refused(PREFIX + "BatchRequestTooLong"):
        queue().send_batch(entry("a", "x" * (MIB - 8)), entry("b", "y", MessageAttributes=attributes))


def test_an_entry_over_the_limit_of_the_queue_fails_alone(queue):
    q = queue(MaximumMessageSize="1024")
    answer = q.send_batch(entry("small", "x" * 1024), entry("large", "x" * 1025))
    assert [done["Id"] for done in answer["Successful"]] == ["small"]
    assert answer["Failed"] == [
        {
            "Id": "large",
            "SenderFault": True,
            "Code": "InvalidParameterValue",
            "Message": "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.",
        }
    ]
    assert len(q.receive()) == 1


def test_the_total_is_not_compared_with_the_limit_of_the_queue(queue):
    q = queue(MaximumMessageSize="1024")
    assert len(q.send_batch(*(entry(f"e{n}", "x" * 1024) for n in range(10)))["Successful"]) == 10


def test_forbidden_characters_fail_only_their_entry(queue):
    q = queue()
    answer = q.send_batch(entry("bad", "\x01"), entry("good", "fine"))
    [failed] = answer["Failed"]
    assert (failed["Id"], failed["Code"], failed["SenderFault"]) == ("bad", "InvalidMessageContents", True)
    assert [done["Id"] for done in answer["Successful"]] == ["good"]
    assert q.bodies() == ["fine"]


def test_nothing_successful_leaves_the_member_out(queue):
    answer = queue().send_batch(entry("bad", "\x01"))
    assert "Successful" not in answer and len(answer["Failed"]) == 1


def test_an_empty_body_and_bad_attributes_and_delays_fail_only_their_entry(queue):
    answer = queue().send_batch(
        entry("empty", ""),
        entry("attribute", MessageAttributes={"a": {"DataType": "Wrong", "StringValue": "x"}}),
        entry("delay", DelaySeconds=901),
        entry("good"),
    )
    assert {failed["Id"]: failed["Code"] for failed in answer["Failed"]} == {
        "empty": "MissingParameter",
        "attribute": "InvalidParameterValue",
        "delay": "InvalidParameterValue",
    }
    assert [done["Id"] for done in answer["Successful"]] == ["good"]


def test_entries_have_their_own_attributes_and_delays(queue, still):
    q = queue()
    answer = q.send_batch(
        entry("now", "now", MessageAttributes={"k": text("x")}),
        entry("later", "later", DelaySeconds=5),
        entry("trace", "trace", MessageSystemAttributes={"AWSTraceHeader": text("Root=1-5759e988-bd862e3fe1be46a994272793")}),
    )
    done = {each["Id"]: each for each in answer["Successful"]}
    assert done["now"]["MD5OfMessageAttributes"] == "a45daa70926828a2f0a1db3418e6feb4"
    assert "MD5OfMessageAttributes" not in done["later"]
    assert "MD5OfMessageSystemAttributes" in done["trace"]
    first, second = q.receive()
    assert first["MessageAttributes"] == {"k": text("x")}
    assert "AWSTraceHeader" in second["Attributes"]
    still.advance(5)
    assert q.bodies() == ["later"]


def test_fifo_entries_keep_their_order_and_get_rising_numbers(fifo):
    q = fifo()
    answer = q.send_batch(
        *(entry(f"e{n}", str(n), MessageGroupId="g", MessageDeduplicationId=str(n)) for n in range(10))
    )
    numbers = [done["SequenceNumber"] for done in answer["Successful"]]
    assert numbers == sorted(set(numbers))
    assert q.bodies() == [str(n) for n in range(10)]


def test_a_fifo_entry_without_dedup_id_refuses_the_whole_call(fifo):
    q = fifo()
    expected = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
    with refused("InvalidParameterValue", expected):
        q.send_batch(entry("a", MessageGroupId="g", MessageDeduplicationId="1"), entry("b", MessageGroupId="g"))
    assert q.counts() == (0, 0, 0)


def test_a_fifo_entry_without_group_refuses_the_whole_call(fifo):
    q = fifo()
    with refused("InvalidParameterValue", "The request must contain the parameter MessageGroupId."):
        q.send_batch(
            entry("a", MessageGroupId="g", MessageDeduplicationId="1"), entry("b", MessageDeduplicationId="2")
        )
    assert q.counts() == (0, 0, 0)


def test_a_delay_fails_only_its_fifo_entry(fifo):
    q = fifo()
    answer = q.send_batch(
        entry("slow", MessageGroupId="g", MessageDeduplicationId="1", DelaySeconds=1),
        entry("fine", MessageGroupId="g", MessageDeduplicationId="2", DelaySeconds=0),
    )
    assert [(failed["Id"], failed["Code"]) for failed in answer["Failed"]] == [("slow", "InvalidParameterValue")]
    assert [done["Id"] for done in answer["Successful"]] == ["fine"]


def test_a_bad_group_id_fails_only_its_entry(queue):
    answer = queue().send_batch(entry("bad", MessageGroupId="a b"), entry("good", MessageGroupId="g"))
    assert [(failed["Id"], failed["Code"]) for failed in answer["Failed"]] == [("bad", "InvalidParameterValue")]
    assert [done["Id"] for done in answer["Successful"]] == ["good"]


def test_a_duplicate_within_a_batch_succeeds_and_is_stored_once(fifo):
    q = fifo()
    answer = q.send_batch(
        *(entry(id, "same", MessageGroupId="g", MessageDeduplicationId="d") for id in ("a", "b"))
    )
    assert len(answer["Successful"]) == 2
    assert answer["Successful"][0]["MessageId"] == answer["Successful"][1]["MessageId"]
    assert q.bodies() == ["same"]


def test_a_delete_batch_deletes_what_it_can(queue):
    q = queue()
    q.send_batch(entry("a"), entry("b"))
    first, second = q.receive()
    answer = delete_batch(q, by_handle("one", first["ReceiptHandle"]), by_handle("bad"), by_handle("two", second["ReceiptHandle"]))
    assert [done["Id"] for done in answer["Successful"]] == ["one", "two"]
    [failed] = answer["Failed"]
    assert (failed["Id"], failed["Code"], failed["SenderFault"]) == ("bad", "ReceiptHandleIsInvalid", True)
    assert failed["Message"] == 'The input receipt handle "garbage" is not a valid receipt handle.'
    assert q.counts() == (0, 0, 0)


def test_deleting_twice_in_a_batch_succeeds(queue):
    q = queue()
    q.send()
    handle = q.one()["ReceiptHandle"]
    for _ in range(2):
        assert "Failed" not in delete_batch(q, by_handle("a", handle), by_handle("b", handle))


def test_a_change_batch_changes_what_it_can(queue, still):
    q = queue()
    q.send_batch(entry("a", "a"), entry("b", "b"))
    first, second = q.receive()
    answer = hide_batch(
        q,
        hidden("now", first["ReceiptHandle"], 0),
        hidden("longer", second["ReceiptHandle"], 100),
        hidden("bad"),
        hidden("far", second["ReceiptHandle"], 43201),
    )
    assert [done["Id"] for done in answer["Successful"]] == ["now", "longer"]
    assert {failed["Id"]: failed["Code"] for failed in answer["Failed"]} == {
        "bad": "ReceiptHandleIsInvalid",
        "far": "InvalidParameterValue",
    }
    assert q.bodies() == ["a"]
    still.advance(99.999)
    assert q.bodies() == ["a"]
    still.advance(0.001)
    assert q.bodies() == ["b"]
