//! The operations, one file each: `prepare` turns a request into a command, `reply` makes AWS's answer.
//!
//! What only reads has a `reply` alone. `prepare` sees the machine as of now, so that nothing can go wrong between it
//! and `apply`.

pub mod check_if_phone_number_is_opted_out;
pub mod create_platform_application;
pub mod create_platform_endpoint;
pub mod create_sms_sandbox_phone_number;
pub mod delete_endpoint;
pub mod delete_platform_application;
pub mod delete_sms_sandbox_phone_number;
pub mod get_endpoint_attributes;
pub mod get_platform_application_attributes;
pub mod get_sms_attributes;
pub mod get_sms_sandbox_account_status;
pub mod list_endpoints_by_platform_application;
pub mod list_origination_numbers;
pub mod list_phone_numbers_opted_out;
pub mod list_platform_applications;
pub mod list_sms_sandbox_phone_numbers;
pub mod opt_in_phone_number;
pub mod set_endpoint_attributes;
pub mod set_platform_application_attributes;
pub mod set_sms_attributes;
pub mod verify_sms_sandbox_phone_number;

#[cfg(test)]
pub(crate) mod samples;

use api::Error;

use crate::application::Application;
use crate::arn::Home;
use crate::command::Command;
use crate::endpoint::Endpoint;
use crate::error::{no_application, no_endpoint, required};
use crate::notice::Notice;
use crate::outreach::Outreach;

/// What a request comes to.
#[derive(Debug)]
pub struct Plan<K> {
    /// Absent when nothing changes.
    pub command: Option<Command<'static>>,
    /// What the reply needs.
    pub keep: K,
    /// To be published once the command is safe.
    pub notices: Vec<Notice>,
}

impl<K> Plan<K> {
    fn nothing(keep: K) -> Plan<K> {
        Plan {
            command: None,
            keep,
            notices: Vec::new(),
        }
    }

    fn of(command: Command<'static>, keep: K) -> Plan<K> {
        Plan {
            command: Some(command),
            keep,
            notices: Vec::new(),
        }
    }

    fn noticed(mut self, notice: Option<Notice>) -> Plan<K> {
        self.notices.extend(notice);
        self
    }
}

/// The application that a request's ARN names.
fn application<'o>(outreach: &'o Outreach, arn: Option<&str>) -> Result<&'o Application, Error> {
    let arn = required("platformApplicationArn", arn)?;
    let name = outreach.home.read_application(arn)?;
    outreach.application(&name).ok_or_else(no_application)
}

/// The endpoint that a request's ARN names, and its application.
fn endpoint<'o>(
    outreach: &'o Outreach,
    arn: Option<&str>,
) -> Result<(&'o Endpoint, &'o Application), Error> {
    let arn = required("endpointArn", arn)?;
    let (name, id) = outreach.home.read_endpoint(arn)?;
    outreach.endpoint_of(&name, id).ok_or_else(no_endpoint)
}

fn arn_of(home: Home, application: &Application) -> String {
    let name = (application.platform, application.name.clone());
    home.application(&name).to_string()
}

fn endpoint_arn_of(home: Home, application: &Application, endpoint: &Endpoint) -> String {
    let name = (application.platform, application.name.clone());
    home.endpoint(&name, endpoint.id).to_string()
}

#[cfg(test)]
mod tests {
    use api::sns::Op;

    /// Where an operation's rules are; `None` where the topics' core has them.
    fn file(op: Op) -> Option<&'static str> {
        Some(match op {
            Op::CheckIfPhoneNumberIsOptedOut => {
                include_str!("check_if_phone_number_is_opted_out.rs")
            }
            Op::CreatePlatformApplication => include_str!("create_platform_application.rs"),
            Op::CreatePlatformEndpoint => include_str!("create_platform_endpoint.rs"),
            Op::CreateSMSSandboxPhoneNumber => include_str!("create_sms_sandbox_phone_number.rs"),
            Op::DeleteEndpoint => include_str!("delete_endpoint.rs"),
            Op::DeletePlatformApplication => include_str!("delete_platform_application.rs"),
            Op::DeleteSMSSandboxPhoneNumber => include_str!("delete_sms_sandbox_phone_number.rs"),
            Op::GetEndpointAttributes => include_str!("get_endpoint_attributes.rs"),
            Op::GetPlatformApplicationAttributes => {
                include_str!("get_platform_application_attributes.rs")
            }
            Op::GetSMSAttributes => include_str!("get_sms_attributes.rs"),
            Op::GetSMSSandboxAccountStatus => include_str!("get_sms_sandbox_account_status.rs"),
            Op::ListEndpointsByPlatformApplication => {
                include_str!("list_endpoints_by_platform_application.rs")
            }
            Op::ListOriginationNumbers => include_str!("list_origination_numbers.rs"),
            Op::ListPhoneNumbersOptedOut => include_str!("list_phone_numbers_opted_out.rs"),
            Op::ListPlatformApplications => include_str!("list_platform_applications.rs"),
            Op::ListSMSSandboxPhoneNumbers => include_str!("list_sms_sandbox_phone_numbers.rs"),
            Op::OptInPhoneNumber => include_str!("opt_in_phone_number.rs"),
            Op::SetEndpointAttributes => include_str!("set_endpoint_attributes.rs"),
            Op::SetPlatformApplicationAttributes => {
                include_str!("set_platform_application_attributes.rs")
            }
            Op::SetSMSAttributes => include_str!("set_sms_attributes.rs"),
            Op::VerifySMSSandboxPhoneNumber => include_str!("verify_sms_sandbox_phone_number.rs"),
            Op::AddPermission
            | Op::ConfirmSubscription
            | Op::CreateTopic
            | Op::DeleteTopic
            | Op::GetDataProtectionPolicy
            | Op::GetSubscriptionAttributes
            | Op::GetTopicAttributes
            | Op::ListSubscriptions
            | Op::ListSubscriptionsByTopic
            | Op::ListTagsForResource
            | Op::ListTopics
            | Op::Publish
            | Op::PublishBatch
            | Op::PutDataProtectionPolicy
            | Op::RemovePermission
            | Op::SetSubscriptionAttributes
            | Op::SetTopicAttributes
            | Op::Subscribe
            | Op::TagResource
            | Op::Unsubscribe
            | Op::UntagResource => return None,
        })
    }

    #[test]
    fn every_operation_of_this_side_has_a_file_that_says_which_it_is() {
        let files = Op::ALL.iter().filter_map(|op| Some((op, file(*op)?)));
        let mut count = 0;
        for (op, file) in files {
            let title = format!("//! {}: ", op.name());
            let page = format!("/API_{}.html>", op.name());
            assert!(file.starts_with(&title), "{title}");
            assert!(file.contains(&page), "{page}");
            count += 1;
        }
        assert_eq!(count, 21);
    }
}
