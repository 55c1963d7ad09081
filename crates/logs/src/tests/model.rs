//! Random histories against a model: a list of events that is sorted when it is read. Paging either way, however the pages
//! are cut, gives each event once.

use api::logs::{FilterLogEventsRequest, GetLogEventsRequest};
use domain::{Seconds, Time};
use proptest::prelude::*;

use crate::command::Command;
use crate::group::LogGroup;
use crate::op::samples::{NOW, OWNER, World};
use crate::op::{filter_log_events, get_log_events};

const STREAMS: [&str; 3] = ["a", "b", "c"];

#[derive(Clone, Debug)]
enum Step {
    /// (stream, milliseconds after the start)
    Put(usize, u64),
    Delete(usize),
    /// In days; none: for ever.
    Retain(Option<u16>),
    Pass(u32),
    Snapshot,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (0..3usize, 0..20u64).prop_map(|(stream, at)| Step::Put(stream, at * 10_000_000)),
        1 => (0..3usize).prop_map(Step::Delete),
        1 => prop_oneof![Just(None), Just(Some(1)), Just(Some(3))].prop_map(Step::Retain),
        2 => (0..100_000u32).prop_map(Step::Pass),
        1 => Just(Step::Snapshot),
    ]
}

/// The events of all streams, in the order they came in.
#[derive(Default)]
struct Model {
    events: Vec<(usize, u64, String)>,
    retention: Option<u16>,
}

impl Model {
    fn expire(&mut self, now: Time) {
        if let Some(days) = self.retention {
            let life = Seconds(u32::from(days) * 86_400);
            self.events
                .retain(|(_, at, _)| NOW.after_millis(*at).after(life) > now);
        }
    }

    /// Of one stream or all, by time and then as they came.
    fn read(&self, stream: Option<usize>) -> Vec<String> {
        let mut events: Vec<_> = self
            .events
            .iter()
            .filter(|(of, ..)| stream.is_none_or(|stream| *of == stream))
            .collect();
        events.sort_by_key(|(_, at, _)| *at);
        events
            .iter()
            .map(|(_, _, message)| message.clone())
            .collect()
    }
}

fn play(steps: &[Step]) -> (World, Model) {
    let (mut world, mut model) = (World::new(), Model::default());
    for name in STREAMS {
        world.apply(&Command::CreateStream(name));
    }
    for (n, step) in steps.iter().enumerate() {
        match step {
            Step::Put(stream, at) => {
                let message = format!("m{n}");
                world.put(STREAMS[*stream], NOW.after_millis(*at), &message);
                model.events.push((*stream, *at, message));
            }
            Step::Delete(stream) => {
                world.apply(&Command::DeleteStream(STREAMS[*stream]));
                world.apply(&Command::CreateStream(STREAMS[*stream]));
                model.events.retain(|(of, ..)| of != stream);
            }
            Step::Retain(days) => {
                let mut config = world.group.config().clone();
                config.retention = *days;
                world.apply(&Command::Configure(Box::new(config)));
                model.retention = *days;
            }
            Step::Pass(seconds) => world.pass(Seconds(*seconds)),
            Step::Snapshot => {
                let mut bytes = Vec::new();
                world.group.snapshot(&mut bytes);
                world.group = LogGroup::restore(&bytes).unwrap();
            }
        }
        model.expire(world.now);
    }
    (world, model)
}

/// All pages of a stream in one direction, put together oldest first.
fn page_through(world: &World, stream: &str, limit: i32, forward: bool) -> Vec<String> {
    let mut input = GetLogEventsRequest {
        log_group_name: Some("g".into()),
        log_stream_name: Some(stream.to_owned().into()),
        limit: Some(limit),
        start_from_head: Some(forward),
        ..GetLogEventsRequest::default()
    };
    let mut all: Vec<String> = Vec::new();
    loop {
        let page = get_log_events::read(&world.group, &input).unwrap();
        let bodies = world.bodies(&page.found);
        let response = get_log_events::reply(page, bodies);
        let events = response.events.unwrap().into_iter();
        let texts: Vec<String> = events
            .map(|event| event.message.unwrap().into_owned())
            .collect();
        let next = if forward {
            all.extend(texts);
            response.next_forward_token
        } else {
            all.splice(0..0, texts);
            response.next_backward_token
        };
        if next == input.next_token {
            return all;
        }
        input.next_token = next;
    }
}

fn search_through(world: &World, limit: i32, forward: bool) -> Vec<String> {
    let mut input = FilterLogEventsRequest {
        log_group_name: Some("g".into()),
        limit: Some(limit),
        start_from_head: Some(forward),
        ..FilterLogEventsRequest::default()
    };
    let mut all = Vec::new();
    loop {
        let mut search = filter_log_events::Search::of(&OWNER, &input).unwrap();
        while search.is_running() {
            let chunk = search.next(&world.group).unwrap();
            let bodies = world.bodies(&chunk.found);
            search.take(chunk, bodies);
        }
        let response = search.reply();
        let events = response.events.unwrap().into_iter();
        all.extend(events.map(|event| event.message.unwrap().into_owned()));
        input.next_token = response.next_token;
        if input.next_token.is_none() {
            return all;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn pages_of_any_size_in_either_direction_give_each_event_once(
        steps in prop::collection::vec(step(), 0..60),
        limit in 1..8i32,
    ) {
        let (world, model) = play(&steps);
        for (number, stream) in STREAMS.iter().enumerate() {
            let wanted = model.read(Some(number));
            prop_assert_eq!(&page_through(&world, stream, limit, true), &wanted);
            prop_assert_eq!(&page_through(&world, stream, limit, false), &wanted);
        }
        let mut wanted = model.read(None);
        prop_assert_eq!(&search_through(&world, limit, true), &wanted);
        wanted.reverse();
        prop_assert_eq!(&search_through(&world, limit, false), &wanted);
        let bytes: usize = wanted.iter().map(|message| message.len() + 26).sum();
        prop_assert_eq!(world.group.stored_bytes(), bytes as u64);
    }

    #[test]
    fn no_bytes_as_a_command_or_a_snapshot_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Command::decode(&bytes);
        let _ = LogGroup::restore(&bytes);
    }

    #[test]
    fn no_text_as_a_pattern_and_a_message_does_harm(
        pattern in r#"[{\[%]?[ -~ö]{0,40}[}\]%]?"#,
        message in r#"[ -~ö]{0,40}"#,
    ) {
        if let Ok(pattern) = crate::Pattern::parse(&pattern) {
            prop_assert_eq!(pattern.extract(&message).is_some(), pattern.matches(&message));
        }
    }
}
