//! Calls about topics: create, delete, list, attributes, tags, permissions, data protection.

use api::Error;
use api::sns::{
    AddPermissionInput, CreateTopicInput, DeleteTopicInput, GetDataProtectionPolicyInput,
    GetTopicAttributesInput, ListTagsForResourceRequest, ListTopicsInput,
    PutDataProtectionPolicyInput, RemovePermissionInput, Reply, SetTopicAttributesInput,
    TagResourceRequest, UntagResourceRequest,
};
use domain::MachineId;
use engine::Claim;
use sns::arn::TopicName;
use sns::error::{resource_does_not_exist, topic_does_not_exist};
use sns::op::{self, Plan};

use crate::address::{Address, AddressRef, cell_of};
use crate::answer::Answer;
use crate::node::{Caller, Node};
use crate::record::Record;
use crate::state::CellState;

impl<'a> From<TopicName<'a>> for AddressRef<'a> {
    fn from(name: TopicName<'a>) -> AddressRef<'a> {
        AddressRef {
            account: name.account,
            region: name.region,
            name: name.name,
        }
    }
}

impl CellState {
    /// An answer of SNS that shows state as it is now: it leaves once all of that is durable.
    pub(crate) fn told(&self, result: Result<Reply<'static>, Error>) -> Answer {
        Answer::after(result.map(api::Reply::Sns), self.index, self.cell.end())
    }

    /// Carries a topic's prepared plan out and makes its answer.
    pub(crate) fn carry_out_topic<K>(
        &mut self,
        machine: MachineId,
        plan: Result<Plan<'_, K>, Error>,
        reply: impl FnOnce(K) -> Reply<'static>,
    ) -> Answer {
        let Plan { command, keep } = match plan {
            Ok(plan) => plan,
            Err(error) => return self.told(Err(error)),
        };
        let Some(command) = command else {
            return self.told(Ok(reply(keep)));
        };
        match self.topic_command(machine, command) {
            Ok(done) => {
                let told = Ok(api::Reply::Sns(reply(keep)));
                let mut answer = Answer::after(told, self.index, done.durable_from);
                answer.carry = done.carries.then_some(self.index);
                answer
            }
            Err(error) => Answer::now(Err(error)),
        }
    }

    /// Deletes a topic that is known to be there, with all that is on its way to its subscribers.
    pub(crate) fn delete_topic(&mut self, machine: MachineId) -> Answer {
        let address = self.topic(machine).map(topic_address);
        match self.submit(machine, Claim::Free, &Record::DeleteTopic) {
            Ok(done) => {
                if let Some(address) = address {
                    self.directory.strike_topic(&address);
                }
                self.courier.drop_machine(machine);
                self.calls.drop_machine(machine);
                self.outgoing
                    .retain(|outgoing| outgoing.ticket.machine != machine);
                let told = Ok(api::Reply::Sns(Reply::DeleteTopic));
                Answer::after(told, self.index, done.durable_from)
            }
            Err(error) => Answer::now(Err(error)),
        }
    }
}

fn topic_address(topic: &sns::Topic) -> Address {
    let config = topic.config();
    Address {
        account: config.account,
        region: config.region,
        name: config.name.as_str().into(),
    }
}

impl Node {
    /// Holds the cell of the topic of that name.
    pub(super) fn on_topic(
        &self,
        name: Result<TopicName<'_>, Error>,
        missing: impl FnOnce() -> Error,
        work: impl FnOnce(&mut CellState, MachineId) -> Answer,
    ) -> Answer {
        let address = match name {
            Ok(name) => AddressRef::from(name),
            Err(error) => return Answer::now(Err(error)),
        };
        let cell = cell_of(address, self.cells.len());
        self.cells[cell].hold(|state| match state.cell.machines().topics.find(address) {
            Some(machine) => work(state, machine),
            None => state.told(Err(missing())),
        })
    }

    pub(super) fn create_topic(&self, caller: &Caller<'_>, input: &CreateTopicInput<'_>) -> Answer {
        let address = AddressRef {
            account: caller.account,
            region: caller.region,
            name: input.name.as_deref().unwrap_or_default(),
        };
        let cell = cell_of(address, self.cells.len());
        self.signatures.warm();
        self.cells[cell].hold(|state| {
            let created = self.create_topic_in(state, caller, input);
            state.told(created.map(Reply::CreateTopic))
        })
    }

    fn create_topic_in(
        &self,
        state: &mut CellState,
        caller: &Caller<'_>,
        input: &CreateTopicInput<'_>,
    ) -> Result<api::sns::CreateTopicResponse<'static>, Error> {
        let now = state.cell.now();
        let config = op::create_topic::prepare(caller.account, caller.region, now, input)?;
        let reply = op::create_topic::reply(&config);
        let address = AddressRef {
            account: config.account,
            region: config.region,
            name: &config.name,
        };
        if let Some(machine) = state.cell.machines().topics.find(address) {
            let existing = state.topic(machine).expect("the topic was just found");
            op::create_topic::same(existing.config(), &config, input)?;
            return Ok(reply);
        }
        let alike = self.directory.count_topics(config.account, config.fifo);
        op::create_topic::check_count(config.fifo, alike)?;
        let machine = state.cell.machines().next_machine();
        let entered = config.clone();
        state.submit(machine, Claim::Grow, &Record::CreateTopic(Box::new(config)))?;
        self.directory.enter_topic(&entered);
        Ok(reply)
    }

    pub(super) fn delete_topic(&self, caller: &Caller<'_>, input: &DeleteTopicInput<'_>) -> Answer {
        let address = match op::topic_arn(input.topic_arn.as_ref(), caller.region) {
            Ok(name) => AddressRef::from(name),
            Err(error) => return Answer::now(Err(error)),
        };
        let cell = cell_of(address, self.cells.len());
        self.cells[cell].hold(|state| {
            // Deleting what is not there is no error.
            let Some(machine) = state.cell.machines().topics.find(address) else {
                return state.told(Ok(Reply::DeleteTopic));
            };
            let topic = state.topic_now(machine).expect("the topic was just found");
            match op::delete_topic::prepare(topic) {
                Ok(()) => state.delete_topic(machine),
                Err(error) => state.told(Err(error)),
            }
        })
    }

    pub(super) fn list_topics(&self, caller: &Caller<'_>, input: &ListTopicsInput<'_>) -> Answer {
        let topics = self.directory.topics(caller.account, caller.region);
        let arns = topics
            .iter()
            .map(|topic| topic.borrow().arn_of("sns").as_str().to_owned());
        let reply = op::list_topics::reply(arns, input).map(Reply::ListTopics);
        self.seen_everywhere(reply.map(api::Reply::Sns))
    }

    pub(super) fn get_topic_attributes(
        &self,
        caller: &Caller<'_>,
        input: &GetTopicAttributesInput<'_>,
    ) -> Answer {
        let name = op::topic_arn(input.topic_arn.as_ref(), caller.region);
        self.on_topic(name, topic_does_not_exist, |state, machine| {
            let topic = state.topic_now(machine).expect("the topic was just found");
            let reply = op::get_topic_attributes::reply(topic);
            state.told(Ok(Reply::GetTopicAttributes(reply)))
        })
    }

    pub(super) fn set_topic_attributes(
        &self,
        caller: &Caller<'_>,
        input: &SetTopicAttributesInput<'_>,
    ) -> Answer {
        let name = op::topic_arn(input.topic_arn.as_ref(), caller.region);
        self.on_topic(name, topic_does_not_exist, |state, machine| {
            let now = state.cell.now();
            let topic = state.topic_now(machine).expect("the topic was just found");
            let plan = op::set_topic_attributes::prepare(topic, now, input);
            state.carry_out_topic(machine, plan, |()| Reply::SetTopicAttributes)
        })
    }

    pub(super) fn add_topic_permission(
        &self,
        caller: &Caller<'_>,
        input: &AddPermissionInput<'_>,
    ) -> Answer {
        let name = op::topic_arn(input.topic_arn.as_ref(), caller.region);
        self.on_topic(name, topic_does_not_exist, |state, machine| {
            let topic = state.topic_now(machine).expect("the topic was just found");
            let plan = op::add_permission::prepare(topic, input);
            state.carry_out_topic(machine, plan, |()| Reply::AddPermission)
        })
    }

    pub(super) fn remove_topic_permission(
        &self,
        caller: &Caller<'_>,
        input: &RemovePermissionInput<'_>,
    ) -> Answer {
        let name = op::topic_arn(input.topic_arn.as_ref(), caller.region);
        self.on_topic(name, topic_does_not_exist, |state, machine| {
            let topic = state.topic_now(machine).expect("the topic was just found");
            let plan = op::remove_permission::prepare(topic, input);
            state.carry_out_topic(machine, plan, |()| Reply::RemovePermission)
        })
    }

    pub(super) fn tag_topic(&self, caller: &Caller<'_>, input: &TagResourceRequest<'_>) -> Answer {
        let name = op::resource_arn(input.resource_arn.as_ref(), caller.region);
        self.on_topic(name, resource_does_not_exist, |state, machine| {
            let topic = state.topic_now(machine).expect("the topic was just found");
            let plan = op::tag_resource::prepare(topic, input);
            state.carry_out_topic(machine, plan, |()| Reply::TagResource(Default::default()))
        })
    }

    pub(super) fn untag_topic(
        &self,
        caller: &Caller<'_>,
        input: &UntagResourceRequest<'_>,
    ) -> Answer {
        let name = op::resource_arn(input.resource_arn.as_ref(), caller.region);
        self.on_topic(name, resource_does_not_exist, |state, machine| {
            let topic = state.topic_now(machine).expect("the topic was just found");
            let plan = op::untag_resource::prepare(topic, input);
            state.carry_out_topic(machine, plan, |()| Reply::UntagResource(Default::default()))
        })
    }

    pub(super) fn list_topic_tags(
        &self,
        caller: &Caller<'_>,
        input: &ListTagsForResourceRequest<'_>,
    ) -> Answer {
        let name = op::resource_arn(input.resource_arn.as_ref(), caller.region);
        self.on_topic(name, resource_does_not_exist, |state, machine| {
            let topic = state.topic_now(machine).expect("the topic was just found");
            let reply = op::list_tags_for_resource::reply(topic);
            state.told(Ok(Reply::ListTagsForResource(reply)))
        })
    }

    pub(super) fn put_data_protection_policy(
        &self,
        caller: &Caller<'_>,
        input: &PutDataProtectionPolicyInput<'_>,
    ) -> Answer {
        let name = op::resource_arn(input.resource_arn.as_ref(), caller.region);
        self.on_topic(name, topic_does_not_exist, |state, machine| {
            let topic = state.topic_now(machine).expect("the topic was just found");
            let plan = op::put_data_protection_policy::prepare(topic, input);
            let answer = state.carry_out_topic(machine, plan, |()| Reply::PutDataProtectionPolicy);
            let topic = state.topic(machine).expect("the topic was just found");
            self.directory.enter_topic(topic.config());
            answer
        })
    }

    pub(super) fn get_data_protection_policy(
        &self,
        caller: &Caller<'_>,
        input: &GetDataProtectionPolicyInput<'_>,
    ) -> Answer {
        let name = op::resource_arn(input.resource_arn.as_ref(), caller.region);
        self.on_topic(name, topic_does_not_exist, |state, machine| {
            let topic = state.topic_now(machine).expect("the topic was just found");
            let reply = op::get_data_protection_policy::reply(topic);
            state.told(Ok(Reply::GetDataProtectionPolicy(reply)))
        })
    }
}
