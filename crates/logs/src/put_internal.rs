//! What other parts of this server write into a log, without a request of AWS's: delivery status of SNS and the like.

use domain::Time;

use crate::command::{Command, Event, Put};
use crate::limits;

/// Puts messages of now into a stream, which it makes on first use. They are a server's own: not empty, and at most a
/// PutLogEvents' worth together.
pub fn put_internal<'a>(
    stream: &'a str,
    now: Time,
    messages: impl IntoIterator<Item = &'a str>,
) -> Command<'a> {
    let messages = messages.into_iter();
    let events: Vec<Event<'a>> = messages.map(|message| Event::new(now, message)).collect();
    let sizes = events
        .iter()
        .map(|event| event.message.len() + limits::EVENT_OVERHEAD);
    assert!(
        sizes.sum::<usize>() <= limits::BATCH_BYTES_MAX,
        "a server's own messages are small and few"
    );
    Command::Put(Put { stream, events })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{NOW, World};

    #[test]
    fn a_stream_is_made_on_first_use_and_used_again() {
        let mut world = World::new();
        world.apply(&put_internal("2026-01-01/a", NOW, ["one", "two"]));
        world.apply(&put_internal("2026-01-01/a", NOW, ["three"]));
        assert_eq!(world.messages("2026-01-01/a"), ["one", "two", "three"]);
    }
}
