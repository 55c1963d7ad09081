//! Short words for what tests ask of SNS.

use crate::running::{Answer, Running};

/// Asks in the Query protocol; the answer's body.
pub(crate) fn ask(server: &Running, form: &str) -> String {
    let form = format!("{form}&Version=2010-03-31");
    let answer = server.connect().form("/", &form);
    assert_eq!(answer.status, 200, "{form}: {}", answer.body);
    answer.body
}

/// The text of an element of an answer.
pub(crate) fn element(xml: &str, name: &str) -> String {
    let text = xml.split_once(&format!("<{name}>")).and_then(|(_, rest)| {
        let (text, _) = rest.split_once(&format!("</{name}>"))?;
        Some(text.to_owned())
    });
    text.unwrap_or_else(|| panic!("{name} is not in {xml}"))
}

pub(crate) fn delete(server: &Running, path: &str) -> Answer {
    let mut client = server.connect();
    client.request("DELETE", path, &[], "");
    client.answer()
}
