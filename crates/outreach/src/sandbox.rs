//! The SMS sandbox: whether the account is in it, and the numbers it may send to there.
//!
//! On AWS a fresh account is in the sandbox, because somebody there pays for what leaves. Here nothing leaves, so a
//! fresh account is not in it unless the server is told so; the operations work either way.

use std::collections::BTreeMap;

use domain::Time;
use domain::bytes::{Malformed, Put, Take};

use crate::phone;

#[derive(Debug, Default)]
pub(crate) struct Sandbox {
    pub(crate) is_on: bool,
    numbers: BTreeMap<String, Number>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) added: Time,
    pub(crate) verified: bool,
    /// The password last sent to it.
    pub(crate) password: String,
}

impl Sandbox {
    pub(crate) fn get(&self, number: &str) -> Option<&Number> {
        self.numbers.get(number)
    }

    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// In order of the numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Number)> {
        self.numbers.iter().map(|(text, it)| (text.as_str(), it))
    }

    /// Whether an SMS to this bare number may leave.
    pub(crate) fn lets_through(&self, number: &str) -> bool {
        let mut verified = self.iter().filter(|(_, it)| it.verified);
        !self.is_on || verified.any(|(text, _)| phone::bare(text) == number)
    }

    /// A number that is there already keeps its time and gets a new password.
    pub(crate) fn add(&mut self, number: &str, password: &str, now: Time) {
        let entry = self.numbers.entry(number.to_owned());
        let number = entry.or_insert_with(|| Number {
            added: now,
            verified: false,
            password: String::new(),
        });
        number.password = password.to_owned();
    }

    pub(crate) fn verify(&mut self, number: &str) {
        if let Some(number) = self.numbers.get_mut(number) {
            number.verified = true;
        }
    }

    pub(crate) fn remove(&mut self, number: &str) {
        self.numbers.remove(number);
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_bool(self.is_on);
        out.put_u32(self.numbers.len() as u32);
        for (text, number) in &self.numbers {
            out.put_text(text);
            out.put_u64(number.added.millis());
            out.put_bool(number.verified);
            out.put_text(&number.password);
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Sandbox, Malformed> {
        let mut sandbox = Sandbox {
            is_on: take.bool()?,
            numbers: BTreeMap::new(),
        };
        for _ in 0..take.u32()? {
            let text = take.text()?.to_owned();
            let number = Number {
                added: Time::from_millis(take.u64()?),
                verified: take.bool()?,
                password: take.text()?.to_owned(),
            };
            sandbox.numbers.insert(text, number);
        }
        Ok(sandbox)
    }
}
