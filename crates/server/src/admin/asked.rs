//! What a request of these endpoints asks for in its query string, and how one is refused.

use std::rc::Rc;

use domain::{AccountId, Region};
use http::StatusCode;
use http::request::Parts;
use node::{Home, Wait, Whose};
use wire::form::{self, Parameter};

use crate::http::answer::{self, Answer};
use crate::io_thread::IoThread;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Refused {
    /// What was asked makes no sense: says why.
    Asked(String),
    /// The server cannot.
    Failed(String),
}

impl Refused {
    pub(super) fn answer(self) -> Answer {
        match self {
            Refused::Asked(why) => answer::text(StatusCode::BAD_REQUEST, why),
            Refused::Failed(why) => answer::text(StatusCode::SERVICE_UNAVAILABLE, why),
        }
    }
}

impl From<api::Error> for Refused {
    fn from(error: api::Error) -> Refused {
        let why = error.message.into_owned();
        match error.kind.sender_fault {
            true => Refused::Asked(why),
            false => Refused::Failed(why),
        }
    }
}

/// Returns once what an answer tells is durable.
pub(super) async fn durable(thread: &Rc<IoThread>, after: Vec<Wait>) -> Result<(), Refused> {
    for wait in after {
        let reached = thread.waiters.durable(&thread.service.node, wait).await;
        reached.map_err(|_| {
            Refused::Failed("The journal has stopped after an I/O error.".to_owned())
        })?;
    }
    Ok(())
}

/// The parameters of a query string.
pub(super) struct Query<'a>(Vec<Parameter<'a>>);

impl<'a> Query<'a> {
    pub(super) fn of(parts: &'a Parts) -> Result<Query<'a>, Refused> {
        let text = parts.uri.query().unwrap_or_default();
        let mut parameters = Vec::new();
        form::parse(text.as_bytes(), &mut parameters)?;
        Ok(Query(parameters))
    }

    /// The value of a parameter. One that is empty asks for nothing.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|it| it.key == name)?;
        Some(&*found.value).filter(|value| !value.is_empty())
    }

    /// The same, of a phone number: where nobody escaped its plus sign, that is read as a space.
    pub(super) fn phone_number(&self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        Some(match value.strip_prefix(' ') {
            Some(digits) => format!("+{digits}"),
            None => value.to_owned(),
        })
    }

    /// Account and region, where they are given.
    pub(super) fn whose(&self) -> Result<Whose, Refused> {
        Ok(Whose {
            account: self.get("accountId").map(account).transpose()?,
            region: self.get("region").map(region).transpose()?,
        })
    }

    /// Account and region; where they are not given, the default ones.
    pub(super) fn home(&self) -> Result<Home, Refused> {
        let whose = self.whose()?;
        Ok(Home {
            account: whose.account.unwrap_or(AccountId::DEFAULT),
            region: whose.region.unwrap_or_default(),
        })
    }
}

pub(super) fn account(text: &str) -> Result<AccountId, Refused> {
    AccountId::parse(text).map_err(|why| Refused::Asked(format!("accountId: {why}.")))
}

pub(super) fn region(text: &str) -> Result<Region, Refused> {
    Region::parse(text).map_err(|why| Refused::Asked(format!("region: {why}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(query: &str, read: impl FnOnce(&Query<'_>) -> T) -> T {
        let uri = format!("/?{query}");
        let request = http::Request::get(uri).body(()).unwrap();
        let (parts, ()) = request.into_parts();
        read(&Query::of(&parts).unwrap())
    }

    #[test]
    fn what_is_not_given_is_the_default() {
        let home = read("region=&x=1", |query| query.home().unwrap());
        assert_eq!(
            (home.account.as_str(), home.region.as_str()),
            ("000000000000", "us-east-1")
        );
        let home = read("accountId=123456789012&region=eu-west-1", |query| {
            query.home().unwrap()
        });
        assert_eq!(
            (home.account.as_str(), home.region.as_str()),
            ("123456789012", "eu-west-1")
        );
        assert_eq!(read("", |query| query.whose().unwrap()), Whose::default());
    }

    #[test]
    fn a_plus_sign_that_nobody_escaped_is_one() {
        for query in ["n=+43664", "n=%2B43664"] {
            let number = read(query, |query| query.phone_number("n"));
            assert_eq!(number.as_deref(), Some("+43664"));
        }
    }

    #[test]
    fn what_is_no_account_or_region_is_refused() {
        for query in ["accountId=1", "region=Mars"] {
            let refused = read(query, |query| query.home().unwrap_err());
            assert!(matches!(refused, Refused::Asked(_)), "{query}");
        }
    }
}
