//! Steps of replays: archived publications are read, filtered and handed to the courier, a few at a time.

use domain::{MachineId, Time};

use crate::state::CellState;

impl CellState {
    /// When a topic's next step is due: at once while there is one.
    pub(crate) fn next_replay(&mut self, machine: MachineId) -> Option<Time> {
        let now = self.cell.now();
        let topic = self.cell.machines().topics.get(machine)?;
        topic.next_replay().map(|_| now)
    }

    /// Makes one step, if one is due. A journal that refuses leaves the replay where it is; its next wake tries again.
    pub(crate) fn step_replay(&mut self, machine: MachineId) {
        let Some(topic) = self.topic_now(machine) else {
            return;
        };
        let Some(read) = topic.next_replay() else {
            return;
        };
        let places = read.publications.iter().map(|&(_, place)| place);
        let bytes: Result<Vec<Vec<u8>>, _> = places.map(|place| self.read(place)).collect();
        let topic = self.topic(machine).expect("the topic was just there");
        if let Ok(bytes) = bytes
            && let Ok(command) = sns::replay::prepare(topic, &read, &bytes)
        {
            let _ = self.topic_command(machine, command);
        }
    }
}
