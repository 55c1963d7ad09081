//! Which way pages go, what they hold and where their tokens lead.

use super::*;
use crate::op::samples::{NOW, OWNER, World, millis};

fn request() -> GetLogEventsRequest<'static> {
    GetLogEventsRequest {
        log_group_name: Some("g".into()),
        log_stream_name: Some("s".into()),
        ..GetLogEventsRequest::default()
    }
}

fn get(world: &World, input: &GetLogEventsRequest<'_>) -> GetLogEventsResponse<'static> {
    assert_eq!(locate(&OWNER, input), Ok("g"));
    let page = read(&world.group, input).unwrap();
    let bodies = world.bodies(&page.found);
    reply(page, bodies)
}

fn texts(response: &GetLogEventsResponse<'_>) -> String {
    let events = response.events.as_ref().unwrap().iter();
    events
        .map(|event| event.message.as_deref().unwrap())
        .collect()
}

fn at(timestamp: Time) -> Option<i64> {
    Some(timestamp.millis() as i64)
}

/// Events 1 to 5, a second apart, put in out of order; another stream beside them.
fn five() -> World {
    World::with(&[
        ("s", 3000, "3"),
        ("s", 1000, "1"),
        ("other", 2500, "x"),
        ("s", 2000, "2"),
        ("s", 5000, "5"),
        ("s", 4000, "4"),
    ])
}

#[test]
fn events_come_oldest_first_and_a_page_without_a_token_is_the_latest() {
    let world = five();
    assert_eq!(texts(&get(&world, &request())), "12345");
    let two = GetLogEventsRequest {
        limit: Some(2),
        ..request()
    };
    assert_eq!(texts(&get(&world, &two)), "45");
    let head = GetLogEventsRequest {
        start_from_head: Some(true),
        ..two
    };
    assert_eq!(texts(&get(&world, &head)), "12");
}

#[test]
fn the_start_is_included_and_the_end_is_not() {
    let world = five();
    let input = GetLogEventsRequest {
        start_time: at(millis(2000)),
        end_time: at(millis(4000)),
        ..request()
    };
    assert_eq!(texts(&get(&world, &input)), "23");
}

#[test]
fn an_event_says_when_it_happened_and_when_it_came_in() {
    let world = World::with(&[("s", 5, "m")]);
    let event = get(&world, &request()).events.unwrap().remove(0);
    let wanted = OutputLogEvent {
        timestamp: at(millis(5)),
        message: Some("m".into()),
        ingestion_time: at(NOW),
    };
    assert_eq!(event, wanted);
}

/// Follows one of the tokens until the same comes back.
fn follow(world: &World, first: &GetLogEventsRequest<'static>, forward: bool) -> Vec<String> {
    let mut input = first.clone();
    let mut pages = Vec::new();
    loop {
        let response = get(world, &input);
        pages.push(texts(&response));
        let token = match forward {
            true => response.next_forward_token,
            false => response.next_backward_token,
        };
        if token == input.next_token {
            return pages;
        }
        input.next_token = token;
    }
}

#[test]
fn tokens_lead_both_ways_until_the_same_comes_back() {
    let world = five();
    let head = GetLogEventsRequest {
        limit: Some(2),
        start_from_head: Some(true),
        ..request()
    };
    assert_eq!(follow(&world, &head, true), ["12", "34", "5", ""]);
    let tail = GetLogEventsRequest {
        start_from_head: None,
        ..head.clone()
    };
    assert_eq!(follow(&world, &tail, false), ["45", "23", "1", ""]);
    assert_eq!(follow(&world, &tail, true), ["45", ""]);
    assert_eq!(follow(&world, &head, false), ["12", ""]);
}

#[test]
fn from_a_page_one_can_turn_back() {
    let world = five();
    let head = GetLogEventsRequest {
        limit: Some(2),
        start_from_head: Some(true),
        ..request()
    };
    let first = get(&world, &head);
    let go = |token| {
        get(
            &world,
            &GetLogEventsRequest {
                next_token: token,
                ..head.clone()
            },
        )
    };
    let second = go(first.next_forward_token);
    assert_eq!(texts(&second), "34");
    assert_eq!(texts(&go(second.next_backward_token)), "12");
}

#[test]
fn who_waits_at_the_end_sees_what_comes() {
    for from_head in [true, false] {
        let mut world = World::new();
        world.apply(&crate::Command::CreateStream("s"));
        let mut input = GetLogEventsRequest {
            start_from_head: Some(from_head),
            ..request()
        };
        input.next_token = get(&world, &input).next_forward_token;
        assert_eq!(texts(&get(&world, &input)), "");
        world.put("s", millis(1), "a");
        let response = get(&world, &input);
        assert_eq!(texts(&response), "a");
        input.next_token = response.next_forward_token;
        world.put("s", millis(1), "b");
        assert_eq!(texts(&get(&world, &input)), "b");
    }
}

#[test]
fn a_page_holds_one_mebibyte_and_at_least_one_event() {
    let message = "m".repeat(limits::PAGE_BYTES_MAX - 100);
    let world = World::with(&[("s", 0, &message), ("s", 1, "small"), ("s", 2, &message)]);
    let input = GetLogEventsRequest {
        start_from_head: Some(true),
        ..request()
    };
    let page = read(&world.group, &input).unwrap();
    assert_eq!(page.found.len(), 2);
    let next = GetLogEventsRequest {
        next_token: Some(page.forward.into()),
        ..input
    };
    assert_eq!(read(&world.group, &next).unwrap().found.len(), 1);
}

#[test]
fn an_event_that_goes_before_its_message_is_read_is_left_out() {
    let mut world = World::with(&[("s", 0, "gone")]);
    let page = read(&world.group, &request()).unwrap();
    world.apply(&crate::Command::DeleteStream("s"));
    let bodies = world.bodies(&page.found);
    assert_eq!(reply(page, bodies).events, Some(vec![]));
}

#[test]
fn a_bad_token_an_absent_stream_and_a_high_limit_are_refused() {
    let world = five();
    let with = |token: &'static str, stream: &'static str| GetLogEventsRequest {
        next_token: Some(token.into()),
        log_stream_name: Some(stream.into()),
        ..request()
    };
    assert_eq!(
        read(&world.group, &with("f/1/s", "s")),
        Err(error::bad_token())
    );
    let absent = GetLogEventsRequest {
        log_stream_name: Some("absent".into()),
        ..request()
    };
    assert_eq!(read(&world.group, &absent), Err(error::no_such_stream()));
    let error = locate(
        &OWNER,
        &GetLogEventsRequest {
            limit: Some(10_001),
            ..request()
        },
    )
    .unwrap_err();
    assert_eq!(
        error.message,
        "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value \
         less than or equal to 10000"
    );
}
