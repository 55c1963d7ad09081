//! Accounts and requests that the tests of operations begin with.

use api::{Map, Str};
use domain::{AccountId, Effects, Machine as _, Offset, Region, Seconds, Stamp, Time};

use crate::Home;
use crate::command::Command;
use crate::op::{Plan, create_platform_application, create_platform_endpoint};
use crate::outreach::Outreach;

pub(crate) const NOW: Time = Time::from_seconds(1_700_000_000);

pub(crate) fn home() -> Home {
    Home {
        account: AccountId::DEFAULT,
        region: Region::default(),
    }
}

pub(crate) fn fresh() -> Outreach {
    Outreach::new(home(), NOW)
}

pub(crate) const fn after(seconds: u32) -> Time {
    NOW.after(Seconds(seconds))
}

/// Ids 1, 2, 3, … in every byte.
pub(crate) fn ids() -> impl FnMut() -> [u8; 16] {
    let mut last = 0;
    move || {
        last += 1;
        [last; 16]
    }
}

pub(crate) fn map(entries: &[(&'static str, &'static str)]) -> Option<Map<'static, Str<'static>>> {
    let entries = entries.iter().copied();
    Some(
        entries
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
    )
}

/// Applies a command as the journal would give it back.
pub(crate) fn apply(outreach: &mut Outreach, now: Time, command: &Command<'_>) {
    let mut record = Vec::new();
    command.encode(&mut record);
    let at = Stamp {
        time: now,
        offset: Offset(now.millis()),
    };
    let command = Command::decode(&record).unwrap();
    outreach.apply(at, command, &mut Effects::default());
}

pub(crate) fn carry_out<K>(outreach: &mut Outreach, now: Time, plan: Plan<K>) -> K {
    if let Some(command) = &plan.command {
        apply(outreach, now, command);
    }
    plan.keep
}

/// An application of GCM; its ARN.
pub(crate) fn with_application(
    outreach: &mut Outreach,
    name: &'static str,
    attributes: &[(&'static str, &'static str)],
) -> String {
    let mut all = vec![("PlatformCredential", "secret-key")];
    all.extend_from_slice(attributes);
    let input = api::sns::CreatePlatformApplicationInput {
        name: Some(name.into()),
        platform: Some("GCM".into()),
        attributes: map(&all),
    };
    let plan = create_platform_application::prepare(outreach, &input).unwrap();
    carry_out(outreach, NOW, plan)
}

/// An endpoint of that application; its ARN.
pub(crate) fn with_endpoint(outreach: &mut Outreach, application: &str, token: &str) -> String {
    let mut last = [0; 16];
    last[..8].copy_from_slice(&(outreach.endpoints.next() + 1).to_be_bytes());
    let input = api::sns::CreatePlatformEndpointInput {
        platform_application_arn: Some(application.to_owned().into()),
        token: Some(token.to_owned().into()),
        ..Default::default()
    };
    let plan = create_platform_endpoint::prepare(outreach, NOW, &mut || last, &input).unwrap();
    carry_out(outreach, NOW, plan)
}
