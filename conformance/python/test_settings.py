"""Flags, variables, the settings file, init scripts: what is accepted is honoured, all else refused."""

import json
import resource
import socket
import stat
import subprocess
import time

import pytest
from botocore.exceptions import HTTPClientError
from http_calls import Wire
from queues import Queue, refused, sdk_client

pytestmark = pytest.mark.once


def test_help_teaches_and_names_every_setting(binary):
    text = subprocess.run([binary, "--help"], capture_output=True, text=True, timeout=10, check=True).stdout
    for flag in "--listen --data --memory --durability --cells --cache-bytes --waits --queue-urls".split():
        assert flag in text
    assert "TIDINGS_" in text and "sqs create-queue" in text


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
    """Connections may be turned away meanwhile; what was acknowledged stays, and afterwards all is well."""
    running = start()
    resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE, (64, 64))
    q = Queue.create(sdk_client(running.endpoint), "scarce")
    kept = [q.send()["MessageId"]]
    held = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(100)]
    time.sleep(0.3)
    assert running.alive()
    for connection in held:
        connection.close()
    again = Queue(sdk_client(running.endpoint), q.url)
    kept.append(eventually_send(again))
    assert set(kept) <= {message["MessageId"] for message in again.receive()}


def eventually_send(q, seconds=10):
    give_up = time.monotonic() + seconds
    while True:
        try:
            return q.send()["MessageId"]
        except HTTPClientError:
            assert time.monotonic() < give_up, "the server did not recover"
            time.sleep(0.1)


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
