//! Calls that reach people: platform applications and endpoints, phones, opt-outs, and publishes straight to them.

use api::Error;
use api::sns::{PublishResponse, Reply, Request};
use domain::{Arn, MachineId, Time};
use outreach::arn::home_of;
use outreach::{Home, Notice, Outreach, op};
use sns::op::publish::Draft;
use sns::shaping::Bare;

use crate::answer::Answer;
use crate::ids;
use crate::node::{Caller, Node};
use crate::reach::Receiver;
use crate::state::CellState;

/// Whose outreach a request is about: its ARN tells, else who calls.
fn home(caller: &Caller<'_>, arn: Option<&str>) -> Home {
    arn.and_then(home_of).unwrap_or(Home {
        account: caller.account,
        region: caller.region,
    })
}

impl Node {
    /// Answers the operations about people.
    pub(super) fn call_people(&self, caller: &Caller<'_>, request: &Request<'_>) -> Answer {
        let own = home(caller, None);
        let at = |arn: &Option<api::Str<'_>>| home(caller, arn.as_deref());
        let ids = &mut ids::random;
        match request {
            Request::CheckIfPhoneNumberIsOptedOut(input) => self.read_outreach(own, |it| {
                op::check_if_phone_number_is_opted_out::reply(it, input)
                    .map(Reply::CheckIfPhoneNumberIsOptedOut)
            }),
            Request::CreatePlatformApplication(input) => self.change_outreach(
                own,
                |it, _| op::create_platform_application::prepare(it, input),
                |arn| Reply::CreatePlatformApplication(op::create_platform_application::reply(arn)),
            ),
            Request::CreatePlatformEndpoint(input) => self.change_outreach(
                at(&input.platform_application_arn),
                |it, now| op::create_platform_endpoint::prepare(it, now, ids, input),
                |arn| Reply::CreatePlatformEndpoint(op::create_platform_endpoint::reply(arn)),
            ),
            Request::CreateSMSSandboxPhoneNumber(input) => self.change_outreach(
                own,
                |it, _| op::create_sms_sandbox_phone_number::prepare(it, ids, input),
                |()| {
                    Reply::CreateSMSSandboxPhoneNumber(op::create_sms_sandbox_phone_number::reply())
                },
            ),
            Request::DeleteEndpoint(input) => self.change_outreach(
                at(&input.endpoint_arn),
                |it, now| op::delete_endpoint::prepare(it, now, input),
                |()| Reply::DeleteEndpoint,
            ),
            Request::DeletePlatformApplication(input) => self.change_outreach(
                at(&input.platform_application_arn),
                |it, _| op::delete_platform_application::prepare(it, input),
                |()| Reply::DeletePlatformApplication,
            ),
            Request::DeleteSMSSandboxPhoneNumber(input) => self.change_outreach(
                own,
                |it, now| op::delete_sms_sandbox_phone_number::prepare(it, now, input),
                |()| {
                    Reply::DeleteSMSSandboxPhoneNumber(op::delete_sms_sandbox_phone_number::reply())
                },
            ),
            Request::GetEndpointAttributes(input) => {
                self.read_outreach(at(&input.endpoint_arn), |it| {
                    op::get_endpoint_attributes::reply(it, input).map(Reply::GetEndpointAttributes)
                })
            }
            Request::GetPlatformApplicationAttributes(input) => {
                self.read_outreach(at(&input.platform_application_arn), |it| {
                    op::get_platform_application_attributes::reply(it, input)
                        .map(Reply::GetPlatformApplicationAttributes)
                })
            }
            Request::GetSMSAttributes(input) => self.read_outreach(own, |it| {
                Ok(Reply::GetSMSAttributes(op::get_sms_attributes::reply(
                    it, input,
                )))
            }),
            Request::GetSMSSandboxAccountStatus(_) => self.read_outreach(own, |it| {
                Ok(Reply::GetSMSSandboxAccountStatus(
                    op::get_sms_sandbox_account_status::reply(it),
                ))
            }),
            Request::ListEndpointsByPlatformApplication(input) => {
                self.read_outreach(at(&input.platform_application_arn), |it| {
                    op::list_endpoints_by_platform_application::reply(it, input)
                        .map(Reply::ListEndpointsByPlatformApplication)
                })
            }
            Request::ListOriginationNumbers(input) => Answer::now(
                op::list_origination_numbers::reply(input)
                    .map(|reply| api::Reply::Sns(Reply::ListOriginationNumbers(reply))),
            ),
            Request::ListPhoneNumbersOptedOut(input) => self.read_outreach(own, |it| {
                op::list_phone_numbers_opted_out::reply(it, input)
                    .map(Reply::ListPhoneNumbersOptedOut)
            }),
            Request::ListPlatformApplications(input) => self.read_outreach(own, |it| {
                op::list_platform_applications::reply(it, input)
                    .map(Reply::ListPlatformApplications)
            }),
            Request::ListSMSSandboxPhoneNumbers(input) => self.read_outreach(own, |it| {
                op::list_sms_sandbox_phone_numbers::reply(it, input)
                    .map(Reply::ListSMSSandboxPhoneNumbers)
            }),
            Request::OptInPhoneNumber(input) => self.change_outreach(
                own,
                |it, now| op::opt_in_phone_number::prepare(it, now, input),
                |()| Reply::OptInPhoneNumber(op::opt_in_phone_number::reply()),
            ),
            Request::SetEndpointAttributes(input) => self.change_outreach(
                at(&input.endpoint_arn),
                |it, now| op::set_endpoint_attributes::prepare(it, now, input),
                |()| Reply::SetEndpointAttributes,
            ),
            Request::SetPlatformApplicationAttributes(input) => self.change_outreach(
                at(&input.platform_application_arn),
                |it, _| op::set_platform_application_attributes::prepare(it, input),
                |()| Reply::SetPlatformApplicationAttributes,
            ),
            Request::SetSMSAttributes(input) => self.change_outreach(
                own,
                |_, _| op::set_sms_attributes::prepare(input),
                |()| Reply::SetSMSAttributes(op::set_sms_attributes::reply()),
            ),
            Request::VerifySMSSandboxPhoneNumber(input) => self.change_outreach(
                own,
                |it, _| op::verify_sms_sandbox_phone_number::prepare(it, input),
                |()| {
                    Reply::VerifySMSSandboxPhoneNumber(op::verify_sms_sandbox_phone_number::reply())
                },
            ),
            Request::AddPermission(_)
            | Request::ConfirmSubscription(_)
            | Request::CreateTopic(_)
            | Request::DeleteTopic(_)
            | Request::GetDataProtectionPolicy(_)
            | Request::GetSubscriptionAttributes(_)
            | Request::GetTopicAttributes(_)
            | Request::ListSubscriptions(_)
            | Request::ListSubscriptionsByTopic(_)
            | Request::ListTagsForResource(_)
            | Request::ListTopics(_)
            | Request::Publish(_)
            | Request::PublishBatch(_)
            | Request::PutDataProtectionPolicy(_)
            | Request::RemovePermission(_)
            | Request::SetSubscriptionAttributes(_)
            | Request::SetTopicAttributes(_)
            | Request::Subscribe(_)
            | Request::TagResource(_)
            | Request::Unsubscribe(_)
            | Request::UntagResource(_) => {
                unreachable!("{} is about topics", request.op().name())
            }
        }
    }

    fn read_outreach(
        &self,
        home: Home,
        read: impl FnOnce(&Outreach) -> Result<Reply<'static>, Error>,
    ) -> Answer {
        self.in_home(home, |state, machine| {
            let result = match machine.and_then(|machine| state.outreach_now(machine)) {
                Some(outreach) => read(outreach),
                // Nobody has used it yet.
                None => read(&Outreach::new(home, Time::ZERO)),
            };
            state.told(result)
        })
    }

    fn change_outreach<K>(
        &self,
        home: Home,
        prepare: impl FnOnce(&Outreach, Time) -> Result<op::Plan<K>, Error>,
        reply: impl FnOnce(K) -> Reply<'static>,
    ) -> Answer {
        let mut notices = Vec::new();
        let answer = self.in_open_home(home, |state, machine| {
            let now = state.cell.now();
            let outreach = state.outreach_now(machine).expect("it was just opened");
            match prepare(outreach, now) {
                Ok(plan) => {
                    notices = plan.notices;
                    let keep = plan.keep;
                    state.carry_out_outreach(machine, plan.command, || reply(keep))
                }
                Err(error) => state.told(Err(error)),
            }
        });
        for notice in &notices {
            self.announce(notice);
        }
        answer
    }

    /// Publishes to a platform endpoint, past all topics.
    pub(super) fn publish_to_endpoint(
        &self,
        caller: &Caller<'_>,
        arn: &str,
        draft: &Draft<'_>,
    ) -> Answer {
        let home = home(caller, Some(arn));
        let platform = self.platform_of(home, arn);
        let direct = match draft.direct(platform.as_deref()) {
            Ok(direct) => direct,
            // A disabled endpoint is told of before anything that is wrong with the message.
            Err(error) => {
                let disabled = self.refusal_of_device(home, arn);
                return Answer::now(Err(disabled.unwrap_or(error)));
            }
        };
        let id = ids::random();
        let bare = Bare::direct(&id, arn, &direct);
        self.sent_directly(home, &id, Receiver::Device, &bare)
    }

    /// Publishes to a phone number.
    pub(super) fn publish_to_phone(
        &self,
        caller: &Caller<'_>,
        number: &str,
        draft: &Draft<'_>,
    ) -> Answer {
        let direct = match draft.direct(None) {
            Ok(direct) => direct,
            Err(error) => return Answer::now(Err(error)),
        };
        let id = ids::random();
        let bare = Bare::direct(&id, number, &direct);
        self.sent_directly(home(caller, None), &id, Receiver::Phone, &bare)
    }

    fn sent_directly(&self, home: Home, id: &[u8; 16], receiver: Receiver, bare: &Bare) -> Answer {
        let published = self.clock.now();
        let reply = PublishResponse {
            message_id: Some(sns::publication::message_id(id).into()),
            sequence_number: None,
        };
        let reply = Ok(api::Reply::Sns(Reply::Publish(reply)));
        match self.send_bare(home, receiver, bare, published) {
            Ok(sent) => Answer {
                after: vec![sent.after],
                ..Answer::now(reply)
            },
            Err(failure) => match failure.error {
                Some(error) => Answer::now(Err(error)),
                // It was accepted and did not arrive: only the log tells.
                None => self.seen_everywhere(reply),
            },
        }
    }

    /// Whether the platform endpoint of an ARN is there.
    pub(super) fn has_device(&self, arn: &Arn) -> bool {
        let Some(home) = home_of(arn.as_str()) else {
            return false;
        };
        self.platform_of(home, arn.as_str()).is_some()
    }

    /// Publishes what a platform application tells a topic. Like AWS's it is lost if there is no such topic.
    pub(crate) fn announce(&self, notice: &Notice) {
        let Ok(topic) = Arn::parse(&notice.topic_arn) else {
            return;
        };
        let Some(address) = crate::AddressRef::of(&topic) else {
            return;
        };
        let input = api::sns::PublishInput {
            topic_arn: Some(notice.topic_arn.as_str().into()),
            message: Some(notice.message.as_str().into()),
            ..Default::default()
        };
        let caller = Caller {
            account: address.account,
            region: address.region,
            sender: "",
            host: "",
            trace: None,
            overrides: Default::default(),
            query_protocol: false,
            signed: true,
        };
        let answer = self.publish(&caller, &input);
        if let Some(cell) = answer.carry {
            self.carry(cell);
        }
    }
}

impl CellState {
    pub(crate) fn outreach_now(&mut self, machine: MachineId) -> Option<&mut Outreach> {
        let now = self.cell.now();
        let outreach = self.cell.machines_mut().outreaches.get_mut(machine)?;
        domain::Machine::advance(outreach, now);
        Some(outreach)
    }

    fn carry_out_outreach(
        &mut self,
        machine: MachineId,
        command: Option<outreach::Command<'_>>,
        reply: impl FnOnce() -> Reply<'static>,
    ) -> Answer {
        let Some(command) = command else {
            return self.told(Ok(reply()));
        };
        match self.outreach_command(machine, command) {
            Ok(offset) => Answer::after(Ok(api::Reply::Sns(reply())), self.index, offset),
            Err(error) => Answer::now(Err(error)),
        }
    }
}
