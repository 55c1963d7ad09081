//! A platform endpoint: one installation of an app on one device, and the attributes requests give it.

use api::{Error, Map, Str};
use domain::bytes::{Malformed, Put, Take};

use crate::application_attributes::{bad_value, flag, unknown};
use crate::error::invalid;
use crate::id::Id;
use crate::limits;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub id: Id,
    /// The number of its application.
    pub application: u32,
    /// Given once, in order of creation: the order of listings.
    pub number: u64,
    /// What the push notification service calls the installation.
    pub token: String,
    pub custom_user_data: Option<String>,
    pub enabled: bool,
}

impl Endpoint {
    /// Puts a request's attributes in.
    pub(crate) fn assign(&mut self, attributes: &[(Str<'_>, Str<'_>)]) -> Result<(), Error> {
        for (name, value) in attributes {
            match name.as_ref() {
                "CustomUserData" => self.custom_user_data = Some(value.to_string()),
                "Enabled" => self.enabled = flag(name, value)?,
                "Token" => self.token = value.to_string(),
                _ => return Err(unknown(name)),
            }
        }
        self.check()
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let data = self.custom_user_data.as_deref().unwrap_or_default();
        if data.len() > limits::CUSTOM_USER_DATA_BYTES_MAX {
            let most = limits::CUSTOM_USER_DATA_BYTES_MAX;
            let rule = format!("must be at most {most} bytes long in UTF-8 encoding");
            return Err(bad_value("CustomUserData", &rule));
        }
        // No recording shows what AWS says to such tokens; the texts are ours.
        if self.token.is_empty() {
            return Err(invalid("Token", "cannot be empty"));
        }
        if self.token.len() > limits::TOKEN_BYTES_MAX {
            let most = limits::TOKEN_BYTES_MAX;
            return Err(invalid(
                "Token",
                format_args!("must be at most {most} bytes long"),
            ));
        }
        Ok(())
    }

    pub(crate) fn shown(&self) -> Map<'static, Str<'static>> {
        let mut shown: Map<'static, Str<'static>> = vec![
            ("Enabled".into(), self.enabled.to_string().into()),
            ("Token".into(), self.token.clone().into()),
        ];
        if let Some(data) = &self.custom_user_data {
            shown.push(("CustomUserData".into(), data.clone().into()));
        }
        shown
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.id.bytes());
        out.put_u32(self.application);
        out.put_u64(self.number);
        out.put_text(&self.token);
        out.put_some_text(self.custom_user_data.as_deref());
        out.put_bool(self.enabled);
    }

    pub(crate) fn decode(take: &mut Take<'_>) -> Result<Endpoint, Malformed> {
        Ok(Endpoint {
            id: Id::of(take.array()?),
            application: take.u32()?,
            number: take.u64()?,
            token: take.text()?.to_owned(),
            custom_user_data: take.some_text()?.map(str::to_owned),
            enabled: take.bool()?,
        })
    }
}
