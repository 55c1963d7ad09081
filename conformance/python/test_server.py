"""Health, reset, metrics, an orderly stop, and what many waiting or idle clients cost."""

import os
import re
import threading
import time

import pytest
from http_calls import Wire
from queues import Queue, refused, sdk_client

import requests

pytestmark = pytest.mark.once


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
