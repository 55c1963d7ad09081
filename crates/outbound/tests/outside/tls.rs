//! Calls over TLS to servers with certificates of the test's own.

use std::time::Duration;

use outbound::Trust;
use outbound::http::{Client, FailureKind, HttpFailure, HttpOutcome, Settings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpListener;

use crate::calls::call;
use crate::receiver::{Receiver, ok};

/// An authority, and a server's settings with a certificate of it for this name.
pub(crate) fn authority_and_server(name: &str) -> (String, ServerConfig) {
    let mut parameters = CertificateParams::new([]).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()])
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (authority.pem(), config)
}

async fn post(url: String, trust: Trust) -> Result<HttpOutcome, HttpFailure> {
    let settings = Settings {
        trust,
        ..Settings::default()
    };
    post_with(url, settings).await
}

async fn post_with(url: String, settings: Settings) -> Result<HttpOutcome, HttpFailure> {
    Client::new(settings).unwrap().post(call(url)).await
}

fn trusting(authority: &str) -> Trust {
    Trust {
        authorities: authority.into(),
        verify: true,
    }
}

#[tokio::test]
async fn a_server_with_a_certificate_of_a_trusted_authority_is_called() {
    let (authority, config) = authority_and_server("localhost");
    let mut receiver = Receiver::start_tls([ok()], config).await;
    let url = format!("https://localhost:{}/in", receiver.address.port());
    assert_eq!(post(url, trusting(&authority)).await.unwrap().status, 200);
    assert!(
        receiver
            .request()
            .await
            .starts_with("POST /in HTTP/1.1\r\n")
    );
}

#[tokio::test]
async fn an_address_may_be_what_the_certificate_names() {
    let (authority, config) = authority_and_server("127.0.0.1");
    let receiver = Receiver::start_tls([ok()], config).await;
    let url = format!("https://{}/", receiver.address);
    assert_eq!(post(url, trusting(&authority)).await.unwrap().status, 200);
}

#[tokio::test]
async fn other_authorities_and_other_names_are_not_trusted() {
    let (_, config) = authority_and_server("localhost");
    let receiver = Receiver::start_tls([], config).await;
    let url = format!("https://localhost:{}/", receiver.address.port());
    let failed = post(url, Trust::default()).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Tls);
    assert!(failed.text.contains("certificate"), "{failed}");

    let (authority, config) = authority_and_server("example.com");
    let receiver = Receiver::start_tls([], config).await;
    let url = format!("https://localhost:{}/", receiver.address.port());
    let failed = post(url, trusting(&authority)).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Tls);
}

#[tokio::test]
async fn in_development_any_certificate_will_do() {
    let (_, config) = authority_and_server("example.com");
    let receiver = Receiver::start_tls([ok()], config).await;
    let trust = Trust {
        authorities: Vec::new(),
        verify: false,
    };
    let url = format!("https://{}/", receiver.address);
    assert_eq!(post(url, trust).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_handshake_that_the_server_does_not_answer_runs_out_of_time() {
    // It waits for the end of a request's head, and there is none.
    let receiver = Receiver::start([]).await;
    let settings = Settings {
        timeout: Duration::from_millis(50),
        ..Settings::default()
    };
    let silent = post_with(format!("https://{}/", receiver.address), settings).await;
    assert_eq!(silent.unwrap_err().kind, FailureKind::Timeout);
}

#[tokio::test]
async fn a_handshake_that_the_server_breaks_off_is_a_failure_of_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let closes = async { drop(listener.accept().await.unwrap()) };
    let (failed, ()) = tokio::join!(post(url, Trust::default()), closes);
    assert_eq!(failed.unwrap_err().kind, FailureKind::Tls);
}
