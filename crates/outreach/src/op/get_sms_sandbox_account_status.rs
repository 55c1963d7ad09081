//! GetSMSSandboxAccountStatus: whether the account may send to verified numbers only.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetSMSSandboxAccountStatus.html>

use api::sns::GetSMSSandboxAccountStatusResult;

use crate::outreach::Outreach;

pub fn reply(outreach: &Outreach) -> GetSMSSandboxAccountStatusResult {
    GetSMSSandboxAccountStatusResult {
        is_in_sandbox: Some(outreach.is_in_sandbox()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::op::samples::{NOW, apply, fresh};

    #[test]
    fn an_account_is_in_the_sandbox_only_if_it_was_put_there() {
        let mut outreach = fresh();
        assert_eq!(reply(&outreach).is_in_sandbox, Some(false));
        apply(&mut outreach, NOW, &Command::SetSandbox(true));
        assert_eq!(reply(&outreach).is_in_sandbox, Some(true));
    }
}
