//! CreateSMSSandboxPhoneNumber: a number to send to from the sandbox, which is sent a one-time password first.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_CreateSMSSandboxPhoneNumber.html>

use api::Error;
use api::sns::error as kind;
use api::sns::{CreateSMSSandboxPhoneNumberInput, CreateSMSSandboxPhoneNumberResult};
use serde_json::{Value, json};

use crate::command::Command;
use crate::document;
use crate::error::{Breaches, sandbox};
use crate::id::Id;
use crate::limits;
use crate::op::Plan;
use crate::outreach::Outreach;
use crate::phone;
use crate::sent::Kind;

const LANGUAGES: [&str; 13] = [
    "en-US", "en-GB", "es-419", "es-ES", "de-DE", "fr-CA", "fr-FR", "it-IT", "ja-JP", "pt-BR",
    "kr-KR", "zh-CN", "zh-TW",
];

/// A number that is not verified yet may be asked for again, and gets a new password.
pub fn prepare(
    outreach: &Outreach,
    ids: &mut dyn FnMut() -> [u8; 16],
    input: &CreateSMSSandboxPhoneNumberInput<'_>,
) -> Result<Plan<()>, Error> {
    let number = check(input)?;
    if outreach.is_opted_out(number) {
        return Err(sandbox(
            &kind::OPTED_OUT_EXCEPTION,
            "The phone number is opted out",
        ));
    }
    match outreach.sandbox.get(number) {
        Some(known) if known.verified => {
            return Err(sandbox(
                &kind::USER_ERROR_EXCEPTION,
                "The phone number is verified already",
            ));
        }
        None if outreach.sandbox.len() >= limits::SANDBOX_NUMBERS_MAX => {
            return Err(sandbox(
                &kind::USER_ERROR_EXCEPTION,
                "The sandbox holds 10 phone numbers already",
            ));
        }
        Some(_) | None => {}
    }
    let password = password(ids());
    let id = Id::of(ids()).to_string();
    let language = input.language_code.as_deref().unwrap_or(LANGUAGES[0]);
    let letter = document::letter(
        Kind::Sms,
        &id,
        number,
        asked(number, &id, &password),
        json!({"LanguageCode": language, "OneTimePassword": password}),
    );
    Ok(Plan::of(
        Command::AddSandboxNumber {
            number: number.to_owned(),
            password,
            letter,
        },
        (),
    ))
}

pub fn reply() -> CreateSMSSandboxPhoneNumberResult {
    CreateSMSSandboxPhoneNumberResult {}
}

fn check<'r>(input: &'r CreateSMSSandboxPhoneNumberInput<'_>) -> Result<&'r str, Error> {
    let mut breaches = Breaches::default();
    let number = breaches.require("phoneNumber", input.phone_number.as_deref());
    if input.phone_number.is_some() {
        phone::check_sandbox_form(number, &mut breaches);
    }
    if let Some(language) = input.language_code.as_deref() {
        let all = LANGUAGES.join(", ");
        breaches.check(
            LANGUAGES.contains(&language),
            "languageCode",
            Some(language),
            &format!("Member must satisfy enum value set: [{all}]"),
        );
    }
    breaches.refuse()?;
    // The model lets numbers pass that nobody can have, the empty one among them.
    phone::check_opt_out_form(number)?;
    Ok(number)
}

/// Six digits.
fn password(random: [u8; 16]) -> String {
    let number = u128::from_be_bytes(random) % 1_000_000;
    format!("{number:06}")
}

/// The SMS with the password. It needs no words, and so none of any language.
fn asked(number: &str, id: &str, password: &str) -> Value {
    json!({
        "PhoneNumber": number,
        "TopicArn": null,
        "SubscriptionArn": null,
        "MessageId": id,
        "Message": format!("AWS: {password}"),
        "MessageAttributes": null,
        "MessageStructure": null,
        "Subject": null,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{NOW, apply, carry_out, fresh, ids};

    fn create(
        outreach: &Outreach,
        number: &str,
        language: Option<&'static str>,
    ) -> Result<Plan<()>, Error> {
        let input = CreateSMSSandboxPhoneNumberInput {
            phone_number: Some(number.to_owned().into()),
            language_code: language.map(Into::into),
        };
        prepare(outreach, &mut ids(), &input)
    }

    #[test]
    fn the_number_is_sent_a_password_of_six_digits() {
        let plan = create(&fresh(), "+15550100000", Some("de-DE")).unwrap();
        let Some(Command::AddSandboxNumber {
            password, letter, ..
        }) = plan.command
        else {
            panic!("a number is added");
        };
        assert_eq!(password.len(), 6);
        assert!(password.bytes().all(|b| b.is_ascii_digit()));
        assert_eq!((letter.kind, &*letter.to), (Kind::Sms, "+15550100000"));
        assert!(letter.document.contains(&format!("AWS: {password}")));
    }

    #[test]
    fn ten_numbers_fit_and_one_may_be_asked_for_again() {
        let mut outreach = fresh();
        for n in 0..10 {
            let plan = create(&outreach, &format!("+1555010000{n}"), None).unwrap();
            carry_out(&mut outreach, NOW, plan);
        }
        let error = create(&outreach, "+15550109999", None).unwrap_err();
        assert_eq!((error.kind.code, error.kind.status), ("UserError", 400));
        assert!(create(&outreach, "+15550100003", None).is_ok());
    }

    #[test]
    fn a_verified_and_an_opted_out_number_are_refused() {
        let mut outreach = fresh();
        let plan = create(&outreach, "+15550100000", None).unwrap();
        carry_out(&mut outreach, NOW, plan);
        let verify = Command::VerifySandboxNumber("+15550100000".to_owned());
        apply(&mut outreach, NOW, &verify);
        let error = create(&outreach, "+15550100000", None).unwrap_err();
        assert_eq!(error.kind.code, "UserError");
        apply(
            &mut outreach,
            NOW,
            &Command::OptOut("+15550100001".to_owned()),
        );
        let error = create(&outreach, "+15550100001", None).unwrap_err();
        assert_eq!((error.kind.code, error.kind.status), ("OptedOut", 400));
    }

    #[test]
    fn a_number_that_nobody_can_have_is_refused() {
        for number in ["", "0", "012345678"] {
            let error = create(&fresh(), number, None).unwrap_err();
            assert_eq!(error.kind.code, "InvalidParameter");
        }
    }

    #[test]
    fn number_and_language_are_of_the_models_form() {
        let error = create(&fresh(), "nonsense", Some("tlh")).unwrap_err();
        assert_eq!(error.kind.code, "ValidationError");
        assert!(error.message.starts_with(
            "2 validation errors detected: Value at 'phoneNumber' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: "
        ));
        assert!(
            error
                .message
                .contains("Value 'tlh' at 'languageCode' failed to satisfy constraint")
        );
    }
}
