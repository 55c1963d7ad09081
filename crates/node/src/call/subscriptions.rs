//! Calls about subscriptions: subscribe, confirm, end, list, attributes.

use api::Error;
use api::sns::{
    ConfirmSubscriptionInput, GetSubscriptionAttributesInput, ListSubscriptionsByTopicInput,
    ListSubscriptionsInput, Reply, SetSubscriptionAttributesInput, SubscribeInput,
    UnsubscribeInput,
};
use domain::{Arn, Region};
use sns::Protocol;
use sns::error::{subscription_does_not_exist, topic_does_not_exist};
use sns::op;

use crate::address::{AddressRef, cell_of};
use crate::answer::Answer;
use crate::ids;
use crate::node::{Caller, Node};
use crate::token::Token;

/// The ARN of who calls, as subscriptions remember it: this server knows no users.
pub(super) fn principal(caller: &Caller<'_>) -> String {
    let partition = caller.region.partition();
    format!(
        "arn:{partition}:iam::{}:user/tidings-caller",
        caller.account
    )
}

/// The region that is meant: a link out of a message is not signed, and its ARN tells.
fn region_of(caller: &Caller<'_>, arn: Option<&str>) -> Region {
    let told = arn.and_then(sns::arn::region);
    match told {
        Some(region) if !caller.signed => region,
        Some(_) | None => caller.region,
    }
}

impl Node {
    fn who<'a>(&self, caller: &Caller<'a>, region: Region, principal: &'a str) -> op::Caller<'a> {
        op::Caller {
            account: caller.account,
            region,
            principal,
            signed: caller.signed,
            filter_policies_max: self.options.filter_policies_max,
        }
    }

    pub(super) fn subscribe(&self, caller: &Caller<'_>, input: &SubscribeInput<'_>) -> Answer {
        let asked = match op::subscribe::check(caller.region, input) {
            Ok(asked) => asked,
            Err(error) => return Answer::now(Err(error)),
        };
        let principal = principal(caller);
        // Asked before the topic's cell is held: the device's may be the same one.
        let device = input.endpoint.as_deref().and_then(|it| Arn::parse(it).ok());
        let is_there = asked.protocol == Protocol::Application
            && device.is_some_and(|arn| self.has_device(&arn));
        let device = |_: &Arn| is_there;
        let name = Ok(asked.topic);
        self.on_topic(name, topic_does_not_exist, |state, machine| {
            let now = state.cell.now();
            let topic = state.topic_now(machine).expect("the topic was just found");
            let who = self.who(caller, caller.region, &principal);
            let ids = &mut ids::random;
            let plan = op::subscribe::prepare(topic, &who, now, ids, &asked, input, &device);
            state.carry_out_topic(machine, plan, |keep| {
                Reply::Subscribe(op::subscribe::reply(keep, input))
            })
        })
    }

    pub(super) fn confirm_subscription(
        &self,
        caller: &Caller<'_>,
        input: &ConfirmSubscriptionInput<'_>,
    ) -> Answer {
        let region = region_of(caller, input.topic_arn.as_deref());
        let asked = match op::confirm_subscription::check(region, input) {
            Ok(asked) => asked,
            Err(error) => return Answer::now(Err(error)),
        };
        let unknown = || op::confirm_subscription::unknown_token();
        let token = Token::parse(asked.token).ok();
        let Some(token) = token.filter(|token| usize::from(token.cell) < self.cells.len()) else {
            return Answer::now(Err(unknown()));
        };
        self.cells[usize::from(token.cell)].hold(|state| {
            let machine = token.machine;
            let topic = state.topic_now(machine);
            let Some(topic) = topic.filter(|topic| topic.config().region == region) else {
                return state.told(Err(unknown()));
            };
            let subscription = topic.subscriptions().get_leaving(token.subscription);
            let Some(id) = subscription
                .filter(|subscription| token.proves(&subscription.secret))
                .map(|subscription| subscription.id)
            else {
                return state.told(Err(unknown()));
            };
            let plan =
                op::confirm_subscription::prepare(topic, &id, &token.secret, &asked, caller.signed);
            state.carry_out_topic(machine, plan, |arn| {
                Reply::ConfirmSubscription(op::confirm_subscription::reply(arn))
            })
        })
    }

    pub(super) fn unsubscribe(&self, caller: &Caller<'_>, input: &UnsubscribeInput<'_>) -> Answer {
        let region = region_of(caller, input.subscription_arn.as_deref());
        let name = match op::unsubscribe::check(region, input) {
            Ok(name) => name,
            Err(error) => return Answer::now(Err(error)),
        };
        let address = AddressRef::from(name.topic);
        let cell = cell_of(address, self.cells.len());
        let principal = principal(caller);
        self.cells[cell].hold(|state| {
            // Ending what is not there is no error.
            let Some(machine) = state.cell.machines().topics.find(address) else {
                return state.told(Ok(Reply::Unsubscribe));
            };
            let topic = state.topic_now(machine).expect("the topic was just found");
            let who = self.who(caller, region, &principal);
            let plan = op::unsubscribe::prepare(topic, &who, &mut ids::random, &name);
            state.carry_out_topic(machine, plan, |()| Reply::Unsubscribe)
        })
    }

    pub(super) fn get_subscription_attributes(
        &self,
        caller: &Caller<'_>,
        input: &GetSubscriptionAttributesInput<'_>,
    ) -> Answer {
        let name = match op::subscription_arn(input.subscription_arn.as_ref(), caller.region) {
            Ok(name) => name,
            Err(error) => return Answer::now(Err(error)),
        };
        let topic = Ok(name.topic);
        self.on_topic(topic, subscription_does_not_exist, |state, machine| {
            let topic = state.topic_now(machine).expect("the topic was just found");
            let reply = op::get_subscription_attributes::reply(topic, &name);
            state.told(reply.map(Reply::GetSubscriptionAttributes))
        })
    }

    pub(super) fn set_subscription_attributes(
        &self,
        caller: &Caller<'_>,
        input: &SetSubscriptionAttributesInput<'_>,
    ) -> Answer {
        let name = match op::subscription_arn(input.subscription_arn.as_ref(), caller.region) {
            Ok(name) => name,
            Err(error) => return Answer::now(Err(error)),
        };
        let topic = Ok(name.topic);
        self.on_topic(topic, subscription_does_not_exist, |state, machine| {
            let now = state.cell.now();
            let topic = state.topic_now(machine).expect("the topic was just found");
            let filters = self.options.filter_policies_max;
            let plan = op::set_subscription_attributes::prepare(topic, now, &name, input, filters);
            state.carry_out_topic(machine, plan, |()| Reply::SetSubscriptionAttributes)
        })
    }

    pub(super) fn list_subscriptions_by_topic(
        &self,
        caller: &Caller<'_>,
        input: &ListSubscriptionsByTopicInput<'_>,
    ) -> Answer {
        let name = op::topic_arn(input.topic_arn.as_ref(), caller.region);
        self.on_topic(name, topic_does_not_exist, |state, machine| {
            let topic = state.topic_now(machine).expect("the topic was just found");
            let reply = op::list_subscriptions_by_topic::reply(topic, input);
            state.told(reply.map(Reply::ListSubscriptionsByTopic))
        })
    }

    pub(super) fn list_subscriptions(
        &self,
        caller: &Caller<'_>,
        input: &ListSubscriptionsInput<'_>,
    ) -> Answer {
        let reply = self.page_of_subscriptions(caller, input);
        let reply = reply.map(|page| api::Reply::Sns(Reply::ListSubscriptions(page.reply())));
        self.seen_everywhere(reply)
    }

    fn page_of_subscriptions(
        &self,
        caller: &Caller<'_>,
        input: &ListSubscriptionsInput<'_>,
    ) -> Result<op::list_subscriptions::Page, Error> {
        let mut page = op::list_subscriptions::Page::start(input)?;
        let topics = self.directory.topics(caller.account, caller.region);
        let due = topics
            .iter()
            .skip_while(|topic| &*topic.name < page.first_topic())
            .cloned()
            .collect::<Vec<_>>();
        for address in due {
            if page.is_full() {
                break;
            }
            let cell = cell_of(address.borrow(), self.cells.len());
            self.cells[cell].hold(|state| {
                let found = state.cell.machines().topics.find(address.borrow());
                if let Some(topic) = found.and_then(|machine| state.topic_now(machine)) {
                    page.add(topic);
                }
            });
        }
        Ok(page)
    }
}
