//! Mails to a server of the test's own.

use std::time::Duration;

use outbound::mail::{FailureKind, Mail, MailFailure, Mailer, Settings};
use outbound::{Reach, Trust};
use tokio::net::TcpListener;

use crate::smtp::{Habits, Smtp};
use crate::tls::authority_and_server;

fn mail() -> Mail {
    Mail {
        from_name: "Orders".to_owned(),
        from_address: "no-reply@sns.amazonaws.com".to_owned(),
        to: "someone@example.com".to_owned(),
        subject: "AWS Notification Message".to_owned(),
        text: "Hello\n.\nworld".to_owned(),
        id: None,
        unsubscribe: None,
    }
}

async fn send(url: &str) -> Result<(), MailFailure> {
    send_with(url, Settings::default()).await
}

async fn send_with(url: &str, settings: Settings) -> Result<(), MailFailure> {
    Mailer::new(url, settings).unwrap().send(&mail()).await
}

fn trusting(authority: &str) -> Settings {
    Settings {
        trust: Trust {
            authorities: authority.into(),
            verify: true,
        },
        ..Settings::default()
    }
}

/// What was said, without the line that tells the time.
async fn said(server: Smtp) -> Vec<String> {
    let mut lines = server.conversation().await;
    lines.retain(|line| !line.starts_with("Date: "));
    lines
}

/// What follows the greeting.
const CONVERSATION: [&str; 15] = [
    "MAIL FROM:<no-reply@sns.amazonaws.com>",
    "RCPT TO:<someone@example.com>",
    "DATA",
    "From: Orders <no-reply@sns.amazonaws.com>",
    "To: someone@example.com",
    "Subject: AWS Notification Message",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 7bit",
    "",
    "Hello",
    // A line with a dot alone would end the mail.
    "..",
    "world",
    ".",
    "QUIT",
];

#[tokio::test]
async fn a_mail_is_handed_over() {
    let server = Smtp::start(Habits::default()).await;
    send(&server.url()).await.unwrap();
    let said = said(server).await;
    assert_eq!(said[0], "EHLO [127.0.0.1]");
    assert_eq!(said[1..], CONVERSATION);
}

#[tokio::test]
async fn credentials_are_given_before_the_mail() {
    let habits = Habits {
        offers: &["AUTH PLAIN LOGIN"],
        ..Habits::default()
    };
    let server = Smtp::start(habits).await;
    let url = format!("smtp://user:p%40ss@{}", server.address);
    send(&url).await.unwrap();
    let said = said(server).await;
    assert_eq!(said[1], "AUTH PLAIN AHVzZXIAcEBzcw==");
    assert_eq!(said[2..], CONVERSATION);
}

#[tokio::test]
async fn the_conversation_goes_on_encrypted_if_the_server_offers_it() {
    let (authority, config) = authority_and_server("127.0.0.1");
    let habits = Habits {
        offers: &["STARTTLS"],
        tls: Some(config),
        ..Habits::default()
    };
    let server = Smtp::start(habits).await;
    send_with(&server.url(), trusting(&authority))
        .await
        .unwrap();
    let said = said(server).await;
    assert_eq!(
        said[..3],
        ["EHLO [127.0.0.1]", "STARTTLS", "EHLO [127.0.0.1]"]
    );
    assert_eq!(said[3..], CONVERSATION);
}

#[tokio::test]
async fn smtps_is_encrypted_from_the_start() {
    let (authority, config) = authority_and_server("localhost");
    let habits = Habits {
        tls: Some(config),
        tls_from_the_start: true,
        ..Habits::default()
    };
    let server = Smtp::start(habits).await;
    let url = format!("smtps://localhost:{}", server.address.port());
    send_with(&url, trusting(&authority)).await.unwrap();
    assert_eq!(said(server).await[1..], CONVERSATION);
}

#[tokio::test]
async fn a_server_with_a_certificate_of_an_unknown_authority_gets_no_mail() {
    let (_, config) = authority_and_server("127.0.0.1");
    let habits = Habits {
        offers: &["STARTTLS"],
        tls: Some(config),
        ..Habits::default()
    };
    let server = Smtp::start(habits).await;
    let failed = send(&server.url()).await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Unavailable);
}

#[tokio::test]
async fn required_encryption_that_is_not_offered_ends_it() {
    let server = Smtp::start(Habits::default()).await;
    let url = format!("{}?tls=required", server.url());
    assert_eq!(send(&url).await.unwrap_err().kind, FailureKind::Rejected);
    assert_eq!(said(server).await, ["EHLO [127.0.0.1]"]);
}

#[tokio::test]
async fn what_the_server_says_for_ever_is_permanent_and_what_it_says_for_now_is_not() {
    let cases: [(&[(&str, &str)], FailureKind); 6] = [
        (&[("RCPT", "550 no such user")], FailureKind::Rejected),
        (&[("RCPT", "450 later")], FailureKind::Unavailable),
        (&[(".", "554 spam")], FailureKind::Rejected),
        (&[(".", "451 no room")], FailureKind::Unavailable),
        (&[("greeting", "421 busy")], FailureKind::Unavailable),
        (&[("MAIL", "what?")], FailureKind::Unavailable),
    ];
    for (replies, kind) in cases {
        let habits = Habits {
            replies,
            ..Habits::default()
        };
        let server = Smtp::start(habits).await;
        let failed = send(&server.url()).await.unwrap_err();
        assert_eq!(failed.kind, kind, "{replies:?}: {failed}");
        assert_eq!(failed.is_permanent(), kind == FailureKind::Rejected);
    }
}

#[tokio::test]
async fn a_mail_that_was_taken_is_sent_even_if_the_goodbye_fails() {
    let habits = Habits {
        replies: &[("QUIT", "500 what?")],
        ..Habits::default()
    };
    let server = Smtp::start(habits).await;
    send(&server.url()).await.unwrap();
}

#[tokio::test]
async fn a_silent_server_runs_out_of_time() {
    for replies in [&[("greeting", "")], &[("DATA", "")]] {
        let habits = Habits {
            replies,
            ..Habits::default()
        };
        let server = Smtp::start(habits).await;
        let impatient = Settings {
            timeout: Duration::from_millis(50),
            ..Settings::default()
        };
        let failed = send_with(&server.url(), impatient).await.unwrap_err();
        assert_eq!(failed.kind, FailureKind::Timeout);
        assert!(!failed.is_permanent());
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_may_be_later() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(send(&url).await.unwrap_err().kind, FailureKind::Unavailable);
}

#[tokio::test]
async fn a_server_out_of_reach_is_refused() {
    let failed = send("smtp://169.254.169.254").await.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Refused);
    let public = Settings {
        reach: Reach::Public,
        ..Settings::default()
    };
    let failed = send_with("smtp://localhost:1025", public)
        .await
        .unwrap_err();
    assert_eq!(failed.kind, FailureKind::Refused);
}
