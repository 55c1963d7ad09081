"""A disk without space: a clear error, nothing acknowledged lost, and work goes on when space returns.

The data directory is a small file system in memory, for which a mount must be permitted.
"""

import hashlib
import os
import subprocess
import time

import pytest
from botocore.exceptions import ClientError
from outreach_calls import sns_client
from queues import Queue, sdk_client
from topics import Topic

import requests

pytestmark = pytest.mark.once
BODY_BYTES = 100_000
MOST_SENDS = 3000


def mount(*arguments):
    return subprocess.run(["mount", *arguments], capture_output=True, text=True)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 MiB; `resize` makes it larger."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.uname().sysname != "Linux":
        pytest.skip("mounts a tmpfs, which needs Linux")
    mounted = mount("-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place))
    if mounted.returncode != 0:
        pytest.skip(f"mounting a file system is not permitted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def resize(place, mebibytes):
    assert mount("-o", f"remount,size={mebibytes}m", str(place)).returncode == 0


def fill(q):
    """Sends until the server refuses. Returns what was acknowledged, and the error."""
    kept = {}
    for n in range(MOST_SENDS):
        body = f"{n} ".ljust(BODY_BYTES, "x")
        try:
            kept[q.send(body)["MessageId"]] = hashlib.md5(body.encode()).hexdigest()
        except ClientError as refusal:
            return kept, refusal.response
    pytest.fail(f"{MOST_SENDS} messages of {BODY_BYTES} bytes went onto a small disk")


def everything(q):
    found = {}
    while messages := q.receive():
        for message in messages:
            found[message["MessageId"]] = hashlib.md5(message["Body"].encode()).hexdigest()
    return found


def eventually_send(q, seconds=30):
    """The server asks the disk for space again after a moment, not at each call."""
    give_up = time.monotonic() + seconds
    while True:
        try:
            return q.send("after".ljust(BODY_BYTES, "y"))
        except ClientError:
            assert time.monotonic() < give_up, "the server did not recover after space had returned"
            time.sleep(0.1)


def assert_clear(refusal):
    assert refusal["ResponseMetadata"]["HTTPStatusCode"] in (500, 503), refusal
    assert refusal["Error"]["Code"] and refusal["Error"]["Code"] != "500", refusal


def test_a_full_disk_loses_nothing_and_recovers_when_space_returns(start, small_disk):
    running = start(data=small_disk)
    q = Queue.create(sdk_client(running.endpoint), "full")
    kept, refusal = fill(q)
    assert kept
    assert_clear(refusal)
    assert requests.get(f"{running.endpoint}/_tidings/health", timeout=5).status_code in (200, 503)
    resize(small_disk, 512)
    last = eventually_send(q)["MessageId"]
    found = everything(q)
    assert last in found
    assert {id: found.get(id) for id in kept} == kept


def test_a_kill_on_a_full_disk_loses_nothing(start, small_disk):
    running = start(data=small_disk)
    q = Queue.create(sdk_client(running.endpoint), "full")
    kept, refusal = fill(q)
    assert_clear(refusal)
    running.kill()
    resize(small_disk, 512)
    running.start()
    found = everything(q)
    assert {id: found.get(id) for id in kept} == kept
    eventually_send(q)


def publish_until_refused(topic):
    published = set()
    for n in range(MOST_SENDS):
        body = f"{n} ".ljust(BODY_BYTES, "x")
        try:
            topic.publish(body)
        except ClientError as refusal:
            assert_clear(refusal.response)
            return published
        published.add(body)
    pytest.fail(f"{MOST_SENDS} publications of {BODY_BYTES} bytes went onto a small disk")


def test_a_full_disk_loses_no_publication(start, small_disk):
    """Some queues are served by the topic's own cell, others by another one through the courier."""
    running = start("--cells", "2", data=small_disk)
    sqs = sdk_client(running.endpoint)
    made = Topic.create(sns_client(running.endpoint, "000000000000"), "full")
    queues = [Queue.create(sqs, f"full-{n}") for n in range(4)]
    for q in queues:
        made.feed(q, RawMessageDelivery="true")
    published = publish_until_refused(made)
    resize(small_disk, 512)
    for q in queues:
        eventually_send(q)
    for q in queues:
        assert published <= until_all(q, published)


def until_all(q, wanted):
    """Bodies of a queue, until all that are wanted have come."""
    found = set()
    give_up = time.monotonic() + 60
    while not wanted <= found and time.monotonic() < give_up:
        found |= {message["Body"] for message in q.receive()}
    return found


def drain(q):
    """Receives and deletes all, in batches. What does not go at once goes a little later: the server makes room."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        try:
            messages = q.receive()
            if not messages:
                return
            handles = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(messages)]
            q.sqs.delete_message_batch(QueueUrl=q.url, Entries=handles)
        except ClientError as refusal:
            assert_clear(refusal.response)
            time.sleep(0.1)
    pytest.fail("the disk stayed full")


@pytest.mark.parametrize("how", ["delete", "purge"])
def test_what_is_deleted_makes_room_again(start, small_disk, how):
    """No space is added: the journal gives back what deleted messages took."""
    resize(small_disk, 200)
    q = Queue.create(sdk_client(start(data=small_disk).endpoint), "full")
    kept, _ = fill(q)
    if how == "delete":
        drain(q)
    else:
        q.sqs.purge_queue(QueueUrl=q.url)
    third = len(kept) // 3
    for _ in range(third):
        eventually_send(q)
    assert len(everything(q)) == third


def test_a_purge_has_room_when_all_else_is_refused(start, small_disk):
    resize(small_disk, 200)
    q = Queue.create(sdk_client(start(data=small_disk).endpoint), "full")
    fill(q)
    message = q.one(VisibilityTimeout=1000)
    with pytest.raises(ClientError) as refusal:
        for _ in range(5000):
            q.hide(message, 1000)
    assert_clear(refusal.value.response)
    q.sqs.purge_queue(QueueUrl=q.url)
    eventually_send(q)


def test_disk_use_follows_what_is_alive(start, small_disk):
    resize(small_disk, 512)
    running = start(data=small_disk)
    q = Queue.create(sdk_client(running.endpoint), "busy")
    for _ in range(200):
        q.send_batch(*[{"Id": str(n), "MessageBody": "y" * BODY_BYTES} for n in range(10)])
        while messages := q.receive():
            q.delete(*messages)
    used = sum(file.stat().st_blocks * 512 for file in small_disk.rglob("*") if file.is_file())
    assert used < 400 << 20
