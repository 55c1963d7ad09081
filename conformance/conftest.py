"""Fixtures of all pytest suites: a running `tidings`, SDK clients of a fresh account, queues.

State is isolated per test by the account: every test signs with an access key of twelve digits that no other
test uses, and an account sees only its own queues.
"""

import itertools
import os

import pytest
from queues import Queue, sdk_client
from receiver import Receiver
from running import Server
from topics import Topic

GROWTH_BYTES = 64 << 20
_accounts = itertools.count(100_000_000_001)


@pytest.fixture(scope="session")
def binary():
    path = os.environ.get("TIDINGS_BIN")
    if not path:
        pytest.exit("TIDINGS_BIN must name the tidings binary under test", returncode=4)
    return os.path.abspath(path)


@pytest.fixture(scope="session")
def server(binary, tmp_path_factory):
    """The server that the tests share."""
    with Server(binary, tmp_path_factory.mktemp("shared")) as running:
        yield running


@pytest.fixture
def start(binary, tmp_path):
    """Starts further servers, for tests that need flags, restarts or a data directory of their own."""
    started = []

    def start(*flags, data=None, env=None):
        home = data or tmp_path / f"server-{len(started)}"
        running = Server(binary, home, *flags, env=env)
        started.append(running)
        running.start()
        return running

    yield start
    for running in started:
        running.stop()


@pytest.fixture(scope="module")
def target(binary, tmp_path_factory):
    """A server to attack, impatient with slow clients."""
    limits = ["--header-timeout", "1s", "--body-timeout", "1s", "--idle-timeout", "2s"]
    with Server(binary, tmp_path_factory.mktemp("attacked"), *limits) as running:
        yield running


@pytest.fixture
def unharmed(target):
    """After an attack the server is alive, answers, and has not grown for good."""
    before = target.resident_bytes()
    yield
    assert target.alive(), target.tail()
    assert target.healthy()
    assert target.resident_bytes() - before < GROWTH_BYTES
    assert "panicked" not in target.tail(100_000)


@pytest.fixture
def clock(server):
    """The clock of the shared server; it runs normally again after the test."""
    yield server.clock
    server.clock.put(freeze=False, rate=1.0)


@pytest.fixture
def still(clock):
    """The clock of the shared server, standing still: time passes only when the test says so."""
    clock.put(freeze=True)
    return clock


@pytest.fixture
def account():
    return f"{next(_accounts):012d}"


@pytest.fixture
def other_account():
    return f"{next(_accounts):012d}"


@pytest.fixture
def sqs(server, account):
    return sdk_client(server.endpoint, account)


@pytest.fixture
def protocol(sqs):
    """`json` or `query`: what the SDK of this environment speaks. Some texts differ."""
    metadata = sqs.meta.service_model.metadata
    return "json" if "json" in metadata["protocol"] else "query"


@pytest.fixture
def queue(sqs):
    """Makes standard queues: `queue(VisibilityTimeout="5")`."""
    numbers = itertools.count(1)

    def make(name=None, **attributes):
        return Queue.create(sqs, name or f"standard-{next(numbers)}", attributes)

    return make


@pytest.fixture
def fifo(sqs):
    """Makes FIFO queues with content-based deduplication off unless asked for."""
    numbers = itertools.count(1)

    def make(name=None, **attributes):
        return Queue.create(sqs, name or f"ordered-{next(numbers)}.fifo", {"FifoQueue": "true", **attributes})

    return make


@pytest.fixture
def sns(server, account):
    return sdk_client(server.endpoint, account, service="sns")


@pytest.fixture
def topic(sns):
    """Makes standard topics: `topic(DisplayName="Orders")`."""
    numbers = itertools.count(1)

    def make(name=None, **attributes):
        return Topic.create(sns, f"standard-{next(numbers)}" if name is None else name, attributes)

    return make


@pytest.fixture
def fifo_topic(sns):
    """Makes FIFO topics with content-based deduplication off unless asked for."""
    numbers = itertools.count(1)

    def make(name=None, **attributes):
        return Topic.create(sns, f"ordered-{next(numbers)}.fifo" if name is None else name, {"FifoTopic": "true", **attributes})

    return make


@pytest.fixture
def receiver():
    """An HTTP endpoint that writes down what is posted to it, and answers as the test says."""
    with Receiver() as running:
        yield running
