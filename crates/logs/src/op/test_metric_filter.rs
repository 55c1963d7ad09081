//! TestMetricFilter: which of some messages a filter pattern matches, and the fields it reads in them.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html>

use api::Error;
use api::logs::{MetricFilterMatchRecord, TestMetricFilterRequest, TestMetricFilterResponse};

use crate::checks::{Checks, FILTER_PATTERN, MESSAGE};
use crate::filter_pattern::Pattern;
use crate::limits;

/// Needs no group. Events count from 0.
pub fn reply(
    input: &TestMetricFilterRequest<'_>,
) -> Result<TestMetricFilterResponse<'static>, Error> {
    let mut checks = Checks::new();
    let messages = input.log_event_messages.as_ref();
    checks
        .required(
            "filterPattern",
            input.filter_pattern.as_ref(),
            &FILTER_PATTERN,
        )
        .present("logEventMessages", messages.is_some())
        .count(
            "logEventMessages",
            messages.map(Vec::len),
            &limits::TEST_MESSAGES,
        );
    let messages = messages.map(Vec::as_slice).unwrap_or_default();
    for (number, message) in messages
        .iter()
        .take(*limits::TEST_MESSAGES.end())
        .enumerate()
    {
        let member = format!("logEventMessages.{}.member", number + 1);
        checks.text(&member, Some(message), &MESSAGE);
    }
    checks.done()?;
    let pattern = Pattern::parse(input.filter_pattern.as_deref().unwrap_or_default())?;
    let matches = messages.iter().enumerate().filter_map(|(number, message)| {
        let values = pattern.extract(message)?.into_iter();
        Some(MetricFilterMatchRecord {
            event_number: Some(number as i64),
            event_message: Some(message.to_string().into()),
            extracted_values: Some(
                values
                    .map(|(name, value)| (name.into(), value.into()))
                    .collect(),
            ),
        })
    });
    Ok(TestMetricFilterResponse {
        matches: Some(matches.collect()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{list, map};

    #[test]
    fn matching_messages_come_with_their_number_and_fields() {
        let input = TestMetricFilterRequest {
            filter_pattern: Some("[ip, ..., status=5*, size]".into()),
            log_event_messages: list(&[
                "127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] \"GET / HTTP/1.0\" 200 1534",
                "127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] \"GET / HTTP/1.0\" 500 5324",
            ]),
        };
        let record = MetricFilterMatchRecord {
            event_number: Some(1),
            event_message: Some(input.log_event_messages.as_ref().unwrap()[1].clone()),
            extracted_values: map(&[
                ("$ip", "127.0.0.1"),
                ("$2", "-"),
                ("$3", "frank"),
                ("$4", "10/Oct/2000:13:35:22 -0700"),
                ("$5", "GET / HTTP/1.0"),
                ("$status", "500"),
                ("$size", "5324"),
            ]),
        };
        assert_eq!(reply(&input).unwrap().matches, Some(vec![record]));
    }

    #[test]
    fn other_patterns_read_no_fields() {
        let input = TestMetricFilterRequest {
            filter_pattern: Some("{ $.a = 1 }".into()),
            log_event_messages: list(&[r#"{"a": 1}"#, "no JSON"]),
        };
        let matches = reply(&input).unwrap().matches.unwrap();
        assert_eq!(
            (matches.len(), &matches[0].extracted_values),
            (1, &map(&[]))
        );
    }

    #[test]
    fn one_to_fifty_messages_are_tested() {
        for count in [0, 51] {
            let input = TestMetricFilterRequest {
                filter_pattern: Some("".into()),
                log_event_messages: Some(vec!["m".into(); count]),
            };
            assert_eq!(
                reply(&input).unwrap_err().kind.code,
                "InvalidParameterException"
            );
        }
    }
}
