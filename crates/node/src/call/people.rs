//! Calls that reach people: platform applications, phones, and publishes straight to them.

use domain::Arn;
use sns::op::publish::Draft;

use crate::answer::Answer;
use crate::node::{Caller, Node};

impl Node {
    pub(super) fn publish_to_endpoint(
        &self,
        _caller: &Caller<'_>,
        _arn: &str,
        _draft: &Draft<'_>,
    ) -> Answer {
        todo!()
    }

    pub(super) fn publish_to_phone(
        &self,
        _caller: &Caller<'_>,
        _number: &str,
        _draft: &Draft<'_>,
    ) -> Answer {
        todo!()
    }

    pub(super) fn has_device(&self, _arn: &Arn) -> bool {
        false
    }
}
