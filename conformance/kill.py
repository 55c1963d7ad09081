#!/usr/bin/env python3
"""kill -9 under load, again and again on one data directory, and an account of what was acknowledged.

    conformance/kill.py --rounds 200

Producers send to standard and FIFO queues, consumers receive and delete, some messages are left to become dead
letters. Every answer is written down before the next call is made. After each kill and restart the books must
balance:

- a message whose send was acknowledged, and whose delete was never asked for, is there, in its queue or in the
  dead-letter queue, with exactly its id, body and attributes;
- a message whose delete was acknowledged never comes again;
- nothing is there that nobody sent, and nothing is there twice;
- within a FIFO group the order of delivery is the order of sending;
- a deduplication id that was acknowledged is still known: the same send answers with the same message id.

Calls that were under way when the server died may have happened or not: both are right, but only one of them.
"""

import argparse
import collections
import hashlib
import http.client
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "python"))
from running import Server  # noqa: E402

ACCOUNT = "900000000001"
AUTHORIZATION = (
    f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature={'0' * 64}"
)
ATTEMPTS = 2  # maxReceiveCount of the standard queue
GROUPS = 8


class Unanswered(Exception):
    """The server died before it answered."""


class Refused(Exception):
    """An AWS error."""


class Line:
    """One keep-alive connection, AWS JSON 1.0."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def call(self, operation, **body):
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"AmazonSQS.{operation}",
            "Authorization": AUTHORIZATION,
        }
        try:
            self.connection.request("POST", "/", json.dumps(body), headers)
            answer = self.connection.getresponse()
            raw = answer.read()
        except (OSError, http.client.HTTPException) as gone:
            self.connection.close()
            raise Unanswered(operation) from gone
        if answer.status != 200:
            raise Refused(f"{operation}: {answer.status} {raw[:300]!r}")
        return json.loads(raw) if raw else {}


class Sent:
    """What is known of one message. `id` is None while no answer has come."""

    __slots__ = ("body", "attributes", "id", "group", "order", "dedup", "delete_asked", "deleted_at")

    def __init__(self, body, attributes, group=None, order=None, dedup=None):
        self.body = body
        self.attributes = attributes
        self.id = None
        self.group = group
        self.order = order
        self.dedup = dedup
        self.delete_asked = False
        self.deleted_at = None  # when the acknowledgement had come


class Books:
    """Every message ever sent, by body; bodies are unique."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}
        self.acknowledged = 0
        self.deleted = 0
        self.errors = []

    def wrong(self, text):
        with self.lock:
            self.errors.append(text)

    def enter(self, message):
        with self.lock:
            self.sent[message.body] = message

    def check(self, message, where, asked_at):
        """Whether a message may be delivered to a call that was made at `asked_at`, and is as it was sent."""
        known = self.sent.get(message["Body"])
        if known is None:
            return self.wrong(f"{where}: a message that nobody sent: {message['Body'][:60]!r}")
        if known.deleted_at is not None and known.deleted_at < asked_at:
            self.wrong(f"{where}: deleted, acknowledged, and delivered again: {message['Body'][:60]!r}")
        if known.id is not None and known.id != message["MessageId"]:
            self.wrong(f"{where}: another message id than acknowledged: {message['Body'][:60]!r}")
        if message.get("MessageAttributes", {}) != known.attributes:
            self.wrong(f"{where}: other attributes than sent: {message['Body'][:60]!r}")
        if message["MD5OfBody"] != hashlib.md5(message["Body"].encode()).hexdigest():
            self.wrong(f"{where}: the MD5 is not that of the body: {message['Body'][:60]!r}")
        return known


def attributes_for(number, chance):
    if number % 3:
        return {}
    return {
        "number": {"DataType": "Number", "StringValue": str(number)},
        "raw": {"DataType": "Binary", "BinaryValue": "AP8Q" * chance.randrange(1, 50)},
    }


class Load(threading.Thread):
    """One client until the server dies."""

    def __init__(self, port, books, round_number, who, urls, stop):
        super().__init__(daemon=True)
        self.line = Line(port)
        self.books = books
        self.round = round_number
        self.who = who
        self.urls = urls
        self.halt = stop
        self.chance = random.Random(f"{round_number}/{who}")

    def run(self):
        try:
            while not self.halt.is_set():
                self.step()
        except Unanswered:
            pass
        except Refused as refusal:
            if not self.halt.is_set():
                self.books.wrong(f"{self.who}: {refusal}")
        except Exception as failure:
            self.books.wrong(f"{self.who}: {failure!r}")

    def body(self, number):
        text = f"{self.round}/{self.who}/{number} "
        return text + "x" * self.chance.choice((0, 10, 200, 1000, 5000, 70_000 if number % 50 == 0 else 100))


class StandardProducer(Load):
    number = 0

    def step(self):
        messages = []
        for _ in range(self.chance.choice((1, 1, 1, 5, 10))):
            self.number += 1
            messages.append(Sent(self.body(self.number), attributes_for(self.number, self.chance)))
        for message in messages:
            self.books.enter(message)
        url = self.urls["standard"]
        if len(messages) == 1:
            [message] = messages
            answer = self.line.call("SendMessage", QueueUrl=url, MessageBody=message.body, MessageAttributes=message.attributes)
            message.id = answer["MessageId"]
        else:
            entries = [
                {"Id": str(n), "MessageBody": message.body, "MessageAttributes": message.attributes}
                for n, message in enumerate(messages)
            ]
            for done in self.line.call("SendMessageBatch", QueueUrl=url, Entries=entries)["Successful"]:
                messages[int(done["Id"])].id = done["MessageId"]
        self.books.acknowledged += len(messages)


class FifoProducer(Load):
    number = 0

    def step(self):
        self.number += 1
        group = f"{self.who}-{self.chance.randrange(GROUPS)}"
        message = Sent(
            self.body(self.number),
            attributes_for(self.number, self.chance),
            group=group,
            order=(self.round, self.number),
            dedup=f"{self.round}-{self.who}-{self.number}",
        )
        self.books.enter(message)
        answer = self.send(message)
        message.id = answer["MessageId"]
        self.books.acknowledged += 1
        if self.number % 10 == 0 and self.send(message)["MessageId"] != message.id:
            self.books.wrong(f"{self.who}: a duplicate was given another message id")

    def send(self, message):
        return self.line.call(
            "SendMessage",
            QueueUrl=self.urls["fifo"],
            MessageBody=message.body,
            MessageAttributes=message.attributes,
            MessageGroupId=message.group,
            MessageDeduplicationId=message.dedup,
        )


class Consumer(Load):
    """Receives, checks, and deletes most of what it got. What it leaves comes again, and at last becomes a dead letter."""

    def step(self):
        kind = self.who.split("-")[0]
        url = self.urls[kind]
        # Without a timeout another receive may move the message to the dead-letter queue before it is deleted here. The
        # delete then succeeds and removes nothing, as it does for any message that is gone: it proves nothing.
        timeout = self.chance.choice((0, 30)) if kind == "standard" else 30
        asked_at = time.monotonic()
        got = self.line.call(
            "ReceiveMessage",
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=1,
            VisibilityTimeout=timeout,
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        chosen = []
        for message in got:
            known = self.books.check(message, self.who, asked_at)
            if known and self.chance.random() < 0.8:
                chosen.append((known, message["ReceiptHandle"]))
            elif kind == "fifo":
                break
        if not chosen:
            return
        for known, _ in chosen:
            known.delete_asked = True
        entries = [{"Id": str(n), "ReceiptHandle": handle} for n, (_, handle) in enumerate(chosen)]
        for done in self.line.call("DeleteMessageBatch", QueueUrl=url, Entries=entries).get("Successful", []):
            if timeout:
                chosen[int(done["Id"])][0].deleted_at = time.monotonic()
            self.books.deleted += 1


def set_up(line):
    def create(name, **attributes):
        return line.call("CreateQueue", QueueName=name, Attributes=attributes)["QueueUrl"]

    def arn(url):
        return line.call("GetQueueAttributes", QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    urls = {"dead": create("dead"), "dead-fifo": create("dead.fifo", FifoQueue="true")}
    policy = json.dumps({"deadLetterTargetArn": arn(urls["dead"]), "maxReceiveCount": ATTEMPTS})
    urls["standard"] = create("standard", RedrivePolicy=policy)
    policy = json.dumps({"deadLetterTargetArn": arn(urls["dead-fifo"]), "maxReceiveCount": 100})
    urls["fifo"] = create("ordered.fifo", FifoQueue="true", RedrivePolicy=policy)
    return urls


def take_all(line, url):
    """Every message of a queue, deleted as it is read, so that FIFO groups do not hold the rest back."""
    found = []
    empty = 0
    while empty < 3:
        messages = line.call(
            "ReceiveMessage",
            QueueUrl=url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=3600,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        empty = 0 if messages else empty + 1
        found += messages
        if messages:
            entries = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(messages)]
            line.call("DeleteMessageBatch", QueueUrl=url, Entries=entries)
    return found


def take_everything(line, server, urls):
    """All queues, after all visibility timeouts. The dead-letter queues come last: reading the others fills them."""
    server.clock.advance(31)
    return {name: take_all(line, urls[name]) for name in ("standard", "fifo", "dead", "dead-fifo")}


def audit(line, server, books, urls, number):
    """Compares everything that is there with the books, and begins new ones with empty queues."""
    check_deduplication(line, books, urls, number)
    asked_at = time.monotonic()
    places = take_everything(line, server, urls)
    seen = collections.Counter()
    for name, messages in places.items():
        for message in messages:
            books.check(message, f"audit of {name}", asked_at)
            seen[message["Body"]] += 1
    for body, times in seen.items():
        if times > 1:
            books.wrong(f"audit: {times} copies of {body[:60]!r}")
    for message in books.sent.values():
        if message.id is not None and not message.delete_asked and message.body not in seen:
            books.wrong(f"audit: acknowledged, not deleted, and gone: {message.body[:60]!r}")
    check_order(books, places["fifo"])
    if any(messages for messages in take_everything(line, server, urls).values()):
        books.wrong("audit: messages that were deleted came again")
    books.sent.clear()
    return sum(len(messages) for messages in places.values())


def check_order(books, messages):
    last = {}
    for message in messages:
        known = books.sent.get(message["Body"])
        if known is None:
            continue
        if message["Attributes"]["MessageGroupId"] != known.group:
            books.wrong(f"audit: in another group than sent: {known.body[:60]!r}")
        if last.get(known.group, (0, 0)) >= known.order:
            books.wrong(f"audit: out of order in group {known.group}: {known.body[:60]!r}")
        last[known.group] = known.order


def check_deduplication(line, books, urls, number):
    """A send repeated after the crash answers with the id that was given before it."""
    acknowledged = [message for message in books.sent.values() if message.dedup and message.id]
    for message in random.Random(number).sample(acknowledged, min(10, len(acknowledged))):
        answer = line.call(
            "SendMessage",
            QueueUrl=urls["fifo"],
            MessageBody=message.body,
            MessageAttributes=message.attributes,
            MessageGroupId=message.group,
            MessageDeduplicationId=message.dedup,
        )
        if answer["MessageId"] != message.id:
            books.wrong(f"deduplication forgot {message.body[:60]!r}")


def one_round(server, books, urls, number, seconds):
    stop = threading.Event()
    clients = [StandardProducer(server.port, books, number, f"standard-{n}", urls, stop) for n in range(3)]
    clients += [FifoProducer(server.port, books, number, f"fifo-{n}", urls, stop) for n in range(2)]
    clients += [Consumer(server.port, books, number, f"standard-c{n}", urls, stop) for n in range(2)]
    clients += [Consumer(server.port, books, number, "fifo-c", urls, stop)]
    for client in clients:
        client.start()
    time.sleep(seconds * random.Random(number).uniform(0.3, 1.0))
    server.kill()
    stop.set()
    for client in clients:
        client.join(30)
        if client.is_alive():
            books.wrong(f"{client.who} hangs")
    server.start()
    return audit(Line(server.port), server, books, urls, number)


def disk_bytes(directory):
    return sum(file.stat().st_blocks * 512 for file in directory.rglob("*") if file.is_file())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=0.6, help="longest load of a round (default 0.6)")
    parser.add_argument("--data", help="data directory's parent to use and keep (default: a temporary one)")
    parser.add_argument("flags", nargs="*", help="further flags for the server, after --")
    options = parser.parse_args()
    binary = os.environ.get("TIDINGS_BIN")
    if not binary:
        parser.error("TIDINGS_BIN must name the tidings binary under test")
    home = pathlib.Path(options.data or tempfile.mkdtemp(prefix="tidings-kill-"))
    server = Server(os.path.abspath(binary), home, *options.flags)
    books = Books()
    passed = failed = 0
    began = time.monotonic()
    try:
        server.start()
        urls = set_up(Line(server.port))
        for number in range(1, options.rounds + 1):
            before = (books.acknowledged, books.deleted)
            left = one_round(server, books, urls, number, options.seconds)
            sent, deleted = books.acknowledged - before[0], books.deleted - before[1]
            if books.errors or not sent:
                failed += 1
                print(f"round {number}: WRONG: {len(books.errors)} errors, {sent} sends acknowledged", flush=True)
                for error in books.errors[:10]:
                    print(f"  {error}", flush=True)
                break
            passed += 1
            print(f"round {number}: {sent} sends and {deleted} deletes acknowledged, {left} messages found, all right", flush=True)
    finally:
        server.stop()
    print(f"{books.acknowledged} sends and {books.deleted} deletes acknowledged in {time.monotonic() - began:.0f} s")
    print(f"the empty queues take {disk_bytes(server.data) >> 20} MiB on the disk")
    if not failed and not options.data:
        shutil.rmtree(home, ignore_errors=True)
    if failed:
        print(f"the data directory is kept: {home}\n{server.tail()}")
    print(f"kill: {passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed or passed != options.rounds else 0)


if __name__ == "__main__":
    main()
