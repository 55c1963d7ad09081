//! Receipt handles: their text, and what a handle still allows (spec 5.3, 5.4).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::bytes::Take;
use domain::{Seconds, Stamp};
use sha2::{Digest as _, Sha256};

use domain::Effects;

use crate::command::Handle;
use crate::live::Stage;
use crate::outcome::HandleFate;
use crate::queue::Queue;

/// Bytes of the keyed check behind a handle's fields.
const CHECK: usize = 8;

/// A message may be hidden this long in all, counted from its receive.
const HIDDEN_MAX: Seconds = Seconds(43_200);

/// The handle's text: its fields and the check, in base64 for URLs. Nothing in it needs escaping in JSON or XML.
pub(crate) fn seal(secret: &[u8; 16], handle: Handle) -> String {
    let fields = handle.bytes();
    let mut bytes = [0; Handle::BYTES + CHECK];
    bytes[..Handle::BYTES].copy_from_slice(&fields);
    bytes[Handle::BYTES..].copy_from_slice(&check(secret, &fields));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The handle behind a text that `seal` made with the same secret.
pub(crate) fn open(secret: &[u8; 16], text: &str) -> Option<Handle> {
    if text.len() > Handle::TEXT_BYTES_MAX {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let bytes: &[u8; Handle::BYTES + CHECK] = bytes.as_slice().try_into().ok()?;
    let (fields, given) = bytes.split_at(Handle::BYTES);
    let wanted = check(secret, fields);
    // Looks at every byte, so that the time taken tells nothing about the first that differs.
    let differing = wanted
        .iter()
        .zip(given)
        .fold(0, |sum, (a, b)| sum | (a ^ b));
    if differing == 0 {
        Handle::take(&mut Take::new(fields)).ok()
    } else {
        None
    }
}

fn check(secret: &[u8; 16], fields: &[u8]) -> [u8; CHECK] {
    let mut hash = Sha256::new();
    hash.update(secret);
    hash.update(fields);
    let digest: [u8; 32] = hash.finalize().into();
    digest[..CHECK]
        .try_into()
        .expect("a digest is longer than the check")
}

impl Queue {
    /// The text a caller gets for this handle.
    pub fn seal_handle(&self, handle: Handle) -> String {
        seal(&self.secret, handle)
    }

    /// The handle behind a text, if this queue gave the text out.
    pub fn open_handle(&self, text: &str) -> Option<Handle> {
        open(&self.secret, text)
    }

    /// What the handle says of its message, before anything is done with it.
    ///
    /// On a standard queue any handle of a message works as long as the message is there. On a FIFO queue only
    /// the last one does, and only until its visibility timeout ends, to the millisecond.
    fn judge(&self, handle: Handle) -> HandleFate {
        match self.messages.all.get(handle.slot) {
            Some(message) if message.sequence == handle.sequence => match message.stage {
                Stage::Leaving => HandleFate::Gone,
                Stage::Hidden if self.receive_is_current(handle) => HandleFate::Done,
                Stage::Fresh | Stage::Waiting | Stage::Delayed | Stage::Hidden => {
                    if self.config.fifo {
                        HandleFate::Expired
                    } else {
                        HandleFate::Done
                    }
                }
            },
            Some(_) | None => HandleFate::Gone,
        }
    }

    fn receive_is_current(&self, handle: Handle) -> bool {
        self.messages.receives_here(handle.slot) == handle.receive
    }

    pub(crate) fn delete(&mut self, handles: &[Handle], effects: &mut Effects) -> Vec<HandleFate> {
        let delete = |&handle: &Handle| {
            let fate = self.judge(handle);
            if fate == HandleFate::Done {
                self.remove(handle.slot);
            }
            fate
        };
        let fates = handles.iter().map(delete).collect();
        // A group may be unlocked.
        effects.stir |= self.config.fifo && self.receivable();
        fates
    }

    pub(crate) fn change_visibility(
        &mut self,
        at: Stamp,
        changes: &[(Handle, Seconds)],
        effects: &mut Effects,
    ) -> Vec<HandleFate> {
        let change = |&(handle, visibility): &(Handle, Seconds)| {
            let fate = self.judge(handle);
            if fate != HandleFate::Done {
                return fate;
            }
            let received = self.messages.received_mut(handle.slot);
            // Where a crash has undone the receive, as it may on a standard queue, nobody knows when it was.
            let undone = received.receive < handle.receive;
            let last = if undone { at.time } else { received.last };
            let hidden = at.time.since(last) / 1000 + u64::from(visibility.0);
            if visibility.0 > 0 && hidden > u64::from(HIDDEN_MAX.0) {
                return HandleFate::BeyondTotal;
            }
            received.changed = true;
            self.hide_for(at.time, handle.slot, visibility);
            HandleFate::Done
        };
        let fates = changes.iter().map(change).collect();
        effects.stir |= self.receivable();
        fates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HANDLE: Handle = Handle {
        slot: 7,
        sequence: u64::MAX - 1,
        receive: 3,
    };

    #[test]
    fn a_handle_comes_back_from_its_text() {
        let text = seal(&[1; 16], HANDLE);
        assert!(
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        );
        assert_eq!(open(&[1; 16], &text), Some(HANDLE));
    }

    #[test]
    fn another_queues_handle_is_refused() {
        assert_eq!(open(&[2; 16], &seal(&[1; 16], HANDLE)), None);
    }

    #[test]
    fn an_altered_or_made_up_handle_is_refused() {
        let text = seal(&[1; 16], HANDLE);
        for at in 0..text.len() {
            let mut altered = text.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(open(&[1; 16], std::str::from_utf8(&altered).unwrap()), None);
        }
        for garbage in [
            "",
            "A",
            "garbage",
            "%%%%",
            &text[..31],
            &format!("{text}A"),
            &"A".repeat(2000),
        ] {
            assert_eq!(open(&[1; 16], garbage), None);
        }
    }
}
