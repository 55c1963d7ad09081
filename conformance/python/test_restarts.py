"""What survives a stop, a kill and damage of the data directory."""

import json
import time

import pytest
from queues import Queue, entry, sdk_client, text

pytestmark = pytest.mark.once


def restart(running, how):
    running.kill() if how == "kill" else running.stop()
    return running.start()


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_everything_survives_a_restart(start, how):
    running = start()
    sqs = sdk_client(running.endpoint)
    dead, q = Queue.create(sqs, "dead"), Queue.create(sqs, "kept", {"VisibilityTimeout": "77"}, tags={"a": "b"})
    q.dead_letters_to(dead, 5)
    attributes = {"k": text("x"), "raw": {"DataType": "Binary", "BinaryValue": bytes(range(256))}}
    sent = q.send("body\r\n😀", MessageAttributes=attributes)
    large = q.send("x" * 1_000_000)
    gone = q.send("deleted")
    kept = q.receive(3)
    q.delete(kept[2])
    q.hide(kept[0], 0)
    q.hide(kept[1], 0)
    before = q.attributes()
    restart(running, how)
    assert q.attributes() == before
    assert sqs.list_queue_tags(QueueUrl=q.url)["Tags"] == {"a": "b"}
    first, second = q.receive()
    assert (first["MessageId"], first["Body"], first["MessageAttributes"]) == (sent["MessageId"], "body\r\n😀", attributes)
    assert (second["MessageId"], len(second["Body"])) == (large["MessageId"], 1_000_000)
    assert gone["MessageId"] not in (first["MessageId"], second["MessageId"])


def test_fifo_locks_order_dedup_and_handles_survive_a_kill(start):
    running = start()
    q = Queue.create(sdk_client(running.endpoint), "kept.fifo", {"FifoQueue": "true"})
    for body in ("1", "2", "3"):
        q.send(body, group="g", dedup=body)
    first = q.one(VisibilityTimeout=600)
    restart(running, "kill")
    assert q.bodies() == []
    assert q.send("again", group="g", dedup="1")["MessageId"] == first["MessageId"]
    q.delete(first)
    assert q.bodies() == ["2", "3"]


def test_delays_go_on_after_a_restart(start):
    running = start()
    q = Queue.create(sdk_client(running.endpoint), "kept")
    q.send("later", DelaySeconds=600)
    restart(running, "kill")
    assert q.counts() == (0, 0, 1)
    running.clock.advance(600)
    assert q.bodies() == ["later"]


def test_a_move_task_goes_on_or_ends_but_loses_nothing_over_a_kill(start):
    running = start()
    sqs = sdk_client(running.endpoint)
    dead, source = Queue.create(sqs, "dead"), Queue.create(sqs, "source")
    source.dead_letters_to(dead, 1)
    for n in range(10):
        source.send(str(n))
        source.one(VisibilityTimeout=0)
        source.receive(VisibilityTimeout=0)
    sqs.start_message_move_task(SourceArn=dead.arn, MaxNumberOfMessagesPerSecond=100)
    restart(running, "kill")
    give_up = time.monotonic() + 5
    while source.counts()[0] + dead.counts()[0] != 10 or dead.counts()[0]:
        if time.monotonic() > give_up:
            break
        time.sleep(0.02)
    bodies = [body for q in (source, dead) for _ in range(3) for body in q.bodies()]
    assert sorted(bodies) == sorted(str(n) for n in range(10))


def test_memory_keeps_nothing(start):
    running = start("--memory")
    sqs = sdk_client(running.endpoint)
    Queue.create(sqs, "gone").send()
    restart(running, "stop")
    assert "QueueUrls" not in sqs.list_queues()


def test_a_dead_letter_move_between_cells_loses_and_duplicates_nothing(start):
    running = start("--cells", "4")
    sqs = sdk_client(running.endpoint)
    dead = Queue.create(sqs, "dead")
    sources = [Queue.create(sqs, f"source-{n}").dead_letters_to(dead, 1) for n in range(8)]
    for source in sources:
        source.send(source.name)
        source.one(VisibilityTimeout=0)
        assert source.receive(VisibilityTimeout=0) == []
    assert sorted(dead.bodies()) == sorted(source.name for source in sources)
    restart(running, "kill")
    assert dead.counts()[0] + dead.counts()[1] == 8
    assert all(source.counts() == (0, 0, 0) for source in sources)


def journal_files(running):
    return sorted(running.data.rglob("*.seg"))


def flip(file, at):
    with open(file, "r+b") as opened:
        opened.seek(at)
        byte = opened.read(1)[0]
        opened.seek(at)
        opened.write(bytes([byte ^ 1]))


def find(running, needle):
    for file in journal_files(running):
        if (at := file.read_bytes().find(needle)) >= 0:
            return file, at
    raise AssertionError("the journal does not have it")


def test_a_damaged_record_before_others_refuses_to_start_and_says_where(start):
    running = start()
    q = Queue.create(sdk_client(running.endpoint), "damaged")
    for n in range(10):
        q.send(f"needle-{n}-in-the-hay")
    running.kill()
    file, at = find(running, b"needle-4-in-the-hay")
    flip(file, at)
    running.spawn()
    assert running.process.wait(20) not in (0, 101)
    assert file.name in running.tail()
    flip(file, at)
    running.start()
    assert q.counts() == (10, 0, 0)


def test_a_torn_end_is_cut_and_nothing_before_it(start):
    running = start()
    q = Queue.create(sdk_client(running.endpoint), "torn")
    for n in range(10):
        q.send(f"needle-{n}-in-the-hay")
    running.kill()
    file, at = find(running, b"needle-9-in-the-hay")
    flip(file, at)
    running.start()
    assert q.bodies() == [f"needle-{n}-in-the-hay" for n in range(9)]


def test_a_data_directory_of_a_later_format_is_refused(start):
    running = start()
    running.stop()
    (running.data / "format").write_text("tidings data 999999\n")
    running.spawn()
    assert running.process.wait(20) not in (0, 101)
    assert "999999" in running.tail() or "format" in running.tail()


def test_batches_are_whole_after_a_kill(start):
    """An acknowledged batch is there as a whole, in order."""
    running = start()
    q = Queue.create(sdk_client(running.endpoint), "batch")
    for call in range(20):
        q.send_batch(*(entry(f"e{n}", json.dumps([call, n])) for n in range(10)))
    restart(running, "kill")
    bodies = [json.loads(body) for _ in range(20) for body in q.bodies()]
    assert bodies == [[call, n] for call in range(20) for n in range(10)]
