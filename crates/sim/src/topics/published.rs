//! All that was ever published, and which copy of it a queue or an endpoint shows.

use std::collections::BTreeMap;

use domain::Time;

use super::client;
use super::notice::Notice;
use crate::content::{Content, Value, number_in};
use crate::model::is_fifo;
use crate::violation::{Check, ensure, violated};

/// SenderId of what comes from topics.
const SENDER: &str = "AIDATIDINGSSNSSERVICE";

#[derive(Clone, Debug)]
pub(crate) struct Publication {
    pub(crate) number: u64,
    pub(crate) topic: String,
    /// As its publisher was told.
    pub(crate) id: String,
    pub(crate) time: Time,
    pub(crate) text: String,
    pub(crate) attributes: Vec<(String, Value)>,
    pub(crate) group: Option<String>,
    /// What deduplication knows it by, on a FIFO topic.
    pub(crate) dedup: Option<String>,
    pub(crate) copies: Vec<Copy>,
}

/// One subscriber's share of a publication.
#[derive(Clone, Debug)]
pub(crate) struct Copy {
    pub(crate) number: u64,
    pub(crate) subscription: u64,
    pub(crate) subscription_arn: String,
    pub(crate) raw: bool,
    /// Its subscriber is a queue, and this is its name.
    pub(crate) queue: Option<String>,
}

#[derive(Default)]
pub(crate) struct Published {
    publications: BTreeMap<u64, Publication>,
    by_id: BTreeMap<String, u64>,
    /// The publication of each copy.
    of_copy: BTreeMap<u64, u64>,
    /// The id each copy was first seen with in a queue.
    ids: BTreeMap<u64, String>,
}

impl Published {
    pub(crate) fn add(&mut self, publication: Publication) -> Check {
        let number = publication.number;
        let before = self.by_id.insert(publication.id.clone(), number);
        ensure(before.is_none(), || {
            format!("p{number} has the id of an earlier publication")
        })?;
        for copy in &publication.copies {
            self.of_copy.insert(copy.number, number);
        }
        self.publications.insert(number, publication);
        Ok(())
    }

    /// A copy with its publication.
    pub(crate) fn copy(&self, number: u64) -> Option<(&Publication, &Copy)> {
        let publication = self.publications.get(self.of_copy.get(&number)?)?;
        let copy = publication.copies.iter().find(|it| it.number == number)?;
        Some((publication, copy))
    }

    pub(crate) fn dedup(&self, copy: u64) -> Option<&str> {
        self.copy(copy)?.0.dedup.as_deref()
    }

    /// The copy that a message in a queue is, as the queue oracle knows it.
    pub(crate) fn content(&self, shown: Content, fifo: bool, sender: &str) -> Check<Content> {
        let body = &shown.body;
        ensure(sender == SENDER, || {
            format!("{body:?} was sent by {sender}")
        })?;
        ensure(shown.body_md5 == sqs::letter::md5_of_body(body), || {
            format!("the MD5 of {body:?} is {}", shown.body_md5)
        })?;
        let (publication, copy) = match number_in(body, 'p') {
            Some(number) => self.raw_copy(number, fifo, &shown)?,
            None => self.enveloped_copy(&Notice::read(body)?, &shown)?,
        };
        Ok(Content {
            group: shown.group,
            ..publication.content(copy, fifo)
        })
    }

    fn raw_copy(&self, number: u64, fifo: bool, shown: &Content) -> Check<(&Publication, &Copy)> {
        let Some(publication) = self.publications.get(&number) else {
            return violated(format!("nobody published p{number}"));
        };
        ensure(
            publication.text == shown.body && publication.attributes == shown.attributes,
            || format!("p{number} came as {:?} {:?}", shown.body, shown.attributes),
        )?;
        let alike = |copy: &&Copy| copy.raw && copy.queue.as_deref().is_some_and(is_fifo) == fifo;
        match publication.copies.iter().find(alike) {
            Some(copy) => Ok((publication, copy)),
            None => violated(format!("p{number} came to somebody it was not for")),
        }
    }

    fn enveloped_copy(&self, notice: &Notice, shown: &Content) -> Check<(&Publication, &Copy)> {
        ensure(shown.attributes.is_empty(), || {
            format!("a notification has the attributes {:?}", shown.attributes)
        })?;
        self.noticed(notice)
    }

    /// The copy that a notification is.
    pub(crate) fn noticed(&self, notice: &Notice) -> Check<(&Publication, &Copy)> {
        let message = notice.text("Message");
        let known = number_in(message, 'p').and_then(|number| self.publications.get(&number));
        let Some(publication) = known else {
            return violated(format!("nobody published {message:?}"));
        };
        let right = notice.text("Type") == "Notification"
            && notice.text("MessageId") == publication.id
            && notice.text("TopicArn") == client::arn(&publication.topic)
            && message == publication.text
            && notice.carries(&publication.attributes);
        ensure(right, || {
            format!("p{} is told wrongly: {message:?}", publication.number)
        })?;
        notice.check_seal(is_fifo(&publication.topic))?;
        self.of_subscription(publication, notice.subscription())
            .map(|copy| (publication, copy))
    }

    /// The copy of the publication with this id for this subscription.
    pub(crate) fn called(&self, id: &str, subscription: &str) -> Check<(&Publication, &Copy)> {
        let publication = self.by_id.get(id).map(|number| &self.publications[number]);
        let Some(publication) = publication else {
            return violated(format!("nobody published {id}"));
        };
        self.of_subscription(publication, subscription)
            .map(|copy| (publication, copy))
    }

    fn of_subscription<'p>(
        &self,
        publication: &'p Publication,
        subscription: &str,
    ) -> Check<&'p Copy> {
        let mut copies = publication.copies.iter();
        match copies.find(|copy| copy.subscription_arn == subscription) {
            Some(copy) => Ok(copy),
            None => violated(format!(
                "p{} came to {subscription}, which it was not for",
                publication.number
            )),
        }
    }

    /// A copy has the same id wherever it comes, and no other has it.
    pub(crate) fn check_id(&mut self, copy: u64, id: &str) -> Check {
        let other = self
            .ids
            .iter()
            .find(|(number, known)| **number != copy && *known == id);
        if let Some((other, _)) = other {
            return violated(format!("m{copy} has the id of m{other}"));
        }
        let known = self.ids.entry(copy).or_insert_with(|| id.to_owned());
        let same = *known == id;
        ensure(same, || format!("m{copy} came under two ids, {id} is one"))
    }
}

impl Publication {
    /// What a queue of this kind gets.
    pub(crate) fn content(&self, copy: &Copy, fifo: bool) -> Content {
        Content {
            number: copy.number,
            body: self.text.clone(),
            attributes: self.attributes.clone(),
            group: self.group.clone().filter(|_| is_fifo(&self.topic) == fifo),
            body_md5: String::new(),
            attributes_md5: None,
        }
    }
}
