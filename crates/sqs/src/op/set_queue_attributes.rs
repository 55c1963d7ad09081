//! SetQueueAttributes: change what a queue is told to be.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>

use api::sqs::SetQueueAttributesRequest;
use domain::Time;

use crate::attributes::{self, QueueAttribute};
use crate::command::Command;
use crate::config::Config;
use crate::error::Error;
use crate::limits;
use crate::op::Plan;
use crate::queue::Queue;
use crate::redrive_policy::Lookup;

/// Nothing is changed when nothing is given but `FifoQueue=true`, which a FIFO queue is anyway.
pub fn prepare(
    queue: &Queue,
    now: Time,
    input: &SetQueueAttributesRequest<'_>,
    lookup: Lookup<'_>,
) -> Result<Plan<'static, ()>, Error> {
    let old = queue.config();
    let given = input
        .attributes
        .as_deref()
        .ok_or(Error::MissingParameter("Attributes"))?;
    let given = attributes::settable(given, old.fifo)?;
    let mut new = old.clone();
    attributes::assign_all(&mut new, &given, lookup)?;
    if given
        .iter()
        .all(|&(attribute, _)| attribute == QueueAttribute::FifoQueue)
    {
        return Ok(Plan {
            command: None,
            keep: (),
        });
    }
    new.modified = now;
    keep_scope(old, &mut new, now);
    Ok(Plan {
        command: Some(Command::Configure(Box::new(new))),
        keep: (),
    })
}

/// A changed DeduplicationScope reads back at once, but the old one stays in force for a while.
fn keep_scope(old: &Config, new: &mut Config, now: Time) {
    if new.dedup_scope != old.dedup_scope {
        let in_force = old.dedup_scope_at(now);
        new.dedup_scope_before = Some((in_force, now.after(limits::SCOPE_CHANGE)));
    }
}

#[cfg(test)]
mod tests {
    use domain::Seconds;

    use super::*;
    use crate::config::{DedupScope, ThroughputLimit};
    use crate::op::samples::{NOW, fifo, map, queue, seconds, standard};

    fn plan(
        config: Config,
        attributes: &[(&'static str, &'static str)],
    ) -> Result<Plan<'static, ()>, Error> {
        let input = SetQueueAttributesRequest {
            queue_url: None,
            attributes: map(attributes),
        };
        prepare(&queue(config), seconds(100), &input, &|_| None)
    }

    fn set(config: Config, attributes: &[(&'static str, &'static str)]) -> Config {
        let Some(Command::Configure(config)) = plan(config, attributes).unwrap().command else {
            panic!("a change is a Configure");
        };
        *config
    }

    fn refusal(config: Config, attributes: &[(&'static str, &'static str)]) -> Error {
        plan(config, attributes).unwrap_err()
    }

    #[test]
    fn a_change_leaves_the_rest_and_moves_the_time_of_modification() {
        let new = set(
            standard(),
            &[("VisibilityTimeout", "45"), ("DelaySeconds", "900")],
        );
        let wanted = Config {
            visibility: Seconds(45),
            delay: Seconds(900),
            modified: seconds(100),
            ..standard()
        };
        assert_eq!(new, wanted);
    }

    #[test]
    fn attributes_are_required() {
        let input = SetQueueAttributesRequest::default();
        let error = prepare(&queue(standard()), NOW, &input, &|_| None).unwrap_err();
        assert_eq!(error, Error::MissingParameter("Attributes"));
    }

    #[test]
    fn numbers_are_plain_digits_within_their_range() {
        for (name, least, most) in [
            ("DelaySeconds", 0, 900),
            ("MaximumMessageSize", 1024, 1_048_576),
            ("MessageRetentionPeriod", 60, 1_209_600),
            ("ReceiveMessageWaitTimeSeconds", 0, 20),
            ("VisibilityTimeout", 0, 43_200),
            ("KmsDataKeyReusePeriodSeconds", 60, 86_400),
        ] {
            let text = |value: i64| -> &'static str { value.to_string().leak() };
            for legal in [least, most] {
                set(standard(), &[(name, text(legal))]);
            }
            for illegal in [
                text(least - 1),
                text(most + 1),
                "",
                " 60",
                "+60",
                "60.0",
                "x",
                "99999999999",
            ] {
                assert_eq!(
                    refusal(standard(), &[(name, illegal)]),
                    Error::InvalidAttributeValue(
                        format!("Invalid value for the parameter {name}.").into()
                    )
                );
            }
        }
    }

    #[test]
    fn what_cannot_be_set_is_unknown() {
        for name in [
            "Nonsense",
            "All",
            "QueueArn",
            "CreatedTimestamp",
            "ApproximateNumberOfMessages",
        ] {
            assert_eq!(
                refusal(standard(), &[(name, "1")]),
                Error::unknown_attribute(name)
            );
        }
    }

    #[test]
    fn a_queue_keeps_its_type() {
        assert_eq!(
            plan(fifo(), &[("FifoQueue", "true")]).unwrap().command,
            None
        );
        let error = refusal(fifo(), &[("FifoQueue", "false")]);
        assert_eq!(error.kind().code, "InvalidAttributeValue");
        assert_eq!(
            error.message(),
            "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."
        );
        assert_eq!(
            refusal(standard(), &[("FifoQueue", "true")]),
            Error::unknown_attribute("FifoQueue")
        );
    }

    #[test]
    fn throughput_per_group_needs_deduplication_per_group() {
        let error = refusal(fifo(), &[("FifoThroughputLimit", "perMessageGroupId")]);
        assert_eq!(error.kind().code, "InvalidAttributeValue");
        let both = [
            ("FifoThroughputLimit", "perMessageGroupId"),
            ("DeduplicationScope", "messageGroup"),
        ];
        let fast = set(fifo(), &both);
        assert_eq!(fast.throughput, ThroughputLimit::PerMessageGroupId);
        assert_eq!(refusal(fast, &[("DeduplicationScope", "queue")]), error);
        assert_eq!(
            set(fifo(), &both[1..]).throughput,
            ThroughputLimit::PerQueue
        );
    }

    #[test]
    fn a_changed_scope_leaves_the_old_one_in_force_for_a_minute() {
        let changed = set(fifo(), &[("DeduplicationScope", "messageGroup")]);
        assert_eq!(changed.dedup_scope, DedupScope::MessageGroup);
        assert_eq!(
            changed.dedup_scope_before,
            Some((DedupScope::Queue, seconds(160)))
        );
        let same = set(fifo(), &[("DeduplicationScope", "queue")]);
        assert_eq!(same.dedup_scope_before, None);
    }

    #[test]
    fn a_kms_key_switches_sqss_own_encryption_off_for_good() {
        let keyed = set(standard(), &[("KmsMasterKeyId", "alias/aws/sqs")]);
        assert!(!keyed.managed_sse);
        let both = refusal(
            standard(),
            &[("KmsMasterKeyId", "k"), ("SqsManagedSseEnabled", "true")],
        );
        assert_eq!(both.kind().code, "InvalidAttributeName");
        assert_eq!(
            both.message(),
            "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or \
             SQS SSE."
        );
        assert_eq!(
            refusal(keyed.clone(), &[("SqsManagedSseEnabled", "true")]),
            both
        );
        let cleared = set(keyed, &[("KmsMasterKeyId", "")]);
        assert_eq!(
            (cleared.kms_key.as_deref(), cleared.managed_sse),
            (None, false)
        );
    }

    #[test]
    fn an_empty_text_takes_policies_away_and_is_fine_where_there_are_none() {
        let empty = [
            ("Policy", ""),
            ("RedrivePolicy", ""),
            ("RedriveAllowPolicy", ""),
        ];
        let config = set(standard(), &empty);
        assert_eq!(
            (config.policy, config.redrive, config.redrive_allow),
            (None, None, None)
        );
    }

    #[test]
    fn a_queue_may_name_itself_as_its_dead_letter_queue() {
        let own = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:orders","maxReceiveCount":1}"#;
        assert_eq!(
            set(standard(), &[("RedrivePolicy", own)])
                .redrive
                .unwrap()
                .max_receives,
            1
        );
    }
}
