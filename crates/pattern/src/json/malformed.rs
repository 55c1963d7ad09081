//! What is wrong with a text that is not JSON, in the words of Jackson, the parser that AWS's services answer with.

const VALUES: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/// A longer word is cut, as Jackson cuts it.
const WORD_MAX: usize = 256;

/// Cheap to make: most texts that are not JSON are message bodies, of which nobody asks what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    what: What,
    /// Where in the text.
    at: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A character that cannot stand there, and what should.
    Character(&'static str),
    /// A word that begins there and is no JSON.
    Word,
    /// Something that a number cannot have.
    Number(&'static str),
    /// A bracket that closes what another kind of bracket opened, and where that was.
    Close(usize),
    /// The text ends before what is opened there is closed.
    Unclosed(usize),
    /// The text ends, and what was expected of it.
    End(&'static str),
    Control(&'static str),
    Escape,
    Empty,
    TooDeep,
    TooLong,
}

impl Malformed {
    pub(super) fn new(what: What, at: usize) -> Malformed {
        Malformed { what, at }
    }

    /// What Jackson says, and where: the position is given as line and column.
    pub(crate) fn text(&self, text: &str) -> String {
        let at = if self.what == What::Word {
            self.at + word(text, self.at).len()
        } else {
            self.at
        };
        format!("{}\n at {}", self.reason(text), location(text, at))
    }

    fn reason(&self, text: &str) -> String {
        match self.what {
            What::Character(expected) => {
                format!("Unexpected character {}: {expected}", self.character(text))
            }
            What::Number(expected) => {
                let character = self.character(text);
                format!("Unexpected character {character} in numeric value: {expected}")
            }
            What::Word => unrecognized(word(text, self.at)),
            What::Close(open) => {
                let (wanted, what) = opened(text, open);
                let found = &text[self.at..=self.at];
                let open = location(text, open);
                format!(
                    "Unexpected close marker '{found}': expected '{wanted}' (for {what} starting at {open})"
                )
            }
            What::Unclosed(open) => {
                let (_, what) = opened(text, open);
                let open = location(text, open);
                format!(
                    "Unexpected end-of-input: expected close marker for {what} (start marker at {open})"
                )
            }
            What::End(expected) => format!("Unexpected end-of-input{expected}"),
            What::Control(place) => format!(
                "Illegal unquoted character ((CTRL-CHAR, code {})): has to be escaped using backslash to be included in {place}",
                text.as_bytes()[self.at]
            ),
            What::Escape => format!("Unrecognized character escape {}", bare(text, self.at)),
            What::Empty => "No content to map due to end-of-input".to_owned(),
            What::TooDeep => format!(
                "Document nesting depth ({}) exceeds the maximum allowed ({}, from `StreamReadConstraints.getMaxNestingDepth()`)",
                super::DEPTH_MAX + 1,
                super::DEPTH_MAX
            ),
            What::TooLong => "The text is too long".to_owned(),
        }
    }

    fn character(&self, text: &str) -> String {
        format!("({})", bare(text, self.at))
    }
}

/// A character and its number, as Jackson writes them.
fn bare(text: &str, at: usize) -> String {
    match text[at..].chars().next() {
        Some(control) if u32::from(control) < 0x20 => {
            format!("(CTRL-CHAR, code {})", u32::from(control))
        }
        Some(character) => format!("'{character}' (code {})", u32::from(character)),
        None => "(end of text)".to_owned(),
    }
}

fn unrecognized(word: &str) -> String {
    let cut = match word.char_indices().nth(WORD_MAX) {
        Some((end, _)) => format!("{}...", &word[..end]),
        None => word.to_owned(),
    };
    format!("Unrecognized token '{cut}': was expecting {VALUES}")
}

/// The run of letters, digits and the like that begins there.
pub(super) fn word(text: &str, at: usize) -> &str {
    let rest = &text[at..];
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())]
}

/// What closes what is opened there, and what it is.
fn opened(text: &str, open: usize) -> (char, &'static str) {
    match text.as_bytes()[open] {
        b'{' => ('}', "Object"),
        _ => (']', "Array"),
    }
}

/// Lines and columns count from 1; columns are of UTF-16, as Java counts.
fn location(text: &str, at: usize) -> String {
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    let column = before[line_start..].encode_utf16().count() + 1;
    format!(
        "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
    )
}
