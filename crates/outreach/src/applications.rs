//! All platform applications of an account in a region, by number and by name.

use std::collections::BTreeMap;

use domain::bytes::{Malformed, Put, Take};

use crate::application::{Application, ApplicationName};

#[derive(Debug, Default)]
pub(crate) struct Applications {
    all: BTreeMap<u32, Application>,
    numbers: BTreeMap<ApplicationName, u32>,
    /// The number the next one gets; numbers are never given twice.
    next: u32,
}

impl Applications {
    pub(crate) fn next(&self) -> u32 {
        self.next
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Application> {
        self.all.get(&number)
    }

    pub(crate) fn find(&self, name: &ApplicationName) -> Option<&Application> {
        self.get(*self.numbers.get(name)?)
    }

    /// In order of creation, those after the one of this number.
    pub(crate) fn after(&self, number: Option<u32>) -> impl Iterator<Item = &Application> {
        let from = number.map_or(0, |number| number.saturating_add(1));
        self.all.range(from..).map(|(_, application)| application)
    }

    /// Creates it, or replaces the one of its number, which never changes its name.
    pub(crate) fn put(&mut self, application: Application) {
        let name = (application.platform, application.name.clone());
        self.next = self.next.max(application.number.saturating_add(1));
        self.numbers.insert(name, application.number);
        self.all.insert(application.number, application);
    }

    pub(crate) fn remove(&mut self, number: u32) {
        if let Some(application) = self.all.remove(&number) {
            self.numbers
                .remove(&(application.platform, application.name));
        }
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.next);
        out.put_u32(self.all.len() as u32);
        for application in self.all.values() {
            application.encode(out);
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Applications, Malformed> {
        let next = take.u32()?;
        let mut applications = Applications::default();
        let count = take.u32()?;
        for _ in 0..count {
            let application = Application::decode(take)?;
            let last = applications.all.last_key_value().map(|(number, _)| *number);
            if application.number >= next || last.is_some_and(|last| application.number <= last) {
                return Err(Malformed("applications are out of order"));
            }
            applications.put(application);
        }
        if applications.numbers.len() != applications.all.len() {
            return Err(Malformed("two applications have one name"));
        }
        applications.next = next;
        Ok(applications)
    }
}
