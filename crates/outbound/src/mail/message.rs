//! A mail in the form of RFC 5322.

use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::{Address, Message};

use super::{FailureKind, Mail, MailFailure};

pub(super) fn message(mail: &Mail) -> Result<Message, MailFailure> {
    let headers = [&mail.from_name, &mail.from_address, &mail.to, &mail.subject];
    let optional = [&mail.id, &mail.unsubscribe].into_iter().flatten();
    // lettre would encode them; but who writes one into a header means no good.
    if headers
        .into_iter()
        .chain(optional)
        .any(|text| text.contains(char::is_control))
    {
        return Err(bad("a control character in a header"));
    }
    let name = (!mail.from_name.is_empty()).then(|| mail.from_name.clone());
    let mut builder = Message::builder()
        .from(Mailbox::new(name, address(&mail.from_address)?))
        .to(Mailbox::new(None, address(&mail.to)?))
        .subject(mail.subject.as_str());
    if let Some(id) = &mail.id {
        builder = builder.message_id(Some(format!("<{id}>")));
    }
    if let Some(url) = &mail.unsubscribe {
        builder = builder.header(ListUnsubscribe(format!("<{url}>")));
    }
    builder
        .header(MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.text.clone())
        .map_err(|error| bad(error.to_string()))
}

fn address(text: &str) -> Result<Address, MailFailure> {
    text.parse()
        .map_err(|error| bad(format!("{text:?}: {error}")))
}

fn bad(text: impl Into<String>) -> MailFailure {
    MailFailure::new(FailureKind::BadMail, text)
}

/// RFC 2369.
#[derive(Clone)]
struct ListUnsubscribe(String);

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<ListUnsubscribe, Box<dyn std::error::Error + Send + Sync>> {
        Ok(ListUnsubscribe(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(ListUnsubscribe::name(), self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            from_name: "Orders".to_owned(),
            from_address: "no-reply@sns.amazonaws.com".to_owned(),
            to: "someone@example.com".to_owned(),
            subject: "AWS Notification Message".to_owned(),
            text: "Hello\n.\nworld\n".to_owned(),
            id: Some("1@sns.amazonaws.com".to_owned()),
            unsubscribe: Some("http://localhost:4566/?Action=Unsubscribe".to_owned()),
        }
    }

    /// Without the line that tells the time.
    fn formatted(mail: &Mail) -> String {
        let text = String::from_utf8(message(mail).unwrap().formatted()).unwrap();
        let lines = text.split_inclusive("\r\n");
        lines.filter(|line| !line.starts_with("Date: ")).collect()
    }

    #[test]
    fn a_mail_has_its_headers_and_its_text() {
        assert_eq!(
            formatted(&mail()),
            "From: Orders <no-reply@sns.amazonaws.com>\r\n\
             To: someone@example.com\r\n\
             Subject: AWS Notification Message\r\n\
             Message-ID: <1@sns.amazonaws.com>\r\n\
             List-Unsubscribe: <http://localhost:4566/?Action=Unsubscribe>\r\n\
             MIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 7bit\r\n\
             \r\n\
             Hello\r\n.\r\nworld\r\n"
        );
    }

    #[test]
    fn what_is_not_ascii_is_encoded_for_every_server() {
        let foreign = Mail {
            from_name: "Bücher".to_owned(),
            subject: "Grüße 📦".to_owned(),
            text: "Grüße 📦".to_owned(),
            ..mail()
        };
        let text = formatted(&foreign);
        assert!(text.is_ascii(), "{text}");
        assert!(text.contains("=?utf-8?"), "{text}");
    }

    #[test]
    fn no_part_becomes_a_header_of_its_own() {
        let evil = "x\r\nBcc: victim@example.com";
        let mut mails = vec![mail(); 6];
        mails[0].from_name = evil.to_owned();
        mails[1].from_address = evil.to_owned();
        mails[2].to = evil.to_owned();
        mails[3].subject = evil.to_owned();
        mails[4].id = Some(evil.to_owned());
        mails[5].unsubscribe = Some(evil.to_owned());
        for mail in mails {
            assert_eq!(message(&mail).unwrap_err().kind, FailureKind::BadMail);
        }
    }

    #[test]
    fn a_name_stays_a_name_whatever_is_in_it() {
        let quoted = Mail {
            from_name: "a\" <victim@example.com>, \"b".to_owned(),
            ..mail()
        };
        let message = message(&quoted).unwrap();
        let sender = message.envelope().from().unwrap();
        assert_eq!(sender.to_string(), "no-reply@sns.amazonaws.com");
        let encoded = "From: =?utf-8?b?YSIgPHZpY3RpbUBleGFtcGxlLmNvbT4sICJi?= <no-reply@sns";
        assert!(formatted(&quoted).starts_with(encoded));
    }

    #[test]
    fn an_address_that_is_none_is_a_bad_mail() {
        for to in [
            "",
            "someone",
            "a@b@c",
            "a b@example.com",
            "a@example.com, b@example.com",
        ] {
            let bad = Mail {
                to: to.to_owned(),
                ..mail()
            };
            assert_eq!(
                message(&bad).unwrap_err().kind,
                FailureKind::BadMail,
                "{to}"
            );
        }
    }
}
