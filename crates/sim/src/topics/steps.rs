//! What may happen to topics next, and how likely it is.

use node::{Answer, Step};

use crate::client;
use crate::violation::Check;
use crate::world::World;

impl World {
    pub(crate) fn step_topics(&mut self) -> Check {
        match self.random.below(100) {
            0..=4 => self.create_topic(),
            5 => self.delete_topic(),
            6..=14 => self.subscribe(),
            15..=17 => self.unsubscribe(),
            18..=22 => self.change_subscription(),
            23..=24 => self.list_subscriptions(),
            25..=64 => self.publish(),
            _ => self.answer_call(),
        }
    }

    /// A call about topics. None of them waits.
    pub(crate) fn ask_sns(&mut self, request: api::sns::Request<'static>) -> Answer {
        let mut park = || -> node::OnAnswer { unreachable!("a call about topics never waits") };
        let request = api::Request::Sns(request);
        match self.node().call(&client::caller(), &request, &mut park) {
            Step::Answer(answer) => answer,
            Step::Parked(_) => unreachable!("a call about topics never waits"),
        }
    }
}
