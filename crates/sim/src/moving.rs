//! Message move tasks: started, listed, cancelled.

use api::Reply::Sqs;
use api::sqs::Reply;

use crate::change::Change;
use crate::client;
use crate::model::{Errand, Task, is_fifo};
use crate::violation::{Check, ensure, violated};
use crate::world::World;

impl World {
    fn is_redrive_target(&self, name: &str) -> bool {
        let queues = self.cells.iter().flat_map(|cell| cell.now.queues.values());
        queues.into_iter().any(|queue| {
            let target = queue
                .config
                .redrive
                .as_ref()
                .map(|(target, _)| target.as_str());
            target == Some(name)
        })
    }

    pub(crate) fn start_move(&mut self) -> Check {
        let names = self.names.clone();
        let dead: Vec<String> = names
            .iter()
            .filter(|name| self.is_redrive_target(name))
            .cloned()
            .collect();
        let Some(source) = (if dead.is_empty() || self.random.percent(5) {
            self.draw_queue()
        } else {
            Some(self.random.pick(&dead).clone())
        }) else {
            return Ok(());
        };
        // Moved within one queue, messages could change more often than can be seen.
        let others: Vec<&String> = names.iter().filter(|name| **name != source).collect();
        let destination = self
            .random
            .percent(40)
            .then(|| (*self.random.pick(&others)).clone());
        let rate = self
            .random
            .percent(50)
            .then(|| *self.random.pick(&[1, 2, 20, 500]));
        let now = self.now();
        let answer = self.ask(&client::start_move(&source, destination.as_deref(), rate))?;
        self.pass_time(now);
        let home = self.home_of(&source)?;
        if self.refused(home, &answer.result)? {
            self.note(|| format!("move from {source}: refused"));
            return Ok(());
        }
        let fits = |to: &String| self.queue(to).is_some() && is_fifo(to) == is_fifo(&source);
        let legal = self.queue(&source).is_some()
            && self.is_redrive_target(&source)
            && destination.as_ref().is_none_or(fits);
        let runs = self
            .queue(&source)
            .and_then(|queue| queue.task.as_ref())
            .is_some_and(|task| !task.over);
        let handle = match &answer.result {
            Ok(Sqs(Reply::StartMessageMoveTask(reply))) => {
                ensure(legal, || {
                    format!("a move from {source} to {destination:?} began")
                })?;
                reply.task_handle.as_deref().unwrap_or_default().to_owned()
            }
            Err(error) if !legal || runs => {
                self.note(|| format!("move from {source} to {destination:?}: {error}"));
                return Ok(());
            }
            other => {
                return violated(format!(
                    "a move from {source} to {destination:?} gave {other:?}"
                ));
            }
        };
        self.note(|| format!("move from {source} to {destination:?} at {rate:?}"));
        let task = Task {
            handle: handle.clone(),
            started: now,
            destination,
            rate,
            taken: 0,
            over: false,
        };
        self.record(now, Change::StartMove(source.clone(), task), &answer)?;
        let tells = self.all_of(home);
        self.pend(format!("move from {source}"), answer, tells).task = Some(handle);
        Ok(())
    }

    pub(crate) fn cancel_move(&mut self) -> Check {
        if self.tasks.is_empty() {
            return Ok(());
        }
        let at = self.random.index(self.tasks.len());
        let handle = self.tasks[at].clone();
        let now = self.now();
        let answer = self.ask(&client::cancel_move(&handle))?;
        self.pass_time(now);
        let source = self
            .cells
            .iter()
            .flat_map(|cell| cell.now.queues.values())
            .find(|queue| {
                queue
                    .task
                    .as_ref()
                    .is_some_and(|task| task.handle == handle)
            });
        let running = source
            .filter(|queue| queue.task.as_ref().is_some_and(|task| !task.over))
            .map(|queue| queue.name.clone());
        match (&answer.result, running) {
            (Ok(Sqs(Reply::CancelMessageMoveTask(_))), Some(source)) => {
                self.note(|| format!("the move from {source} is cancelled"));
                let home = self.record(now, Change::EndMove(source), &answer)?;
                let tells = self.all_of(home);
                self.pend("cancel move".to_owned(), answer, tells);
            }
            (Err(error), Some(source)) if error.kind.status == 404 => self.move_is_over(&source),
            (Err(error), _) if error.kind.status == 404 => {}
            (Err(error), _) if error.kind.status >= 500 => {
                let troubled = (0..self.cells.len()).any(|cell| self.troubled(cell));
                ensure(troubled, || format!("a healthy cell answers {error}"))?;
            }
            (other, source) => {
                return violated(format!("cancelling a move from {source:?} gave {other:?}"));
            }
        }
        Ok(())
    }

    /// A task was seen to be over. No record says so: it may have ended by itself.
    fn move_is_over(&mut self, source: &str) {
        let queues = self
            .cells
            .iter_mut()
            .flat_map(|cell| cell.now.queues.values_mut());
        for queue in queues.filter(|queue| queue.name == source) {
            if let Some(task) = &mut queue.task {
                task.over = true;
            }
        }
    }

    /// Whether a task of this queue still runs, by its own account.
    pub(crate) fn list_moves(&mut self, source: &str) -> Check<bool> {
        let answer = self.ask(&client::list_moves(source))?;
        let tasks = match &answer.result {
            Ok(Sqs(Reply::ListMessageMoveTasks(reply))) => {
                reply.results.as_deref().unwrap_or_default()
            }
            Err(error) if error.kind.status == 404 && self.queue(source).is_none() => {
                return Ok(false);
            }
            other => return violated(format!("listing the moves from {source} gave {other:?}")),
        };
        let shown: Vec<(String, i64, i64)> = tasks
            .iter()
            .map(|task| {
                let status = task.status.as_deref().unwrap_or_default().to_owned();
                let moved = task.approximate_number_of_messages_moved.unwrap_or(-1);
                (
                    status,
                    moved,
                    task.approximate_number_of_messages_to_move.unwrap_or(-1),
                )
            })
            .collect();
        self.note(|| format!("moves from {source}: {shown:?}"));
        let Some(task) = self.queue(source).and_then(|queue| queue.task.clone()) else {
            return Ok(shown
                .first()
                .is_some_and(|(status, ..)| status == "RUNNING"));
        };
        let Some((status, moved, total)) = shown.first() else {
            return violated(format!("a task of {source} is not listed"));
        };
        let late = self.late.values().filter(|late| {
            late.from == source && late.exits.iter().any(|(_, errand)| *errand == Errand::Move)
        });
        let taken = task.taken + late.count() as u64;
        ensure(*moved <= taken as i64 && moved <= total, || {
            format!("{moved} of {total} were moved out of {source}, and {taken} left it")
        })?;
        if status != "RUNNING" {
            self.move_is_over(source);
        }
        Ok(status == "RUNNING")
    }

    pub(crate) fn look_at_moves(&mut self) -> Check {
        let Some(name) = self.draw_queue() else {
            return Ok(());
        };
        self.list_moves(&name).map(|_| ())
    }
}
