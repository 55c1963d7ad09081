//! What a policy can look for: AWS's managed identifiers that have a detector here, and regular expressions of one's
//! own.

use super::Span;
use super::custom::Custom;
use super::detect::{self, Detector};

/// Something to look for.
#[derive(Debug)]
pub(super) enum Identifier {
    Managed(&'static Detector),
    Custom { name: String, pattern: Box<Custom> },
}

impl Identifier {
    pub(super) fn name(&self) -> &str {
        match self {
            Identifier::Managed(detector) => detector.name,
            Identifier::Custom { name, .. } => name,
        }
    }

    /// Where it is in a text, in order and without overlaps.
    pub(super) fn find(&self, text: &str) -> Vec<Span> {
        match self {
            Identifier::Managed(detector) => detect::find(detector, text),
            Identifier::Custom { pattern, .. } => pattern.find(text),
        }
    }
}

/// The identifiers of AWS that have no detector here, without their countries.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-managed-data-identifiers.html>
const UNDETECTED: [&str; 23] = [
    "Address",
    "CepCode",
    "CreditCardMagneticStripe",
    "DriversLicense",
    "ElectoralRollNumber",
    "HealthInsuranceCardNumber",
    "HealthInsuranceClaimNumber",
    "HealthInsuranceNumber",
    "HealthcareProcedureCode",
    "InseeCode",
    "LatLong",
    "MedicareBeneficiaryNumber",
    "Name",
    "NationalDrugCode",
    "NationalIdentificationNumber",
    "NieNumber",
    "NifNumber",
    "PassportNumber",
    "PermanentResidenceNumber",
    "PersonalHealthNumber",
    "PostalCode",
    "RgNumber",
    "TaxId",
];

/// The managed identifier that an ARN names: with a region and without `aws` as its account is fine too.
pub(super) fn managed(arn: &str) -> Result<&'static Detector, String> {
    let parts: Vec<&str> = arn.split(':').collect();
    let name = match parts[..] {
        ["arn", _, "dataprotection", _, "aws" | "", resource] => {
            resource.strip_prefix("data-identifier/")
        }
        _ => None,
    };
    let name = name.ok_or_else(|| format!("{arn} is not the ARN of a data identifier"))?;
    detect::by_name(name).ok_or_else(|| {
        if is_aws_name(name) {
            format!("data identifier {name} is not supported: this server has no detector for it")
        } else {
            format!("data identifier {name} does not exist")
        }
    })
}

/// Whether AWS has, or may have, a managed identifier of this name.
pub(super) fn is_aws_name(name: &str) -> bool {
    let family = name.split('-').next().unwrap_or_default();
    detect::has_family(family) || UNDETECTED.contains(&family)
}
