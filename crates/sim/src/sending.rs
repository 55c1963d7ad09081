//! Sending, and what the answer must say.

use std::rc::Rc;

use api::Reply::Sqs;
use api::sqs::Reply;
use domain::{Seconds, Time};

use crate::change::Change;
use crate::client::{self, Letter};
use crate::content::Content;
use crate::model::{Queue, Remembered, Stay, is_fifo};
use crate::sabotage::Sabotage;
use crate::violation::{Check, ensure, violated};
use crate::world::World;

/// Messages of a queue above which clients send no more.
pub(crate) const BACKLOG_MAX: usize = 60;

/// What a sender hears of one message.
struct Told {
    id: String,
    sequence: Option<u64>,
    body_md5: String,
    attributes_md5: Option<String>,
}

/// A FIFO queue's messages report their deduplication id; one that stands for the body is known by its form only.
pub(crate) const BY_CONTENT: &str = "(by content)";

impl World {
    pub(crate) fn send(&mut self) -> Check {
        let Some(queue) = self.draw_queue() else {
            return Ok(());
        };
        let backlog = self.queue(&queue).map_or(0, |queue| queue.stays.len());
        if backlog >= BACKLOG_MAX {
            return Ok(());
        }
        let single = self.random.percent(60);
        let count = if single {
            1
        } else {
            self.random.between(1, 10)
        };
        let letters: Vec<Letter> = (0..count).map(|_| self.draw_letter(&queue)).collect();
        self.send_letters(&queue, letters, single)
    }

    pub(crate) fn draw_letter(&mut self, queue: &str) -> Letter {
        let number = self.number();
        let fifo = is_fifo(queue);
        let grouped = fifo || self.random.percent(25);
        let group = grouped.then(|| format!("g{}", self.random.below(4)));
        let content = Content::draw(number, group, &mut self.random);
        let delay =
            (!fifo && self.random.percent(25)).then(|| *self.random.pick(&[0, 1, 5, 60, 900]));
        let by_content = self
            .queue(queue)
            .is_some_and(|queue| queue.config.content_dedup);
        let dedup = if !fifo || by_content && self.random.percent(50) {
            None
        } else if self.random.percent(30) {
            Some(format!("again-{}", self.random.below(6)))
        } else {
            Some(format!("d{number}"))
        };
        Letter {
            content,
            delay,
            dedup,
        }
    }

    pub(crate) fn send_letters(&mut self, name: &str, letters: Vec<Letter>, single: bool) -> Check {
        let now = self.now();
        let numbers: Vec<u64> = letters.iter().map(|letter| letter.content.number).collect();
        let request = match &letters[..] {
            [letter] if single => client::send(name, letter),
            _ => client::send_batch(name, &letters),
        };
        let answer = self.ask(&request)?;
        self.pass_time(now);
        let home = self.home_of(name)?;
        if self.refused(home, &answer.result)? {
            self.note(|| format!("send {numbers:?} to {name}: refused"));
            return Ok(());
        }
        let Some(queue) = self.queue(name) else {
            return self.expect_no_queue(name, answer);
        };
        let told = told(&answer.result, letters.len())?;
        let incarnation = queue.incarnation;
        let mut seen_as = queue.clone();
        let (mut stays, mut remembered, mut acknowledges) = (Vec::new(), Vec::new(), Vec::new());
        for (letter, told) in letters.into_iter().zip(told) {
            let number = self.number();
            let sent = self.judge_sent(&mut seen_as, letter, told, now, number, home)?;
            let Some((stay, known)) = sent else {
                continue;
            };
            acknowledges.push(stay.content.number);
            stays.push(stay);
            remembered.extend(known);
        }
        self.note(|| {
            let last = seen_as.sequence;
            format!(
                "send {numbers:?} to {name}#{incarnation}: kept {acknowledges:?}, now at {last}"
            )
        });
        let kept = acknowledges.len();
        if kept > 0 {
            let queue = name.to_owned();
            self.record(
                now,
                Change::Send {
                    queue,
                    stays,
                    remembered,
                },
                &answer,
            )?;
        }
        if self.sabotage == Some(Sabotage::DoubleSend)
            && kept > 0
            && !is_fifo(name)
            && self.random.percent(5)
        {
            self.ask(&request)?;
        }
        let tells = self.all_of(home);
        self.pend(format!("send {numbers:?}"), answer, tells)
            .acknowledges = acknowledges;
        Ok(())
    }

    /// A message that was accepted, as it stands in the queue now, and what deduplication remembers of it.
    fn judge_sent(
        &mut self,
        queue: &mut Queue,
        letter: Letter,
        told: Told,
        now: Time,
        number: u64,
        home: usize,
    ) -> Check<Option<(Stay, Option<Remembered>)>> {
        let message = letter.content.number;
        let fifo = queue.is_fifo();
        let dedup = match (&letter.dedup, fifo) {
            (_, false) => None,
            (Some(dedup), true) => Some((dedup.clone(), dedup.clone())),
            (None, true) => Some((BY_CONTENT.to_owned(), letter.content.body.clone())),
        };
        ensure(told.sequence.is_some() == fifo, || {
            format!("m{message} has the sequence number {:?}", told.sequence)
        })?;
        let doubled = dedup
            .as_ref()
            .and_then(|(_, key)| queue.doubled(key, &letter.content.group));
        if let Some(first) = doubled {
            ensure(
                first.id == told.id && first.sequence == told.sequence,
                || {
                    format!(
                        "m{message} doubles {} and was answered with {}",
                        first.id, told.id
                    )
                },
            )?;
            return Ok(None);
        }
        ensure(
            queue.remembered.iter().all(|known| known.id != told.id),
            || {
                format!(
                    "m{message} is no double and was answered with an earlier id, {}",
                    told.id
                )
            },
        )?;
        if let Some(sequence) = told.sequence {
            ensure(sequence > queue.sequence, || {
                format!(
                    "m{message} got {sequence} in {} after {}",
                    queue.name, queue.sequence
                )
            })?;
            queue.sequence = sequence;
        }
        let known = dedup.as_ref().map(|(_, key)| Remembered {
            dedup: key.clone(),
            group: letter.content.group.clone(),
            at: now,
            id: told.id.clone(),
            sequence: told.sequence,
        });
        queue.remembered.extend(known.clone());
        let delay = Seconds(letter.delay.unwrap_or(queue.config.delay));
        let content = Content {
            body_md5: told.body_md5,
            attributes_md5: told.attributes_md5,
            ..letter.content
        };
        let stay = Stay {
            number,
            content: Rc::new(content),
            id: told.id,
            dedup: dedup.map(|(shown, _)| shown),
            sequence: told.sequence,
            source: None,
            moved_in: false,
            sent: now,
            delay_ends: if fifo { Time::ZERO } else { now.after(delay) },
            fresh: true,
            carried: 0,
            receives: 0,
            first: None,
            last: None,
            hidden_until: Time::ZERO,
            handles: Vec::new(),
            changed: false,
            leaving: None,
            born: self.cells[home].len() + 1,
        };
        Ok(Some((stay, known)))
    }
}

fn told(reply: &node::Reply, count: usize) -> Check<Vec<Told>> {
    let text = |value: &Option<api::Str<'_>>| value.as_deref().unwrap_or_default().to_owned();
    let sequence =
        |value: &Option<api::Str<'_>>| value.as_deref().and_then(|text| text.parse().ok());
    let told = match reply {
        Ok(Sqs(Reply::SendMessage(sent))) => vec![Told {
            id: text(&sent.message_id),
            sequence: sequence(&sent.sequence_number),
            body_md5: text(&sent.md5_of_message_body),
            attributes_md5: sent.md5_of_message_attributes.as_deref().map(str::to_owned),
        }],
        Ok(Sqs(Reply::SendMessageBatch(sent))) => {
            let entries = sent.successful.iter().flatten();
            let told = entries.map(|sent| Told {
                id: text(&sent.message_id),
                sequence: sequence(&sent.sequence_number),
                body_md5: text(&sent.md5_of_message_body),
                attributes_md5: sent.md5_of_message_attributes.as_deref().map(str::to_owned),
            });
            told.collect()
        }
        other => return violated(format!("a send was answered with {other:?}")),
    };
    ensure(told.len() == count, || {
        format!("{count} messages were sent: {reply:?}")
    })?;
    Ok(told)
}
