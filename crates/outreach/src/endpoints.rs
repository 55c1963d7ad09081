//! All platform endpoints of an account in a region: in order of creation under their application, by id, by token.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::bytes::{Malformed, Put, Take};

use crate::endpoint::Endpoint;
use crate::id::Id;

/// An endpoint's application and its own number.
type Key = (u32, u64);

#[derive(Debug, Default)]
pub(crate) struct Endpoints {
    all: BTreeMap<Key, Endpoint>,
    ids: BTreeMap<Id, Key>,
    tokens: BTreeMap<(u32, Arc<str>), u64>,
    /// The number the next one gets; numbers are never given twice.
    next: u64,
}

impl Endpoints {
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    pub(crate) fn find(&self, id: Id) -> Option<&Endpoint> {
        self.all.get(self.ids.get(&id)?)
    }

    pub(crate) fn with_token(&self, application: u32, token: &str) -> Option<&Endpoint> {
        let number = self.tokens.get(&(application, Arc::from(token)))?;
        self.all.get(&(application, *number))
    }

    /// Those of an application created after the one of this number.
    pub(crate) fn after(
        &self,
        application: u32,
        number: Option<u64>,
    ) -> impl Iterator<Item = &Endpoint> {
        let from = number.map_or(0, |number| number.saturating_add(1));
        let range = (application, from)..=(application, u64::MAX);
        self.all.range(range).map(|(_, endpoint)| endpoint)
    }

    /// Creates it, or replaces the one of its id.
    pub(crate) fn put(&mut self, endpoint: Endpoint) {
        let key = (endpoint.application, endpoint.number);
        let token: Arc<str> = Arc::from(endpoint.token.as_str());
        self.remove(endpoint.id);
        self.next = self.next.max(endpoint.number.saturating_add(1));
        self.ids.insert(endpoint.id, key);
        self.tokens
            .insert((endpoint.application, token), endpoint.number);
        self.all.insert(key, endpoint);
    }

    pub(crate) fn remove(&mut self, id: Id) {
        let removed = self.ids.remove(&id).and_then(|key| self.all.remove(&key));
        if let Some(endpoint) = removed {
            let token = Arc::from(endpoint.token.as_str());
            self.tokens.remove(&(endpoint.application, token));
        }
    }

    /// An application takes its endpoints with it.
    pub(crate) fn remove_all_of(&mut self, application: u32) {
        let ids: Vec<Id> = self
            .after(application, None)
            .map(|endpoint| endpoint.id)
            .collect();
        for id in ids {
            self.remove(id);
        }
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u64(self.next);
        out.put_u32(self.all.len() as u32);
        for endpoint in self.all.values() {
            endpoint.encode(out);
        }
    }

    /// `exists` says whether there is an application of a number.
    pub(crate) fn restore(
        take: &mut Take<'_>,
        exists: impl Fn(u32) -> bool,
    ) -> Result<Endpoints, Malformed> {
        let next = take.u64()?;
        let mut endpoints = Endpoints::default();
        let count = take.u32()? as usize;
        let mut last = None;
        for _ in 0..count {
            let endpoint = Endpoint::decode(take)?;
            let key = (endpoint.application, endpoint.number);
            if !exists(key.0) {
                return Err(Malformed("an endpoint is of no application"));
            }
            if key.1 >= next || last.is_some_and(|last| key <= last) {
                return Err(Malformed("endpoints are out of order"));
            }
            last = Some(key);
            endpoints.put(endpoint);
        }
        endpoints.next = next;
        let sizes = [
            endpoints.all.len(),
            endpoints.ids.len(),
            endpoints.tokens.len(),
        ];
        if sizes == [count; 3] {
            Ok(endpoints)
        } else {
            Err(Malformed("two endpoints have one id or one token"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(n: u8, application: u32, token: &str) -> Endpoint {
        Endpoint {
            id: Id::of([n; 16]),
            application,
            number: n.into(),
            token: token.to_owned(),
            custom_user_data: None,
            enabled: true,
        }
    }

    #[test]
    fn a_changed_token_is_the_only_one_under_which_the_endpoint_is_found() {
        let mut endpoints = Endpoints::default();
        endpoints.put(endpoint(1, 7, "old"));
        endpoints.put(endpoint(1, 7, "new"));
        assert_eq!(endpoints.with_token(7, "old"), None);
        assert_eq!(endpoints.with_token(7, "new").unwrap().number, 1);
        assert_eq!(endpoints.with_token(8, "new"), None);
    }

    #[test]
    fn an_application_takes_only_its_own_endpoints_with_it() {
        let mut endpoints = Endpoints::default();
        for (n, application) in [(1, 7), (2, 8), (3, 7)] {
            endpoints.put(endpoint(n, application, "t").clone());
            endpoints.put(endpoint(n, application, &format!("t{n}")));
        }
        endpoints.remove_all_of(7);
        assert_eq!(endpoints.after(7, None).count(), 0);
        assert_eq!(endpoints.find(Id::of([2; 16])).unwrap().application, 8);
        assert_eq!(endpoints.next(), 4);
        assert_eq!((endpoints.ids.len(), endpoints.tokens.len()), (1, 1));
    }
}
