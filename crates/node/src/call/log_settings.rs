//! Calls about what is set for log groups: retention, deletion protection, tags.

use api::logs::{
    DeleteRetentionPolicyRequest, ListTagsForResourceRequest, ListTagsLogGroupRequest,
    PutLogGroupDeletionProtectionRequest, PutRetentionPolicyRequest, Reply, TagLogGroupRequest,
    TagResourceRequest, UntagLogGroupRequest, UntagResourceRequest,
};
use logs::LogGroup;
use logs::op;

use super::logs::owner;
use crate::answer::Answer;
use crate::node::{Caller, Node};

impl Node {
    pub(super) fn put_retention_policy(
        &self,
        caller: &Caller<'_>,
        input: &PutRetentionPolicyRequest<'_>,
    ) -> Answer {
        let name = op::put_retention_policy::locate(input);
        let prepare = |group: &LogGroup| op::put_retention_policy::prepare(group, input);
        self.change_group(caller, name, prepare, Reply::PutRetentionPolicy)
    }

    pub(super) fn delete_retention_policy(
        &self,
        caller: &Caller<'_>,
        input: &DeleteRetentionPolicyRequest<'_>,
    ) -> Answer {
        let name = op::delete_retention_policy::locate(input);
        let prepare = op::delete_retention_policy::prepare;
        self.change_group(caller, name, prepare, Reply::DeleteRetentionPolicy)
    }

    pub(super) fn put_log_group_deletion_protection(
        &self,
        caller: &Caller<'_>,
        input: &PutLogGroupDeletionProtectionRequest<'_>,
    ) -> Answer {
        let owner = owner(caller);
        let name = op::put_log_group_deletion_protection::locate(&owner, input);
        let prepare =
            |group: &LogGroup| Ok(op::put_log_group_deletion_protection::prepare(group, input));
        self.change_group(caller, name, prepare, Reply::PutLogGroupDeletionProtection)
    }

    pub(super) fn tag_log_resource(
        &self,
        caller: &Caller<'_>,
        input: &TagResourceRequest<'_>,
    ) -> Answer {
        let owner = owner(caller);
        let name = op::tag_resource::locate(&owner, input);
        let prepare = |group: &LogGroup| op::tag_resource::prepare(group, input);
        self.change_group(caller, name, prepare, Reply::TagResource)
    }

    pub(super) fn untag_log_resource(
        &self,
        caller: &Caller<'_>,
        input: &UntagResourceRequest<'_>,
    ) -> Answer {
        let owner = owner(caller);
        let name = op::untag_resource::locate(&owner, input);
        let prepare = |group: &LogGroup| Ok(op::untag_resource::prepare(group, input));
        self.change_group(caller, name, prepare, Reply::UntagResource)
    }

    pub(super) fn list_log_resource_tags(
        &self,
        caller: &Caller<'_>,
        input: &ListTagsForResourceRequest<'_>,
    ) -> Answer {
        let owner = owner(caller);
        let name = op::list_tags_for_resource::locate(&owner, input);
        self.show_group(caller, name, |group| {
            let reply = op::list_tags_for_resource::reply(group.config());
            Ok(Reply::ListTagsForResource(reply))
        })
    }

    pub(super) fn tag_log_group(
        &self,
        caller: &Caller<'_>,
        input: &TagLogGroupRequest<'_>,
    ) -> Answer {
        let name = op::tag_log_group::locate(input);
        let prepare = |group: &LogGroup| op::tag_log_group::prepare(group, input);
        self.change_group(caller, name, prepare, Reply::TagLogGroup)
    }

    pub(super) fn untag_log_group(
        &self,
        caller: &Caller<'_>,
        input: &UntagLogGroupRequest<'_>,
    ) -> Answer {
        let name = op::untag_log_group::locate(input);
        let prepare = |group: &LogGroup| Ok(op::untag_log_group::prepare(group, input));
        self.change_group(caller, name, prepare, Reply::UntagLogGroup)
    }

    pub(super) fn list_tags_log_group(
        &self,
        caller: &Caller<'_>,
        input: &ListTagsLogGroupRequest<'_>,
    ) -> Answer {
        let name = op::list_tags_log_group::locate(input);
        self.show_group(caller, name, |group| {
            let reply = op::list_tags_log_group::reply(group.config());
            Ok(Reply::ListTagsLogGroup(reply))
        })
    }
}
