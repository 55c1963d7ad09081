"""HTTPS endpoints: a certificate of an authority of one's own, and one that nobody vouches for (spec 6.4)."""

import datetime
import ipaddress
import json
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from queues import Queue, sdk_client
from receiver import Receiver
from topics import Topic

pytestmark = pytest.mark.once


@pytest.fixture
def certificate(tmp_path):
    """A self-signed certificate of 127.0.0.1, in a file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "conformance")])
    now = datetime.datetime.now(datetime.timezone.utc)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=10))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.fixture
def secure(certificate):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with Receiver(tls) as running:
        yield running


def topic(running):
    return Topic.create(sdk_client(running.endpoint, service="sns"), "t")


def told(request):
    return request.json["Message"]


def test_an_authority_of_ones_own(start, secure, certificate, tmp_path):
    authority = tmp_path / "authority.pem"
    authority.write_text(certificate.read_text().split("-----BEGIN PRIVATE KEY-----")[0])
    made = topic(start("--memory", "--tls-ca", str(authority)))
    secure.subscribed(made)
    made.publish(json.dumps({"default": "d", "http": "h", "https": "for https"}), MessageStructure="json")
    assert told(secure.next()) == "for https"


def test_any_certificate_for_development(start, secure):
    made = topic(start("--memory", "--tls-insecure"))
    secure.subscribed(made)
    made.publish("x")
    assert told(secure.next()) == "x"


def test_a_certificate_that_nobody_vouches_for(start, secure):
    """Nothing is told to whoever shows it."""
    running = start("--memory")
    made = topic(running)
    made.subscribe("https", secure.url())
    queue = Queue.create(sdk_client(running.endpoint), "q")
    made.feed(queue)
    made.publish("x")
    secure.nothing(0.5)
