//! The end of a history: whatever is owed has come, or may rightly be lost.

use crate::violation::{Check, ensure};
use crate::world::World;

impl World {
    pub(crate) fn topics_are_done(&mut self) -> Check {
        let mut lost = Vec::new();
        for (topic, route) in self.routes() {
            let copy = route.stay.content.number;
            ensure(self.is_excused(route.stay.number), || {
                let exits = self.exits_of(route.stay.number);
                format!("m{copy} of {} never comes to any of {exits:?}", topic.name)
            })?;
            lost.push(copy);
        }
        for topic in self.cells.iter().flat_map(|cell| cell.now.topics.values()) {
            for owed in &topic.owed {
                let unclear = self.topics.unclear.contains(&owed.copy);
                ensure(unclear, || {
                    format!(
                        "nobody was ever called about m{} of {}",
                        owed.copy, topic.name
                    )
                })?;
                lost.push(owed.copy);
            }
        }
        for copy in lost {
            self.ledger.may_go(copy);
        }
        Ok(())
    }
}
