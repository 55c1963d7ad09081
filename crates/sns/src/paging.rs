//! Pages of lists: 100 items each, behind tokens that are base64 of where the page before ended.

use api::Error;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::error::invalid_parameter;

/// A token for what ended a page.
pub(crate) fn token(last: &str) -> String {
    BASE64_STANDARD.encode(last)
}

/// What ended the page that a token was given with.
pub(crate) fn read(token: &str) -> Result<String, Error> {
    let bytes = BASE64_STANDARD.decode(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| invalid_parameter("NextToken"))
}
