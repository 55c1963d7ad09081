//! ListLogGroups: names, ARNs and classes of the groups of an account in a region.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListLogGroups.html>

use api::Error;
use api::logs::{ListLogGroupsRequest, ListLogGroupsResponse, LogGroupSummary};

use crate::checks::{Checks, TOKEN};
use crate::config::{Class, Config};
use crate::name_pattern::NamePattern;
use crate::op::describe_log_groups::{are_alike, is_elsewhere};
use crate::owner::Owner;
use crate::paging::{self, Page};
use crate::tag_filter::TagFilter;
use crate::{error, limits};

/// Which groups are asked for, and those of them that were shown so far.
#[derive(Debug)]
pub struct Listing {
    owner: Owner,
    pattern: Option<NamePattern>,
    class: Option<Class>,
    tags: Vec<TagFilter>,
    elsewhere: bool,
    page: Page,
}

impl Listing {
    pub fn of(owner: &Owner, input: &ListLogGroupsRequest<'_>) -> Result<Listing, Error> {
        let mut checks = Checks::new();
        checks
            .text("nextToken", input.next_token.as_ref(), &TOKEN)
            .number("limit", input.limit.map(i64::from), &limits::LIST_PAGE)
            .one_of(
                "logGroupClass",
                input.log_group_class.as_ref(),
                &Class::NAMES,
            )
            .count(
                "accountIdentifiers",
                input.account_identifiers.as_ref().map(Vec::len),
                &(0..=20),
            );
        TagFilter::check(&mut checks, input.log_group_tags.as_ref());
        checks.done()?;
        if input.data_sources.is_some() || input.field_index_names.is_some() {
            return Err(error::not_built(
                "Listing log groups by data source or field index",
            ));
        }
        let pattern = input.log_group_name_pattern.as_deref();
        let limit = input
            .limit
            .map_or(limits::LIST_PAGE_DEFAULT, |limit| limit as usize);
        Ok(Listing {
            owner: *owner,
            pattern: pattern.map(NamePattern::parse).transpose()?,
            class: input.log_group_class.as_deref().and_then(Class::from_name),
            tags: TagFilter::all(input.log_group_tags.as_ref()),
            elsewhere: is_elsewhere(owner, input.account_identifiers.as_ref()),
            page: Page::of(input.next_token.as_deref(), limit)?,
        })
    }

    /// Whether one of the owner's groups need be shown, as far as its name tells: others are left out anyway.
    pub fn may_want(&self, name: &str) -> bool {
        self.wants_name(name) && self.page.has_room_for(name)
    }

    fn wants_name(&self, name: &str) -> bool {
        !self.elsewhere
            && self
                .pattern
                .as_ref()
                .is_none_or(|pattern| pattern.matches(name))
    }

    /// Shows the listing one of all groups there are, in any order.
    pub fn add(&mut self, config: &Config) {
        let own = config.account == self.owner.account && config.region == self.owner.region;
        let wanted = own
            && self.wants_name(&config.name)
            && self
                .class
                .is_none_or(|class| are_alike(class, config.class))
            && self.tags.iter().all(|filter| filter.matches(&config.tags));
        if wanted {
            self.page.add(config, 0);
        }
    }

    pub fn reply(self) -> ListLogGroupsResponse<'static> {
        let (groups, more) = self.page.cut();
        let token = paging::behind(&groups).filter(|_| more);
        let show = |config: &Config| LogGroupSummary {
            log_group_name: Some(config.name.clone().into()),
            log_group_arn: Some(config.arn().as_str().to_owned().into()),
            log_group_class: Some(config.class.name().into()),
        };
        ListLogGroupsResponse {
            log_groups: Some(groups.iter().map(|group| show(&group.config)).collect()),
            next_token: token.map(Into::into),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{OWNER, config, config_of, list};

    fn listed(
        groups: &[Config],
        input: &ListLogGroupsRequest<'_>,
    ) -> ListLogGroupsResponse<'static> {
        let mut listing = Listing::of(&OWNER, input).unwrap();
        groups.iter().for_each(|config| listing.add(config));
        listing.reply()
    }

    fn names(response: &ListLogGroupsResponse<'_>) -> Vec<String> {
        let groups = response.log_groups.as_ref().unwrap().iter();
        groups
            .map(|group| group.log_group_name.as_deref().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn a_group_is_summed_up() {
        let response = listed(&[config()], &ListLogGroupsRequest::default());
        let group = LogGroupSummary {
            log_group_name: Some("g".into()),
            log_group_arn: Some("arn:aws:logs:us-east-1:000000000000:log-group:g".into()),
            log_group_class: Some("STANDARD".into()),
        };
        assert_eq!(
            (response.log_groups, response.next_token),
            (Some(vec![group]), None)
        );
    }

    #[test]
    fn names_classes_and_tags_choose() {
        let mut tagged = config_of("/aws/lambda/f", Class::InfrequentAccess);
        tagged.tags = vec![("env".into(), "prod-1".into())];
        let groups = [tagged, config_of("discovery", Class::Standard)];
        let choose = |input| names(&listed(&groups, &input));
        assert_eq!(
            choose(ListLogGroupsRequest {
                log_group_name_pattern: Some("^/aws|xyz".into()),
                ..ListLogGroupsRequest::default()
            }),
            ["/aws/lambda/f"]
        );
        assert_eq!(
            choose(ListLogGroupsRequest {
                log_group_class: Some("STANDARD".into()),
                ..ListLogGroupsRequest::default()
            }),
            ["discovery"]
        );
        assert_eq!(
            choose(ListLogGroupsRequest {
                log_group_tags: Some(vec![api::logs::TagFilter {
                    key: Some("env".into()),
                    values: list(&["prod*"]),
                }]),
                ..ListLogGroupsRequest::default()
            }),
            ["/aws/lambda/f"]
        );
    }

    #[test]
    fn pages_hold_50_unless_asked_otherwise() {
        let groups: Vec<Config> = (0..60)
            .map(|n| config_of(&format!("g{n:02}"), Class::Standard))
            .collect();
        let first = listed(&groups, &ListLogGroupsRequest::default());
        assert_eq!(names(&first).len(), 50);
        let rest = listed(
            &groups,
            &ListLogGroupsRequest {
                next_token: first.next_token,
                ..ListLogGroupsRequest::default()
            },
        );
        assert_eq!((names(&rest).len(), rest.next_token), (10, None));
        let all = listed(
            &groups,
            &ListLogGroupsRequest {
                limit: Some(1000),
                ..ListLogGroupsRequest::default()
            },
        );
        assert_eq!(names(&all).len(), 60);
    }

    #[test]
    fn what_is_not_built_says_so() {
        let input = ListLogGroupsRequest {
            field_index_names: list(&["f"]),
            ..ListLogGroupsRequest::default()
        };
        assert_eq!(
            Listing::of(&OWNER, &input).unwrap_err().kind.code,
            "NotImplemented"
        );
    }
}
