"""The clock that can be read, stopped, moved and run at a rate: every timer follows it."""

import datetime
import time

import pytest
from queues import Queue, sdk_client

import requests

pytestmark = pytest.mark.once


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
