//! Pages of a list of groups, which whoever holds the cells shows one by one, in any order.

use std::collections::BTreeMap;

use api::Error;

use crate::config::Config;
use crate::token;

/// A group as a list needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) config: Config,
    pub(crate) stored_bytes: u64,
}

/// A page being filled: it holds no more than it may and one.
#[derive(Debug)]
pub(crate) struct Page {
    after: Option<String>,
    limit: usize,
    groups: BTreeMap<String, Listed>,
}

impl Page {
    /// A token stands for the last name of the page before, so that groups made or deleted in between neither shift nor
    /// repeat the others.
    pub(crate) fn of(next_token: Option<&str>, limit: usize) -> Result<Page, Error> {
        Ok(Page {
            after: next_token.map(token::read_of_name).transpose()?,
            limit,
            groups: BTreeMap::new(),
        })
    }

    /// Whether a group of this name may stand on the page, after all that was shown so far.
    pub(crate) fn has_room_for(&self, name: &str) -> bool {
        let follows = self.after.as_deref().is_none_or(|after| name > after);
        let last = self.groups.last_key_value();
        let full = self.groups.len() > self.limit;
        follows && (!full || last.is_none_or(|(last, _)| name <= last.as_str()))
    }

    pub(crate) fn add(&mut self, config: &Config, stored_bytes: u64) {
        let name = config.name.as_str();
        if !self.has_room_for(name) {
            return;
        }
        let listed = Listed {
            config: config.clone(),
            stored_bytes,
        };
        self.groups.insert(name.to_owned(), listed);
        if self.groups.len() > self.limit + 1 {
            self.groups.pop_last();
        }
    }

    /// The groups by name, and whether others follow.
    pub(crate) fn cut(mut self) -> (Vec<Listed>, bool) {
        let more = self.groups.len() > self.limit;
        if more {
            self.groups.pop_last();
        }
        (self.groups.into_values().collect(), more)
    }
}

/// The token behind a page.
pub(crate) fn behind(groups: &[Listed]) -> Option<String> {
    groups.last().map(|last| token::of_name(&last.config.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Class;
    use crate::op::samples::config_of;

    #[test]
    fn pages_follow_each_other_to_the_end_whatever_the_order_of_showing() {
        for names in [
            ["c", "a", "e", "b", "d"],
            ["a", "b", "c", "d", "e"],
            ["e", "d", "c", "b", "a"],
        ] {
            let mut token = None;
            let mut seen = Vec::new();
            for _ in 0..3 {
                let mut page = Page::of(token.as_deref(), 2).unwrap();
                for name in names {
                    page.add(&config_of(name, Class::Standard), 0);
                    assert!(page.groups.len() <= 3);
                }
                let (groups, more) = page.cut();
                seen.push(
                    groups
                        .iter()
                        .map(|group| group.config.name.clone())
                        .collect::<String>(),
                );
                token = behind(&groups).filter(|_| more);
            }
            assert_eq!(seen, ["ab", "cd", "e"]);
            assert_eq!(token, None);
        }
    }

    #[test]
    fn a_page_that_ends_with_the_last_name_says_so() {
        let mut page = Page::of(None, 1).unwrap();
        page.add(&config_of("a", Class::Standard), 7);
        let (groups, more) = page.cut();
        assert_eq!((groups[0].stored_bytes, more), (7, false));
    }
}
