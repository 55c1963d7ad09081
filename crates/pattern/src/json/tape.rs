//! A JSON text as the flat run of its tokens: what is not wanted is stepped over, and no text is copied.

use std::borrow::Cow;

use super::escape::unescape;
use super::parser::Parser;
use super::{Malformed, malformed};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    EndObject,
    Array,
    EndArray,
    Key,
    String,
    Number,
    True,
    False,
    Null,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where it begins in the text, its quote included.
    pub(super) at: u32,
    /// The bytes it has in the text, its quotes included; of what opens, the token that closes it.
    pub(super) extent: u32,
}

/// Twelve bytes a token.
#[derive(Clone, Debug)]
pub(crate) struct Tape<'a> {
    text: &'a str,
    tokens: Vec<Token>,
}

impl<'a> Tape<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Tape<'a>, Malformed> {
        if u32::try_from(text.len()).is_err() {
            return Err(Malformed::new(malformed::What::TooLong, 0));
        }
        let tokens = Parser::new(text).run()?;
        Ok(Tape { text, tokens })
    }

    /// The kind of a token, or nothing behind the last one.
    pub(crate) fn kind(&self, token: usize) -> Option<Kind> {
        self.tokens.get(token).map(|token| token.kind)
    }

    /// The token that closes the object or array which this one opens.
    pub(crate) fn close(&self, token: usize) -> usize {
        self.tokens[token].extent as usize
    }

    /// Where a token begins in the text.
    pub(crate) fn start(&self, token: usize) -> usize {
        self.tokens[token].at as usize
    }

    /// Where the text goes on behind a token.
    pub(crate) fn end(&self, token: usize) -> usize {
        let Token { kind, at, extent } = self.tokens[token];
        match kind {
            Kind::Object | Kind::Array => at as usize + 1,
            Kind::EndObject
            | Kind::EndArray
            | Kind::Key
            | Kind::String
            | Kind::Number
            | Kind::True
            | Kind::False
            | Kind::Null => at as usize + extent as usize,
        }
    }

    /// What a token says: of a string or key its content, of all others what stands in the text.
    pub(crate) fn text(&self, token: usize) -> Cow<'a, str> {
        let text = &self.text[self.start(token)..self.end(token)];
        match self.tokens[token].kind {
            Kind::Key | Kind::String => unescape(&text[1..text.len() - 1]),
            Kind::Object
            | Kind::EndObject
            | Kind::Array
            | Kind::EndArray
            | Kind::Number
            | Kind::True
            | Kind::False
            | Kind::Null => Cow::Borrowed(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stand_in_the_order_of_the_text() {
        let tape = Tape::parse(" {\"a\": [1, true, \"x\\n\"], \"b\":{}} ").unwrap();
        let kinds: Vec<Kind> = (0..).map_while(|token| tape.kind(token)).collect();
        assert_eq!(
            kinds,
            [
                Kind::Object,
                Kind::Key,
                Kind::Array,
                Kind::Number,
                Kind::True,
                Kind::String,
                Kind::EndArray,
                Kind::Key,
                Kind::Object,
                Kind::EndObject,
                Kind::EndObject
            ]
        );
        assert_eq!((tape.close(0), tape.close(2), tape.close(8)), (10, 6, 9));
        assert_eq!((tape.start(1), tape.end(1)), (2, 5));
        assert_eq!(tape.text(1), "a");
        assert_eq!(tape.text(3), "1");
        assert_eq!(tape.text(5), "x\n");
        assert_eq!(tape.text(6), "]");
    }
}
