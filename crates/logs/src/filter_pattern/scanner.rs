//! A pattern's text, taken from its front.

#[derive(Clone, Debug)]
pub(super) struct Scanner<'p> {
    rest: &'p str,
}

impl<'p> Scanner<'p> {
    pub(super) fn new(text: &'p str) -> Scanner<'p> {
        Scanner { rest: text }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn skip_blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes exactly this text, if it is next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Takes this word, if it is next and ends there.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let ahead = self.rest.strip_prefix(word);
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        match ahead {
            Some(rest) if ends(rest) => {
                self.rest = rest;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Takes characters as long as they are of a kind.
    pub(super) fn take_while(&mut self, kind: impl Fn(char) -> bool) -> &'p str {
        let end = self.rest.find(|c| !kind(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Takes what stands up to the next `close`, and that. A backslash takes its meaning from a quote and a backslash.
    pub(super) fn quoted(&mut self, close: char) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                _ if c == close => {
                    self.rest = &self.rest[at + c.len_utf8()..];
                    return Some(text);
                }
                '\\' => match chars.next()? {
                    (_, escaped) if escaped == close || escaped == '\\' => text.push(escaped),
                    (_, other) => text.extend(['\\', other]),
                },
                _ => text.push(c),
            }
        }
        None
    }

    /// Takes what stands up to the next `%`, and that.
    pub(super) fn regex(&mut self) -> Option<&'p str> {
        let (text, rest) = self.rest.split_once('%')?;
        self.rest = rest;
        Some(text)
    }
}
