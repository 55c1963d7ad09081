//! Log groups as a caller sees them.

use api::logs::{
    CreateLogGroupRequest, CreateLogStreamRequest, DeleteLogGroupRequest, DescribeLogGroupsRequest,
    FilterLogEventsRequest, FilterLogEventsResponse, GetLogEventsRequest, InputLogEvent,
    ListLogGroupsRequest, PutLogEventsRequest, PutRetentionPolicyRequest, Reply, Request,
};
use domain::{AccountId, Region};

use super::{House, caller};
use crate::Step;

/// Ten groups fall into every cell of a few.
const GROUPS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

impl House {
    /// Calls, and waits as a connection would.
    pub(super) fn ask_api(
        &self,
        request: &api::Request<'_>,
    ) -> Result<api::Reply<'static>, api::Error> {
        let mut park = || unreachable!("only receives wait");
        let Step::Answer(answer) = self.node.call(&caller(), request, &mut park) else {
            panic!("{request:?} waits");
        };
        self.flush();
        for wait in &answer.after {
            assert!(self.node.reached(*wait), "{wait:?}");
        }
        if let Some(cell) = answer.carry {
            self.node.carry(cell);
        }
        answer.result
    }

    fn ask_logs(&self, request: Request<'_>) -> Result<Reply<'static>, api::Error> {
        self.ask_api(&api::Request::Logs(request))
            .map(|reply| match reply {
                api::Reply::Logs(reply) => reply,
                api::Reply::Sqs(_) | api::Reply::Sns(_) => panic!("{reply:?} is not of Logs"),
            })
    }

    fn create_group(&self, name: &str) -> Result<Reply<'static>, api::Error> {
        self.ask_logs(Request::CreateLogGroup(CreateLogGroupRequest {
            log_group_name: Some(name.into()),
            ..Default::default()
        }))
    }

    fn create_stream(&self, group: &str, stream: &str) {
        let request = Request::CreateLogStream(CreateLogStreamRequest {
            log_group_name: Some(group.into()),
            log_stream_name: Some(stream.into()),
        });
        self.ask_logs(request).unwrap();
    }

    /// A group with one stream, `s`.
    fn group_with_stream(&self, name: &str) {
        self.create_group(name).unwrap();
        self.create_stream(name, "s");
    }

    fn put(&self, group: &str, messages: &[&str]) {
        let now = self.node.clock_face().now.millis() as i64;
        let event = |&message: &&'static str| InputLogEvent {
            timestamp: Some(now),
            message: Some(message.into()),
        };
        let owned: Vec<String> = messages.iter().map(|&message| message.to_owned()).collect();
        let events = owned.iter().map(|message| InputLogEvent {
            message: Some(message.as_str().into()),
            ..event(&"")
        });
        let request = Request::PutLogEvents(PutLogEventsRequest {
            log_group_name: Some(group.into()),
            log_stream_name: Some("s".into()),
            log_events: Some(events.collect()),
            ..Default::default()
        });
        self.ask_logs(request).unwrap();
    }

    pub(super) fn log_of(&self, group: &str, stream: &str) -> Vec<String> {
        let request = Request::GetLogEvents(GetLogEventsRequest {
            log_group_name: Some(group.into()),
            log_stream_name: Some(stream.into()),
            ..Default::default()
        });
        let Reply::GetLogEvents(reply) = self.ask_logs(request).unwrap() else {
            panic!("another reply");
        };
        let events = reply.events.unwrap().into_iter();
        events
            .map(|event| event.message.unwrap().into_owned())
            .collect()
    }

    fn filter(&self, group: &str, pattern: &str, limit: Option<i32>) -> Vec<String> {
        let mut token = None;
        let mut found = Vec::new();
        loop {
            let request = Request::FilterLogEvents(FilterLogEventsRequest {
                log_group_name: Some(group.into()),
                filter_pattern: Some(pattern.into()),
                limit,
                next_token: token,
                ..Default::default()
            });
            let Reply::FilterLogEvents(FilterLogEventsResponse {
                events, next_token, ..
            }) = self.ask_logs(request).unwrap()
            else {
                panic!("another reply");
            };
            let messages = events.unwrap().into_iter();
            found.extend(messages.map(|event| event.message.unwrap().into_owned()));
            token = next_token;
            if token.is_none() {
                return found;
            }
        }
    }

    /// Name and stored bytes of the groups, in pages of three.
    pub(super) fn groups(&self) -> Vec<(String, i64)> {
        let mut token = None;
        let mut groups = Vec::new();
        loop {
            let request = Request::DescribeLogGroups(DescribeLogGroupsRequest {
                limit: Some(3),
                next_token: token,
                ..Default::default()
            });
            let Reply::DescribeLogGroups(reply) = self.ask_logs(request).unwrap() else {
                panic!("another reply");
            };
            let page = reply.log_groups.unwrap().into_iter();
            groups.extend(page.map(|group| {
                let name = group.log_group_name.unwrap().into_owned();
                (name, group.stored_bytes.unwrap())
            }));
            token = reply.next_token;
            if token.is_none() {
                return groups;
            }
        }
    }

    fn delete_group(&self, name: &str) -> Result<Reply<'static>, api::Error> {
        self.ask_logs(Request::DeleteLogGroup(DeleteLogGroupRequest {
            log_group_name: Some(name.into()),
        }))
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, api::Error>) -> &'static str {
    result.expect_err("it is refused").kind.code
}

#[test]
fn a_group_is_there_from_its_creation_to_its_deletion() {
    let house = House::new(2);
    house.create_group("g").unwrap();
    assert_eq!(
        code(house.create_group("g")),
        "ResourceAlreadyExistsException"
    );
    assert_eq!(house.groups(), [("g".to_owned(), 0)]);
    house.delete_group("g").unwrap();
    assert_eq!(code(house.delete_group("g")), "ResourceNotFoundException");
    assert_eq!(house.groups(), []);
    house.create_group("g").unwrap();
    let house = house.restart();
    assert_eq!(house.groups(), [("g".to_owned(), 0)]);
    house.delete_group("g").unwrap();
    assert_eq!(house.restart().groups(), []);
}

#[test]
fn groups_of_all_cells_are_listed_by_name_page_by_page() {
    let house = House::new(4);
    for group in GROUPS.iter().rev() {
        house.group_with_stream(group);
        house.put(group, &["four"]);
    }
    let house = house.restart();
    let expected = GROUPS.map(|name| (name.to_owned(), 4 + 26));
    assert_eq!(house.groups(), expected);
    let request = Request::ListLogGroups(ListLogGroupsRequest::default());
    let Ok(Reply::ListLogGroups(reply)) = house.ask_logs(request) else {
        panic!("another reply");
    };
    let names = reply.log_groups.unwrap().into_iter();
    let names = names.map(|group| group.log_group_name.unwrap());
    assert_eq!(names.collect::<Vec<_>>(), GROUPS);
}

#[test]
fn what_was_put_is_read_and_found_after_a_crash() {
    let house = House::new(4);
    for group in GROUPS {
        house.group_with_stream(group);
        house.put(group, &["ERROR one", "two", "ERROR three"]);
    }
    let house = house.restart();
    for group in GROUPS {
        assert_eq!(
            house.log_of(group, "s"),
            ["ERROR one", "two", "ERROR three"]
        );
        assert_eq!(
            house.filter(group, "ERROR", None),
            ["ERROR one", "ERROR three"]
        );
        assert_eq!(
            house.filter(group, "", Some(1)),
            ["ERROR one", "two", "ERROR three"]
        );
    }
}

#[test]
fn a_page_of_more_than_one_hold_reads_comes_whole_and_in_order() {
    let house = House::new(1);
    house.group_with_stream("g");
    let messages: Vec<String> = (0..600)
        .map(|n| format!("{n:03}{}", "x".repeat(997)))
        .collect();
    for some in messages.chunks(200) {
        let some: Vec<&str> = some.iter().map(String::as_str).collect();
        house.put("g", &some);
    }
    assert_eq!(house.log_of("g", "s"), messages);
    assert_eq!(house.filter("g", "", None), messages);
}

#[test]
fn logs_outlive_settling_and_a_crash() {
    let house = House::new(1);
    house.group_with_stream("g");
    let text = "x".repeat(500);
    for _ in 0..20 {
        house.put("g", &[text.as_str(); 20]);
        house.node.settle(0, &|| house.flush()).unwrap();
    }
    let house = house.restart();
    let log = house.log_of("g", "s");
    assert_eq!(log.len(), 400);
    assert!(log.iter().all(|message| *message == text));
}

#[test]
fn events_go_when_their_retention_is_over() {
    let house = House::new(1);
    house.group_with_stream("g");
    let request = Request::PutRetentionPolicy(PutRetentionPolicyRequest {
        log_group_name: Some("g".into()),
        retention_in_days: Some(1),
    });
    house.ask_logs(request).unwrap();
    house.put("g", &["old"]);
    house.advance(12 * 3600);
    house.put("g", &["young"]);
    house.advance(12 * 3600 - 1);
    assert_eq!(house.log_of("g", "s"), ["old", "young"]);
    house.advance(1);
    assert_eq!(house.log_of("g", "s"), ["young"]);
    assert_eq!(house.groups(), [("g".to_owned(), 5 + 26)]);
    let house = house.restart();
    house.advance(12 * 3600);
    assert_eq!(house.groups(), [("g".to_owned(), 0)]);
    assert_eq!(house.filter("g", "", None), [""; 0]);
}

#[test]
fn the_server_itself_writes_into_groups_that_it_makes() {
    let house = House::new(4);
    for group in GROUPS {
        let (region, account) = (Region::default(), AccountId::DEFAULT);
        house.node.log(region, account, group, "s", "one");
        house.node.log(region, account, group, "s", "two");
        assert_eq!(house.log_of(group, "s"), ["one", "two"]);
    }
    let too_large = "x".repeat(2 << 20);
    house.node.log(
        Region::default(),
        AccountId::DEFAULT,
        "too-large",
        "s",
        &too_large,
    );
    assert_eq!(house.restart().groups().len(), GROUPS.len());
}
