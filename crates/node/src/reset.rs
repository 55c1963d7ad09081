//! A clean slate, for test suites: everything of every service, account and region goes.

use api::Error;
use domain::MachineId;
use engine::Claim;

use crate::answer::Wait;
use crate::node::Node;
use crate::record::Record;
use crate::state::CellState;

impl Node {
    /// Removes all there is. It is safe once every wait is over. A journal that refuses leaves the rest where it is.
    pub fn reset(&self) -> Result<Vec<Wait>, Error> {
        // Topics first: what they send goes into everything else.
        for host in &self.cells {
            host.hold(CellState::remove_topics)?;
        }
        for host in &self.cells {
            host.hold(|state| {
                state.remove_queues()?;
                state.remove_outreaches()?;
                state.remove_groups()
            })?;
        }
        Ok(self.seen_by_now())
    }
}

impl CellState {
    fn remove_topics(&mut self) -> Result<(), Error> {
        let topics = self.cell.machines().topics.iter();
        let machines: Vec<MachineId> = topics.map(|(machine, _)| machine).collect();
        for machine in machines {
            self.delete_topic(machine).result?;
        }
        Ok(())
    }

    fn remove_queues(&mut self) -> Result<(), Error> {
        let queues = self.cell.machines().queues();
        let machines: Vec<MachineId> = queues.map(|(machine, _)| machine).collect();
        for machine in machines {
            self.delete_queue(machine)?;
        }
        Ok(())
    }

    fn remove_outreaches(&mut self) -> Result<(), Error> {
        let outreaches = self.cell.machines().outreaches.iter();
        let machines: Vec<_> = outreaches
            .map(|(machine, it)| (machine, it.home()))
            .collect();
        for (machine, home) in machines {
            self.submit(machine, Claim::Free, &Record::CloseOutreach)?;
            self.directory.strike_home(home);
        }
        Ok(())
    }

    fn remove_groups(&mut self) -> Result<(), Error> {
        let groups = self.cell.machines().groups.iter();
        let machines: Vec<MachineId> = groups.map(|(machine, _)| machine).collect();
        for machine in machines {
            self.submit(machine, Claim::Free, &Record::DeleteGroup)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::{AccountId, Region, Time};
    use engine::Clock;
    use journal::{FlusherKind, MemoryDisk};
    use outreach::Home;

    use super::*;
    use crate::{NoSigner, Options, Whose};

    fn open(disk: &Arc<MemoryDisk>) -> Node {
        let options = Options {
            cells: 2,
            flusher: FlusherKind::Stepped,
            ..Options::default()
        };
        let clock = Arc::new(Clock::manual(Time::from_seconds(1_000_000)));
        let opened = Node::open(disk.clone(), clock, Arc::new(NoSigner), options);
        opened.unwrap().node
    }

    fn create_group(node: &Node) {
        let owner = logs::Owner {
            account: AccountId::DEFAULT,
            region: Region::default(),
        };
        let input = api::logs::CreateLogGroupRequest {
            log_group_name: Some("/app".into()),
            ..Default::default()
        };
        node.cells[1].hold(|state| {
            let now = state.cell.now();
            let config = logs::op::create_log_group::prepare(&owner, now, &input).unwrap();
            let machine = state.cell.machines().next_machine();
            let record = Record::CreateGroup(Box::new(config));
            state.submit(machine, Claim::Grow, &record).unwrap();
        });
    }

    /// Log groups, and outreaches by the directory and by the cells.
    fn count(node: &Node) -> (usize, usize, usize) {
        let cells = node.cells.iter();
        let counts = cells.map(|host| {
            host.hold(|state| {
                let house = state.cell.machines();
                (house.groups.iter().count(), house.outreaches.iter().count())
            })
        });
        let (groups, outreaches) = counts.fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        (groups, node.directory.homes().len(), outreaches)
    }

    #[test]
    fn log_groups_and_outreaches_are_gone_after_a_restart_as_well() {
        let disk = Arc::new(MemoryDisk::new());
        let node = open(&disk);
        create_group(&node);
        for account in ["000000000000", "123456789012", "210987654321"] {
            let home = Home {
                account: AccountId::parse(account).unwrap(),
                region: Region::default(),
            };
            node.opt_out(home, "+436641234567").unwrap();
        }
        assert_eq!(count(&node), (1, 3, 3));
        let after = node.reset().unwrap();
        assert_eq!(count(&node), (0, 0, 0));
        for cell in 0..2 {
            node.seal(cell);
            node.poll(cell);
        }
        assert!(after.into_iter().all(|wait| node.reached(wait)));
        drop(node);
        let node = open(&disk);
        assert_eq!(count(&node), (0, 0, 0));
        let looked = node.look_at_sent(Whose::default(), &|_| true, 10);
        assert_eq!(looked.unwrap().shown, []);
    }
}
