"""Short words for what the tests do with pushes and SMS, over an unmodified boto3 client."""

import time

import boto3
import requests
from botocore.config import Config

REGION = "us-east-1"


def sns_client(endpoint, account, region=REGION):
    """A boto3 client that neither retries nor checks parameters, so that the server sees what the test says."""
    return boto3.client(
        "sns",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )


def string(value):
    return {"DataType": "String", "StringValue": value}


class Outbox:
    """What an account has sent, as the server lists it."""

    def __init__(self, server, account):
        self.endpoint = server.endpoint
        self.account = account

    def _get(self, path, **parameters):
        answer = requests.get(self.endpoint + path, params=parameters, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pushes(self, arn):
        listed = self._get("/_aws/sns/platform-endpoint-messages", endpointArn=arn)
        assert listed["region"] == REGION
        assert list(listed["platform_endpoint_messages"]) == [arn]
        return listed["platform_endpoint_messages"][arn]

    def all_pushes(self):
        return self._get("/_aws/sns/platform-endpoint-messages", accountId=self.account)["platform_endpoint_messages"]

    def texts(self, number):
        listed = self._get("/_aws/sns/sms-messages", accountId=self.account, phoneNumber=number)
        assert listed["region"] == REGION
        assert list(listed["sms_messages"]) == [number]
        return listed["sms_messages"][number]

    def all_texts(self):
        return self._get("/_aws/sns/sms-messages", accountId=self.account)["sms_messages"]

    def forget(self, path, **parameters):
        answer = requests.delete(self.endpoint + path, params={"accountId": self.account, **parameters}, timeout=10)
        assert (answer.status_code, answer.content) == (204, b"")

    def opt_out(self, number):
        body = {"phoneNumber": number, "accountId": self.account}
        answer = requests.post(f"{self.endpoint}/_aws/sns/phone-opt-outs", json=body, timeout=10)
        assert answer.ok, answer.text


def eventually(read, count):
    """What `read` gives once it gives `count` items: a delivery through a topic takes a moment."""
    deadline = time.monotonic() + 10
    while len(found := read()) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(found) == count
    return found
