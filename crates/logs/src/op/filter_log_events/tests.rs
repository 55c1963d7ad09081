//! What a search finds, in which order, and where its tokens lead.

use domain::Seconds;

use super::*;
use crate::op::samples::{OWNER, World, list, millis};

fn request() -> FilterLogEventsRequest<'static> {
    FilterLogEventsRequest {
        log_group_name: Some("g".into()),
        ..FilterLogEventsRequest::default()
    }
}

fn search(
    world: &World,
    input: &FilterLogEventsRequest<'_>,
) -> Result<FilterLogEventsResponse<'static>, Error> {
    let mut search = Search::of(&OWNER, input)?;
    assert_eq!(search.group(), "g");
    while search.is_running() {
        let chunk = search.next(&world.group)?;
        assert!(chunk.found.len() <= limits::CHUNK_EVENTS);
        let bodies = world.bodies(&chunk.found);
        search.take(chunk, bodies);
    }
    Ok(search.reply())
}

fn texts(response: &FilterLogEventsResponse<'_>) -> String {
    let events = response.events.as_ref().unwrap().iter();
    let texts: Vec<&str> = events
        .map(|event| event.message.as_deref().unwrap())
        .collect();
    texts.join(" ")
}

fn found(world: &World, input: &FilterLogEventsRequest<'_>) -> String {
    texts(&search(world, input).unwrap())
}

/// All pages.
fn pages(world: &World, first: &FilterLogEventsRequest<'static>) -> Vec<String> {
    let mut input = first.clone();
    let mut pages = Vec::new();
    loop {
        let response = search(world, &input).unwrap();
        pages.push(texts(&response));
        input.next_token = response.next_token;
        if input.next_token.is_none() {
            return pages;
        }
    }
}

fn world() -> World {
    World::with(&[
        ("web/1", 1000, "GET-a"),
        ("web/2", 3000, "GET-c"),
        ("db", 2000, "SELECT"),
        ("web/1", 4000, "POST-d"),
        ("web/1", 2000, "GET-b"),
    ])
}

fn at(timestamp: Time) -> Option<i64> {
    Some(timestamp.millis() as i64)
}

#[test]
fn events_of_all_streams_come_by_time_and_of_one_time_as_they_came_in() {
    assert_eq!(
        found(&world(), &request()),
        "GET-a SELECT GET-b GET-c POST-d"
    );
}

#[test]
fn an_event_says_its_stream_and_has_an_id_of_its_own() {
    let response = search(&world(), &request()).unwrap();
    let events = response.events.unwrap();
    assert_eq!(events[1].log_stream_name.as_deref(), Some("db"));
    assert_eq!(events[1].timestamp, at(millis(2000)));
    assert_eq!(events[1].ingestion_time, at(millis(0)));
    let mut ids: Vec<&str> = events
        .iter()
        .map(|event| event.event_id.as_deref().unwrap())
        .collect();
    assert!(ids.iter().all(|id| id.len() == 56) && ids.is_sorted());
    ids.dedup();
    assert_eq!(ids.len(), 5);
    assert_eq!(
        (response.searched_log_streams, response.next_token),
        (Some(vec![]), None)
    );
}

#[test]
fn streams_are_chosen_by_name_or_by_prefix() {
    let names = |names: &[&'static str]| FilterLogEventsRequest {
        log_stream_names: list(names),
        ..request()
    };
    let world = world();
    assert_eq!(
        found(&world, &names(&["web/2", "db", "db"])),
        "SELECT GET-c"
    );
    let prefix = |prefix: &'static str| FilterLogEventsRequest {
        log_stream_name_prefix: Some(prefix.into()),
        ..request()
    };
    assert_eq!(found(&world, &prefix("web/")), "GET-a GET-b GET-c POST-d");
    assert_eq!(found(&world, &prefix("nothing")), "");
    assert_eq!(
        search(&world, &names(&["db", "absent"])),
        Err(error::no_such_stream())
    );
    let both = FilterLogEventsRequest {
        log_stream_name_prefix: Some("w".into()),
        ..names(&["db"])
    };
    assert_eq!(
        search(&world, &both).unwrap_err().kind.code,
        "InvalidParameterException"
    );
}

#[test]
fn start_and_end_are_both_included() {
    let input = FilterLogEventsRequest {
        start_time: at(millis(2000)),
        end_time: at(millis(3000)),
        ..request()
    };
    assert_eq!(found(&world(), &input), "SELECT GET-b GET-c");
}

#[test]
fn a_pattern_chooses() {
    let input = |pattern: &'static str| FilterLogEventsRequest {
        filter_pattern: Some(pattern.into()),
        ..request()
    };
    assert_eq!(found(&world(), &input("GET")), "GET-a GET-b GET-c");
    assert_eq!(found(&world(), &input("")), found(&world(), &request()));
    let error = search(&world(), &input("{ $.a")).unwrap_err();
    assert_eq!(error.kind.code, "InvalidParameterException");
    let long = FilterLogEventsRequest {
        filter_pattern: Some("x".repeat(1025).into()),
        ..request()
    };
    assert!(search(&world(), &long).unwrap_err().message.ends_with(
        "at 'filterPattern' failed to satisfy constraint: Member must have length less than or equal to 1024"
    ));
}

#[test]
fn pages_follow_each_other_in_either_direction() {
    let two = FilterLogEventsRequest {
        limit: Some(2),
        ..request()
    };
    assert_eq!(
        pages(&world(), &two),
        ["GET-a SELECT", "GET-b GET-c", "POST-d"]
    );
    let back = FilterLogEventsRequest {
        start_from_head: Some(false),
        ..two
    };
    assert_eq!(
        pages(&world(), &back),
        ["POST-d GET-c", "GET-b SELECT", "GET-a"]
    );
}

#[test]
fn the_token_keeps_its_direction_and_is_good_for_a_day() {
    let mut world = world();
    let token = search(
        &world,
        &FilterLogEventsRequest {
            start_from_head: Some(false),
            limit: Some(2),
            ..request()
        },
    )
    .unwrap()
    .next_token;
    let go_on = FilterLogEventsRequest {
        next_token: token,
        ..request()
    };
    world.pass(Seconds(24 * 3600));
    assert_eq!(found(&world, &go_on), "GET-b SELECT GET-a");
    world.pass(Seconds(1));
    assert_eq!(search(&world, &go_on), Err(error::bad_token()));
    let forged = FilterLogEventsRequest {
        next_token: Some("forged".into()),
        ..request()
    };
    assert_eq!(search(&world, &forged), Err(error::bad_token()));
}

#[test]
fn backwards_reach_is_limited() {
    let back = |start| FilterLogEventsRequest {
        start_from_head: Some(false),
        start_time: Some(start),
        ..request()
    };
    assert!(Search::of(&OWNER, &back(BACKWARD_FROM)).is_ok());
    let error = Search::of(&OWNER, &back(BACKWARD_FROM - 1)).unwrap_err();
    assert_eq!(error.kind.code, "InvalidParameterException");
}

#[test]
fn a_large_group_is_searched_in_chunks_to_its_end() {
    let mut world = World::new();
    let message = "noise ".repeat(500);
    for n in 0..3000 {
        let message = if n % 1000 == 999 { "needle" } else { &message };
        world.put(&format!("s{}", n % 7), millis(n), message);
    }
    let input = FilterLogEventsRequest {
        filter_pattern: Some("needle".into()),
        ..request()
    };
    assert_eq!(found(&world, &input), "needle needle needle");
    let one = FilterLogEventsRequest {
        limit: Some(1),
        ..input
    };
    assert_eq!(pages(&world, &one), ["needle", "needle", "needle"]);
}

#[test]
fn a_page_holds_one_mebibyte() {
    let message = "m".repeat(limits::PAGE_BYTES_MAX / 2);
    let world = World::with(&[("s", 0, &message), ("s", 1, &message), ("s", 2, "small")]);
    let pages = pages(&world, &request());
    let lens: Vec<usize> = pages.iter().map(String::len).collect();
    assert_eq!(lens, [message.len(), message.len() + " small".len()]);
}

#[test]
fn a_call_that_has_looked_through_enough_answers_with_a_token() {
    let message = "m".repeat(1 << 20);
    let mut world = World::new();
    for n in 0..=limits::SEARCH_BYTES_MAX >> 20 {
        world.put("s", millis(n), &message[..message.len() - 26]);
    }
    let input = FilterLogEventsRequest {
        filter_pattern: Some("needle".into()),
        ..request()
    };
    let first = search(&world, &input).unwrap();
    assert!(first.events.unwrap().is_empty());
    let rest = search(
        &world,
        &FilterLogEventsRequest {
            next_token: first.next_token,
            ..input
        },
    )
    .unwrap();
    assert_eq!((rest.events, rest.next_token), (Some(vec![]), None));
}

#[test]
fn what_comes_or_goes_during_a_search_neither_stops_nor_repeats_it() {
    let mut world = World::with(&[("a", 1000, "1"), ("b", 2000, "2"), ("a", 3000, "3")]);
    let mut search = Search::of(&OWNER, &request()).unwrap();
    let chunk = search.next(&world.group).unwrap();
    world.apply(&crate::Command::DeleteStream("b"));
    world.put("c", millis(500), "0");
    let bodies = world.bodies(&chunk.found);
    search.take(chunk, bodies);
    assert!(!search.is_running());
    assert_eq!(texts(&search.reply()), "1 3");
}
