//! Names: accounts, regions, ARNs, machines.

use std::fmt;
use std::sync::Arc;

/// The name of a machine inside its cell, given in order of creation and never given twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MachineId(pub u64);

/// A text that is not what the name's rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid(pub &'static str);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Invalid {}

/// A 12-digit AWS account id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 12]);

impl AccountId {
    /// The account of callers that name none.
    pub const DEFAULT: AccountId = AccountId(*b"000000000000");

    pub fn parse(text: &str) -> Result<AccountId, Invalid> {
        let digits: [u8; 12] = text
            .as_bytes()
            .try_into()
            .map_err(|_| Invalid("an account id has 12 digits"))?;
        if digits.iter().all(u8::is_ascii_digit) {
            Ok(AccountId(digits))
        } else {
            Err(Invalid("an account id has 12 digits"))
        }
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("an account id holds digits only")
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An AWS region: 1 to 32 of `a-z0-9-`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    text: [u8; 32],
    len: u8,
}

impl Region {
    pub fn parse(text: &str) -> Result<Region, Invalid> {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || text.len() > 32 || !text.bytes().all(legal) {
            return Err(Invalid(
                "a region has 1 to 32 lower-case letters, digits and hyphens",
            ));
        }
        let mut region = Region {
            text: [0; 32],
            len: text.len() as u8,
        };
        region.text[..text.len()].copy_from_slice(text.as_bytes());
        Ok(region)
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[..self.len as usize]).expect("a region holds ASCII only")
    }

    /// The partition the region belongs to: `aws`, `aws-cn` or `aws-us-gov`.
    pub fn partition(&self) -> &'static str {
        match self.as_str() {
            r if r.starts_with("cn-") => "aws-cn",
            r if r.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
}

impl Default for Region {
    fn default() -> Region {
        Region::parse("us-east-1").expect("us-east-1 is a region")
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An Amazon Resource Name, `arn:{partition}:{service}:{region}:{account}:{resource}`, kept as its text.
/// Cloning shares the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn(Arc<str>);

impl Arn {
    pub fn new(service: &str, region: Region, account: AccountId, resource: &str) -> Arn {
        let partition = region.partition();
        Arn(format!("arn:{partition}:{service}:{region}:{account}:{resource}").into())
    }

    /// Checks the form only: six parts, a known prefix, nothing about what it names.
    pub fn parse(text: &str) -> Result<Arn, Invalid> {
        let mut parts = text.splitn(6, ':');
        let six = (0..6).all(|_| parts.next().is_some());
        if six && text.starts_with("arn:") && !text.ends_with(':') {
            Ok(Arn(text.into()))
        } else {
            Err(Invalid(
                "an ARN has six parts: arn:partition:service:region:account:resource",
            ))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Region, account and resource, found in one go: what names a thing inside its service.
    pub fn name(&self) -> [&str; 3] {
        let mut colons = (0..).zip(self.0.bytes()).filter(|&(_, byte)| byte == b':');
        let mut next = |skipped| -> usize {
            let colon = colons.nth(skipped).expect("an ARN has six parts");
            colon.0
        };
        let (region, account, resource) = (next(2), next(0), next(0));
        [
            &self.0[region + 1..account],
            &self.0[account + 1..resource],
            &self.0[resource + 1..],
        ]
    }

    fn part(&self, n: usize) -> &str {
        self.0.splitn(6, ':').nth(n).expect("an ARN has six parts")
    }

    pub fn partition(&self) -> &str {
        self.part(1)
    }

    pub fn service(&self) -> &str {
        self.part(2)
    }

    pub fn region(&self) -> &str {
        self.part(3)
    }

    pub fn account(&self) -> &str {
        self.part(4)
    }

    pub fn resource(&self) -> &str {
        self.part(5)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
