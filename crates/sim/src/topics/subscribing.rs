//! Subscriptions begun, changed and ended, and what the list of them must say.

use api::Reply::Sns;
use api::sns::Reply;

use super::change::TopicChange;
use super::client;
use super::model::{Filter, Retries, Subscriber, Subscription};
use crate::model::is_fifo;
use crate::violation::{Check, ensure, violated};
use crate::world::World;

pub(crate) const COLOURS: [&str; 3] = ["red", "green", "blue"];

const FILTERS: [Filter; 6] = [
    Filter::All,
    Filter::All,
    Filter::All,
    Filter::Among(&["red"]),
    Filter::Among(&["green", "blue"]),
    Filter::Absent,
];

impl World {
    pub(crate) fn subscribe(&mut self) -> Check {
        match self.draw_topic() {
            Some(topic) => self.subscribe_to(&topic),
            None => self.create_topic(),
        }
    }

    pub(crate) fn subscribe_to(&mut self, name: &str) -> Check {
        let Some(topic) = self.topic(name) else {
            return Ok(());
        };
        let mut free = self.subscribers(is_fifo(name));
        free.retain(|it| topic.to(it).is_none_or(|known| !known.confirmed));
        if free.is_empty() {
            return Ok(());
        }
        let to = self.random.pick(&free).clone();
        let pending = self.topic(name).and_then(|topic| topic.to(&to)).cloned();
        let mut subscription = match pending {
            // Asked again, it must be the same.
            Some(pending) => Subscription {
                number: self.number(),
                ..pending
            },
            None => self.draw_subscription(name, to),
        };
        let now = self.now();
        let answer = self.ask_sns(client::subscribe(name, &subscription));
        self.pass_time(now);
        if !self.went_well(name, &answer)? {
            return Ok(());
        }
        let Ok(Sns(Reply::Subscribe(reply))) = &answer.result else {
            return violated(format!("subscribing was answered with {:?}", answer.result));
        };
        let arn = reply.subscription_arn.as_deref().unwrap_or_default();
        subscription.arn = arn.to_owned();
        self.note(|| format!("subscribe to {name}: {subscription:?}"));
        let topic = name.to_owned();
        let change = TopicChange::Subscribe(topic, Box::new(subscription));
        self.record_of_topic(now, change, answer)
    }

    /// Who may subscribe to a topic of this kind.
    fn subscribers(&self, fifo: bool) -> Vec<Subscriber> {
        let queues = self.names.iter().filter(|name| !name.starts_with("dead"));
        let queues = queues.filter(|name| fifo || !is_fifo(name));
        let mut all: Vec<Subscriber> = queues.cloned().map(Subscriber::Queue).collect();
        if !fifo {
            let urls = ["http://first.example/", "http://second.example/in"];
            all.extend(urls.map(|url| Subscriber::Endpoint(url.to_owned())));
        }
        all
    }

    fn draw_subscription(&mut self, topic: &str, to: Subscriber) -> Subscription {
        // Of each kind of queue only the first may be raw, so that a bare body tells whose copy it is.
        let raw = match &to {
            Subscriber::Queue(name) if name.starts_with("s0") || name.starts_with("f0") => {
                self.random.percent(50)
            }
            Subscriber::Queue(_) | Subscriber::Endpoint(_) => false,
        };
        let retries = match &to {
            Subscriber::Endpoint(_) if self.random.percent(50) => {
                let count = self.random.below(5) as u32;
                Retries {
                    count,
                    at_once: self.random.below(u64::from(count) + 1) as u32,
                    delay: *self.random.pick(&[1, 7, 600, 3_000]),
                }
            }
            Subscriber::Endpoint(_) | Subscriber::Queue(_) => Retries::default(),
        };
        Subscription {
            number: self.number(),
            arn: String::new(),
            redrive: self.draw_dead_letters(topic, &to, raw),
            confirmed: matches!(to, Subscriber::Queue(_)),
            filter: *self.random.pick(&FILTERS),
            to,
            raw,
            retries,
            strayed: false,
        }
    }

    fn draw_dead_letters(&mut self, topic: &str, to: &Subscriber, raw: bool) -> Option<String> {
        let fifo_queue = matches!(to, Subscriber::Queue(name) if is_fifo(name));
        // A bare dead letter of a standard queue must not be taken for one of another kind.
        if raw && is_fifo(topic) && !fifo_queue {
            return None;
        }
        let names = self.names.iter();
        let dead = names
            .filter(|name| name.starts_with("dead"))
            .find(|name| is_fifo(name) == fifo_queue)
            .cloned();
        dead.filter(|_| self.random.percent(60))
    }

    fn draw_subscribed(&mut self) -> Option<(String, Subscription)> {
        let topic = self.draw_topic()?;
        let subscriptions = self.topic(&topic)?.subscriptions.clone();
        let confirmed: Vec<Subscription> = subscriptions
            .into_iter()
            .filter(|it| it.confirmed)
            .collect();
        (!confirmed.is_empty()).then(|| (topic, self.random.pick(&confirmed).clone()))
    }

    pub(crate) fn unsubscribe(&mut self) -> Check {
        let Some((topic, subscription)) = self.draw_subscribed() else {
            return Ok(());
        };
        let now = self.now();
        self.let_copies_go(&topic, subscription.number);
        let answer = self.ask_sns(client::unsubscribe(&subscription.arn));
        self.pass_time(now);
        if !self.went_well(&topic, &answer)? {
            return Ok(());
        }
        let number = subscription.number;
        self.note(|| format!("unsubscribe {number} from {topic}"));
        self.record_of_topic(now, TopicChange::Unsubscribe(topic, number), answer)
    }

    pub(crate) fn change_subscription(&mut self) -> Check {
        let Some((topic, subscription)) = self.draw_subscribed() else {
            return Ok(());
        };
        let number = subscription.number;
        let (name, value, change) = if self.random.percent(50) {
            let filter = *self.random.pick(&FILTERS);
            let change = TopicChange::SetFilter(topic.clone(), number, filter);
            ("FilterPolicy", filter.policy(), change)
        } else {
            let dead = self.draw_dead_letters(&topic, &subscription.to, subscription.raw);
            let value = client::redrive_policy(dead.as_deref());
            let change = TopicChange::SetRedrive(topic.clone(), number, dead);
            ("RedrivePolicy", value, change)
        };
        let now = self.now();
        let answer = self.ask_sns(client::set(&subscription.arn, name, &value));
        self.pass_time(now);
        if !self.went_well(&topic, &answer)? {
            return Ok(());
        }
        self.note(|| format!("{name} of {number} at {topic} is now {value:?}"));
        self.record_of_topic(now, change, answer)
    }

    /// The list shows everybody who has confirmed, and nobody who has been ended.
    pub(crate) fn list_subscriptions(&mut self) -> Check {
        let Some(name) = self.draw_topic() else {
            return Ok(());
        };
        let answer = self.ask_sns(client::list_subscriptions(&name));
        let Ok(Sns(Reply::ListSubscriptionsByTopic(reply))) = &answer.result else {
            return violated(format!(
                "listing {name} was answered with {:?}",
                answer.result
            ));
        };
        let listed = reply.subscriptions.as_deref().unwrap_or_default();
        let mut shown: Vec<&str> = listed
            .iter()
            .filter_map(|it| it.subscription_arn.as_deref())
            .filter(|arn| arn.starts_with("arn:"))
            .collect();
        shown.sort_unstable();
        let topic = self.topic(&name).expect("it was drawn among those there");
        let confirmed = topic.subscriptions.iter().filter(|it| it.confirmed);
        let mut expected: Vec<&str> = confirmed.map(|it| it.arn.as_str()).collect();
        expected.sort_unstable();
        ensure(shown == expected, || {
            format!("{name} lists {shown:?} and should {expected:?}")
        })?;
        let home = self.home_of(&name)?;
        let tells = self.all_of(home);
        self.pend(format!("subscriptions of {name}"), answer, tells);
        Ok(())
    }
}
