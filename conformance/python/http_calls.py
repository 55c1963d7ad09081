"""Requests without an SDK: the bytes of both protocols as a client on the wire sends and sees them."""

import datetime
import json
import xml.etree.ElementTree as ElementTree

import requests

NAMESPACE = "http://queue.amazonaws.com/doc/2012-11-05/"
JSON_TYPE = "application/x-amz-json-1.0"
REQUEST_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def scope(account, region="us-east-1", service="sqs"):
    """A SigV4 header; the signature itself is not verified without `auth`."""
    day = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d")
    credential = f"{account}/{day}/{region}/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature={'0' * 64}"}


def presigned(account, region="us-east-1"):
    """The query parameters of a presigned request."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{account}/{now:%Y%m%d}/{region}/sqs/aws4_request",
        "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
        "X-Amz-Expires": "60",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": "0" * 64,
    }


class Wire:
    """Calls of one account in both protocols."""

    def __init__(self, endpoint, account):
        self.endpoint = endpoint
        self.account = account
        self.session = requests.Session()

    def json(self, operation, body, path="/", headers=None):
        data = body if isinstance(body, (bytes, str)) else json.dumps(body)
        sent = {
            **scope(self.account),
            "Content-Type": JSON_TYPE,
            "X-Amz-Target": f"AmazonSQS.{operation}",
            **(headers or {}),
        }
        return self.session.post(self.endpoint + path, data=data, headers=sent, timeout=40)

    def form(self, action, path="/", headers=None, **parameters):
        if action:
            parameters = {"Action": action, **parameters}
        url = path if path.startswith("http") else self.endpoint + path
        return self.session.post(url, data=parameters, headers={**scope(self.account), **(headers or {})}, timeout=40)

    def get(self, action, path="/", headers=None, **parameters):
        if action:
            parameters = {"Action": action, **parameters}
        url = path if path.startswith("http") else self.endpoint + path
        return self.session.get(url, params=parameters, headers={**scope(self.account), **(headers or {})}, timeout=40)


def dotted(**parameters):
    """Query parameters with dots, written with double underscores: `Attribute__1__Name`."""
    return {name.replace("__", "."): value for name, value in parameters.items()}


def parse(answer):
    """The XML of an answer, namespace and all."""
    return ElementTree.fromstring(answer.content)


def found(answer, path):
    """Texts of all elements at a path like `.//QueueUrl`."""
    steps = "/".join(step if step in (".", "", "*") else f"{{{NAMESPACE}}}{step}" for step in path.split("/"))
    return [element.text for element in parse(answer).findall(steps)]


def xml_error(answer):
    return found(answer, "./Error/Code")[0], found(answer, "./Error/Message")[0]
