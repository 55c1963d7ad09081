//! DescribeLogGroups: the groups of an account in a region, by name, with all that is to say of them.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>

use api::logs::{DescribeLogGroupsRequest, DescribeLogGroupsResponse, LogGroup};
use api::{Error, Str};

use crate::checks::{Checks, GROUP_NAME, GROUP_NAME_PATTERN, IDENTIFIER, TOKEN};
use crate::config::{Class, Config};
use crate::owner::Owner;
use crate::paging::{self, Listed, Page};
use crate::{error, limits};

/// Which groups are asked for, and those of them that were shown so far.
#[derive(Debug)]
pub struct Listing {
    owner: Owner,
    prefix: Option<String>,
    /// What stands somewhere in the name.
    pattern: Option<String>,
    class: Option<Class>,
    names: Option<Vec<String>>,
    /// The caller names accounts, and its own is not among them.
    elsewhere: bool,
    page: Page,
}

impl Listing {
    pub fn of(owner: &Owner, input: &DescribeLogGroupsRequest<'_>) -> Result<Listing, Error> {
        check(input)?;
        let (prefix, pattern) = (&input.log_group_name_prefix, &input.log_group_name_pattern);
        if prefix.is_some() && pattern.is_some() {
            return Err(error::invalid(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
            ));
        }
        let identifiers = input.log_group_identifiers.as_ref();
        if identifiers.is_some()
            && (prefix.is_some() || pattern.is_some() || input.log_group_class.is_some())
        {
            return Err(error::invalid(
                "LogGroup identifiers cannot be combined with a name prefix, a name pattern or a class.",
            ));
        }
        let limit = input.limit.map_or(*limits::DESCRIBE_PAGE.end(), i64::from);
        Ok(Listing {
            owner: *owner,
            prefix: prefix.as_deref().map(str::to_owned),
            pattern: pattern.as_deref().map(str::to_owned),
            class: input.log_group_class.as_deref().and_then(Class::from_name),
            // Of a group that is somebody else's nothing is shown.
            names: identifiers.map(|identifiers| {
                let names = identifiers.iter().filter_map(|name| owner.named(name).ok());
                names.map(str::to_owned).collect()
            }),
            elsewhere: is_elsewhere(owner, input.account_identifiers.as_ref()),
            page: Page::of(input.next_token.as_deref(), limit as usize)?,
        })
    }

    /// Shows the listing one of all groups there are, in any order.
    pub fn add(&mut self, config: &Config, stored_bytes: u64) {
        if self.wants(config) {
            self.page.add(config, stored_bytes);
        }
    }

    /// Whether one of the owner's groups need be shown, as far as its name tells: others are left out anyway.
    pub fn may_want(&self, name: &str) -> bool {
        self.wants_name(name) && self.page.has_room_for(name)
    }

    fn wants(&self, config: &Config) -> bool {
        let own = config.account == self.owner.account && config.region == self.owner.region;
        own && self.wants_name(&config.name)
            && self
                .class
                .is_none_or(|class| are_alike(class, config.class))
    }

    fn wants_name(&self, name: &str) -> bool {
        let is = |wanted: &Option<String>, rule: fn(&str, &str) -> bool| {
            wanted.as_deref().is_none_or(|wanted| rule(name, wanted))
        };
        !self.elsewhere
            && is(&self.prefix, |name, prefix| name.starts_with(prefix))
            && is(&self.pattern, |name, part| name.contains(part))
            && self
                .names
                .as_ref()
                .is_none_or(|names| names.iter().any(|wanted| wanted == name))
    }

    /// With a pattern AWS leaves members out, and gives a token even with the last groups.
    pub fn reply(self) -> DescribeLogGroupsResponse<'static> {
        let by_pattern = self.pattern.is_some();
        let (groups, more) = self.page.cut();
        let token = paging::behind(&groups).filter(|_| more || by_pattern);
        DescribeLogGroupsResponse {
            log_groups: Some(groups.iter().map(|group| show(group, by_pattern)).collect()),
            next_token: token.map(Into::into),
        }
    }
}

/// There are no linked accounts here: of those a caller names only its own has groups that it can see.
pub(crate) fn is_elsewhere(owner: &Owner, accounts: Option<&Vec<Str<'_>>>) -> bool {
    accounts.is_some_and(|accounts| {
        !accounts.is_empty()
            && !accounts
                .iter()
                .any(|account| account == owner.account.as_str())
    })
}

/// Either of the two cheaper classes stands for both.
pub(crate) fn are_alike(wanted: Class, class: Class) -> bool {
    let is_cheap = |class| matches!(class, Class::InfrequentAccess | Class::Essentials);
    wanted == class || (is_cheap(wanted) && is_cheap(class))
}

fn check(input: &DescribeLogGroupsRequest<'_>) -> Result<(), Error> {
    let mut checks = Checks::new();
    let identifiers = input.log_group_identifiers.as_ref();
    checks
        .text(
            "logGroupNamePrefix",
            input.log_group_name_prefix.as_ref(),
            &GROUP_NAME,
        )
        .text(
            "logGroupNamePattern",
            input.log_group_name_pattern.as_ref(),
            &GROUP_NAME_PATTERN,
        )
        .text("nextToken", input.next_token.as_ref(), &TOKEN)
        .number("limit", input.limit.map(i64::from), &limits::DESCRIBE_PAGE)
        .one_of(
            "logGroupClass",
            input.log_group_class.as_ref(),
            &Class::NAMES,
        )
        .count(
            "accountIdentifiers",
            input.account_identifiers.as_ref().map(Vec::len),
            &(0..=20),
        )
        .count("logGroupIdentifiers", identifiers.map(Vec::len), &(1..=50));
    for (number, identifier) in identifiers.into_iter().flatten().enumerate() {
        let member = format!("logGroupIdentifiers.{}.member", number + 1);
        checks.text(&member, Some(identifier), &IDENTIFIER);
    }
    checks.done()
}

fn show(group: &Listed, by_pattern: bool) -> LogGroup<'static> {
    let config = &group.config;
    let arn = config.arn();
    LogGroup {
        log_group_name: Some(config.name.clone().into()),
        creation_time: Some(config.created.millis() as i64),
        retention_in_days: config.retention.map(i32::from),
        metric_filter_count: Some(0),
        arn: Some(format!("{arn}:*").into()),
        stored_bytes: (!by_pattern).then_some(group.stored_bytes as i64),
        kms_key_id: config.kms_key.clone().map(Into::into),
        log_group_class: Some(config.class.name().into()),
        log_group_arn: Some(arn.as_str().to_owned().into()),
        deletion_protection_enabled: (!by_pattern).then_some(config.protected),
        ..LogGroup::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{NOW, OWNER, config, config_of, list};

    fn listed(
        groups: &[Config],
        input: &DescribeLogGroupsRequest<'_>,
    ) -> DescribeLogGroupsResponse<'static> {
        let mut listing = Listing::of(&OWNER, input).unwrap();
        groups.iter().for_each(|config| listing.add(config, 0));
        listing.reply()
    }

    fn names(response: &DescribeLogGroupsResponse<'_>) -> Vec<String> {
        let groups = response.log_groups.as_ref().unwrap().iter();
        groups
            .map(|group| group.log_group_name.as_deref().unwrap().to_owned())
            .collect()
    }

    fn groups(names: &[&str]) -> Vec<Config> {
        names
            .iter()
            .map(|name| config_of(name, Class::Standard))
            .collect()
    }

    fn refusal(input: &DescribeLogGroupsRequest<'_>) -> Error {
        Listing::of(&OWNER, input).unwrap_err()
    }

    #[test]
    fn a_group_is_shown_as_aws_shows_it() {
        let response = listed(&[config()], &DescribeLogGroupsRequest::default());
        let plain = LogGroup {
            log_group_name: Some("g".into()),
            creation_time: Some(NOW.millis() as i64),
            metric_filter_count: Some(0),
            arn: Some("arn:aws:logs:us-east-1:000000000000:log-group:g:*".into()),
            stored_bytes: Some(0),
            log_group_class: Some("STANDARD".into()),
            log_group_arn: Some("arn:aws:logs:us-east-1:000000000000:log-group:g".into()),
            deletion_protection_enabled: Some(false),
            ..LogGroup::default()
        };
        assert_eq!(response.log_groups, Some(vec![plain.clone()]));
        let mut config = config();
        config.retention = Some(7);
        config.kms_key = Some("k".into());
        let full = LogGroup {
            retention_in_days: Some(7),
            kms_key_id: Some("k".into()),
            ..plain
        };
        let response = listed(&[config], &DescribeLogGroupsRequest::default());
        assert_eq!(response.log_groups, Some(vec![full]));
    }

    #[test]
    fn a_prefix_chooses_by_the_start_and_a_pattern_by_any_part() {
        let groups = groups(&["DataLogs", "aws/DataLogs", "datalogs", "GroupDataLogs"]);
        let by_prefix = DescribeLogGroupsRequest {
            log_group_name_prefix: Some("Data".into()),
            ..DescribeLogGroupsRequest::default()
        };
        assert_eq!(names(&listed(&groups, &by_prefix)), ["DataLogs"]);
        let by_pattern = DescribeLogGroupsRequest {
            log_group_name_pattern: Some("DataLogs".into()),
            ..DescribeLogGroupsRequest::default()
        };
        assert_eq!(
            names(&listed(&groups, &by_pattern)),
            ["DataLogs", "GroupDataLogs", "aws/DataLogs"]
        );
        let both = DescribeLogGroupsRequest {
            log_group_name_prefix: Some("a".into()),
            ..by_pattern
        };
        assert_eq!(
            refusal(&both).message,
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
        );
    }

    #[test]
    fn with_a_pattern_members_are_missing_and_a_token_leads_to_an_empty_page() {
        let input = DescribeLogGroupsRequest {
            log_group_name_pattern: Some("g".into()),
            ..DescribeLogGroupsRequest::default()
        };
        let response = listed(&[config()], &input);
        let group = &response.log_groups.as_ref().unwrap()[0];
        assert_eq!(
            (group.stored_bytes, group.deletion_protection_enabled),
            (None, None)
        );
        assert_eq!(group.log_group_class.as_deref(), Some("STANDARD"));
        let rest = listed(
            &[config()],
            &DescribeLogGroupsRequest {
                next_token: response.next_token,
                ..input
            },
        );
        assert_eq!((rest.log_groups, rest.next_token), (Some(vec![]), None));
    }

    #[test]
    fn pages_of_up_to_50_follow_each_other() {
        let all: Vec<String> = (0..120).map(|n| format!("g{n:03}")).collect();
        let groups: Vec<Config> = all
            .iter()
            .map(|name| config_of(name, Class::Standard))
            .collect();
        let mut seen = Vec::new();
        let mut token = None;
        for wanted in [50, 50, 20] {
            let page = listed(
                &groups,
                &DescribeLogGroupsRequest {
                    next_token: token,
                    ..DescribeLogGroupsRequest::default()
                },
            );
            assert_eq!(names(&page).len(), wanted);
            seen.extend(names(&page));
            token = page.next_token;
        }
        assert_eq!((seen, token), (all, None));
        let too_many = DescribeLogGroupsRequest {
            limit: Some(51),
            ..DescribeLogGroupsRequest::default()
        };
        assert_eq!(
            refusal(&too_many).message,
            "1 validation error detected: Value '51' at 'limit' failed to satisfy constraint: Member must have value \
             less than or equal to 50"
        );
    }

    #[test]
    fn classes_identifiers_and_accounts_choose_too() {
        let groups = [
            config_of("cheap", Class::InfrequentAccess),
            config_of("essential", Class::Essentials),
            config(),
        ];
        let choose = |input| names(&listed(&groups, &input));
        let class = |class: &'static str| DescribeLogGroupsRequest {
            log_group_class: Some(class.into()),
            ..DescribeLogGroupsRequest::default()
        };
        assert_eq!(choose(class("STANDARD")), ["g"]);
        assert_eq!(choose(class("ESSENTIALS")), ["cheap", "essential"]);
        let identifiers = DescribeLogGroupsRequest {
            log_group_identifiers: list(&[
                "arn:aws:logs:us-east-1:000000000000:log-group:g",
                "cheap",
                "unknown",
                "arn:aws:logs:us-east-2:000000000000:log-group:essential",
            ]),
            ..DescribeLogGroupsRequest::default()
        };
        assert_eq!(choose(identifiers.clone()), ["cheap", "g"]);
        let mixed = DescribeLogGroupsRequest {
            log_group_name_prefix: Some("g".into()),
            ..identifiers
        };
        assert_eq!(refusal(&mixed).kind.code, "InvalidParameterException");
        let of = |account: &'static str| DescribeLogGroupsRequest {
            account_identifiers: list(&[account]),
            include_linked_accounts: Some(true),
            ..DescribeLogGroupsRequest::default()
        };
        assert_eq!(choose(of("000000000000")).len(), 3);
        assert!(choose(of("111111111111")).is_empty());
    }

    #[test]
    fn other_accounts_and_regions_have_their_own_groups() {
        let mut other = config();
        other.region = domain::Region::parse("eu-west-1").unwrap();
        assert!(names(&listed(&[other], &DescribeLogGroupsRequest::default())).is_empty());
    }

    #[test]
    fn a_token_of_ones_own_is_refused() {
        let input = DescribeLogGroupsRequest {
            next_token: Some("!".into()),
            ..DescribeLogGroupsRequest::default()
        };
        assert_eq!(refusal(&input), error::bad_token());
    }
}
