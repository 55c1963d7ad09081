"""DeleteMessage and ChangeMessageVisibility in every situation of a receipt handle (spec 5.3, 5.4)."""

import pytest
from queues import refused

UNAVAILABLE = "Message does not exist or is not available for visibility timeout change."


def bad_handle(handle):
    return f'The input receipt handle "{handle}" is not a valid receipt handle.'


@pytest.mark.parametrize("handle", ["garbage", "MTIzNDU2Nzg5MA==", "x" * 1024])
def test_garbage_is_no_handle(queue, handle):
    q = queue()
    with refused("ReceiptHandleIsInvalid", bad_handle(handle), status=404) as caught:
        q.delete(handle)
    assert isinstance(caught.value, q.sqs.exceptions.ReceiptHandleIsInvalid)
    with refused("ReceiptHandleIsInvalid", bad_handle(handle), status=404):
        q.hide(handle, 5)


def test_a_handle_of_another_queue_is_none_here(queue):
    q, other = queue(), queue()
    other.send()
    handle = other.one()["ReceiptHandle"]
    with refused("ReceiptHandleIsInvalid", bad_handle(handle), status=404):
        q.delete(handle)
    with refused("ReceiptHandleIsInvalid", bad_handle(handle), status=404):
        q.hide(handle, 5)


def test_a_missing_handle_is_named(sqs, queue):
    expected = "The request must contain the parameter ReceiptHandle."
    with refused("MissingParameter", expected):
        sqs.delete_message(QueueUrl=queue().url)
    with refused("MissingParameter", expected):
        sqs.change_message_visibility(QueueUrl=queue().url, VisibilityTimeout=1)


def test_a_missing_timeout_is_named(sqs, queue):
    q = queue()
    q.send()
    with refused("MissingParameter", "The request must contain the parameter VisibilityTimeout."):
        sqs.change_message_visibility(QueueUrl=q.url, ReceiptHandle=q.one()["ReceiptHandle"])


def test_deleting_is_for_good_and_repeatable(queue, still):
    q = queue(VisibilityTimeout="1")
    q.send()
    message = q.one()
    q.delete(message)
    q.delete(message)
    still.advance(2)
    assert q.receive() == []
    q.delete(message)


@pytest.mark.parametrize("kind", ["queue", "fifo"])
def test_the_visibility_of_a_deleted_message_cannot_be_changed(request, kind):
    q = request.getfixturevalue(kind)()
    q.send(**({"group": "g", "dedup": "d"} if kind == "fifo" else {}))
    message = q.one()
    q.delete(message)
    expected = f"Value {message['ReceiptHandle']} for parameter ReceiptHandle is invalid. Reason: {UNAVAILABLE}"
    with refused("InvalidParameterValue", expected):
        q.hide(message, 5)


def test_changing_counts_from_now(queue, still):
    q = queue(VisibilityTimeout="10")
    q.send()
    message = q.one()
    still.advance(9)
    q.hide(message, 10)
    still.advance(9.999)
    assert q.receive() == []
    still.advance(0.001)
    assert q.one()


def test_a_shorter_timeout_brings_the_message_back_sooner(queue, still):
    q = queue()
    q.send()
    q.hide(q.one(), 1)
    still.advance(1)
    assert q.one()


def test_zero_makes_it_visible_at_once(queue):
    q = queue()
    q.send()
    q.hide(q.one(), 0)
    assert q.one()["Attributes"]["ApproximateReceiveCount"] == "2"


def test_a_change_is_not_remembered_for_later_receives(queue, still):
    q = queue(VisibilityTimeout="10")
    q.send()
    q.hide(q.one(), 100)
    still.advance(100)
    q.one()
    still.advance(10)
    assert q.one()


def test_standard_an_expired_handle_still_deletes(queue, still):
    q = queue(VisibilityTimeout="1")
    q.send()
    message = q.one()
    still.advance(1)
    q.delete(message)
    assert q.receive() == []


def test_standard_an_expired_handle_hides_again(queue, still):
    q = queue(VisibilityTimeout="1")
    q.send()
    message = q.one()
    still.advance(1)
    q.hide(message, 10)
    assert q.receive() == []
    still.advance(10)
    assert q.one()


def test_standard_an_older_handle_acts_on_the_message(queue, still):
    q = queue(VisibilityTimeout="5")
    q.send()
    older = q.one()
    still.advance(5)
    q.one()
    q.hide(older, 0)
    again = q.one()
    assert again["Attributes"]["ApproximateReceiveCount"] == "3"
    q.hide(again, 0)
    q.delete(older)
    assert q.receive() == []


def test_standard_a_handle_from_a_receive_with_no_timeout_works(queue):
    q = queue()
    q.send()
    message = q.one(VisibilityTimeout=0)
    q.delete(message)
    assert q.receive() == []


def expired(message):
    return f"Value {message['ReceiptHandle']} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."


def test_fifo_an_expired_handle_is_refused(fifo, still):
    q = fifo(VisibilityTimeout="1")
    q.send(group="g", dedup="d")
    message = q.one()
    still.advance(1)
    with refused("InvalidParameterValue", expired(message)):
        q.delete(message)
    with refused("InvalidParameterValue"):
        q.hide(message, 10)
    assert len(q.receive()) == 1


def test_fifo_a_handle_is_good_until_the_last_millisecond(fifo, still):
    q = fifo(VisibilityTimeout="1")
    q.send(group="g", dedup="d")
    message = q.one()
    still.advance(0.999)
    q.delete(message)
    still.advance(5)
    assert q.receive() == []


def test_fifo_an_extended_handle_works_until_the_extended_deadline(fifo, still):
    q = fifo(VisibilityTimeout="1")
    q.send(group="g", dedup="d")
    message = q.one()
    q.hide(message, 10)
    still.advance(9.999)
    q.hide(message, 5)
    still.advance(4.999)
    q.delete(message)
    assert q.counts() == (0, 0, 0)


def test_fifo_a_superseded_handle_is_refused(fifo, still):
    q = fifo(VisibilityTimeout="1")
    q.send(group="g", dedup="d")
    older = q.one()
    still.advance(1)
    newer = q.one()
    with refused("InvalidParameterValue"):
        q.delete(older)
    q.delete(newer)


def test_fifo_deleting_again_after_a_delete_succeeds(fifo):
    q = fifo()
    q.send(group="g", dedup="d")
    message = q.one()
    q.delete(message)
    q.delete(message)


def test_an_expired_message_can_be_deleted_silently(queue, still):
    q = queue(MessageRetentionPeriod="60")
    q.send()
    message = q.one(VisibilityTimeout=100)
    still.advance(60)
    q.delete(message)


@pytest.mark.parametrize("seconds", [-1, 43201])
def test_timeouts_out_of_range_are_refused(queue, seconds):
    q = queue()
    q.send()
    expected = f"Value {seconds} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if provided."
    with refused("InvalidParameterValue", expected):
        q.hide(q.one(), seconds)


def test_the_total_is_limited_to_twelve_hours_from_the_receive(queue, still):
    q = queue()
    q.send()
    message = q.one()
    still.advance(20)
    with refused("InvalidParameterValue") as caught:
        q.hide(message, 43200)
    reason = "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"
    assert caught.value.response["Error"]["Message"].startswith(
        f"Value 43200 for parameter VisibilityTimeout is invalid. Reason: {reason}"
    )
    q.hide(message, 43180)
    still.advance(43179)
    assert q.receive() == []
    still.advance(1)
    assert q.one()


def test_a_receive_can_hide_for_twelve_hours(queue, still):
    q = queue()
    q.send()
    q.one(VisibilityTimeout=43200)
    still.advance(43199.999)
    assert q.receive() == []
    still.advance(0.001)
    assert q.one()


def test_purge_removes_everything_and_old_handles_stay_harmless(sqs, queue):
    q = queue()
    q.send("taken")
    message = q.one()
    q.send("visible")
    q.send("delayed", DelaySeconds=100)
    sqs.purge_queue(QueueUrl=q.url)
    assert q.counts() == (0, 0, 0)
    q.delete(message)
    q.send("after")
    assert q.bodies() == ["after"]
