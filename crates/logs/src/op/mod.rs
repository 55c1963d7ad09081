//! The operations, one file each: `locate` checks a request and names its group, `prepare` turns it into a command with
//! the group in hand, `reply` makes AWS's answer.
//!
//! What needs no group is checked in `locate`, so that a request that is wrong in itself is refused before it is asked
//! whether the group exists. Where a request names a stream, the group comes first.

pub mod create_log_group;
pub mod create_log_stream;
pub mod delete_log_group;
pub mod delete_log_stream;
pub mod delete_retention_policy;
pub mod describe_log_groups;
pub mod describe_log_streams;
pub mod filter_log_events;
pub mod get_log_events;
pub mod list_log_groups;
pub mod list_tags_for_resource;
pub mod list_tags_log_group;
pub mod put_log_events;
pub mod put_log_group_deletion_protection;
pub mod put_retention_policy;
pub mod tag_log_group;
pub mod tag_resource;
pub mod test_metric_filter;
pub mod untag_log_group;
pub mod untag_resource;

#[cfg(test)]
pub(crate) mod samples;

use crate::command::Command;
use crate::config::Config;

/// What a request comes to: the command to journal, and what its reply will need beside the outcome.
#[derive(Debug)]
pub struct Plan<'a, K = ()> {
    /// Absent when nothing changes.
    pub command: Option<Command<'a>>,
    pub keep: K,
}

impl<'a> Plan<'a> {
    pub(crate) fn of(command: Command<'a>) -> Plan<'a> {
        Plan {
            command: Some(command),
            keep: (),
        }
    }

    /// The group shall be as `config` says; nothing to do if it is already.
    pub(crate) fn configure(before: &Config, config: Config) -> Plan<'a> {
        Plan {
            command: (config != *before).then(|| Command::Configure(Box::new(config))),
            keep: (),
        }
    }
}

#[cfg(test)]
mod tests {
    use api::logs::Op;

    /// Where an operation's rules are. The match makes every operation of the model have such a file.
    fn file(op: Op) -> &'static str {
        match op {
            Op::CreateLogGroup => include_str!("create_log_group.rs"),
            Op::CreateLogStream => include_str!("create_log_stream.rs"),
            Op::DeleteLogGroup => include_str!("delete_log_group.rs"),
            Op::DeleteLogStream => include_str!("delete_log_stream.rs"),
            Op::DeleteRetentionPolicy => include_str!("delete_retention_policy.rs"),
            Op::DescribeLogGroups => include_str!("describe_log_groups.rs"),
            Op::DescribeLogStreams => include_str!("describe_log_streams.rs"),
            Op::FilterLogEvents => include_str!("filter_log_events.rs"),
            Op::GetLogEvents => include_str!("get_log_events.rs"),
            Op::ListLogGroups => include_str!("list_log_groups.rs"),
            Op::ListTagsForResource => include_str!("list_tags_for_resource.rs"),
            Op::ListTagsLogGroup => include_str!("list_tags_log_group.rs"),
            Op::PutLogEvents => include_str!("put_log_events.rs"),
            Op::PutLogGroupDeletionProtection => {
                include_str!("put_log_group_deletion_protection.rs")
            }
            Op::PutRetentionPolicy => include_str!("put_retention_policy.rs"),
            Op::TagLogGroup => include_str!("tag_log_group.rs"),
            Op::TagResource => include_str!("tag_resource.rs"),
            Op::TestMetricFilter => include_str!("test_metric_filter.rs"),
            Op::UntagLogGroup => include_str!("untag_log_group.rs"),
            Op::UntagResource => include_str!("untag_resource.rs"),
        }
    }

    #[test]
    fn every_operation_of_the_model_has_a_file_that_says_which_it_is() {
        for op in Op::ALL {
            let title = format!("//! {}: ", op.name());
            let page = format!("/API_{}.html>", op.name());
            assert!(file(op).starts_with(&title), "{title}");
            assert!(file(op).contains(&page), "{page}");
        }
    }
}
