//! Custom data identifiers: a regular expression, bounded in length, in size and in the work it may cause.
//!
//! The engine is `regex-automata`'s lazy DFA, stepped here byte by byte, so that the steps can be counted. Finding all
//! matches takes a number of steps that grows with the text's length for nearly every expression, but not for all: an
//! expression may look far ahead for each short match. When a text has used up its budget, the rest of it counts as one
//! match: what cannot be looked at is treated as sensitive.

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::{Anchored, Input, MatchKind};

use super::Span;

/// AWS's limit.
const CHARS_MAX: usize = 200;
/// Bytes of the compiled expression. A larger one is refused as too complex.
const NFA_BYTES_MAX: usize = 256 * 1024;
/// Bytes of states that one search keeps.
const CACHE_BYTES: usize = 2 * 1024 * 1024;
/// Steps for each byte of a text, and beside them for a text.
const STEPS_PER_BYTE: usize = 16;
const STEPS_AT_LEAST: usize = 64 * 1024;

/// A compiled expression: one automaton finds where a match ends, the other where it began.
#[derive(Debug)]
pub(super) struct Custom {
    forward: DFA,
    backward: DFA,
}

/// The work a text may still cause is used up, or the automaton has given up.
struct Exhausted;

impl Custom {
    /// The error completes a sentence about the expression.
    pub(super) fn parse(regex: &str) -> Result<Custom, String> {
        if regex.is_empty() || regex.chars().count() > CHARS_MAX {
            return Err(format!("must have 1 to {CHARS_MAX} characters"));
        }
        if let Some(illegal) = regex.chars().find(|it| !is_legal(*it)) {
            return Err(format!("must not contain '{illegal}'"));
        }
        let regex = in_ascii(regex);
        Ok(Custom {
            forward: build(&regex, false)?,
            backward: build(&regex, true)?,
        })
    }

    /// Where it matches, leftmost first, as an expression's repetitions and alternatives prefer. Empty matches are
    /// none.
    pub(super) fn find(&self, text: &str) -> Vec<Span> {
        let mut search = Search {
            custom: self,
            text,
            forward: self.forward.create_cache(),
            backward: self.backward.create_cache(),
            steps: STEPS_AT_LEAST + STEPS_PER_BYTE * text.len(),
        };
        let (mut spans, mut at) = (Vec::new(), 0);
        while at < text.len() {
            match search.next(at) {
                Ok(Some(span)) if span.is_empty() => at = after_character(text, span.end),
                Ok(Some(span)) => {
                    at = span.end;
                    spans.push(span);
                }
                Ok(None) => break,
                Err(Exhausted) => {
                    spans.push(at..text.len());
                    break;
                }
            }
        }
        spans
    }
}

fn build(regex: &str, backward: bool) -> Result<DFA, String> {
    let kind = match backward {
        true => MatchKind::All,
        false => MatchKind::LeftmostFirst,
    };
    let nfa = thompson::Config::new()
        .reverse(backward)
        .nfa_size_limit(Some(NFA_BYTES_MAX));
    let dfa = DFA::config()
        .match_kind(kind)
        .cache_capacity(CACHE_BYTES)
        .skip_cache_capacity_check(true)
        .minimum_cache_clear_count(Some(8))
        .minimum_bytes_per_state(Some(8));
    let built = DFA::builder().thompson(nfa).configure(dfa).build(regex);
    built.map_err(|error| match is_too_big(&error) {
        true => "is too complex".to_owned(),
        false => "is not valid".to_owned(),
    })
}

fn is_too_big(error: &regex_automata::hybrid::BuildError) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<thompson::BuildError>() {
            return error.size_limit().is_some();
        }
        source = error.source();
    }
    false
}

/// Letters, digits, and the symbols that AWS allows. There are no groups.
fn is_legal(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_#=@/;,- ^$?[]{}|\\*+.".contains(c)
}

/// Perl's classes and word boundaries mean ASCII, as in the engine that AWS's rules come from.
fn in_ascii(regex: &str) -> String {
    let mut out = String::with_capacity(regex.len());
    let mut characters = regex.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match characters.next() {
            Some('d') => out.push_str("[0-9]"),
            Some('D') => out.push_str("[^0-9]"),
            Some('w') => out.push_str("[0-9A-Za-z_]"),
            Some('W') => out.push_str("[^0-9A-Za-z_]"),
            Some('s') => out.push_str(r"[ \t\n\x0B\f\r]"),
            Some('S') => out.push_str(r"[^ \t\n\x0B\f\r]"),
            Some('b') => out.push_str(r"(?-u:\b)"),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

/// Where the character that begins at `at` ends.
fn after_character(text: &str, at: usize) -> usize {
    let width = text[at..].chars().next().map_or(1, char::len_utf8);
    at + width
}

/// One text being searched.
struct Search<'s> {
    custom: &'s Custom,
    text: &'s str,
    forward: Cache,
    backward: Cache,
    steps: usize,
}

impl Search<'_> {
    /// The first match that begins at `at` or later.
    fn next(&mut self, at: usize) -> Result<Option<Span>, Exhausted> {
        let Some(end) = self.end(at)? else {
            return Ok(None);
        };
        let start = self.start(at, end)?;
        Ok(Some(start..end))
    }

    fn step(&mut self) -> Result<(), Exhausted> {
        self.steps = self.steps.checked_sub(1).ok_or(Exhausted)?;
        Ok(())
    }

    /// Where the first match ends.
    fn end(&mut self, at: usize) -> Result<Option<usize>, Exhausted> {
        let dfa = &self.custom.forward;
        let input = Input::new(self.text).span(at..self.text.len());
        let state = dfa.start_state_forward(&mut self.forward, &input);
        let mut state = state.map_err(|_| Exhausted)?;
        let mut end = None;
        for position in at..self.text.len() {
            self.step()?;
            let byte = self.text.as_bytes()[position];
            state = dfa
                .next_state(&mut self.forward, state, byte)
                .map_err(|_| Exhausted)?;
            // A match is told one byte after its end.
            if note(state, position, &mut end)? {
                return Ok(end);
            }
        }
        state = dfa
            .next_eoi_state(&mut self.forward, state)
            .map_err(|_| Exhausted)?;
        note(state, self.text.len(), &mut end)?;
        Ok(end)
    }

    /// Where the match that ends at `end` began: as far back as it can have.
    fn start(&mut self, at: usize, end: usize) -> Result<usize, Exhausted> {
        let dfa = &self.custom.backward;
        let input = Input::new(self.text).span(at..end).anchored(Anchored::Yes);
        let state = dfa.start_state_reverse(&mut self.backward, &input);
        let mut state = state.map_err(|_| Exhausted)?;
        let mut start = None;
        for position in (at..end).rev() {
            self.step()?;
            let byte = self.text.as_bytes()[position];
            state = dfa
                .next_state(&mut self.backward, state, byte)
                .map_err(|_| Exhausted)?;
            if note(state, position + 1, &mut start)? {
                return Ok(start.unwrap_or(end));
            }
        }
        state = match at {
            0 => dfa.next_eoi_state(&mut self.backward, state),
            _ => dfa.next_state(&mut self.backward, state, self.text.as_bytes()[at - 1]),
        }
        .map_err(|_| Exhausted)?;
        note(state, at, &mut start)?;
        Ok(start.unwrap_or(end))
    }
}

/// Remembers a match that a state tells of; true where no better one can come.
fn note(
    state: LazyStateID,
    position: usize,
    matched: &mut Option<usize>,
) -> Result<bool, Exhausted> {
    if state.is_match() {
        *matched = Some(position);
    } else if state.is_quit() {
        return Err(Exhausted);
    }
    Ok(state.is_dead())
}
