"""StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask (spec 6.4)."""

import base64
import json
import time
import uuid

import pytest
from queues import refused

SOURCE_MISSING = "The resource that you specified for the SourceArn parameter doesn't exist."
DESTINATION_MISSING = "The resource that you specified for the DestinationArn parameter doesn't exist."


@pytest.fixture
def dead(queue):
    """A dead-letter queue with its source."""
    target, source = queue("dead"), queue("source")
    source.dead_letters_to(target, 1)
    target.source = source
    return target


def bury(q, *bodies):
    """Lets messages go through `q` into its dead-letter queue."""
    for body in bodies:
        q.send(body)
        q.one(VisibilityTimeout=0)
        assert q.receive(VisibilityTimeout=0) == []


def start(q, destination=None, rate=None):
    more = {}
    if destination:
        more["DestinationArn"] = destination.arn
    if rate:
        more["MaxNumberOfMessagesPerSecond"] = rate
    return q.sqs.start_message_move_task(SourceArn=q.arn, **more)["TaskHandle"]


def tasks(q, most=10):
    return q.sqs.list_message_move_tasks(SourceArn=q.arn, MaxResults=most).get("Results", [])


def eventually(check, seconds=5):
    """The task runs beside the calls; waits, briefly, until the check holds."""
    give_up = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < give_up, "did not come true in time"
        time.sleep(0.01)
    return found


def finished(q, status="COMPLETED"):
    return eventually(lambda: [task for task in tasks(q) if task["Status"] == status])[0]


def gather(q, count):
    """Receives until `count` messages were seen."""
    seen = []
    eventually(lambda: seen.extend(q.receive()) or len(seen) >= count)
    return seen


def test_messages_go_back_to_their_source_as_new_messages(dead, still):
    bury(dead.source, "one", "two")
    before = {message["MessageId"] for message in dead.receive(VisibilityTimeout=0)}
    still.advance(100)
    start(dead)
    done = finished(dead)
    assert (done["ApproximateNumberOfMessagesMoved"], done["ApproximateNumberOfMessagesToMove"]) == (2, 2)
    got = gather(dead.source, 2)
    assert [message["Body"] for message in got] == ["one", "two"]
    assert not before & {message["MessageId"] for message in got}
    assert {message["Attributes"]["ApproximateReceiveCount"] for message in got} == {"1"}
    assert all(int(message["Attributes"]["SentTimestamp"]) >= still.now - 10 for message in got)
    assert dead.counts() == (0, 0, 0)


def test_each_message_goes_to_its_own_source(queue):
    dead, a, b = queue("dead"), queue("a"), queue("b")
    for source in (a, b):
        source.dead_letters_to(dead, 1)
        bury(source, f"from {source.name}")
    start(dead)
    finished(dead)
    assert [message["Body"] for message in gather(a, 1)] == ["from a"]
    assert [message["Body"] for message in gather(b, 1)] == ["from b"]


def test_messages_go_to_the_destination_if_given(dead, queue):
    elsewhere = queue("elsewhere")
    bury(dead.source, "moved")
    start(dead, elsewhere)
    assert finished(dead)["DestinationArn"] == elsewhere.arn
    assert [message["Body"] for message in gather(elsewhere, 1)] == ["moved"]
    assert dead.source.receive() == []


def test_the_entry_of_a_finished_task(dead):
    bury(dead.source, "one")
    start(dead)
    done = finished(dead)
    assert set(done) == {
        "Status",
        "SourceArn",
        "StartedTimestamp",
        "ApproximateNumberOfMessagesMoved",
        "ApproximateNumberOfMessagesToMove",
    }
    assert done["SourceArn"] == dead.arn
    assert isinstance(done["StartedTimestamp"], int) and done["StartedTimestamp"] > 1_000_000_000_000


def test_moving_nothing_completes(dead):
    start(dead)
    done = finished(dead)
    assert done["ApproximateNumberOfMessagesMoved"] == 0


def test_a_task_keeps_its_rate(dead, queue, still):
    elsewhere = queue("elsewhere")
    bury(dead.source, *"abcd")
    start(dead, elsewhere, rate=1)
    eventually(lambda: elsewhere.counts()[0] == 1)
    for expected in (2, 3):
        still.advance(0.999)
        assert elsewhere.counts()[0] == expected - 1
        still.advance(0.001)
        eventually(lambda: elsewhere.counts()[0] == expected)
    [task] = tasks(dead)
    assert task["Status"] == "RUNNING" and task["MaxNumberOfMessagesPerSecond"] == 1
    assert (task["ApproximateNumberOfMessagesMoved"], task["ApproximateNumberOfMessagesToMove"]) == (3, 4)
    still.advance(1)
    done = finished(dead)
    assert (done["ApproximateNumberOfMessagesMoved"], done["ApproximateNumberOfMessagesToMove"]) == (4, 4)
    assert [message["Body"] for message in gather(elsewhere, 4)] == list("abcd")


def test_a_task_can_be_cancelled(dead, queue, still):
    elsewhere = queue("elsewhere")
    bury(dead.source, *"abcd")
    handle = start(dead, elsewhere, rate=1)
    still.advance(1)
    eventually(lambda: elsewhere.counts()[0] == 2)
    assert tasks(dead)[0]["TaskHandle"] == handle
    answer = dead.sqs.cancel_message_move_task(TaskHandle=handle)
    assert answer["ApproximateNumberOfMessagesMoved"] == 2
    still.advance(10)
    task = finished(dead, "CANCELLED")
    assert "TaskHandle" not in task
    assert (task["ApproximateNumberOfMessagesMoved"], task["ApproximateNumberOfMessagesToMove"]) == (2, 4)
    assert dead.counts() == (2, 0, 0) and elsewhere.counts() == (2, 0, 0)
    start(dead, elsewhere)
    eventually(lambda: elsewhere.counts()[0] == 4)


def test_only_one_task_runs_for_a_source(dead, queue, still):
    bury(dead.source, *"ab")
    start(dead, rate=1)
    expected = (
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time."
    )
    with refused("InvalidParameterValue", expected):
        start(dead)


def test_a_deleted_destination_fails_the_task(sqs, dead, queue, still):
    elsewhere = queue("elsewhere")
    bury(dead.source, *"abc")
    start(dead, elsewhere, rate=1)
    eventually(lambda: elsewhere.counts()[0] == 1)
    sqs.delete_queue(QueueUrl=elsewhere.url)
    still.advance(1)
    task = finished(dead, "FAILED")
    assert task["FailureReason"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert (task["ApproximateNumberOfMessagesMoved"], task["ApproximateNumberOfMessagesToMove"]) == (1, 3)
    assert "TaskHandle" not in task
    assert sorted(dead.bodies()) == ["b", "c"]


def test_tasks_are_listed_newest_first_one_unless_asked(sqs, dead, still):
    for body in "abc":
        bury(dead.source, body)
        start(dead)
        eventually(lambda: all(task["Status"] == "COMPLETED" for task in tasks(dead)))
        still.advance(1)
        sqs.purge_queue(QueueUrl=dead.source.url)
    stamps = [task["StartedTimestamp"] for task in tasks(dead)]
    assert len(stamps) == 3 and stamps == sorted(stamps, reverse=True)
    assert len(sqs.list_message_move_tasks(SourceArn=dead.arn)["Results"]) == 1
    assert sqs.list_message_move_tasks(SourceArn=dead.arn)["Results"][0]["StartedTimestamp"] == stamps[0]


@pytest.mark.parametrize("most", [0, 11])
def test_the_number_of_results_is_limited(sqs, dead, most):
    with refused("InvalidParameterValue"):
        sqs.list_message_move_tasks(SourceArn=dead.arn, MaxResults=most)


@pytest.mark.parametrize("rate", [0, 501, -1])
def test_rates_out_of_range_are_refused(sqs, dead, rate):
    with refused("InvalidParameterValue"):
        sqs.start_message_move_task(SourceArn=dead.arn, MaxNumberOfMessagesPerSecond=rate)


def test_the_source_must_exist(sqs, account):
    missing = f"arn:aws:sqs:us-east-1:{account}:nowhere"
    with refused("ResourceNotFoundException", SOURCE_MISSING, status=404):
        sqs.start_message_move_task(SourceArn=missing)
    with refused("ResourceNotFoundException", SOURCE_MISSING, status=404):
        sqs.list_message_move_tasks(SourceArn=missing)


def test_the_source_must_be_a_dead_letter_queue(sqs, queue):
    with refused("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue."):
        sqs.start_message_move_task(SourceArn=queue().arn)


def test_the_destination_must_exist(sqs, dead, account):
    with refused("ResourceNotFoundException", DESTINATION_MISSING, status=404):
        sqs.start_message_move_task(SourceArn=dead.arn, DestinationArn=f"arn:aws:sqs:us-east-1:{account}:nowhere")


@pytest.mark.parametrize("arn", ["dead", "arn:aws:sqs"])
def test_a_malformed_source_is_refused(sqs, arn):
    expected = (
        "You must use this format to specify the SourceArn: arn:<partition>:<service>:<region>:<account-id>:<resource-id>"
    )
    with refused("InvalidParameterValue", expected):
        sqs.start_message_move_task(SourceArn=arn)


def task_handle(source, id=None):
    return base64.b64encode(json.dumps({"taskId": id or str(uuid.uuid4()), "sourceArn": source}).encode()).decode()


def test_the_handle_is_base64_of_json(dead):
    bury(dead.source, "a")
    decoded = json.loads(base64.b64decode(start(dead)))
    assert set(decoded) == {"taskId", "sourceArn"}
    assert decoded["sourceArn"] == dead.arn and uuid.UUID(decoded["taskId"])


def test_cancelling_with_wrong_handles(sqs, queue, account):
    with refused("InvalidParameterValue", "Value for parameter TaskHandle is invalid."):
        sqs.cancel_message_move_task(TaskHandle="garbage")
    with refused("ResourceNotFoundException", SOURCE_MISSING, status=404):
        sqs.cancel_message_move_task(TaskHandle=task_handle(f"arn:aws:sqs:us-east-1:{account}:nowhere"))
    with refused("ResourceNotFoundException", "Task does not exist.", status=404):
        sqs.cancel_message_move_task(TaskHandle=task_handle(queue().arn))


def test_moved_messages_can_become_dead_letters_again(dead):
    bury(dead.source, "again")
    start(dead)
    finished(dead)
    eventually(lambda: dead.source.counts()[0] == 1)
    assert dead.source.bodies(VisibilityTimeout=0) == ["again"]
    assert dead.source.receive(VisibilityTimeout=0) == []
    assert dead.bodies() == ["again"]


def test_fifo_messages_move_back_in_order(fifo, still):
    dead, source = fifo(), fifo(VisibilityTimeout="1")
    source.dead_letters_to(dead, 1)
    for n in range(3):
        source.send(str(n), group="g", dedup=str(n))
    source.receive()
    still.advance(1)
    assert source.receive() == []
    still.advance(400)
    start(dead)
    eventually(lambda: source.counts()[0] == 3)
    assert source.bodies() == ["0", "1", "2"]
