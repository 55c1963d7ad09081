//! Queues made, changed, emptied and removed, and what the lists and attributes of them must say.

use api::Reply::Sqs;
use api::sqs::Reply;
use domain::Time;
use node::Answer;

use crate::change::Change;
use crate::client::{self, Attributes, arn};
use crate::model::{Config, Queue, is_fifo};
use crate::random::Random;
use crate::violation::{Check, ensure, violated};
use crate::world::World;

/// The queues one history plays with: sources of both kinds, and a dead-letter queue for each kind.
///
/// The suffix moves them between the cells from history to history.
pub(crate) fn names(random: &mut Random) -> Vec<String> {
    let suffix = random.below(1000);
    let name = |stem: &str, fifo: bool| {
        let end = if fifo { ".fifo" } else { "" };
        format!("{stem}-{suffix}{end}")
    };
    vec![
        name("s0", false),
        name("s1", false),
        name("f0", true),
        name("f1", true),
        name("dead", false),
        name("dead", true),
    ]
}

fn is_dead_letter_queue(name: &str) -> bool {
    name.starts_with("dead")
}

fn attributes(config: &Config) -> Attributes {
    let redrive = match &config.redrive {
        Some((target, most)) => format!(
            r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":{most}}}"#,
            arn(target)
        ),
        None => String::new(),
    };
    vec![
        ("DelaySeconds", config.delay.to_string()),
        ("VisibilityTimeout", config.visibility.to_string()),
        ("MessageRetentionPeriod", config.retention.to_string()),
        ("ReceiveMessageWaitTimeSeconds", config.wait.to_string()),
        ("RedrivePolicy", redrive),
    ]
}

impl World {
    /// A queue that exists; now and then one that does not.
    pub(crate) fn draw_queue(&mut self) -> Option<String> {
        let names = self.names.clone();
        let existing: Vec<&String> = names
            .iter()
            .filter(|name| self.queue(name).is_some())
            .collect();
        if existing.is_empty() || self.random.percent(2) {
            return Some(self.random.pick(&names).clone());
        }
        let at = self.random.index(existing.len());
        Some(existing[at].clone())
    }

    /// An answer about a queue that is not there.
    pub(crate) fn expect_no_queue(&mut self, queue: &str, answer: Answer) -> Check {
        let right = matches!(&answer.result, Err(error) if error.kind.shape == "QueueDoesNotExist");
        ensure(right, || {
            format!("{queue} does not exist and answers {:?}", answer.result)
        })?;
        let home = self.home_of(queue)?;
        let tells = self.all_of(home);
        self.note(|| format!("{queue} does not exist"));
        self.pend(format!("there is no {queue}"), answer, tells);
        Ok(())
    }

    fn draw_config(&mut self, name: &str) -> Config {
        let fifo = is_fifo(name);
        let dead = self
            .names
            .iter()
            .find(|name| is_dead_letter_queue(name) && is_fifo(name) == fifo);
        let target = dead
            .cloned()
            .filter(|dead| self.queue(dead).is_some() && !is_dead_letter_queue(name));
        let redrives = self.random.percent(60);
        let most = self.random.between(1, 4) as u32;
        let retention = [60, 120, 3_600, 345_600, 345_600, 1_209_600];
        Config {
            delay: if self.random.percent(25) {
                *self.random.pick(&[1, 3, 30])
            } else {
                0
            },
            visibility: *self.random.pick(&[0, 1, 10, 30, 30, 30, 300]),
            retention: *self.random.pick(&retention),
            wait: if self.random.percent(20) {
                *self.random.pick(&[1, 20])
            } else {
                0
            },
            redrive: target.filter(|_| redrives).map(|target| (target, most)),
            content_dedup: fifo && self.random.percent(40),
            group_scope: fifo && self.random.percent(30),
        }
    }

    pub(crate) fn create_queue(&mut self) -> Check {
        let names = self.names.clone();
        let missing: Vec<&String> = names
            .iter()
            .filter(|name| self.queue(name).is_none())
            .collect();
        let name = if missing.is_empty() || self.random.percent(10) {
            self.random.pick(&names).clone()
        } else {
            let at = self.random.index(missing.len());
            missing[at].clone()
        };
        let config = self.draw_config(&name);
        self.create(&name, config)
    }

    pub(crate) fn create(&mut self, name: &str, config: Config) -> Check {
        let now = self.now();
        let exists = self.queue(name).is_some();
        let mut given = attributes(&config);
        given.retain(|(name, value)| *name != "RedrivePolicy" || !value.is_empty());
        if is_fifo(name) {
            given.push(("FifoQueue", "true".to_owned()));
            given.push((
                "ContentBasedDeduplication",
                config.content_dedup.to_string(),
            ));
            let scope = if config.group_scope {
                "messageGroup"
            } else {
                "queue"
            };
            given.push(("DeduplicationScope", scope.to_owned()));
        }
        if exists {
            given.retain(|(name, _)| *name == "FifoQueue");
        }
        let answer = self.ask(&client::create(name, &given))?;
        self.pass_time(now);
        let home = self.home_of(name)?;
        if self.refused(home, &answer.result)? {
            self.note(|| format!("create {name}: refused"));
            return Ok(());
        }
        ensure(
            matches!(answer.result, Ok(Sqs(Reply::CreateQueue(_)))),
            || format!("creating {name} was answered with {:?}", answer.result),
        )?;
        self.note(|| format!("create {name}, there before: {exists}: {config:?}"));
        if !exists {
            let queue = Queue {
                name: name.to_owned(),
                incarnation: self.number(),
                config,
                stays: Vec::new(),
                remembered: Vec::new(),
                attempts: Default::default(),
                task: None,
                sequence: 0,
                expired: Vec::new(),
            };
            self.record(now, Change::Create(Box::new(queue)), &answer)?;
        }
        let tells = self.all_of(home);
        self.pend(format!("create {name}"), answer, tells);
        Ok(())
    }

    pub(crate) fn delete_queue(&mut self) -> Check {
        let Some(name) = self.draw_queue() else {
            return Ok(());
        };
        let now = self.now();
        self.let_go(&name);
        for (message, ..) in self.departed.get(&name).cloned().unwrap_or_default() {
            self.ledger.may_go(message);
        }
        let mut answer = self.ask(&client::delete_queue(&name))?;
        if client::is_moving(&answer) {
            self.note(|| format!("delete {name}: its messages are on their way to another cell"));
            if self.anything_troubled() {
                return Ok(());
            }
            // It has to wait until they are safe there, and no longer.
            self.flush()?;
            answer = self.ask(&client::delete_queue(&name))?;
        }
        self.gone(&name, now, answer, Change::Drop(name.clone()))
    }

    pub(crate) fn purge(&mut self) -> Check {
        let Some(name) = self.draw_queue() else {
            return Ok(());
        };
        let now = self.now();
        self.let_go(&name);
        let answer = self.ask(&client::purge(&name))?;
        self.gone(&name, now, answer, Change::Purge(name.clone()))
    }

    /// All that stands in a queue may go.
    fn let_go(&mut self, name: &str) {
        let Some(queue) = self.queue(name) else {
            return;
        };
        let standing = queue.stays.iter().map(|stay| stay.content.number);
        let going: Vec<u64> = standing.chain(queue.expired.iter().copied()).collect();
        for message in going {
            self.ledger.may_go(message);
        }
    }

    fn gone(&mut self, name: &str, now: Time, answer: Answer, change: Change) -> Check {
        self.pass_time(now);
        let home = self.home_of(name)?;
        if self.refused(home, &answer.result)? {
            return Ok(());
        }
        if self.queue(name).is_none() {
            return self.expect_no_queue(name, answer);
        }
        ensure(answer.result.is_ok(), || {
            format!("{change:?} was answered with {:?}", answer.result)
        })?;
        self.note(|| format!("{change:?}"));
        let mut tells = self.all_of(home);
        if matches!(change, Change::Drop(_)) {
            // Once the source is gone for good, what left it must be elsewhere for good.
            let arrived = self.departed.remove(name).unwrap_or_default();
            tells.extend(
                arrived
                    .into_iter()
                    .map(|(_, cell, entries)| (cell, entries)),
            );
        }
        self.record(now, change, &answer)?;
        tells[0].1 = self.cells[home].len();
        self.pend(format!("{name} is emptied"), answer, tells);
        Ok(())
    }

    pub(crate) fn set_attributes(&mut self) -> Check {
        let Some(name) = self.draw_queue() else {
            return Ok(());
        };
        let drawn = self.draw_config(&name);
        let Some(queue) = self.queue(&name) else {
            let answer = self.ask(&client::set_attributes(
                &name,
                &vec![("DelaySeconds", "1".to_owned())],
            ))?;
            return self.expect_no_queue(&name, answer);
        };
        let mut config = queue.config.clone();
        match self.random.below(6) {
            0 => config.delay = drawn.delay,
            1 | 2 => config.redrive = drawn.redrive,
            3 => config.retention = drawn.retention,
            4 => config.visibility = drawn.visibility,
            _ => {
                config = Config {
                    content_dedup: config.content_dedup,
                    group_scope: config.group_scope,
                    ..drawn
                };
            }
        }
        self.configure(&name, config)
    }

    pub(crate) fn configure(&mut self, name: &str, config: Config) -> Check {
        let now = self.now();
        let Some(queue) = self.queue(name) else {
            return Ok(());
        };
        let before = attributes(&queue.config);
        let mut given = attributes(&config);
        given.retain(|pair| !before.contains(pair));
        if given.is_empty() {
            return Ok(());
        }
        let answer = self.ask(&client::set_attributes(name, &given))?;
        self.pass_time(now);
        let home = self.home_of(name)?;
        if self.refused(home, &answer.result)? {
            self.note(|| format!("set {given:?} of {name}: refused"));
            return Ok(());
        }
        ensure(answer.result.is_ok(), || {
            format!(
                "setting {given:?} of {name} was answered with {:?}",
                answer.result
            )
        })?;
        self.note(|| format!("set {given:?} of {name}"));
        self.record(now, Change::Configure(name.to_owned(), config), &answer)?;
        let tells = self.all_of(home);
        self.pend(format!("set attributes of {name}"), answer, tells);
        Ok(())
    }

    pub(crate) fn look_at_attributes(&mut self) -> Check {
        let Some(name) = self.draw_queue() else {
            return Ok(());
        };
        self.compare_attributes(&name)
    }

    pub(crate) fn compare_attributes(&mut self, name: &str) -> Check {
        let now = self.now();
        let answer = self.ask(&client::get_attributes(name))?;
        self.pass_time(now);
        let home = self.home_of(name)?;
        let Some(queue) = self.queue(name) else {
            return self.expect_no_queue(name, answer);
        };
        let shown = match &answer.result {
            Ok(Sqs(Reply::GetQueueAttributes(reply))) => {
                reply.attributes.as_deref().unwrap_or_default()
            }
            other => return violated(format!("attributes of {name}: {other:?}")),
        };
        let counts = crate::observing::counts(queue, now);
        let mut expected = attributes(&queue.config);
        expected.extend([
            ("ApproximateNumberOfMessages", counts.visible.to_string()),
            (
                "ApproximateNumberOfMessagesNotVisible",
                counts.in_flight.to_string(),
            ),
            (
                "ApproximateNumberOfMessagesDelayed",
                counts.delayed.to_string(),
            ),
            ("QueueArn", arn(name)),
        ]);
        for (attribute, value) in expected {
            let found = shown.iter().find(|(name, _)| name == attribute);
            let found = found.map(|(_, value)| value.as_ref()).unwrap_or_default();
            ensure(found == value, || {
                format!("{attribute} of {name} is {found} and should be {value}")
            })?;
        }
        let tells = self.all_of(home);
        self.pend(format!("attributes of {name}"), answer, tells);
        Ok(())
    }

    pub(crate) fn list(&mut self) -> Check {
        let answer = self.ask(&client::list_queues())?;
        let shown = match &answer.result {
            Ok(Sqs(Reply::ListQueues(reply))) => reply.queue_urls.as_deref().unwrap_or_default(),
            other => return violated(format!("ListQueues was answered with {other:?}")),
        };
        let shown: Vec<&str> = shown
            .iter()
            .filter_map(|url| url.rsplit('/').next())
            .collect();
        let expected = self.queue_names();
        ensure(shown == expected, || {
            format!("ListQueues shows {shown:?}, there are {expected:?}")
        })?;
        let tells = (0..self.cells.len())
            .map(|cell| (cell, self.cells[cell].len()))
            .collect();
        self.pend("list queues".to_owned(), answer, tells);
        Ok(())
    }
}
