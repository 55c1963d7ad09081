//! Which characters names, tags and tokens are made of.

/// `[\.\-_/#A-Za-z0-9]`
pub(crate) fn group_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '#')
}

/// `[^:*]`
pub(crate) fn stream_name(c: char) -> bool {
    !matches!(c, ':' | '*')
}

/// `[\w#+=/:,.@-]`
pub(crate) fn identifier(c: char) -> bool {
    resource_arn(c) || c == '#'
}

/// `[\w+=/:,.@-]`
pub(crate) fn resource_arn(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '=' | '/' | ':' | ',' | '.' | '@' | '-')
}

/// `[\p{L}\p{Z}\p{N}_.:/=+\-@]`
pub(crate) fn tag(c: char) -> bool {
    let separator = c.is_whitespace() && !c.is_control();
    c.is_alphanumeric() || separator || matches!(c, '_' | '.' | ':' | '/' | '=' | '+' | '-' | '@')
}
