"""Celery over SQS: a real worker process takes tasks from the queue, runs them, and deletes their messages."""

import importlib
import os
import pathlib
import subprocess
import sys
import time

import pytest
from queues import Queue, sdk_client

HERE = pathlib.Path(__file__).parent
ACCOUNT = "700000000001"


@pytest.fixture(scope="module")
def tasks(server, tmp_path_factory):
    """The module of tasks, with a worker that runs them."""
    home = tmp_path_factory.mktemp("celery")
    (home / "results").mkdir()
    settings = {
        "BROKER": f"sqs://{ACCOUNT}:secret@127.0.0.1:{server.port}//",
        "RESULTS": f"file://{home}/results",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    os.environ.update(settings)
    sys.path.insert(0, str(HERE))
    module = importlib.import_module("tasks")
    log = open(home / "worker.log", "wb")
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "tasks", "worker", "--pool", "solo", "--loglevel", "INFO", "--without-mingle", "--without-gossip"],
        cwd=HERE,
        stdout=log,
        stderr=log,
    )
    yield module
    worker.terminate()
    try:
        worker.wait(15)
    except subprocess.TimeoutExpired:
        worker.kill()
    log.close()
    print((home / "worker.log").read_text(errors="replace")[-4000:])


@pytest.fixture
def jobs(server, tasks):
    sqs = sdk_client(server.endpoint, ACCOUNT)
    return Queue(sqs, sqs.create_queue(QueueName="jobs")["QueueUrl"])


def test_a_task_runs_and_its_result_comes_back(tasks):
    assert tasks.add.delay(2, 3).get(timeout=30) == 5


def test_many_tasks_run_once_each_and_leave_the_queue_empty(tasks, jobs):
    results = [tasks.add.delay(n, n) for n in range(30)]
    assert [result.get(timeout=30) for result in results] == [2 * n for n in range(30)]
    give_up = time.monotonic() + 10
    while jobs.counts() != (0, 0, 0):
        assert time.monotonic() < give_up, jobs.counts()
        time.sleep(0.05)


def test_a_task_is_retried(tasks):
    assert tasks.succeed_at_the_third_try.delay().get(timeout=30) == 2


def test_a_failure_is_reported(tasks):
    with pytest.raises(ValueError, match="on purpose"):
        tasks.fail.delay().get(timeout=30)


def test_a_large_task(tasks):
    assert tasks.measure.delay("x" * 200_000).get(timeout=30) == 200_000


def test_a_countdown_is_kept(tasks):
    began = time.monotonic()
    assert tasks.add.apply_async((1, 1), countdown=1).get(timeout=30) == 2
    assert time.monotonic() - began >= 0.9
