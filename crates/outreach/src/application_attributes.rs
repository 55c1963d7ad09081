//! The attributes of platform applications as requests give them and answers show them.

use api::{Error, Map, Str};
use domain::Arn;

use crate::application::{Application, Setting};
use crate::error::{invalid, required};
use crate::limits;
use crate::secret::Secret;

const CREDENTIAL: &str = "PlatformCredential";
const PRINCIPAL: &str = "PlatformPrincipal";
const ENABLED: &str = "Enabled";

/// The attributes of a request: an empty map is sent as nothing at all, and counts as missing.
pub(crate) fn given<'r, 'a>(
    attributes: &'r Option<Map<'a, Str<'a>>>,
) -> Result<&'r [(Str<'a>, Str<'a>)], Error> {
    match attributes.as_deref() {
        Some(attributes) if !attributes.is_empty() => Ok(attributes),
        Some(_) | None => {
            required("attributes", None)?;
            Ok(&[])
        }
    }
}

/// Puts a request's attributes into an application. `is_new`: its credentials must be complete.
pub(crate) fn assign(
    application: &mut Application,
    attributes: &[(Str<'_>, Str<'_>)],
    is_new: bool,
) -> Result<(), Error> {
    for (name, value) in attributes {
        check_length(name, value)?;
        match name.as_ref() {
            CREDENTIAL => application.credential = secret(name, value, is_new)?,
            PRINCIPAL => application.principal = secret(name, value, is_new)?,
            ENABLED => application.enabled = flag(name, value)?,
            _ => {
                let setting = Setting::from_name(name).ok_or_else(|| unknown(name))?;
                check(setting, value)?;
                application.set(setting, value);
            }
        }
    }
    if is_new {
        check_credentials(application)?;
    }
    Ok(())
}

/// What is answered of an application: never its credentials.
pub(crate) fn shown(application: &Application) -> Map<'static, Str<'static>> {
    let enabled = (ENABLED, application.enabled.to_string());
    let settings = application.settings.iter();
    let settings = settings.map(|(setting, value)| (setting.name(), value.clone()));
    std::iter::once(enabled)
        .chain(settings)
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

fn check_credentials(application: &Application) -> Result<(), Error> {
    let (credential, principal) = (&application.credential, &application.principal);
    let alone = |given: &str, missing: &str| {
        let reason = format!("{given} attribute provided without {missing}");
        Err(invalid("Attributes", reason))
    };
    match (credential.is_some(), principal.is_some()) {
        (false, true) => alone(PRINCIPAL, CREDENTIAL),
        (true, false) if application.platform.needs_principal() => alone(CREDENTIAL, PRINCIPAL),
        // No recording shows what AWS says to neither; the text is ours.
        (false, false) => Err(invalid(
            "Attributes",
            "PlatformCredential attribute must be provided",
        )),
        (true, _) => Ok(()),
    }
}

/// Vendors check credentials on AWS; here any text that is one will do. An empty text gives a new application none,
/// and cannot take an old one's away.
fn secret(name: &str, value: &str, is_new: bool) -> Result<Option<Secret>, Error> {
    match (value.is_empty(), is_new) {
        (false, _) => Ok(Some(Secret::new(value))),
        (true, true) => Ok(None),
        (true, false) => Err(bad_value(name, "cannot be empty")),
    }
}

fn check(setting: Setting, value: &str) -> Result<(), Error> {
    if value.is_empty() {
        return Ok(());
    }
    let wants = |service: &str| Arn::parse(value).is_ok_and(|arn| arn.service() == service);
    let (legal, rule) = match setting {
        Setting::EventEndpointCreated
        | Setting::EventEndpointDeleted
        | Setting::EventEndpointUpdated
        | Setting::EventDeliveryFailure => (wants("sns"), "must be the ARN of a topic"),
        Setting::SuccessFeedbackRoleArn | Setting::FailureFeedbackRoleArn => {
            (wants("iam"), "must be the ARN of a role")
        }
        Setting::SuccessFeedbackSampleRate => {
            (is_percentage(value), "must be an integer between 0 and 100")
        }
        Setting::ApplePlatformTeamId | Setting::ApplePlatformBundleId => (true, ""),
    };
    if legal {
        Ok(())
    } else {
        Err(bad_value(setting.name(), rule))
    }
}

pub(crate) fn is_percentage(value: &str) -> bool {
    let plain = value.len() <= 3 && value.bytes().all(|b| b.is_ascii_digit());
    plain && value.parse::<u8>().is_ok_and(|rate| rate <= 100)
}

pub(crate) fn flag(name: &str, value: &str) -> Result<bool, Error> {
    match value {
        _ if value.eq_ignore_ascii_case("true") => Ok(true),
        _ if value.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(bad_value(name, "must be true or false")),
    }
}

pub(crate) fn check_length(name: &str, value: &str) -> Result<(), Error> {
    if value.len() <= limits::ATTRIBUTE_BYTES_MAX {
        Ok(())
    } else {
        let most = limits::ATTRIBUTE_BYTES_MAX;
        Err(bad_value(
            name,
            &format!("must be at most {most} bytes long in UTF-8 encoding"),
        ))
    }
}

pub(crate) fn unknown(name: &str) -> Error {
    invalid("Attributes", format_args!("Invalid attribute name: {name}"))
}

/// The form is AWS's for CustomUserData; the rules that no recording shows are ours.
pub(crate) fn bad_value(name: &str, rule: &str) -> Error {
    invalid(
        "Attributes",
        format_args!("Invalid value for attribute: {name}: {rule}"),
    )
}
