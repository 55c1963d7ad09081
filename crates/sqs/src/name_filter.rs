//! MessageAttributeNames: which of a message's attributes a receive asks for (spec section 3, ReceiveMessage).

use api::Str;

/// MessageAttributeNames of a receive: which attributes are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NameFilter {
    All,
    /// Empty: none are.
    Some(Vec<Wanted>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Name(String),
    /// What stands before `.*`.
    Prefix(String),
}

impl NameFilter {
    /// Names that cannot be are no error: they match nothing.
    pub(crate) fn of(names: Option<&[Str<'_>]>) -> NameFilter {
        let names = names.unwrap_or_default();
        if names
            .iter()
            .any(|name| matches!(&**name, "All" | ".*" | "*"))
        {
            return NameFilter::All;
        }
        let wanted = |name: &Str<'_>| match name.strip_suffix(".*") {
            Some(prefix) => Wanted::Prefix(prefix.to_owned()),
            None => Wanted::Name(name.to_string()),
        };
        NameFilter::Some(names.iter().map(wanted).collect())
    }

    pub(crate) fn wants(&self, name: &str) -> bool {
        match self {
            NameFilter::All => true,
            NameFilter::Some(wanted) => wanted.iter().any(|wanted| match wanted {
                Wanted::Name(exact) => name == exact,
                Wanted::Prefix(prefix) => name.starts_with(&**prefix),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_takes_names_prefixes_and_words_for_all() {
        let filter = |names: &[&'static str]| {
            let names: Vec<Str<'_>> = names.iter().map(|&name| name.into()).collect();
            NameFilter::of(Some(&names))
        };
        for all in ["All", ".*", "*"] {
            assert_eq!(filter(&["x", all]), NameFilter::All);
        }
        assert!(filter(&["Hel.*"]).wants("Hello"));
        assert!(filter(&["Hel.*"]).wants("Help.Me"));
        assert!(!filter(&["Hel.*"]).wants("hello"));
        assert!(filter(&["a", "b"]).wants("b"));
        assert!(!filter(&["a", "b"]).wants("bb"));
        assert!(!filter(&["AWS.", "..foo"]).wants("foo"));
        assert!(!NameFilter::of(None).wants("a"));
    }
}
