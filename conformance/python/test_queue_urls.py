"""Queue URL forms, hosts and paths (spec 1.3, 11)."""

import pytest
from http_calls import Wire, found, scope
from queues import NO_QUEUE, Queue, refused, sdk_client

import requests

pytestmark = pytest.mark.once


@pytest.fixture
def wire(server, account):
    return Wire(server.endpoint, account)


@pytest.fixture
def sqs(server, account):
    """In a region that nobody takes for granted."""
    return sdk_client(server.endpoint, account, "eu-west-1")


def forms(account, region, name, port=4566):
    return [
        f"http://127.0.0.1:{port}/{account}/{name}",
        f"http://127.0.0.1:{port}/{account}/{name}/",
        f"https://sqs.{region}.amazonaws.com/{account}/{name}",
        f"https://{region}.queue.amazonaws.com/{account}/{name}",
        f"http://sqs.{region}.localhost.localstack.cloud:{port}/{account}/{name}",
        f"http://{region}.queue.localhost.localstack.cloud:{port}/{account}/{name}",
        f"http://localhost.localstack.cloud:{port}/queue/{region}/{account}/{name}",
        f"http://localhost:{port}/queue/{region}/{account}/{name}",
        f"http://sqs.{region}.localhost:{port}/{account}/{name}",
        f"http://elasticmq:9324/{account}/{name}",
        name,
    ]


def test_every_form_is_understood(sqs, queue, account):
    q = queue("known")
    for form in forms(account, "eu-west-1", "known"):
        assert Queue(sqs, form).arn == q.arn, form


def test_the_region_of_the_url_wins_over_the_callers(server, account, queue):
    q = queue("known")
    elsewhere = sdk_client(server.endpoint, account, "us-east-2")
    for form in forms(account, "eu-west-1", "known"):
        names_region = "eu-west-1" in form
        if names_region:
            assert Queue(elsewhere, form).arn == q.arn, form
        else:
            with refused(NO_QUEUE):
                Queue(elsewhere, form).arn


def test_the_bare_queue_host_is_us_east_1(server, account):
    q = Queue.create(sdk_client(server.endpoint, account, "us-east-1"), "known")
    elsewhere = sdk_client(server.endpoint, account, "eu-west-1")
    for host in ("queue.amazonaws.com", "queue.localhost.localstack.cloud:4566"):
        assert Queue(elsewhere, f"http://{host}/{account}/known").arn == q.arn


def test_the_host_header_counts_for_requests_at_a_queue_path(wire, queue, server):
    """Queries at the queue URL, by the host names of other emulators, all on this port."""
    q = queue("known")
    hosts = ["sqs.eu-west-1.localhost.localstack.cloud", "eu-west-1.queue.localhost.localstack.cloud"]
    for host in hosts:
        answer = requests.get(
            f"{server.endpoint}/{wire.account}/known",
            params={"Action": "GetQueueAttributes", "AttributeName.1": "QueueArn"},
            headers={"Host": f"{host}:{server.port}"},
            timeout=10,
        )
        assert found(answer, ".//Value") == [q.arn], host


def test_the_path_form_can_be_asked(wire, queue, server):
    q = queue("known")
    answer = requests.get(
        f"{server.endpoint}/queue/eu-west-1/{wire.account}/known",
        params={"Action": "GetQueueAttributes", "AttributeName.1": "QueueArn"},
        timeout=10,
    )
    assert found(answer, ".//Value") == [q.arn]


@pytest.mark.parametrize("url", ["http://localhost:4566/", "http://localhost:4566/onlyname/", "://"])
def test_what_is_no_queue_url_is_an_error(sqs, url):
    with refused_with_some_code():
        Queue(sqs, url).arn


def refused_with_some_code():
    """Which of the two codes is not recorded for every form."""
    from botocore.exceptions import ClientError

    return pytest.raises(ClientError, match="InvalidAddress|NonExistentQueue")


def test_urls_follow_the_host_of_the_request(wire):
    answer = wire.json("CreateQueue", {"QueueName": "hosted"}, headers={"Host": "broker.test:4566"})
    assert answer.json()["QueueUrl"] == f"http://broker.test:4566/{wire.account}/hosted"


def test_urls_can_name_the_region(start, account):
    running = start("--memory", "--queue-urls", "region")
    sqs = sdk_client(running.endpoint, account, "us-east-1")
    url = sqs.create_queue(QueueName="regional")["QueueUrl"]
    assert url == f"http://sqs.us-east-1.localhost:{running.port}/{account}/regional"
    assert sqs.get_queue_url(QueueName="regional")["QueueUrl"] == url
    assert sqs.list_queues()["QueueUrls"] == [url]
    assert Queue(sqs, url).arn == f"arn:aws:sqs:us-east-1:{account}:regional"
    other = sdk_client(running.endpoint, account, "eu-west-1").create_queue(QueueName="regional")["QueueUrl"]
    assert other == url.replace("us-east-1", "eu-west-1")


def test_the_url_is_the_same_whatever_host_and_protocol_asked(start, account):
    running = start("--memory", "--queue-urls", "region")
    wire = Wire(running.endpoint, account)
    url = wire.json("CreateQueue", {"QueueName": "one"}).json()["QueueUrl"]
    by_query = wire.form("GetQueueUrl", QueueName="one", headers={"Host": f"other.test:{running.port}"})
    assert found(by_query, ".//QueueUrl") == [url]
    at_queue = wire.get("GetQueueUrl", path=f"/{account}/one", QueueName="one")
    assert found(at_queue, ".//QueueUrl") == [url]


def test_urls_can_stand_on_a_fixed_base(start, account):
    running = start("--memory", "--queue-urls", "https://queues.example.test/base")
    sqs = sdk_client(running.endpoint, account)
    url = sqs.create_queue(QueueName="fixed")["QueueUrl"]
    assert url == f"https://queues.example.test/base/{account}/fixed"
    assert Queue(sqs, url).arn.endswith(":fixed")


def test_an_unsigned_call_belongs_to_account_zero(start):
    running = start("--memory")
    answer = requests.post(running.endpoint, data={"Action": "CreateQueue", "QueueName": "open"}, timeout=10)
    assert found(answer, ".//QueueUrl") == [f"{running.endpoint}/000000000000/open"]


def test_an_access_key_that_is_no_account_belongs_to_account_zero(start):
    running = start("--memory")
    sqs = sdk_client(running.endpoint, "AKIAIOSFODNN7EXAMPLE")
    assert sqs.create_queue(QueueName="open")["QueueUrl"] == f"{running.endpoint}/000000000000/open"


def test_queue_and_host_paths_lead_here_whatever_the_scope_says(server, wire, queue):
    q = queue("known")
    headers = {**scope(wire.account, "eu-west-1", service="sns"), "Content-Type": "application/x-www-form-urlencoded"}
    answer = requests.post(q.url, data={"Action": "SendMessage", "MessageBody": "x"}, headers=headers, timeout=10)
    assert answer.status_code == 200
    assert q.bodies() == ["x"]
