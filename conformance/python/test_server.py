"""What the server promises beside the API: clock, health, reset, metrics, flags, restarts, an orderly stop."""

import datetime
import json
import os
import re
import resource
import socket
import stat
import subprocess
import threading
import time

import pytest
from http_calls import Wire
from queues import Queue, entry, refused, sdk_client, text

import requests

pytestmark = pytest.mark.once


# Clock


def test_the_clock_reads_as_the_wall_clock_at_first(start):
    clock = start("--memory").clock.get()
    assert set(clock) == {"now", "frozen", "rate"}
    assert abs(clock["now"] - time.time() * 1000) < 5000
    assert (clock["frozen"], clock["rate"]) == (False, 1.0)


def test_a_frozen_clock_stands_and_advances_only_on_request(still):
    first = still.now
    assert still.now == first
    answer = still.advance(1.5)
    assert answer["now"] == first + 1500
    assert answer["frozen"] is True


def test_the_clock_can_be_set_in_both_forms(start):
    clock = start("--memory").clock
    far = datetime.datetime(2040, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    assert clock.put(freeze=True, set="2040-01-02T03:04:05Z")["now"] == far.timestamp() * 1000
    later = int(far.timestamp() * 1000) + 86_400_000
    assert clock.put(set=later)["now"] == later


def test_the_clock_can_run_at_a_rate(start):
    clock = start("--memory").clock
    before = clock.put(rate=1000.0)
    assert before["rate"] == 1000.0
    time.sleep(0.05)
    assert clock.now - before["now"] >= 50_000


def test_timers_obey_in_order(start):
    running = start("--memory")
    running.clock.put(freeze=True)
    q = Queue.create(sdk_client(running.endpoint), "timers")
    for seconds in (30, 10, 20):
        q.send(str(seconds), DelaySeconds=seconds)
    running.clock.advance(60)
    assert sorted(q.bodies()) == ["10", "20", "30"]


def test_dedup_windows_and_retention_obey_the_clock(start):
    running = start("--memory")
    q = Queue.create(sdk_client(running.endpoint), "timers.fifo", {"FifoQueue": "true", "MessageRetentionPeriod": "400"})
    running.clock.put(freeze=True)
    q.send("one", group="g", dedup="d")
    running.clock.advance(301)
    q.send("two", group="g", dedup="d")
    running.clock.advance(100)
    assert q.bodies() == ["two"]


def test_the_clock_does_not_go_back(start):
    """Stamps would have to: so it is refused, and nothing changes."""
    running = start("--memory")
    before = running.clock.put(freeze=True)
    answer = requests.put(running.clock.url, json={"set": before["now"] - 3_600_000}, timeout=10)
    assert answer.status_code == 400
    assert running.clock.get() == before


@pytest.mark.parametrize("body", ["{", "[]", '{"set":"yesterday"}', '{"advance":"much"}', '{"advance":-1}', '{"rate":-1}', '{"nonsense":1}'])
def test_a_bad_change_of_the_clock_is_refused_and_changes_nothing(start, body):
    running = start("--memory")
    answer = requests.put(running.clock.url, data=body, timeout=10)
    assert 400 <= answer.status_code < 500
    assert running.clock.get()["frozen"] is False


# Health, reset, metrics


def test_health(server):
    answer = requests.get(f"{server.endpoint}/_tidings/health", timeout=5)
    assert answer.status_code == 200
    answer.json()


def test_health_as_localstack_has_it(server):
    answer = requests.get(f"{server.endpoint}/_localstack/health", timeout=5)
    assert answer.status_code == 200
    assert answer.json()["services"]["sqs"] in ("available", "running")


def test_reset_removes_everything(start):
    running = start()
    sqs = sdk_client(running.endpoint)
    q = Queue.create(sqs, "gone")
    q.send()
    answer = requests.post(f"{running.endpoint}/_tidings/reset", timeout=10)
    assert answer.status_code in (200, 204)
    assert "QueueUrls" not in sqs.list_queues()
    assert Queue.create(sqs, "gone").bodies() == []


def metrics(running):
    answer = requests.get(f"{running.endpoint}/metrics", timeout=5)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(("text/plain", "application/openmetrics-text"))
    return answer.text


def test_metrics_are_prometheus_text(start):
    running = start()
    q = Queue.create(sdk_client(running.endpoint), "measured")
    for _ in range(3):
        q.send()
    q.one()
    with refused("InvalidParameterValue"):
        q.receive(11)
    text = metrics(running)
    for line in text.splitlines():
        if not line.startswith("#"):
            assert re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})? [^ ]+", line), line
    assert re.search(r'requests.*operation="SendMessage",code="OK".* 3$', text, re.M)
    assert re.search(r'requests.*operation="ReceiveMessage",code="InvalidParameterValue".* 1$', text, re.M)
    assert re.search(r'duration_seconds_bucket\{(?=.*operation="SendMessage").*le="\+Inf".* 3$', text, re.M)
    assert re.search(r'visible.*queue="measured".* 2$', text, re.M)
    assert re.search(r'in_flight.*queue="measured".* 1$', text, re.M)
    for subject in ("oldest_message_age", "journal_flushes", "journal_written_bytes", "cell_up"):
        assert subject in text


# Flags


def test_help_teaches_and_names_every_setting(binary):
    text = subprocess.run([binary, "--help"], capture_output=True, text=True, timeout=10, check=True).stdout
    for flag in "--listen --data --memory --durability --cells --cache-bytes --waits --queue-urls".split():
        assert flag in text
    assert "TIDINGS_" in text and "aws sqs" in text


@pytest.mark.parametrize(
    "flags", [["--nonsense"], ["--listen", "nowhere"], ["--durability", "hope"], ["--waits", "maybe"], ["--queue-urls", "x y"]]
)
def test_a_setting_that_cannot_be_honoured_is_refused(binary, flags, tmp_path):
    ended = subprocess.run([binary, *flags], capture_output=True, text=True, timeout=10, cwd=tmp_path)
    assert ended.returncode not in (0, 101)
    assert ended.stderr


def test_the_first_lines_say_where_and_what_to_try(start):
    running = start()
    shown = running.tail()
    assert f"127.0.0.1:{running.port}" in shown
    assert str(running.data) in shown
    assert "aws" in shown


def test_a_flag_can_be_a_variable(start, account):
    running = start("--memory", env={"TIDINGS_QUEUE_URLS": "https://fixed.example"})
    url = sdk_client(running.endpoint, account).create_queue(QueueName="q")["QueueUrl"]
    assert url == f"https://fixed.example/{account}/q"


def test_a_flag_can_stand_in_a_file(start, account, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('queue-urls = "https://fixed.example"\nmemory = true\n')
    running = start("--config", str(file), "--memory")
    url = sdk_client(running.endpoint, account).create_queue(QueueName="q")["QueueUrl"]
    assert url == f"https://fixed.example/{account}/q"


def test_two_servers_do_not_share_a_data_directory(start, binary):
    running = start()
    second = subprocess.run(
        [binary, "--listen", "127.0.0.1:0", "--data", str(running.data)], capture_output=True, text=True, timeout=20
    )
    assert second.returncode != 0
    assert running.healthy()


def test_a_port_in_use_is_said(start, binary, tmp_path):
    running = start("--memory")
    command = [binary, "--memory", "--listen", f"127.0.0.1:{running.port}"]
    second = subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=tmp_path)
    assert second.returncode not in (0, 101)
    assert f"127.0.0.1:{running.port}" in second.stderr


def test_a_data_directory_that_is_a_file_is_said(binary, tmp_path):
    (tmp_path / "file").write_text("")
    command = [binary, "--data", str(tmp_path / "file"), "--listen", "127.0.0.1:0"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=tmp_path)
    assert ended.returncode not in (0, 101)
    assert str(tmp_path / "file") in ended.stderr


def test_logs_can_be_json_with_request_ids(start):
    running = start("--memory", "--log-format", "json", "--log-level", "debug")
    answer = Wire(running.endpoint, "000000000000").json("ListQueues", {})
    running.stop()
    lines = [json.loads(line) for line in running.tail().splitlines() if line.startswith("{")]
    assert any(answer.headers["x-amzn-requestid"] in json.dumps(line) for line in lines)


def test_connections_above_the_limit_wait_for_their_turn(start):
    running = start("--memory", "--max-connections", "5")
    held = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(5)]
    time.sleep(0.1)
    with socket.create_connection(("127.0.0.1", running.port), timeout=0.3) as waiting:
        waiting.sendall(b"GET /_tidings/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        with pytest.raises(TimeoutError):
            waiting.recv(100)
        held.pop().close()
        waiting.settimeout(5)
        assert waiting.recv(100).startswith(b"HTTP/1.1 200")
    for connection in held:
        connection.close()


def test_the_server_lives_through_a_shortage_of_file_descriptors(start):
    running = start()
    resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE, (64, 64))
    q = Queue.create(sdk_client(running.endpoint), "scarce")
    kept = [q.send()["MessageId"]]
    held = []
    for _ in range(100):
        held.append(socket.create_connection(("127.0.0.1", running.port)))
    time.sleep(0.3)
    assert running.alive()
    kept.append(q.send()["MessageId"])
    for connection in held:
        connection.close()
    time.sleep(0.1)
    kept.append(Queue(sdk_client(running.endpoint), q.url).send()["MessageId"])
    assert [message["MessageId"] for message in q.receive()] == kept


def test_the_waits_of_aws(start):
    running = start("--memory", "--waits", "aws")
    running.clock.put(freeze=True)
    sqs = sdk_client(running.endpoint)
    q = Queue.create(sqs, "waits")
    sqs.purge_queue(QueueUrl=q.url)
    running.clock.advance(59)
    expected = "Only one PurgeQueue operation on waits is allowed every 60 seconds."
    with refused("AWS.SimpleQueueService.PurgeQueueInProgress", expected, status=403):
        sqs.purge_queue(QueueUrl=q.url)
    running.clock.advance(1)
    sqs.purge_queue(QueueUrl=q.url)
    sqs.delete_queue(QueueUrl=q.url)
    running.clock.advance(59)
    expected = "You must wait 60 seconds after deleting a queue before you can create another with the same name."
    with refused("AWS.SimpleQueueService.QueueDeletedRecently", expected):
        Queue.create(sqs, "waits")
    running.clock.advance(1)
    Queue.create(sqs, "waits")


def test_scripts_run_once_the_port_answers(start, tmp_path):
    ready = tmp_path / "init" / "ready.d"
    ready.mkdir(parents=True)
    for number in (2, 1):
        script = ready / f"{number}.sh"
        script.write_text(f"#!/bin/sh\necho {number} >> {tmp_path}/order\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    start("--memory", "--init-dir", str(tmp_path / "init"))
    give_up = time.monotonic() + 5
    order = tmp_path / "order"
    while not (order.exists() and order.read_text() == "1\n2\n"):
        assert time.monotonic() < give_up
        time.sleep(0.02)


# Restarts


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


# Stopping


def test_a_stop_answers_long_polls_and_ends_with_zero(start):
    running = start()
    q = Queue.create(sdk_client(running.endpoint), "parked")
    outcome = []

    def poll():
        outcome.append(q.receive(WaitTimeSeconds=20))

    thread = threading.Thread(target=poll)
    thread.start()
    thread.join(0.2)
    assert thread.is_alive()
    began = time.monotonic()
    assert running.stop() == 0
    thread.join(5)
    assert outcome == [[]]
    assert time.monotonic() - began < 8


def test_many_idle_pollers_cost_next_to_nothing(start):
    running = start("--memory")
    q = Queue.create(sdk_client(running.endpoint), "idle")
    wire = Wire(running.endpoint, "000000000000")
    pollers = 50
    answers = []

    def poll():
        answers.append(wire.json("ReceiveMessage", {"QueueUrl": q.url, "WaitTimeSeconds": 3}).status_code)

    threads = [threading.Thread(target=poll) for _ in range(pollers)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    before = cpu_seconds(running)
    time.sleep(1)
    used = cpu_seconds(running) - before
    for thread in threads:
        thread.join()
    assert answers == [200] * pollers
    assert used < 0.1


def cpu_seconds(running):
    with open(f"/proc/{running.process.pid}/stat") as stat_file:
        fields = stat_file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_batches_are_whole_after_a_kill(start):
    """An acknowledged batch is there as a whole, in order."""
    running = start()
    q = Queue.create(sdk_client(running.endpoint), "batch")
    for call in range(20):
        q.send_batch(*(entry(f"e{n}", json.dumps([call, n])) for n in range(10)))
    restart(running, "kill")
    bodies = [json.loads(body) for _ in range(20) for body in q.bodies()]
    assert bodies == [[call, n] for call in range(20) for n in range(10)]
