#!/usr/bin/env python3
"""kill -9 while topics fan out to ten queues each, again and again on one data directory, and an account of it.

    conformance/kill_fan_out.py --rounds 200

Producers publish to a standard and to a FIFO topic. The queues lie in several cells: some are handed a message within the
publish's own record, others get it by the courier. After each kill and restart the books must balance:

- an acknowledged publish is in every queue, with exactly its id, text and attributes;
- a publish that was not answered is in every queue or in none; one to the FIFO topic is sent again, as a client would do,
  and then counts as acknowledged;
- nothing is in a queue that nobody published;
- a FIFO queue has everything exactly once, and each group in the order of publishing, which is that of the numbers.

A standard queue may have a message twice, as AWS says of them, if it lies in another cell than its topic.
"""

import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent / "python"))
from kill import ACCOUNT, Line, Refused, Unanswered, take_all  # noqa: E402
from running import Server  # noqa: E402

FAN_OUT = 10
CELLS = "3"
GROUPS = 4
SETTLE_SECONDS = 30
AUTHORIZATION = (
    f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/eu-west-1/sns/aws4_request, SignedHeaders=host, Signature={'0' * 64}"
)
ARN = f"arn:aws:{{}}:eu-west-1:{ACCOUNT}:{{}}"
ENDINGS = {"standard": "", "fifo": ".fifo"}


class TopicLine:
    """One keep-alive connection, AWS Query."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def call(self, action, **form):
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": AUTHORIZATION}
        body = urllib.parse.urlencode({"Action": action, "Version": "2010-03-31", **form})
        try:
            self.connection.request("POST", "/", body, headers)
            answer = self.connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as gone:
            self.connection.close()
            raise Unanswered(action) from gone
        if answer.status != 200:
            raise Refused(f"{action}: {answer.status} {text[:300]!r}")
        return text

    def publish(self, topic, message):
        """The id and, of a FIFO topic, the number that was given to it."""
        form = {"TopicArn": topic, "Message": message.text}
        name, value = "MessageAttributes.entry.1", str(message.number)
        form |= {f"{name}.Name": "number", f"{name}.Value.DataType": "Number", f"{name}.Value.StringValue": value}
        if message.group:
            form |= {"MessageGroupId": message.group, "MessageDeduplicationId": message.text.split()[0]}
        answer = self.call("Publish", **form)
        ids, numbers = (re.findall(f"<{tag}>(.*?)</{tag}>", answer) for tag in ("MessageId", "SequenceNumber"))
        return ids[0], numbers[0] if numbers else None


class Published:
    """What is known of one publish. `id` is None while no answer has come."""

    __slots__ = ("text", "number", "group", "id", "sequence")

    def __init__(self, text, number, group=None):
        self.text = text
        self.number = number
        self.group = group
        self.id = None
        self.sequence = None


class Books:
    """Every publish of this round, by its text; texts are unique."""

    def __init__(self):
        self.lock = threading.Lock()
        self.published = {kind: {} for kind in ENDINGS}
        self.acknowledged = 0
        self.errors = []

    def wrong(self, text):
        with self.lock:
            self.errors.append(text)

    def enter(self, kind, message):
        with self.lock:
            self.published[kind][message.text] = message

    def answered(self, message, id, sequence):
        with self.lock:
            message.id, message.sequence = id, sequence
            self.acknowledged += 1


class Producer(threading.Thread):
    """One client until the server dies."""

    def __init__(self, port, books, round_number, kind, who):
        super().__init__(daemon=True)
        self.line = TopicLine(port)
        self.books = books
        self.kind = kind
        self.who = who
        self.prefix = f"{round_number}/{kind}-{who}"
        self.chance = random.Random(self.prefix)

    def run(self):
        try:
            for number in range(1, 1_000_000):
                self.step(number)
        except Unanswered:
            pass
        except Exception as failure:
            self.books.wrong(f"{self.prefix}: {failure!r}")

    def step(self, number):
        group = f"{self.who}-{self.chance.randrange(GROUPS)}" if self.kind == "fifo" else None
        length = self.chance.choice((0, 10, 1000, 60_000 if number % 20 == 0 else 100))
        message = Published(f"{self.prefix}/{number} " + "x" * length, number, group)
        self.books.enter(self.kind, message)
        topic = ARN.format("sns", f"topic{ENDINGS[self.kind]}")
        self.books.answered(message, *self.line.publish(topic, message))


def set_up(port):
    """The topics and their queues: URLs by kind. Every second subscription is raw, every third has a filter."""
    queues, topics = Line(port), TopicLine(port)
    urls = {}
    for kind, ending in ENDINGS.items():
        more = {"Attributes.entry.1.key": "FifoTopic", "Attributes.entry.1.value": "true"} if ending else {}
        topics.call("CreateTopic", Name=f"topic{ending}", **more)
        urls[kind] = []
        for number in range(FAN_OUT):
            name = f"queue-{number}{ending}"
            attributes = {"FifoQueue": "true"} if ending else {}
            urls[kind].append(queues.call("CreateQueue", QueueName=name, Attributes=attributes)["QueueUrl"])
            settings = [("RawMessageDelivery", "true" if number % 2 else "false")]
            if number % 3 == 0:
                settings.append(("FilterPolicy", '{"number":[{"numeric":[">",0]}]}'))
            form = {}
            for at, (key, value) in enumerate(settings, 1):
                form |= {f"Attributes.entry.{at}.key": key, f"Attributes.entry.{at}.value": value}
            ends = {"TopicArn": ARN.format("sns", f"topic{ending}"), "Endpoint": ARN.format("sqs", name)}
            topics.call("Subscribe", Protocol="sqs", **ends, **form)
    return urls


def send_again(port, books):
    """What a client does that got no answer. A FIFO topic knows whether it has the message."""
    line = TopicLine(port)
    topic = ARN.format("sns", "topic.fifo")
    unanswered = [message for message in books.published["fifo"].values() if message.id is None]
    for message in sorted(unanswered, key=lambda message: message.number):
        books.answered(message, *line.publish(topic, message))


def read(message, at):
    """Text, id and number of a queue's message; raw ones tell the text only."""
    if at % 2:
        number = message["MessageAttributes"]["number"]["StringValue"]
        return message["Body"], None, None, number
    told = json.loads(message["Body"])
    return told["Message"], told["MessageId"], told.get("SequenceNumber"), told["MessageAttributes"]["number"]["Value"]


def check(books, kind, at, message):
    """The text of a message that was published like this; None for any other."""
    text, id, sequence, number = read(message, at)
    known = books.published[kind].get(text)
    where = f"{kind} queue {at}"
    if known is None:
        return books.wrong(f"{where}: a message that nobody published: {text[:60]!r}")
    if known.id is not None and id is not None and (id, sequence) != (known.id, known.sequence):
        books.wrong(f"{where}: another id or number than acknowledged: {text[:60]!r}")
    if number != str(known.number):
        books.wrong(f"{where}: another attribute than published: {text[:60]!r}")
    if known.group and message["Attributes"]["MessageGroupId"] != known.group:
        books.wrong(f"{where}: in another group than published: {text[:60]!r}")
    return text


def collect(line, books, urls, kind, found):
    """Takes what is there out of the queues; whether anything was."""
    before = sum(map(len, found))
    for at, url in enumerate(urls[kind]):
        for message in take_all(line, url):
            if (text := check(books, kind, at, message)) is not None:
                found[at].append(text)
    return sum(map(len, found)) > before


def audit(port, books, urls, kind):
    """Everything that arrives, compared with the books."""
    line = Line(port)
    found = [[] for _ in range(FAN_OUT)]
    give_up = time.monotonic() + SETTLE_SECONDS
    while True:
        more = collect(line, books, urls, kind, found)
        everywhere = set.intersection(*map(set, found))
        somewhere = set.union(*map(set, found))
        owed = {message.text for message in books.published[kind].values() if message.id is not None}
        missing = (owed | somewhere) - everywhere
        if (not missing and not more) or time.monotonic() > give_up:
            break
    for text in sorted(missing)[:10]:
        absent = [at for at in range(FAN_OUT) if text not in set(found[at])]
        answered = "acknowledged" if text in owed else "not answered"
        books.wrong(f"{kind}: {answered}, and not in the queues {absent}: {text[:60]!r}")
    if kind == "fifo":
        for at, texts in enumerate(found):
            check_fifo(books, at, texts)
    return sum(map(len, found))


def check_fifo(books, at, texts):
    for text, times in collections.Counter(texts).items():
        if times > 1:
            books.wrong(f"fifo queue {at}: {times} copies of {text[:60]!r}")
    last = {}
    for text in texts:
        message = books.published["fifo"][text]
        if message.sequence is not None and last.get(message.group, "") >= message.sequence:
            books.wrong(f"fifo queue {at}: out of order in group {message.group}: {text[:60]!r}")
        last[message.group] = message.sequence or ""


def one_round(server, books, urls, number, seconds):
    """What arrived in all queues together."""
    for kind in ENDINGS:
        books.published[kind].clear()
    producers = [Producer(server.port, books, number, kind, who) for kind in ENDINGS for who in range(2)]
    for producer in producers:
        producer.start()
    time.sleep(seconds * random.Random(number).uniform(0.3, 1.0))
    server.kill()
    for producer in producers:
        producer.join(30)
        if producer.is_alive():
            books.wrong(f"{producer.prefix} hangs")
    server.start()
    send_again(server.port, books)
    arrived = sum(audit(server.port, books, urls, kind) for kind in ENDINGS)
    server.clock.advance(301)
    return arrived


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=0.6, help="longest load of a round (default 0.6)")
    parser.add_argument("flags", nargs="*", help="further flags for the server, after --")
    options = parser.parse_args()
    binary = os.environ.get("TIDINGS_BIN")
    if not binary:
        parser.error("TIDINGS_BIN must name the tidings binary under test")
    home = pathlib.Path(tempfile.mkdtemp(prefix="tidings-kill-fan-out-"))
    server = Server(os.path.abspath(binary), home, "--cells", CELLS, *options.flags)
    books = Books()
    passed = failed = 0
    began = time.monotonic()
    try:
        server.start()
        urls = set_up(server.port)
        for number in range(1, options.rounds + 1):
            before = books.acknowledged
            arrived = one_round(server, books, urls, number, options.seconds)
            published = books.acknowledged - before
            if books.errors or not published:
                failed += 1
                print(f"round {number}: WRONG: {len(books.errors)} errors, {published} publishes acknowledged", flush=True)
                for error in books.errors[:10]:
                    print(f"  {error}", flush=True)
                break
            passed += 1
            print(f"round {number}: {published} publishes acknowledged, {arrived} messages arrived, all right", flush=True)
    finally:
        server.stop()
    print(f"{books.acknowledged} publishes acknowledged in {time.monotonic() - began:.0f} s")
    if failed:
        print(f"the data directory is kept: {home}\n{server.tail()}")
    else:
        shutil.rmtree(home, ignore_errors=True)
    print(f"kill: {passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed or passed != options.rounds else 0)


if __name__ == "__main__":
    main()
