//! How messages of one request are accepted by their topic: numbered, told from repeated ones, and given their routes.

use api::Error;
use domain::{Body, Time};

use crate::config::Config;
use crate::dedup::{First, Mark};
use crate::draft::{Draft, Publisher, Rules};
use crate::publication::Publication;
use crate::routes::Routes;
use crate::topic::Topic;

/// What a publisher is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) id: [u8; 16],
    /// On FIFO topics.
    pub(crate) sequence: Option<u64>,
}

/// Messages that are accepted together, in order.
pub(crate) struct Accepting<'t, 'a> {
    topic: &'t Topic,
    now: Time,
    publisher: Publisher<'a>,
    pub(crate) publications: Vec<Publication<'a>>,
    /// Deduplication ids that came with them.
    marks: Vec<(Mark, First)>,
}

impl<'t, 'a> Accepting<'t, 'a> {
    pub(crate) fn new(topic: &'t Topic, publisher: &Publisher<'a>, now: Time) -> Accepting<'t, 'a> {
        Accepting {
            topic,
            now,
            publisher: *publisher,
            publications: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Accepts one more. A repeated one is answered like the first and goes nowhere.
    pub(crate) fn accept(&mut self, id: [u8; 16], draft: &'a Draft<'a>) -> Result<Told, Error> {
        let config = self.topic.config();
        let checked = draft.check(&Rules {
            size_max: config.max_message_size(),
            fifo: config.fifo,
            content_dedup: config.content_dedup(),
            platform: None,
        })?;
        let sequence = self.topic.next_publication + self.publications.len() as u64;
        let dedup = draft.dedup().filter(|_| config.fifo);
        if let Some(dedup) = dedup {
            let mark = Mark::of(dedup, draft.group);
            if let Some(first) = self.first(config, mark) {
                return Ok(Told {
                    id: first.id,
                    sequence: Some(first.sequence),
                });
            }
            self.marks.push((mark, First { id, sequence }));
        }
        let mut matching = Vec::new();
        self.topic
            .subscriptions()
            .matching(&draft.facts, &mut matching);
        self.publications.push(Publication {
            id,
            time: self.now,
            sequence,
            message: checked.message,
            subject: draft.subject,
            json: checked.json,
            attributes: checked.attributes,
            group: draft.group,
            dedup,
            trace: self.publisher.trace,
            routes: Routes::of(&matching),
            body: Body::default(),
        });
        Ok(Told {
            id,
            sequence: config.fifo.then_some(sequence),
        })
    }

    fn first(&self, config: &Config, mark: Mark) -> Option<First> {
        let scope = config.dedup_scope();
        let here = self
            .marks
            .iter()
            .find(|(other, _)| other.repeats(mark, scope));
        match here {
            Some((_, first)) => Some(*first),
            None => self.topic.dedup.find(scope, mark, self.now),
        }
    }
}
