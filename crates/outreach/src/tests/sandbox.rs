//! The SMS sandbox.

use api::sns::{
    CreateSMSSandboxPhoneNumberInput, DeleteSMSSandboxPhoneNumberInput,
    ListSMSSandboxPhoneNumbersInput, VerifySMSSandboxPhoneNumberInput,
};
use serde_json::Value;

use super::world::{World, direct, told};
use crate::command::Command;
use crate::op::{
    create_sms_sandbox_phone_number as create, delete_sms_sandbox_phone_number as delete,
    list_sms_sandbox_phone_numbers as list, verify_sms_sandbox_phone_number as verify,
};
use crate::sent::{Choice, Kind};

const NUMBER: &str = "+15550100000";
const DAY: u32 = 24 * 3600;

fn add(world: &mut World, number: &str) {
    let id = world.id();
    let input = CreateSMSSandboxPhoneNumberInput {
        phone_number: Some(number.to_owned().into()),
        language_code: None,
    };
    let plan = create::prepare(&world.outreach, &mut || id, &input).unwrap();
    world.carry_out(plan);
}

/// The password that the number was sent last, as its SMS says it.
fn password(world: &World, number: &str) -> String {
    let choice = Choice {
        kind: Kind::Sms,
        to: Some(number.to_owned()),
        id: None,
    };
    let documents = world.documents(&choice);
    let document: Value = serde_json::from_str(documents.last().unwrap()).unwrap();
    let text = document["Asked"]["Message"].as_str().unwrap();
    text.strip_prefix("AWS: ").unwrap().to_owned()
}

fn try_verify(world: &mut World, number: &str, password: &str) -> Result<(), String> {
    let input = VerifySMSSandboxPhoneNumberInput {
        phone_number: Some(number.to_owned().into()),
        one_time_password: Some(password.to_owned().into()),
    };
    let plan = verify::prepare(&world.outreach, &input).map_err(|it| it.kind.code.to_owned())?;
    world.carry_out(plan);
    Ok(())
}

fn try_delete(world: &mut World, number: &str) -> Result<(), String> {
    let input = DeleteSMSSandboxPhoneNumberInput {
        phone_number: Some(number.to_owned().into()),
    };
    let plan = delete::prepare(&world.outreach, world.now, &input);
    let plan = plan.map_err(|it| it.kind.code.to_owned())?;
    world.carry_out(plan);
    Ok(())
}

fn listed(world: &World, max: Option<i32>, token: Option<String>) -> (Vec<String>, Option<String>) {
    let input = ListSMSSandboxPhoneNumbersInput {
        max_results: max,
        next_token: token.map(Into::into),
    };
    let result = list::reply(&world.outreach, &input).unwrap();
    let numbers = result.phone_numbers.unwrap().into_iter();
    let shown = numbers.map(|it| format!("{} {}", it.phone_number.unwrap(), it.status.unwrap()));
    (shown.collect(), result.next_token.map(Into::into))
}

#[test]
fn outside_of_the_sandbox_everybody_can_be_reached() {
    told(|world| {
        world.sms(NUMBER, direct("hello")).unwrap();
    });
}

#[test]
fn inside_only_verified_numbers_can_be_reached() {
    told(|world| {
        world.apply(&Command::SetSandbox(true));
        add(world, NUMBER);
        let failure = world.sms(NUMBER, direct("hello")).unwrap_err();
        assert_eq!(
            failure.reason,
            "Phone number is not verified in the SMS sandbox"
        );
        assert!(failure.error.is_none());
        let password = password(world, NUMBER);
        try_verify(world, NUMBER, &password).unwrap();
        world.sms(NUMBER, direct("hello")).unwrap();
        assert!(world.sms("+15550100001", direct("hello")).is_err());
    });
}

#[test]
fn a_number_is_the_same_with_and_without_its_plus() {
    told(|world| {
        world.apply(&Command::SetSandbox(true));
        add(world, "155501000");
        let password = password(world, "155501000");
        try_verify(world, "155501000", &password).unwrap();
        world.sms("+155501000", direct("hello")).unwrap();
    });
}

#[test]
fn a_number_is_verified_by_the_password_last_sent() {
    told(|world| {
        add(world, NUMBER);
        let first = password(world, NUMBER);
        add(world, NUMBER);
        assert_eq!(world.count(Kind::Sms), 2);
        let second = password(world, NUMBER);
        assert_eq!(
            try_verify(world, NUMBER, &first),
            Err("VerificationException".to_owned())
        );
        assert_eq!(listed(world, None, None).0, [format!("{NUMBER} Pending")]);
        try_verify(world, NUMBER, &second).unwrap();
        assert_eq!(listed(world, None, None).0, [format!("{NUMBER} Verified")]);
        assert_eq!(try_verify(world, NUMBER, &second), Ok(()));
    });
}

#[test]
fn an_unknown_number_cannot_be_verified_or_deleted() {
    told(|world| {
        let not_found = Err("ResourceNotFound".to_owned());
        assert_eq!(try_verify(world, NUMBER, "123456"), not_found);
        assert_eq!(try_delete(world, NUMBER), not_found);
        for password in ["1234", "123456789", "12345a"] {
            assert_eq!(
                try_verify(world, NUMBER, password),
                Err("ValidationError".to_owned())
            );
        }
    });
}

#[test]
fn a_number_stays_for_a_day_at_least() {
    told(|world| {
        add(world, NUMBER);
        world.pass(DAY - 1);
        add(world, NUMBER);
        assert_eq!(try_delete(world, NUMBER), Err("UserError".to_owned()));
        world.pass(1);
        try_delete(world, NUMBER).unwrap();
        assert_eq!(listed(world, None, None).0, Vec::<String>::new());
    });
}

#[test]
fn numbers_are_listed_in_pages() {
    told(|world| {
        for n in 0..3 {
            add(world, &format!("+1555010000{n}"));
        }
        let (first, token) = listed(world, Some(2), None);
        assert_eq!(first, ["+15550100000 Pending", "+15550100001 Pending"]);
        let (second, end) = listed(world, Some(2), token);
        assert_eq!(
            (second, end),
            (vec!["+15550100002 Pending".to_owned()], None)
        );
    });
}
