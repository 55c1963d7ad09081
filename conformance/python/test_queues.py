"""CreateQueue, DeleteQueue, GetQueueUrl, ListQueues, ListDeadLetterSourceQueues (spec 2.1, 3)."""

import json

import pytest
from queues import ABSENT, NO_QUEUE, Queue, refused, sdk_client

BAD_NAME = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
BAD_FIFO_NAME = (
    "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
    "must end with .fifo suffix and be 1 to 80 in length"
)


def test_the_url_ends_with_account_and_name_and_stands_on_the_host_asked(sqs, server, account):
    assert sqs.create_queue(QueueName="orders")["QueueUrl"] == f"{server.endpoint}/{account}/orders"


def test_the_arn_names_region_account_and_queue(queue, account):
    assert queue("orders").arn == f"arn:aws:sqs:us-east-1:{account}:orders"


@pytest.mark.parametrize("name", ["a", "A-Za_z-09", "q" * 80])
def test_names_up_to_80_characters_are_accepted(queue, name):
    assert queue(name).name == name


@pytest.mark.parametrize("name", ["q" * 81, "has space", "dot.ted", "slash/", "queue!", "ünicode", "standard.fifo"])
def test_bad_names_are_refused(sqs, name):
    with refused("InvalidParameterValue", BAD_NAME):
        sqs.create_queue(QueueName=name)


def test_a_missing_name_is_refused(sqs):
    with refused("InvalidParameterValue", "Value for parameter QueueName is invalid. Reason: Must specify a queue name."):
        sqs.create_queue()


def test_an_empty_name_is_refused(sqs):
    with refused("InvalidParameterValue", "Queue name cannot be empty"):
        sqs.create_queue(QueueName="")


@pytest.mark.parametrize("name", ["plain", "q" * 76 + ".fifo", ".fif", "a.b.fifo"])
def test_fifo_names_must_end_in_fifo_and_have_80_characters_at_most(sqs, name):
    with refused("InvalidParameterValue", BAD_FIFO_NAME):
        sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})


def test_the_suffix_counts_in_the_80(fifo):
    assert len(fifo("q" * 75 + ".fifo").name) == 80


def test_creating_again_with_the_same_values_gives_the_same_url(sqs, queue):
    first = queue("again", VisibilityTimeout="7")
    again = sqs.create_queue(QueueName="again", Attributes={"VisibilityTimeout": "7"})
    assert again["QueueUrl"] == first.url


def test_creating_again_compares_only_what_is_given(sqs, queue):
    first = queue("again", VisibilityTimeout="7", DelaySeconds="3")
    assert sqs.create_queue(QueueName="again")["QueueUrl"] == first.url
    assert sqs.create_queue(QueueName="again", Attributes={"DelaySeconds": "3"})["QueueUrl"] == first.url


def test_creating_again_compares_with_the_current_values(sqs, queue):
    first = queue("again", VisibilityTimeout="7")
    first.set(VisibilityTimeout="8")
    assert sqs.create_queue(QueueName="again", Attributes={"VisibilityTimeout": "8"})["QueueUrl"] == first.url
    assert sqs.create_queue(QueueName="again")["QueueUrl"] == first.url
    with refused("QueueAlreadyExists"):
        sqs.create_queue(QueueName="again", Attributes={"VisibilityTimeout": "7"})


def test_creating_again_with_another_value_is_refused(sqs, queue):
    queue("again", VisibilityTimeout="7")
    text = "A queue already exists with the same name and a different value for attribute VisibilityTimeout"
    with refused("QueueAlreadyExists", text) as caught:
        sqs.create_queue(QueueName="again", Attributes={"VisibilityTimeout": "8"})
    assert isinstance(caught.value, sqs.exceptions.QueueNameExists)


def test_a_default_value_given_again_is_no_difference(sqs, queue):
    first = queue("again")
    assert sqs.create_queue(QueueName="again", Attributes={"VisibilityTimeout": "30"})["QueueUrl"] == first.url


def test_the_name_is_judged_before_attributes_and_names_of_attributes_before_their_values(sqs):
    with refused("InvalidParameterValue"):
        sqs.create_queue(QueueName="bad name", Attributes={"Nonsense": "1"})
    with refused("InvalidAttributeName", "Unknown Attribute Nonsense."):
        sqs.create_queue(QueueName="fine", Attributes={"DelaySeconds": "-1", "Nonsense": "1"})


def test_values_are_judged_before_existence(sqs, queue):
    queue("again")
    with refused("InvalidAttributeValue"):
        sqs.create_queue(QueueName="again", Attributes={"DelaySeconds": "901"})


def test_names_are_case_sensitive(sqs, queue):
    queue("Case")
    with refused(NO_QUEUE):
        sqs.get_queue_url(QueueName="case")


def test_queues_of_two_regions_are_two_queues(server, account):
    virginia, ohio = (sdk_client(server.endpoint, account, region) for region in ("us-east-1", "us-east-2"))
    here, there = (Queue.create(client, "same") for client in (virginia, ohio))
    assert here.arn.split(":")[3] == "us-east-1" and there.arn.split(":")[3] == "us-east-2"
    here.send("only here")
    assert there.bodies() == []
    assert here.bodies() == ["only here"]


def test_a_deleted_queue_is_gone_for_every_operation(sqs, queue, protocol):
    gone = queue()
    sqs.delete_queue(QueueUrl=gone.url)
    calls = [
        lambda: sqs.delete_queue(QueueUrl=gone.url),
        lambda: sqs.get_queue_url(QueueName=gone.name),
        lambda: gone.attributes(),
        lambda: gone.set(DelaySeconds="1"),
        lambda: gone.send(),
        lambda: gone.send_batch({"Id": "a", "MessageBody": "b"}),
        lambda: gone.receive(),
        lambda: sqs.purge_queue(QueueUrl=gone.url),
        lambda: sqs.list_queue_tags(QueueUrl=gone.url),
        lambda: sqs.tag_queue(QueueUrl=gone.url, Tags={"a": "b"}),
        lambda: sqs.untag_queue(QueueUrl=gone.url, TagKeys=["a"]),
        lambda: sqs.list_dead_letter_source_queues(QueueUrl=gone.url),
        lambda: sqs.remove_permission(QueueUrl=gone.url, Label="a"),
        lambda: sqs.add_permission(QueueUrl=gone.url, Label="a", AWSAccountIds=["111111111111"], Actions=["*"]),
    ]
    for call in calls:
        with refused(NO_QUEUE, ABSENT[protocol]) as caught:
            call()
        assert isinstance(caught.value, sqs.exceptions.QueueDoesNotExist)


def test_deleting_drops_messages_tags_and_attributes(sqs, queue):
    first = queue("again", DelaySeconds="0", VisibilityTimeout="9")
    first.send()
    sqs.tag_queue(QueueUrl=first.url, Tags={"a": "b"})
    sqs.delete_queue(QueueUrl=first.url)
    second = queue("again")
    assert second.bodies() == []
    assert second.attribute("VisibilityTimeout") == "30"
    assert "Tags" not in sqs.list_queue_tags(QueueUrl=second.url)


def test_deleting_forgets_deduplication(sqs, fifo):
    first = fifo("again.fifo")
    first.send("one", group="g", dedup="d")
    sqs.delete_queue(QueueUrl=first.url)
    second = fifo("again.fifo")
    second.send("two", group="g", dedup="d")
    assert second.bodies() == ["two"]


def test_tags_can_be_given_at_creation(sqs):
    url = sqs.create_queue(QueueName="tagged", tags={"team": "blue", "empty": ""})["QueueUrl"]
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"team": "blue", "empty": ""}


def test_get_queue_url_of_another_account(server, other_account, sqs):
    theirs = Queue.create(sdk_client(server.endpoint, other_account), "theirs")
    answer = sqs.get_queue_url(QueueName="theirs", QueueOwnerAWSAccountId=other_account)
    assert answer["QueueUrl"] == theirs.url
    with refused(NO_QUEUE):
        sqs.get_queue_url(QueueName="theirs")


def test_another_account_may_use_a_queue_by_its_url(server, other_account, sqs):
    theirs = Queue.create(sdk_client(server.endpoint, other_account), "theirs")
    mine = Queue(sqs, theirs.url)
    mine.send("from abroad")
    assert mine.arn == theirs.arn
    assert mine.bodies() == ["from abroad"]
    sqs.purge_queue(QueueUrl=theirs.url)
    assert theirs.counts() == (0, 0, 0)
    assert "QueueUrls" not in sqs.list_queues()


def test_a_bare_queue_name_serves_as_url(sqs, queue):
    queue("short").send("by name")
    assert Queue(sqs, "short").bodies() == ["by name"]


def test_list_queues_is_sorted_filtered_by_prefix_and_absent_when_empty(sqs, queue):
    assert "QueueUrls" not in sqs.list_queues()
    made = [queue(name).url for name in ("b-2", "a-1", "b-1", "B-3")]
    assert sorted(sqs.list_queues()["QueueUrls"]) == sorted(made)
    assert sqs.list_queues(QueueNamePrefix="b-")["QueueUrls"] == sorted(url for url in made if "/b-" in url)
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix="none")


def test_list_queues_pages_only_when_asked(sqs, queue):
    made = sorted(queue(f"page-{n}").url for n in range(5))
    assert "NextToken" not in sqs.list_queues()
    first = sqs.list_queues(MaxResults=2)
    second = sqs.list_queues(MaxResults=2, NextToken=first["NextToken"])
    third = sqs.list_queues(MaxResults=2, NextToken=second["NextToken"])
    assert first["QueueUrls"] + second["QueueUrls"] + third["QueueUrls"] == made
    assert "NextToken" not in third
    assert "NextToken" not in sqs.list_queues(MaxResults=5)


def test_the_sdk_paginator_walks_all_queues(sqs, queue):
    made = sorted(queue(f"page-{n}").url for n in range(7))
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix="page-", PaginationConfig={"PageSize": 3})
    assert [url for page in pages for url in page["QueueUrls"]] == made


@pytest.mark.parametrize("most", [0, 1001, -1])
def test_list_queues_refuses_a_page_size_out_of_range(sqs, most):
    with refused("InvalidParameterValue"):
        sqs.list_queues(MaxResults=most)


def test_dead_letter_sources_are_listed(sqs, queue):
    target = queue("dead")
    assert sqs.list_dead_letter_source_queues(QueueUrl=target.url).get("queueUrls", []) == []
    sources = [queue(f"source-{n}").dead_letters_to(target, 3).url for n in range(3)]
    answer = sqs.list_dead_letter_source_queues(QueueUrl=target.url)
    assert answer["queueUrls"] == sources
    assert "NextToken" not in answer
    first = sqs.list_dead_letter_source_queues(QueueUrl=target.url, MaxResults=2)
    rest = sqs.list_dead_letter_source_queues(QueueUrl=target.url, MaxResults=2, NextToken=first["NextToken"])
    assert first["queueUrls"] + rest["queueUrls"] == sources
    assert "NextToken" not in rest


def test_a_source_that_changes_its_mind_is_no_longer_listed(sqs, queue):
    target, source = queue("dead"), queue("source")
    source.dead_letters_to(target, 3)
    source.set(RedrivePolicy="")
    assert sqs.list_dead_letter_source_queues(QueueUrl=target.url).get("queueUrls", []) == []


def test_creation_accepts_a_redrive_policy(sqs, queue):
    target = queue("dead")
    policy = json.dumps({"deadLetterTargetArn": target.arn, "maxReceiveCount": 2})
    assert json.loads(queue("source", RedrivePolicy=policy).attribute("RedrivePolicy"))["maxReceiveCount"] == 2


def test_a_missing_queue_url_is_named(sqs):
    with refused("MissingParameter", "The request must contain the parameter QueueUrl."):
        sqs.send_message(MessageBody="x")


def test_re_creation_and_purge_are_free_of_waits_unless_asked_for(sqs, queue):
    first = queue("again")
    sqs.purge_queue(QueueUrl=first.url)
    sqs.purge_queue(QueueUrl=first.url)
    sqs.delete_queue(QueueUrl=first.url)
    assert queue("again").url == first.url
