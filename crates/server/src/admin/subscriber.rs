//! What tests do in a subscriber's place: read the token that a subscription was asked to confirm with, and opt a phone
//! number out. Spec sns 12.

use std::rc::Rc;

use domain::{AccountId, Region};
use http::StatusCode;
use http::request::Parts;
use node::{Home, Seen};
use serde::Deserialize;
use serde_json::json;
use wire::form;

use super::asked::{Refused, account, durable, region};
use crate::http::answer::{self, Answer};
use crate::io_thread::IoThread;

pub(super) const TOKENS: &str = "/_aws/sns/subscription-tokens/";

/// `/_aws/sns/subscription-tokens/{arn}`.
pub(super) async fn token(thread: &Rc<IoThread>, parts: &Parts) -> Result<Answer, Refused> {
    let arn = parts.uri.path().strip_prefix(TOKENS).unwrap_or_default();
    let arn = unescaped(arn)?;
    let found = thread.service.node.subscription_token(&arn);
    let Ok(Seen { shown, after }) = found else {
        let why = "The provided SubscriptionARN is invalid";
        let body = json!({ "error": why, "subscription_arn": arn });
        return Ok(answer::json(StatusCode::BAD_REQUEST, &body));
    };
    durable(thread, after).await?;
    Ok(match shown {
        Some(token) => answer::json(
            StatusCode::OK,
            &json!({ "subscription_token": token, "subscription_arn": arn }),
        ),
        None => answer::json(
            StatusCode::NOT_FOUND,
            &json!({ "error": "The provided SubscriptionARN is not found", "subscription_arn": arn }),
        ),
    })
}

/// A path's last part. No ARN has any of the signs that mean something in a form.
fn unescaped(text: &str) -> Result<String, Refused> {
    let mut parameters = Vec::new();
    form::parse(text.as_bytes(), &mut parameters)?;
    let first = parameters.into_iter().next();
    Ok(first.map_or_else(String::new, |it| it.key.into_owned()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OptOut {
    phone_number: String,
    account_id: Option<String>,
    region: Option<String>,
}

pub(super) async fn opt_out(thread: &Rc<IoThread>, body: &[u8]) -> Result<Answer, Refused> {
    let asked: OptOut = serde_json::from_slice(body).map_err(|error| {
        let why = "The body is JSON with phoneNumber and, as you like, accountId and region.";
        Refused::Asked(format!("{error}. {why}"))
    })?;
    let home = Home {
        account: match &asked.account_id {
            Some(id) => account(id)?,
            None => AccountId::DEFAULT,
        },
        region: match &asked.region {
            Some(name) => region(name)?,
            None => Region::default(),
        },
    };
    let wait = thread.service.node.opt_out(home, &asked.phone_number)?;
    durable(thread, vec![wait]).await?;
    let body = json!({
        "phoneNumber": asked.phone_number,
        "accountId": home.account.as_str(),
        "region": home.region.as_str(),
    });
    Ok(answer::json(StatusCode::OK, &body))
}
