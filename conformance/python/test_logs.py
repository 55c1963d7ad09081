"""CloudWatch Logs: groups, streams, events, retention, filter patterns."""

import boto3
import pytest
from botocore.config import Config
from queues import refused

pytestmark = pytest.mark.once

NO_GROUP = ("ResourceNotFoundException", "The specified log group does not exist.")
NO_STREAM = ("ResourceNotFoundException", "The specified log stream does not exist.")
BAD_TOKEN = ("InvalidParameterException", "The specified nextToken is invalid.")
INVALID = "InvalidParameterException"
HOUR = 3_600_000
DAY = 24 * HOUR


def constraint(member, value, rule):
    return f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {rule}"


def logs_client(endpoint, account="000000000000", region="us-east-1"):
    return boto3.client(
        "logs",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )


class Group:
    """A log group of the test's account, and the server's clock that stamps its events."""

    def __init__(self, logs, clock, name="g", **more):
        self.logs, self.clock, self.name = logs, clock, name
        logs.create_log_group(logGroupName=name, **more)

    def stream(self, *names):
        for name in names:
            self.logs.create_log_stream(logGroupName=self.name, logStreamName=name)
        return self

    def put(self, stream, *messages, at=None, ages=None):
        """Messages of now, or of so many milliseconds from now each."""
        now = self.clock.now if at is None else at
        ages = ages or [0] * len(messages)
        events = [{"timestamp": now + age, "message": message} for age, message in zip(ages, messages)]
        return self.logs.put_log_events(logGroupName=self.name, logStreamName=stream, logEvents=events)

    def get(self, stream="s", **more):
        return self.logs.get_log_events(logGroupName=self.name, logStreamName=stream, **more)

    def messages(self, stream="s", **more):
        return [event["message"] for event in self.get(stream, **more)["events"]]

    def filter(self, pattern=None, **more):
        if pattern is not None:
            more["filterPattern"] = pattern
        return self.logs.filter_log_events(logGroupName=self.name, **more)

    def found(self, pattern=None, **more):
        return [event["message"] for event in self.filter(pattern, **more)["events"]]

    def described(self):
        (group,) = self.logs.describe_log_groups(logGroupNamePrefix=self.name)["logGroups"]
        return group


@pytest.fixture
def logs(server, account):
    return logs_client(server.endpoint, account)


@pytest.fixture
def group(logs, server):
    return lambda name="g", **more: Group(logs, server.clock, name, **more)


def pages(call, forward="nextToken"):
    """All pages of a call, until no token comes or the same comes back."""
    token, all_pages = None, []
    while True:
        page = call(**({"nextToken": token} if token else {}))
        all_pages.append(page)
        if page.get(forward) in (None, token):
            return all_pages
        token = page[forward]


def test_a_group_is_described_as_aws_does(group, account, server):
    before = server.clock.now
    g = group("/app/web#1")
    arn = f"arn:aws:logs:us-east-1:{account}:log-group:/app/web#1"
    described = g.described()
    assert before <= described.pop("creationTime") <= server.clock.now
    assert described == {
        "logGroupName": "/app/web#1",
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "storedBytes": 0,
        "logGroupClass": "STANDARD",
        "logGroupArn": arn,
        "deletionProtectionEnabled": False,
    }


def test_what_a_group_is_made_with_is_kept(group, logs, account):
    g = group(kmsKeyId="arn:aws:kms:us-east-1:1:key/k", logGroupClass="INFREQUENT_ACCESS", tags={"b": "2", "a": ""})
    described = g.described()
    assert (described["kmsKeyId"], described["logGroupClass"]) == ("arn:aws:kms:us-east-1:1:key/k", "INFREQUENT_ACCESS")
    assert logs.list_tags_log_group(logGroupName="g")["tags"] == {"a": "", "b": "2"}


def test_a_name_is_given_once(group, logs):
    group()
    with refused("ResourceAlreadyExistsException", "The specified log group already exists"):
        logs.create_log_group(logGroupName="g")


def test_bad_names_are_refused(logs):
    with refused(INVALID, constraint("logGroupName", "a:b", r"satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+")):
        logs.create_log_group(logGroupName="a:b")
    with refused(INVALID, "Invalid LogGroup or LogStream, both must have length less than or equal to 512."):
        logs.create_log_group(logGroupName="g" * 513)
    with refused(INVALID):
        logs.create_log_group()
    logs.create_log_group(logGroupName="g" * 512)


@pytest.mark.parametrize(
    "call",
    [
        lambda logs: logs.delete_log_group(logGroupName="g"),
        lambda logs: logs.create_log_stream(logGroupName="g", logStreamName="s"),
        lambda logs: logs.delete_log_stream(logGroupName="g", logStreamName="s"),
        lambda logs: logs.describe_log_streams(logGroupName="g"),
        lambda logs: logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[{"timestamp": 1, "message": "m"}]),
        lambda logs: logs.get_log_events(logGroupName="g", logStreamName="s"),
        lambda logs: logs.filter_log_events(logGroupName="g"),
        lambda logs: logs.put_retention_policy(logGroupName="g", retentionInDays=1),
        lambda logs: logs.delete_retention_policy(logGroupName="g"),
        lambda logs: logs.list_tags_log_group(logGroupName="g"),
        lambda logs: logs.tag_log_group(logGroupName="g", tags={"a": "b"}),
        lambda logs: logs.untag_log_group(logGroupName="g", tags=["a"]),
    ],
)
def test_a_deleted_group_is_gone_for_every_operation(group, logs, call):
    group().stream("s")
    logs.delete_log_group(logGroupName="g")
    assert logs.describe_log_groups()["logGroups"] == []
    with refused(*NO_GROUP):
        call(logs)


def test_accounts_and_regions_have_their_own_groups(server, account, other_account, group):
    group()
    for elsewhere in (logs_client(server.endpoint, other_account), logs_client(server.endpoint, account, "eu-west-1")):
        assert elsewhere.describe_log_groups()["logGroups"] == []
        elsewhere.create_log_group(logGroupName="g")


def test_groups_are_listed_by_prefix_by_pattern_and_in_pages(group, logs):
    for name in ("b/one", "a/one", "a/two"):
        group(name)

    def names(response):
        return [one["logGroupName"] for one in response["logGroups"]]

    assert names(logs.describe_log_groups()) == ["a/one", "a/two", "b/one"]
    assert names(logs.describe_log_groups(logGroupNamePrefix="a/")) == ["a/one", "a/two"]
    assert [names(page) for page in pages(lambda **more: logs.describe_log_groups(limit=2, **more))] == [["a/one", "a/two"], ["b/one"]]
    by_pattern = logs.describe_log_groups(logGroupNamePattern="one")
    assert names(by_pattern) == ["a/one", "b/one"]
    assert not {"storedBytes", "deletionProtectionEnabled"} & set(by_pattern["logGroups"][0])
    rest = logs.describe_log_groups(logGroupNamePattern="one", nextToken=by_pattern["nextToken"])
    assert names(rest) == [] and "nextToken" not in rest
    with refused(INVALID, "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."):
        logs.describe_log_groups(logGroupNamePattern="one", logGroupNamePrefix="a")
    with refused(INVALID, constraint("limit", 51, "have value less than or equal to 50")):
        logs.describe_log_groups(limit=51)
    assert names(logs.list_log_groups(logGroupNamePattern="^a/one|b/one")) == ["a/one", "b/one"]
    assert set(logs.list_log_groups()["logGroups"][0]) == {"logGroupName", "logGroupArn", "logGroupClass"}


def test_deletion_protection_keeps_the_group_and_its_streams(group, logs):
    g = group(deletionProtectionEnabled=True).stream("s")
    assert g.described()["deletionProtectionEnabled"] is True
    for delete in (lambda: logs.delete_log_group(logGroupName="g"), lambda: logs.delete_log_stream(logGroupName="g", logStreamName="s")):
        with refused("ValidationException"):
            delete()
    logs.put_log_group_deletion_protection(logGroupIdentifier=g.described()["logGroupArn"], deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName="g")


def test_tags_of_both_families_are_one_store(group, logs):
    arn = group(tags={"a": "1"}).described()["logGroupArn"]
    logs.tag_resource(resourceArn=arn, tags={"b": "2"})
    logs.tag_log_group(logGroupName="g", tags={"a": "0", "c": "3"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "0", "b": "2", "c": "3"}
    logs.untag_resource(resourceArn=arn, tagKeys=["a", "unknown"])
    logs.untag_log_group(logGroupName="g", tags=["b"])
    assert logs.list_tags_log_group(logGroupName="g")["tags"] == {"c": "3"}
    logs.untag_resource(resourceArn=arn, tagKeys=["c"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {}
    logs.tag_resource(resourceArn=arn, tags={f"k{n}": "" for n in range(50)})
    with refused("TooManyTagsException"):
        logs.tag_resource(resourceArn=arn, tags={"one": "more"})


def test_streams_say_when_their_events_were(group, logs, still, account):
    g = group().stream("empty", "full")
    arn = f"arn:aws:logs:us-east-1:{account}:log-group:g:log-stream"
    g.put("full", "a", "b", ages=[-5000, -1000])
    empty, full = logs.describe_log_streams(logGroupName="g")["logStreams"]
    assert empty == {"logStreamName": "empty", "creationTime": still.now, "arn": f"{arn}:empty", "storedBytes": 0}
    assert (full["firstEventTimestamp"], full["lastEventTimestamp"]) == (still.now - 5000, still.now - 1000)
    assert (full["lastIngestionTime"], full["storedBytes"], full["arn"]) == (still.now, 0, f"{arn}:full")
    with refused("ResourceAlreadyExistsException", "The specified log stream already exists"):
        g.stream("full")


def test_streams_are_listed_by_name_or_last_event(group, logs):
    g = group().stream("a", "b", "ab")
    g.put("b", "m", ages=[-2000])
    g.put("a", "m", ages=[-1000])

    def names(**more):
        call = lambda **token: logs.describe_log_streams(logGroupIdentifier="g", limit=2, **more, **token)  # noqa: E731
        return [stream["logStreamName"] for page in pages(call) for stream in page["logStreams"]]

    assert names() == ["a", "ab", "b"]
    assert names(descending=True) == ["b", "ab", "a"]
    assert names(logStreamNamePrefix="a") == ["a", "ab"]
    assert names(orderBy="LastEventTime", descending=True) == ["a", "b", "ab"]
    with refused(INVALID, "Cannot order by LastEventTime with a logStreamNamePrefix."):
        names(orderBy="LastEventTime", logStreamNamePrefix="a")


def test_events_are_read_oldest_first_with_the_time_they_came(group, still):
    g = group().stream("s")
    assert set(g.put("s", "late", ages=[5])) - {"ResponseMetadata"} == {"nextSequenceToken"}
    g.put("s", "early", "mid\n😀", ages=[1, 3])
    events = g.get()["events"]
    assert [(event["timestamp"] - still.now, event["message"]) for event in events] == [(1, "early"), (3, "mid\n😀"), (5, "late")]
    assert {event["ingestionTime"] for event in events} == {still.now}
    assert g.messages(startTime=still.now + 3, endTime=still.now + 5) == ["mid\n😀"]


def test_what_is_too_old_or_too_new_is_left_out(group, still):
    g = group().stream("s")
    answer = g.put("s", "old", "fine", "new", ages=[-14 * DAY - 1, 0, 2 * HOUR + 1])
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}
    assert answer["nextSequenceToken"]
    g.logs.put_retention_policy(logGroupName="g", retentionInDays=1)
    assert g.put("s", "gone", ages=[-DAY - 1])["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    assert g.messages() == ["fine"]


def test_batches_that_are_wrong_are_refused_whole(group):
    g = group().stream("s")
    with refused(INVALID, "Log events in a single PutLogEvents request must be in chronological order."):
        g.put("s", "b", "a", ages=[0, -1])
    with refused(INVALID, "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."):
        g.put("s", "a", "b", ages=[-DAY - 1, 0])
    with refused(INVALID):
        g.put("s", *["m" * 600_000] * 2)
    with refused(INVALID):
        g.put("s", "m" * (1_048_576 - 25))
    with refused(INVALID):
        g.put("s", *["m"] * 10_001)
    with refused(INVALID):
        g.put("s")
    with refused(*NO_STREAM):
        g.put("absent", "m")
    assert g.messages() == []
    g.put("s", *[str(n) for n in range(10_000)])
    g.put("s", "m" * (1_048_576 - 26))
    assert len(g.messages(startFromHead=True, limit=10_000)) == 10_000


def test_tokens_lead_both_ways_and_the_same_comes_back_at_the_end(group):
    g = group().stream("s")
    g.put("s", *"12345", ages=[-5, -4, -3, -2, -1])

    def texts(forward, **more):
        read = pages(lambda **token: g.get(limit=2, **more, **token), forward)
        return ["".join(event["message"] for event in page["events"]) for page in read]

    assert texts("nextForwardToken", startFromHead=True) == ["12", "34", "5", ""]
    assert texts("nextBackwardToken") == ["45", "23", "1", ""]
    token = g.get()["nextForwardToken"]
    assert token.startswith("f/") and token.endswith("/s") and len(token) == 60
    g.put("s", "6")
    assert g.messages(nextToken=token, startFromHead=True) == ["6"]
    with refused(*BAD_TOKEN):
        g.get(nextToken="f/1/s")
    with refused(INVALID, constraint("limit", 10_001, "have value less than or equal to 10000")):
        g.get(limit=10_001)


def test_a_group_is_named_in_one_way(group):
    g = group().stream("s")
    g.put("s", "m")
    arn = g.described()["logGroupArn"]
    assert g.logs.get_log_events(logGroupIdentifier=arn, logStreamName="s")["events"][0]["message"] == "m"
    with refused("ValidationException", "LogGroup name and LogGroup ARN are mutually exclusive parameters."):
        g.get(logGroupIdentifier=arn)


def test_filtering_reads_all_streams_in_order(group, still):
    g = group().stream("web/1", "web/2", "db")
    g.put("web/2", "c", ages=[3])
    g.put("web/1", "a", "d", ages=[1, 4])
    g.put("db", "b", ages=[2])
    response = g.filter()
    assert [event["message"] for event in response["events"]] == ["a", "b", "c", "d"]
    assert response["searchedLogStreams"] == [] and "nextToken" not in response
    first = response["events"][0]
    assert (first["logStreamName"], first["timestamp"], first["ingestionTime"]) == ("web/1", still.now + 1, still.now)
    assert len({event["eventId"] for event in response["events"]}) == 4
    assert g.found(logStreamNames=["web/2", "db"]) == ["b", "c"]
    assert g.found(logStreamNamePrefix="web/") == ["a", "c", "d"]
    assert g.found(startTime=still.now + 2, endTime=still.now + 3) == ["b", "c"]
    assert g.found(interleaved=False) == ["a", "b", "c", "d"]
    with refused(*NO_STREAM):
        g.filter(logStreamNames=["absent"])
    with refused(INVALID):
        g.filter(logStreamNames=["db"], logStreamNamePrefix="web/")


def test_paging_through_a_filter_finds_each_event_once(group):
    g = group().stream("a", "b")
    for n in range(20):
        g.put("ab"[n % 2], f"{'needle' if n % 3 == 0 else 'hay'} {n}", ages=[n - 100])
    found = [event["message"] for page in pages(lambda **token: g.filter("needle", limit=2, **token)) for event in page["events"]]
    assert found == [f"needle {n}" for n in range(0, 20, 3)]
    paginator = g.logs.get_paginator("filter_log_events")
    found = [event for page in paginator.paginate(logGroupName="g", PaginationConfig={"PageSize": 3}) for event in page["events"]]
    assert len(found) == 20 == len({event["eventId"] for event in found})
    with refused(*BAD_TOKEN):
        g.filter(nextToken="forged")


def test_tailing_as_the_cli_does_shows_each_event_once(group, clock):
    """`aws logs tail --follow` asks from the last timestamp on and leaves out the ids it has shown."""
    g = group().stream("s")
    shown, last = {}, clock.now - HOUR
    for turn in range(4):
        g.put("s", f"{turn}a", f"{turn}b")
        for page in pages(lambda **token: g.filter(startTime=last, interleaved=True, limit=1, **token)):  # noqa: B023
            shown.update({event["eventId"]: event for event in page["events"]})
        last = max(event["timestamp"] for event in shown.values())
    assert [event["message"] for event in shown.values()] == [f"{turn}{letter}" for turn in range(4) for letter in "ab"]


def test_a_filters_token_ends_after_a_day(start):
    running = start("--memory")
    running.clock.put(freeze=True)
    g = Group(logs_client(running.endpoint), running.clock).stream("s")
    g.put("s", "a", "b")
    token = g.filter(limit=1)["nextToken"]
    running.clock.advance(24 * 3600)
    assert g.found(nextToken=token) == ["b"]
    running.clock.advance(1)
    with refused(*BAD_TOKEN):
        g.filter(nextToken=token)


@pytest.mark.parametrize(
    "pattern, wanted",
    [
        ("", "all"),
        ('" "', "all"),
        ("ERROR", "eE"),
        ("ERROR Exception", "E"),
        ('"ERROR Exception"', "E"),
        ("ERROR -Exception", "e"),
        ("?ERROR ?WARN", "eEw"),
        ("%[Ww]ARN|^\\{%", "wj"),
        ('{ $.status = 4* && ($.user.id > 1 || $.x NOT EXISTS) }', "j"),
        ('{ $.list[1].name = "*o" && $.flag IS TRUE && $.none IS NULL }', "j"),
        ("{ $.status != 404 }", ""),
        ("[level=ERROR, rest]", "e"),
        ("[level=ERROR || level=WARN, ...]", "eEw"),
        ("[..., code >= 500, size]", "a"),
    ],
)
def test_filter_patterns(group, pattern, wanted):
    g = group().stream("s")
    lines = {
        "e": "ERROR one",
        "E": "ERROR Exception here",
        "w": "WARN",
        "j": '{"status": 404, "user": {"id": 2}, "list": [{}, {"name": "two"}], "flag": true, "none": null}',
        "a": '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET / HTTP/1.0" 500 1534',
    }
    g.put("s", *lines.values())
    wanted = lines if wanted == "all" else wanted
    assert g.found(pattern) == [lines[one] for one in wanted]


def test_patterns_that_are_none_are_refused(group):
    g = group()
    with refused(INVALID, "If a filter pattern starts with '{' it must end with '}'"):
        g.filter("{ $.a = 1")
    with refused(INVALID, "Invalid character(s) in term '('"):
        g.filter("Failed (x)")
    with refused(INVALID):
        g.filter("%something!%")
    with refused(INVALID) as caught:
        g.filter("x" * 1025)
    wanted = "at 'filterPattern' failed to satisfy constraint: Member must have length less than or equal to 1024"
    assert caught.value.response["Error"]["Message"].endswith(wanted)


def test_a_pattern_is_tested_without_a_group(logs):
    lines = ['127.0.0.1 - frank [10/Oct/2000] "GET / HTTP/1.0" 200 15', '127.0.0.1 - frank [10/Oct/2000] "GET / HTTP/1.0" 500 53']
    (match,) = logs.test_metric_filter(filterPattern="[ip, ..., status=5*, size]", logEventMessages=lines)["matches"]
    assert match["eventMessage"] == lines[1]
    assert match["extractedValues"]["$status"] == "500" and match["extractedValues"]["$4"] == "10/Oct/2000"


def test_events_expire_when_the_clock_says_so(start):
    running = start("--memory")
    running.clock.put(freeze=True)
    g = Group(logs_client(running.endpoint), running.clock).stream("s")
    g.put("s", "old", "new", ages=[-HOUR, 0])
    with refused(INVALID):
        g.logs.put_retention_policy(logGroupName="g", retentionInDays=2)
    g.logs.put_retention_policy(logGroupName="g", retentionInDays=1)
    assert g.described()["retentionInDays"] == 1
    running.clock.advance(23 * 3600 - 1)
    assert g.messages() == ["old", "new"]
    running.clock.advance(1)
    assert g.messages() == ["new"]
    g.logs.delete_retention_policy(logGroupName="g")
    assert "retentionInDays" not in g.described()
    running.clock.advance(400 * 24 * 3600)
    assert g.messages() == ["new"]


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_everything_survives_a_restart(start, how):
    running = start()
    g = Group(logs_client(running.endpoint), running.clock, tags={"a": "b"}).stream("s", "empty")
    g.put("s", *[f"message {n}" for n in range(500)])
    before = (g.filter()["events"], g.described())
    running.kill() if how == "kill" else running.stop()
    running.start()
    assert (g.filter()["events"], g.described()) == before
    assert g.logs.list_tags_log_group(logGroupName="g")["tags"] == {"a": "b"}
    g.put("s", "after")
    assert g.found("after") == ["after"]


def test_operations_that_are_not_built_say_so(logs):
    with pytest.raises(logs.exceptions.ClientError) as caught:
        logs.start_query(logGroupName="g", startTime=0, endTime=1, queryString="fields @message")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] >= 400
