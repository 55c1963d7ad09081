//! What holds for any input: texts come back, other parsers agree, nothing makes a parser panic.

use api::sqs::{MessageAttributeValue, Op, Request, SendMessageRequest};
use api::{Map, Str};
use proptest::prelude::*;
use wire::json::{JsonReader, JsonWriter};
use wire::{Incoming, Scope, decode, queue_url};

use crate::protocol::element::unescape;

proptest! {
    #[test]
    fn json_text_is_what_serde_json_writes_and_reads(text in any::<String>()) {
        let mut out = Vec::new();
        wire::json::escape(&text, &mut out);
        prop_assert_eq!(&serde_json::from_slice::<String>(&out).unwrap(), &text);
        // Written by someone else, with every character escaped that may be.
        let ascii: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
        for quoted in [serde_json::to_string(&text).unwrap(), format!("\"{ascii}\"")] {
            let body = format!("{{\"MessageBody\":{quoted}}}");
            prop_assert_eq!(read_send(&body).unwrap().message_body.unwrap(), text.as_str());
        }
    }

    #[test]
    fn json_is_accepted_exactly_if_serde_json_accepts_it(value in "[\\[\\]{}:,\"\\\\a-fnulrtse0-9.eE+ \t\n-]{0,24}") {
        let body = format!("{{\"Unknown\":{value}}}");
        let theirs = serde_json::from_str::<serde_json::Value>(&body);
        // A number too large for a double is one all the same: whoever reads it says what is out of range.
        if theirs.as_ref().is_err_and(|error| error.to_string().starts_with("number out of range")) {
            return Ok(());
        }
        prop_assert_eq!(read_send(&body).is_ok(), theirs.is_ok(), "{}", body);
    }

    #[test]
    fn json_request_comes_back_as_it_was(request in send_message()) {
        let mut out = Vec::new();
        request.write(&mut JsonWriter::new(&mut out));
        let text = String::from_utf8(out).unwrap();
        prop_assert_eq!(read_send(&text).unwrap(), request);
    }

    #[test]
    fn xml_text_comes_back_as_it_was(text in "[\t\n\r -\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*") {
        let mut out = Vec::new();
        wire::xml::escape(&text, &mut out);
        let escaped = String::from_utf8(out).unwrap();
        prop_assert!(!escaped.contains(['<', '>', '"', '\r']));
        prop_assert_eq!(unescape(&escaped), text);
    }

    #[test]
    fn xml_text_holds_no_character_that_xml_forbids(text in any::<String>()) {
        let mut out = Vec::new();
        wire::xml::escape(&text, &mut out);
        let escaped = String::from_utf8(out).unwrap();
        let legal = |c: char| matches!(c, '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'..);
        prop_assert!(escaped.chars().all(legal));
    }

    #[test]
    fn any_bytes_decode_or_are_refused(op in 0..Op::ALL.len(), body in any::<Vec<u8>>(), query in any::<String>()) {
        let target = Op::ALL[op].operation().target;
        let _ = decode(&Incoming { method: "POST", target, body: &body, ..Incoming::default() });
        let _ = decode(&Incoming { method: "POST", query: &query, body: &body, ..Incoming::default() });
    }

    #[test]
    fn any_parameters_decode_or_are_refused(op in 0..Op::ALL.len(), names in prop::collection::vec("([A-Z][a-zA-Z]{2,8}|Attribute|Tag|Name|Value|Entries|MessageAttribute|SendMessageBatchRequestEntry|[0-9]{1,11}|)(\\.[0-9]{0,3}|\\.Name|\\.Value|\\.Id|\\.Key){0,4}=[0-9a%+]{0,4}", 0..12)) {
        let body = format!("Action={}&{}", Op::ALL[op].name(), names.join("&"));
        let _ = decode(&Incoming { method: "POST", body: body.as_bytes(), ..Incoming::default() });
    }

    #[test]
    fn any_text_is_a_scope_or_none(text in any::<String>(), credential in "[A-Za-z0-9/%]{0,80}") {
        let _ = Scope::of(&text, &text);
        let _ = Scope::of(&format!("AWS4-HMAC-SHA256 Credential={credential}"), "");
    }

    #[test]
    fn any_text_is_a_queue_or_an_invalid_address(text in any::<String>(), url in "(http://)?[a-z0-9.:-]{0,24}(/[a-z0-9-]{0,14}){0,5}") {
        let _ = queue_url::parse(&text);
        if let Ok(queue) = queue_url::parse(&url) {
            prop_assert!(url.contains(queue.name));
        }
    }
}

fn read_send(body: &str) -> Result<SendMessageRequest<'_>, api::Error> {
    let mut reader = JsonReader::new(body);
    let request = Request::read(Op::SendMessage, &mut reader)?;
    reader.finish()?;
    let Request::SendMessage(request) = request else {
        panic!("reads what was asked for");
    };
    Ok(request)
}

prop_compose! {
    fn send_message()(
        body in any::<Option<String>>(),
        delay in any::<Option<i32>>(),
        attributes in prop::collection::btree_map(any::<String>(), (any::<Option<String>>(), any::<Option<Vec<u8>>>()), 0..20),
    ) -> SendMessageRequest<'static> {
        let attributes: Map<'static, MessageAttributeValue<'static>> = attributes
            .into_iter()
            .map(|(name, (text, bytes))| {
                let value = MessageAttributeValue {
                    string_value: text.map(Str::Owned),
                    binary_value: bytes.map(std::borrow::Cow::Owned),
                    ..MessageAttributeValue::default()
                };
                (Str::Owned(name), value)
            })
            .collect();
        SendMessageRequest {
            message_body: body.map(Str::Owned),
            delay_seconds: delay,
            message_attributes: Some(attributes),
            ..SendMessageRequest::default()
        }
    }
}
