//! The JSON of a policy: its form, and every rule about it.
//!
//! What AWS says to a policy that breaks a rule is not recorded; the texts after `Reason:` are ours.

use api::sns::error::INVALID_PARAMETER_EXCEPTION;
use serde_json::{Map, Value};

use super::custom::Custom;
use super::identifier::{self, Identifier};
use super::mask::Deidentify;
use super::{Direction, Operation, Policy};

const VERSION: &str = "2021-06-01";
/// Where audits may write on AWS.
const LOG_GROUP_PREFIX: &str = "/aws/vendedlogs/";
const CUSTOM_MAX: usize = 10;
const CUSTOM_NAME_MAX: usize = 128;

#[derive(Debug)]
pub(super) struct Statement {
    direction: Direction,
    principals: Vec<String>,
    /// Places in the policy's list.
    pub(super) identifiers: Vec<usize>,
    pub(super) operation: Operation,
}

/// Where an audit reports, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Auditing {
    /// 0 to 99.
    pub(super) sample_rate: u8,
    pub(super) findings: Option<String>,
    pub(super) no_findings: Option<String>,
}

impl Statement {
    /// `*` is everybody; an account's root, or its number, is everybody of the account.
    pub(super) fn concerns(&self, direction: Direction, principal: &str) -> bool {
        let account = principal.split(':').nth(4).unwrap_or_default();
        let is_meant = |named: &String| {
            let root = named.strip_suffix(":root");
            let root = root.and_then(|arn| arn.rsplit(':').next());
            named == "*"
                || named == principal
                || (!account.is_empty() && (root == Some(account) || named == account))
        };
        self.direction == direction && self.principals.iter().any(is_meant)
    }
}

pub(super) fn parse(text: &str) -> Result<Policy, api::Error> {
    read(text).map_err(|reason| {
        INVALID_PARAMETER_EXCEPTION.with(format!(
            "Invalid parameter: DataProtectionPolicy Reason: {reason}"
        ))
    })
}

fn read(text: &str) -> Result<Policy, String> {
    if text.chars().count() > Policy::CHARS_MAX {
        let most = Policy::CHARS_MAX;
        return Err(format!("the policy is longer than {most} characters"));
    }
    let value: Value =
        serde_json::from_str(text).map_err(|_| "the policy is not valid JSON".to_owned())?;
    let policy = Object::of(&value, "the policy")?;
    policy.only(&[
        "Name",
        "Description",
        "Version",
        "Statement",
        "Configuration",
    ])?;
    policy.text("Name")?;
    policy.some_text("Description")?;
    if policy.text("Version")? != VERSION {
        return Err(format!("Version must be {VERSION}"));
    }
    let mut reader = Reader {
        identifiers: match policy.0.get("Configuration") {
            Some(configuration) => customs(configuration)?,
            None => Vec::new(),
        },
    };
    let statements: Result<Vec<Statement>, String> = policy
        .list("Statement")?
        .iter()
        .map(|statement| reader.statement(statement))
        .collect();
    let statements = statements?;
    let audits = statements
        .iter()
        .filter(|it| matches!(it.operation, Operation::Audit(_)))
        .count();
    if audits > 1 {
        return Err("a policy has at most one Audit statement".to_owned());
    }
    Ok(Policy {
        statements,
        identifiers: reader.identifiers,
    })
}

/// `{"CustomDataIdentifier":[{"Name":…,"Regex":…}]}`.
fn customs(configuration: &Value) -> Result<Vec<Identifier>, String> {
    let configuration = Object::of(configuration, "Configuration")?;
    configuration.only(&["CustomDataIdentifier"])?;
    let list = configuration.list("CustomDataIdentifier")?;
    if list.len() > CUSTOM_MAX {
        return Err(format!(
            "a policy has at most {CUSTOM_MAX} custom data identifiers"
        ));
    }
    let mut customs: Vec<Identifier> = Vec::new();
    for item in list {
        let item = Object::of(item, "CustomDataIdentifier")?;
        item.only(&["Name", "Regex"])?;
        let (name, regex) = (item.text("Name")?, item.text("Regex")?);
        check_custom_name(name)?;
        if customs.iter().any(|known| known.name() == name) {
            return Err(format!("two custom data identifiers are named {name}"));
        }
        let pattern = Custom::parse(regex)
            .map_err(|reason| format!("the regular expression of {name} {reason}"))?;
        customs.push(Identifier::Custom {
            name: name.to_owned(),
            pattern: Box::new(pattern),
        });
    }
    Ok(customs)
}

fn check_custom_name(name: &str) -> Result<(), String> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if name.is_empty() || name.len() > CUSTOM_NAME_MAX || !name.bytes().all(legal) {
        Err(format!(
            "the name of a custom data identifier has 1 to {CUSTOM_NAME_MAX} letters, digits, hyphens and \
             underscores"
        ))
    } else if identifier::is_aws_name(name) {
        Err(format!("{name} is a managed data identifier"))
    } else {
        Ok(())
    }
}

/// Reads statements, and gathers what they look for.
struct Reader {
    identifiers: Vec<Identifier>,
}

impl Reader {
    fn statement(&mut self, value: &Value) -> Result<Statement, String> {
        let statement = Object::of(value, "Statement")?;
        statement.only(&[
            "Sid",
            "DataDirection",
            "Principal",
            "DataIdentifier",
            "Operation",
        ])?;
        statement.some_text("Sid")?;
        let direction = match statement.text("DataDirection")? {
            "Inbound" => Direction::Inbound,
            "Outbound" => Direction::Outbound,
            _ => return Err("DataDirection must be Inbound or Outbound".to_owned()),
        };
        let principals = statement.texts("Principal")?.map(str::to_owned).collect();
        let mut identifiers = Vec::new();
        for name in statement.texts("DataIdentifier")? {
            identifiers.push(self.identifier(name)?);
        }
        let operation = operation(statement.get("Operation")?)?;
        if matches!(operation, Operation::Audit(_)) && direction == Direction::Outbound {
            return Err("Audit is for the Inbound direction only".to_owned());
        }
        Ok(Statement {
            direction,
            principals,
            identifiers,
            operation,
        })
    }

    /// An ARN of AWS's, or the name of a custom one.
    fn identifier(&mut self, name: &str) -> Result<usize, String> {
        let managed = match name.starts_with("arn:") {
            true => Some(identifier::managed(name)?),
            false => None,
        };
        let wanted = managed.map_or(name, |detector| detector.name);
        let known = self.identifiers.iter().position(|it| it.name() == wanted);
        match (known, managed) {
            (Some(known), _) => Ok(known),
            (None, Some(detector)) => {
                self.identifiers.push(Identifier::Managed(detector));
                Ok(self.identifiers.len() - 1)
            }
            (None, None) => Err(format!("custom data identifier {name} is not configured")),
        }
    }
}

fn operation(value: &Value) -> Result<Operation, String> {
    let operation = Object::of(value, "Operation")?;
    let (name, value) = operation.single()?;
    match name {
        "Deny" => {
            Object::of(value, "Deny")?.only(&[])?;
            Ok(Operation::Deny)
        }
        "Deidentify" => deidentify(value).map(Operation::Deidentify),
        "Audit" => auditing(value).map(Operation::Audit),
        _ => Err(format!("operation {name} is not Audit, Deidentify or Deny")),
    }
}

fn deidentify(value: &Value) -> Result<Deidentify, String> {
    let deidentify = Object::of(value, "Deidentify")?;
    let (name, value) = deidentify.single()?;
    let config = Object::of(value, name)?;
    match name {
        "RedactConfig" => {
            config.only(&[])?;
            Ok(Deidentify::Redact)
        }
        "MaskConfig" => {
            config.only(&["MaskWithCharacter"])?;
            let text = config.some_text("MaskWithCharacter")?.unwrap_or("#");
            Deidentify::mask(text)
        }
        _ => Err(format!("{name} is not MaskConfig or RedactConfig")),
    }
}

fn auditing(value: &Value) -> Result<Auditing, String> {
    let audit = Object::of(value, "Audit")?;
    audit.only(&["SampleRate", "FindingsDestination", "NoFindingsDestination"])?;
    let rate = match audit.get("SampleRate")? {
        Value::String(text) if text.len() <= 2 => text.parse().ok(),
        Value::Number(number) => number.as_u64().and_then(|rate| u8::try_from(rate).ok()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    };
    let rate = rate.filter(|rate| *rate <= 99);
    let findings = destination(&audit, "FindingsDestination")?;
    let no_findings = destination(&audit, "NoFindingsDestination")?;
    if findings.is_none() && no_findings.is_none() {
        return Err("Audit needs a FindingsDestination or a NoFindingsDestination".to_owned());
    }
    Ok(Auditing {
        sample_rate: rate.ok_or("SampleRate must be an integer between 0 and 99")?,
        findings,
        no_findings,
    })
}

/// The log group of a destination. Firehose and S3 are not there to be written to.
fn destination(audit: &Object<'_>, name: &str) -> Result<Option<String>, String> {
    let Some(value) = audit.0.get(name) else {
        return Ok(None);
    };
    let destination = Object::of(value, name)?;
    destination.only(&["CloudWatchLogs", "Firehose", "S3"])?;
    for service in ["Firehose", "S3"] {
        if destination.0.contains_key(service) {
            return Err(format!(
                "{service} is not supported as a {name} by this server"
            ));
        }
    }
    let Some(logs) = destination.0.get("CloudWatchLogs") else {
        return Ok(None);
    };
    let logs = Object::of(logs, "CloudWatchLogs")?;
    logs.only(&["LogGroup"])?;
    let group = logs.text("LogGroup")?;
    if group.starts_with(LOG_GROUP_PREFIX) && group.len() > LOG_GROUP_PREFIX.len() {
        Ok(Some(group.to_owned()))
    } else {
        Err(format!("LogGroup must begin with {LOG_GROUP_PREFIX}"))
    }
}

/// A JSON object and what it is called.
struct Object<'a>(&'a Map<String, Value>, &'a str);

impl<'a> Object<'a> {
    fn of(value: &'a Value, name: &'a str) -> Result<Object<'a>, String> {
        let object = value.as_object();
        object
            .map(|object| Object(object, name))
            .ok_or_else(|| format!("{name} must be an object"))
    }

    fn only(&self, known: &[&str]) -> Result<(), String> {
        let unknown = self.0.keys().find(|key| !known.contains(&key.as_str()));
        unknown.map_or(Ok(()), |key| {
            Err(format!("{key} is not a member of {}", self.1))
        })
    }

    fn single(&self) -> Result<(&'a str, &'a Value), String> {
        let mut members = self.0.iter();
        match (members.next(), members.next()) {
            (Some((name, value)), None) => Ok((name, value)),
            (None, _) | (Some(_), Some(_)) => Err(format!("{} must have one member", self.1)),
        }
    }

    fn get(&self, name: &str) -> Result<&'a Value, String> {
        let value = self.0.get(name);
        value.ok_or_else(|| format!("{} needs a {name}", self.1))
    }

    fn text(&self, name: &str) -> Result<&'a str, String> {
        let text = self.get(name)?.as_str();
        text.ok_or_else(|| format!("{name} must be a string"))
    }

    fn some_text(&self, name: &str) -> Result<Option<&'a str>, String> {
        match self.0.contains_key(name) {
            true => self.text(name).map(Some),
            false => Ok(None),
        }
    }

    /// A list with something in it.
    fn list(&self, name: &str) -> Result<&'a [Value], String> {
        match self.get(name)?.as_array() {
            Some(list) if !list.is_empty() => Ok(list),
            Some(_) | None => Err(format!("{name} must be a list that is not empty")),
        }
    }

    fn texts(&self, name: &str) -> Result<impl Iterator<Item = &'a str>, String> {
        let list = self.list(name)?;
        match list.iter().all(Value::is_string) {
            true => Ok(list.iter().filter_map(Value::as_str)),
            false => Err(format!("{name} must be a list of strings")),
        }
    }
}
