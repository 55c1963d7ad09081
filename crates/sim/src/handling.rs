//! Deleting, and hiding for another while: what each receipt handle still allows.

use api::Reply::Sqs;
use api::sqs::{BatchResultErrorEntry, Reply};
use domain::{Seconds, Time};
use node::Answer;

use crate::change::Change;
use crate::client;
use crate::model::{Phase, Queue};
use crate::sabotage::Sabotage;
use crate::violation::{Check, ensure, violated};
use crate::world::{Handle, World};

/// A message may be hidden this long from its receive, in seconds.
const HIDDEN_MAX: u64 = 43_200;

/// What a handle is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Works,
    /// FIFO: too late, or another receive has come since.
    Expired,
    /// The message is not there any more.
    Gone,
    /// The queue that gave it out is not there any more.
    Foreign,
    TooLong,
}

fn fate(queue: &Queue, handle: &Handle, now: Time) -> Fate {
    if queue.incarnation != handle.incarnation {
        return Fate::Foreign;
    }
    let Some(stay) = queue
        .find(handle.stay)
        .filter(|stay| stay.leaving.is_none())
    else {
        return Fate::Gone;
    };
    let current = stay.handle() == Some(handle.text.as_str());
    let hidden = queue.phase(stay, now) == Phase::Hidden;
    if !queue.is_fifo() || current && hidden {
        Fate::Works
    } else {
        Fate::Expired
    }
}

fn fate_of_hiding(queue: &Queue, handle: &Handle, now: Time, seconds: u32) -> Fate {
    match fate(queue, handle, now) {
        Fate::Works => {
            // A receive that a crash has undone counts as if it were now.
            let known = queue
                .find(handle.stay)
                .filter(|stay| stay.handles.contains(&handle.text));
            let last = known.and_then(|stay| stay.last);
            let hidden = last.map_or(0, |last| now.since(last) / 1000) + u64::from(seconds);
            if seconds > 0 && hidden > HIDDEN_MAX {
                Fate::TooLong
            } else {
                Fate::Works
            }
        }
        other @ (Fate::Expired | Fate::Gone | Fate::Foreign | Fate::TooLong) => other,
    }
}

impl World {
    /// Up to ten handles that clients have for one queue.
    fn draw_handles(&mut self) -> Vec<Handle> {
        if self.handles.is_empty() {
            return Vec::new();
        }
        let from = if self.random.percent(60) {
            self.handles.len().saturating_sub(12)
        } else {
            0
        };
        let at = from + self.random.index(self.handles.len() - from);
        let first = self.handles[at].clone();
        let mut drawn = vec![first];
        if self.random.percent(50) {
            let wanted = self.random.between(1, 9) as usize;
            let same =
                self.handles.iter().rev().filter(|handle| {
                    handle.queue == drawn[0].queue && handle.text != drawn[0].text
                });
            let more: Vec<Handle> = same.take(wanted).cloned().collect();
            drawn.extend(more);
        }
        drawn
    }

    pub(crate) fn delete(&mut self) -> Check {
        let handles = self.draw_handles();
        if handles.is_empty() {
            return Ok(());
        }
        self.delete_with(&handles)
    }

    pub(crate) fn delete_with(&mut self, handles: &[Handle]) -> Check {
        let now = self.now();
        let name = handles[0].queue.clone();
        let texts: Vec<&str> = handles.iter().map(|handle| handle.text.as_str()).collect();
        let single = texts.len() == 1 && self.random.percent(70);
        let request = match &texts[..] {
            [text] if single => client::delete(&name, text),
            _ => client::delete_batch(&name, &texts),
        };
        for handle in handles {
            self.ledger.may_go(handle.message);
        }
        let answer = if self.sabotage == Some(Sabotage::DropDelete) {
            Answer::now(Ok(Sqs(Reply::DeleteMessage)))
        } else {
            self.ask(&request)?
        };
        self.pass_time(now);
        let home = self.home_of(&name)?;
        if self.refused(home, &answer.result)? {
            self.note(|| format!("delete from {name}: refused"));
            return Ok(());
        }
        let Some(queue) = self.queue(&name) else {
            return self.expect_no_queue(&name, answer);
        };
        let (mut stays, mut messages, mut expected) = (Vec::new(), Vec::new(), Vec::new());
        for handle in handles {
            let fate = if stays.contains(&handle.stay) {
                Fate::Gone
            } else {
                fate(queue, handle, now)
            };
            if fate == Fate::Works {
                stays.push(handle.stay);
                messages.push(handle.message);
            }
            expected.push(match fate {
                Fate::Works | Fate::Gone => None,
                Fate::Expired | Fate::TooLong => Some("InvalidParameterValue"),
                Fate::Foreign => Some("ReceiptHandleIsInvalid"),
            });
        }
        judge_codes("delete", &answer.result, &expected)?;
        self.note(|| format!("delete from {name}: {messages:?} of {}", handles.len()));
        if !stays.is_empty() {
            self.record(
                now,
                Change::Delete {
                    queue: name.clone(),
                    stays,
                },
                &answer,
            )?;
        }
        let tells = self.all_of(home);
        let what = format!("delete {messages:?}");
        self.pend(what, answer, tells).deletes = messages;
        Ok(())
    }

    pub(crate) fn change_visibility(&mut self) -> Check {
        let handles = self.draw_handles();
        let Some(name) = handles.first().map(|handle| handle.queue.clone()) else {
            return Ok(());
        };
        let now = self.now();
        let seconds = [0, 0, 1, 5, 30, 600, 43_200];
        let changes: Vec<(Handle, u32)> = handles
            .into_iter()
            .map(|handle| (handle, *self.random.pick(&seconds)))
            .collect();
        let texts: Vec<(&str, u32)> = changes
            .iter()
            .map(|(handle, seconds)| (handle.text.as_str(), *seconds))
            .collect();
        let single = texts.len() == 1 && self.random.percent(70);
        let request = match texts[..] {
            [(text, seconds)] if single => client::change(&name, text, seconds),
            _ => client::change_batch(&name, &texts),
        };
        let answer = self.ask(&request)?;
        self.pass_time(now);
        let home = self.home_of(&name)?;
        if self.refused(home, &answer.result)? {
            self.note(|| format!("change visibility in {name}: refused"));
            return Ok(());
        }
        let Some(queue) = self.queue(&name) else {
            return self.expect_no_queue(&name, answer);
        };
        // Each entry finds what the one before it left.
        let mut queue = queue.clone();
        let (mut stays, mut expected) = (Vec::new(), Vec::new());
        for (handle, seconds) in &changes {
            let fate = fate_of_hiding(&queue, handle, now, *seconds);
            let delayed = queue
                .find(handle.stay)
                .is_some_and(|stay| queue.phase(stay, now) == Phase::Delayed);
            if fate == Fate::Works
                && !delayed
                && let Some(stay) = queue.find_mut(handle.stay)
            {
                stay.hidden_until = now.after(Seconds(*seconds));
                stays.push((handle.stay, Seconds(*seconds)));
            }
            expected.push(match fate {
                Fate::Works => None,
                Fate::Gone | Fate::Expired | Fate::TooLong => Some("InvalidParameterValue"),
                Fate::Foreign => Some("ReceiptHandleIsInvalid"),
            });
        }
        judge_codes("change visibility", &answer.result, &expected)?;
        self.note(|| {
            let all: Vec<(u64, u32)> = changes
                .iter()
                .map(|(handle, seconds)| (handle.message, *seconds))
                .collect();
            format!("change visibility in {name}: {all:?}, {} done", stays.len())
        });
        if !stays.is_empty() {
            self.record(
                now,
                Change::Hide {
                    queue: name.clone(),
                    stays,
                },
                &answer,
            )?;
        }
        let tells = self.all_of(home);
        self.pend(format!("change visibility in {name}"), answer, tells);
        Ok(())
    }
}

/// Holds each entry's answer against the error code that is right for it.
fn judge_codes(what: &str, result: &node::Reply, expected: &[Option<&'static str>]) -> Check {
    let fits = |failed: &[BatchResultErrorEntry<'_>]| {
        expected.iter().enumerate().all(|(at, expected)| {
            let id = format!("e{at}");
            let entry = failed
                .iter()
                .find(|entry| entry.id.as_deref() == Some(id.as_str()));
            entry.and_then(|entry| entry.code.as_deref()) == *expected
        })
    };
    let right = match result {
        Ok(Sqs(Reply::DeleteMessage | Reply::ChangeMessageVisibility)) => {
            expected.iter().all(Option::is_none)
        }
        Ok(Sqs(Reply::DeleteMessageBatch(reply))) => {
            fits(reply.failed.as_deref().unwrap_or_default())
        }
        Ok(Sqs(Reply::ChangeMessageVisibilityBatch(reply))) => {
            fits(reply.failed.as_deref().unwrap_or_default())
        }
        Err(error) => *expected == [Some(error.kind.code)],
        Ok(_) => return violated(format!("{what} was answered with {result:?}")),
    };
    ensure(right, || {
        format!("{what} should fail with {expected:?} and was answered with {result:?}")
    })
}
