//! GetQueueAttributes: what a queue is told to be, and about how much it holds.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html>

use api::Str;
use api::sqs::{GetQueueAttributesRequest, GetQueueAttributesResult};

use crate::attributes::{self, QueueAttribute};
use crate::batch;
use crate::config::Config;
use crate::error::Error;
use crate::queue::Counts;

/// The attributes asked for. Those without a value are left out, and without names there are none.
pub fn reply(
    config: &Config,
    counts: &Counts,
    input: &GetQueueAttributesRequest<'_>,
) -> Result<GetQueueAttributesResult<'static>, Error> {
    let wanted = wanted(input.attribute_names.as_deref().unwrap_or_default())?;
    let attributes = QueueAttribute::all()
        .filter(|attribute| wanted.contains(attribute))
        .filter_map(|attribute| {
            let text = attributes::text(config, counts, attribute)?;
            Some((attribute.name().into(), text.into()))
        });
    Ok(GetQueueAttributesResult {
        attributes: batch::some(attributes.collect()),
    })
}

fn wanted(names: &[Str<'_>]) -> Result<Vec<QueueAttribute>, Error> {
    let mut wanted = Vec::new();
    for name in names {
        if name == "All" {
            wanted.extend(QueueAttribute::all());
        } else {
            wanted.push(QueueAttribute::parse(name)?);
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use domain::Seconds;

    use super::*;
    use crate::config::RedriveAllow;
    use crate::op::samples::{fifo, list, standard};

    const COUNTS: Counts = Counts {
        visible: 1,
        in_flight: 2,
        delayed: 3,
    };

    fn get(config: &Config, names: &[&'static str]) -> Vec<(String, String)> {
        let input = GetQueueAttributesRequest {
            queue_url: None,
            attribute_names: list(names),
        };
        let result = reply(config, &COUNTS, &input).unwrap();
        let mut attributes: Vec<_> = result
            .attributes
            .unwrap_or_default()
            .into_iter()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        attributes.sort();
        attributes
    }

    fn value(config: &Config, name: &'static str) -> Option<String> {
        get(config, &[name]).pop().map(|(_, value)| value)
    }

    #[test]
    fn all_of_a_fresh_standard_queue_is_what_aws_shows() {
        let shown = get(&standard(), &["All"]);
        let shown: Vec<_> = shown
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        assert_eq!(
            shown,
            [
                ("ApproximateNumberOfMessages", "1"),
                ("ApproximateNumberOfMessagesDelayed", "3"),
                ("ApproximateNumberOfMessagesNotVisible", "2"),
                ("CreatedTimestamp", "1000000"),
                ("DelaySeconds", "0"),
                ("LastModifiedTimestamp", "1000000"),
                ("MaximumMessageSize", "1048576"),
                ("MessageRetentionPeriod", "345600"),
                ("QueueArn", "arn:aws:sqs:us-east-1:000000000000:orders"),
                ("ReceiveMessageWaitTimeSeconds", "0"),
                ("SqsManagedSseEnabled", "true"),
                ("VisibilityTimeout", "30"),
            ]
        );
    }

    #[test]
    fn a_fifo_queue_shows_four_attributes_more() {
        assert_eq!(get(&fifo(), &["All"]).len(), 16);
        assert_eq!(value(&fifo(), "FifoQueue").as_deref(), Some("true"));
        assert_eq!(
            value(&fifo(), "ContentBasedDeduplication").as_deref(),
            Some("false")
        );
        assert_eq!(
            value(&fifo(), "DeduplicationScope").as_deref(),
            Some("queue")
        );
        assert_eq!(
            value(&fifo(), "FifoThroughputLimit").as_deref(),
            Some("perQueue")
        );
    }

    #[test]
    fn without_names_there_is_nothing_and_unset_attributes_are_left_out() {
        let input = GetQueueAttributesRequest::default();
        assert_eq!(
            reply(&standard(), &COUNTS, &input).unwrap().attributes,
            None
        );
        assert_eq!(
            get(
                &standard(),
                &["Policy", "RedrivePolicy", "KmsMasterKeyId", "FifoQueue"]
            ),
            []
        );
    }

    #[test]
    fn an_unknown_name_is_refused() {
        let input = GetQueueAttributesRequest {
            queue_url: None,
            attribute_names: list(&["All", "Nonsense"]),
        };
        assert_eq!(
            reply(&standard(), &COUNTS, &input).unwrap_err(),
            Error::InvalidAttributeName("Unknown Attribute Nonsense.".into())
        );
    }

    #[test]
    fn a_name_asked_for_twice_is_shown_once() {
        assert_eq!(
            get(&standard(), &["DelaySeconds", "All", "DelaySeconds"]).len(),
            12
        );
    }

    #[test]
    fn the_key_reuse_period_shows_when_it_is_not_the_default() {
        assert_eq!(value(&standard(), "KmsDataKeyReusePeriodSeconds"), None);
        let config = Config {
            kms_reuse: Seconds(60),
            ..standard()
        };
        assert_eq!(
            value(&config, "KmsDataKeyReusePeriodSeconds").as_deref(),
            Some("60")
        );
    }

    #[test]
    fn allow_all_shows_when_it_was_set() {
        let config = Config {
            redrive_allow: Some(RedriveAllow::All),
            ..standard()
        };
        assert_eq!(
            value(&config, "RedriveAllowPolicy").as_deref(),
            Some(r#"{"redrivePermission":"allowAll"}"#)
        );
    }
}
