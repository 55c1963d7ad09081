//! Which connections are made, kept and replaced.

use std::sync::Arc;
use std::time::Duration;

use outbound::Reach;
use outbound::http::{Client, FailureKind, Settings};
use tokio::net::TcpListener;

use crate::calls::{call, client, failure, post};
use crate::receiver::{Answer, Receiver, Seen, answer, ok};

#[tokio::test]
async fn a_connection_is_used_again() {
    let mut receiver = Receiver::start([ok(), ok()]).await;
    let client = client();
    for _ in 0..2 {
        assert_eq!(post(&client, &receiver).await.status, 200);
    }
    assert_eq!(receiver.next().await, Seen::Opened);
    assert!(matches!(receiver.next().await, Seen::Request(_)));
    assert!(matches!(receiver.next().await, Seen::Request(_)));
}

#[tokio::test]
async fn a_connection_that_the_server_closed_meanwhile_is_replaced() {
    let closes = Answer::Close(answer("200 OK", &[], ""));
    let mut receiver = Receiver::start([closes, ok()]).await;
    let client = client();
    for _ in 0..2 {
        assert_eq!(post(&client, &receiver).await.status, 200);
    }
    assert_eq!(receiver.next().await, Seen::Opened);
    receiver.request().await;
    assert_eq!(receiver.next().await, Seen::Opened);
    receiver.request().await;
    assert_eq!(receiver.rest(), []);
}

#[tokio::test]
async fn a_call_that_is_lost_with_a_kept_connection_is_made_once_more() {
    let lost = Answer::Close(String::new());
    let mut receiver = Receiver::start([ok(), lost, ok()]).await;
    let client = client();
    for _ in 0..2 {
        assert_eq!(post(&client, &receiver).await.status, 200);
    }
    let first = receiver.request().await;
    assert_eq!(receiver.request().await, first);
    assert_eq!(receiver.request().await, first);
}

#[tokio::test]
async fn a_call_that_is_lost_with_a_new_connection_fails() {
    let receiver = Receiver::start([Answer::Close(String::new())]).await;
    assert_eq!(
        failure(&client(), receiver.url()).await,
        FailureKind::Protocol
    );
}

#[tokio::test]
async fn only_so_many_connections_are_kept() {
    let mut receiver = Receiver::start([ok(), ok()]).await;
    let settings = Settings {
        idle_to_host: 1,
        ..Settings::default()
    };
    let client = Arc::new(Client::new(settings).unwrap());
    let calls = [client.clone(), client.clone()].map(|client| {
        let url = receiver.url();
        tokio::spawn(async move { client.post(call(url)).await.unwrap().status })
    });
    for status in calls {
        assert_eq!(status.await.unwrap(), 200);
    }
    while receiver.next().await != Seen::Closed {}
    assert_eq!(receiver.rest(), []);
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_closed() {
    let mut receiver = Receiver::start([ok()]).await;
    let settings = Settings {
        idle_for: Duration::from_millis(5),
        ..Settings::default()
    };
    let client = Client::new(settings).unwrap();
    post(&client, &receiver).await;
    while receiver.next().await != Seen::Closed {}
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_a_failure_to_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let failed = client()
        .post(call(format!("http://{address}/")))
        .await
        .unwrap_err();
    assert_eq!(failed.kind, FailureKind::Connect);
    assert!(failed.text.contains(&address.to_string()), "{failed}");
}

#[tokio::test]
async fn addresses_out_of_reach_are_refused() {
    for host in [
        "169.254.169.254",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "0.0.0.0",
        "[::]",
    ] {
        let url = format!("http://{host}/latest/meta-data/");
        assert_eq!(
            failure(&client(), url).await,
            FailureKind::Refused,
            "{host}"
        );
    }
    let public = Settings {
        reach: Reach::Public,
        ..Settings::default()
    };
    let receiver = Receiver::start([]).await;
    let client = Client::new(public).unwrap();
    for url in [
        receiver.url(),
        format!("http://localhost:{}/", receiver.address.port()),
    ] {
        assert_eq!(failure(&client, url).await, FailureKind::Refused);
    }
}

#[tokio::test]
async fn a_name_is_looked_up() {
    let mut receiver = Receiver::start([ok()]).await;
    let url = format!("http://localhost:{}/", receiver.address.port());
    assert_eq!(client().post(call(url)).await.unwrap().status, 200);
    let host = format!("Host: localhost:{}\r\n", receiver.address.port());
    assert!(receiver.request().await.contains(&host));
}
