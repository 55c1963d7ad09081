//! The managed identifiers that are found here, and the keywords that AWS asks for beside them.
//!
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-sensitive-data-types.html>

use super::{Detector, Form, codes, dates, mail, network, numbers, private_key};

const fn found(name: &'static str, keywords: &'static [&'static str], form: Form) -> Detector {
    Detector {
        name,
        keywords,
        form,
    }
}

const CARD: &[&str] = &[
    "account number",
    "american express",
    "amex",
    "bank card",
    "card",
    "card num",
    "card number",
    "cc #",
    "ccn",
    "check card",
    "credit",
    "credit card",
    "credit card#",
    "dankort",
    "debit",
    "debit card",
    "diners club",
    "discover",
    "electron",
    "japanese card bureau",
    "jcb",
    "mastercard",
    "mc",
    "pan",
    "payment account number",
    "payment card number",
    "pcn",
    "union pay",
    "visa",
];

const BANK: &[&str] = &[
    "account",
    "account number",
    "bank account",
    "bank account number",
    "iban",
    "kontonummer",
    "konto",
    "bankleitzahl",
    "numéro de compte",
    "numero de compte",
    "compte",
    "conto",
    "conto bancario",
    "codice iban",
    "cuenta",
    "número de cuenta",
    "numero de cuenta",
    "code iban",
    "rib",
    "sort code",
    "international bank account number",
];

const PHONE: &[&str] = &[
    "cell",
    "contact",
    "fax",
    "fax number",
    "mobile",
    "phone",
    "phone number",
    "tel",
    "telephone",
    "telephone number",
];

const SSN: &[&str] = &[
    "social security",
    "social security number",
    "social security#",
    "socialsecurityno",
    "ss#",
    "ssn",
    "ssn#",
    "ssno",
    "ssid",
];

const ITIN: &[&str] = &[
    "individual taxpayer identification number",
    "itin",
    "i.t.i.n.",
    "tax id",
    "tax identification",
    "taxpayer id",
    "taxpayer identification number",
    "tin",
];

pub(super) static DETECTORS: [Detector; 28] = [
    found(
        "AwsSecretKey",
        &[
            "aws_secret_access_key",
            "credentials",
            "secret access key",
            "secret key",
            "set-awscredential",
        ],
        codes::aws_secret_key,
    ),
    found("BankAccountNumber-DE", BANK, codes::iban_de),
    found("BankAccountNumber-ES", BANK, codes::iban_es),
    found("BankAccountNumber-FR", BANK, codes::iban_fr),
    found("BankAccountNumber-GB", BANK, codes::iban_gb),
    found("BankAccountNumber-IT", BANK, codes::iban_it),
    found(
        "Cnpj-BR",
        &[
            "cadastro nacional da pessoa jurídica",
            "cadastro nacional da pessoa juridica",
            "cnpj",
        ],
        numbers::cnpj_br,
    ),
    found(
        "CpfCode-BR",
        &[
            "cadastro de pessoas físicas",
            "cadastro de pessoas fisicas",
            "cadastro de pessoa física",
            "cadastro de pessoa fisica",
            "cpf",
        ],
        numbers::cpf_br,
    ),
    found(
        "CreditCardExpiration",
        &["exp d", "exp m", "exp y", "expiration", "expiry"],
        numbers::card_expiration,
    ),
    found("CreditCardNumber", CARD, numbers::credit_card),
    found(
        "CreditCardSecurityCode",
        &[
            "card id",
            "card identification code",
            "card identification number",
            "card security code",
            "card validation code",
            "card validation number",
            "card verification data",
            "card verification value",
            "cvc",
            "cvc2",
            "cvv",
            "cvv2",
            "elo verification code",
        ],
        numbers::card_security_code,
    ),
    found(
        "DateOfBirth",
        &[
            "dob",
            "date of birth",
            "birthdate",
            "birth date",
            "birthday",
            "b-day",
            "bday",
        ],
        dates::date,
    ),
    found(
        "DrugEnforcementAgencyNumber-US",
        &["dea number", "dea registration"],
        codes::dea_us,
    ),
    found("EmailAddress", &[], mail::address),
    found(
        "IndividualTaxIdentificationNumber-US",
        ITIN,
        numbers::itin_us,
    ),
    found("IpAddress", &[], network::address),
    found(
        "NationalInsuranceNumber-GB",
        &[
            "insurance no.",
            "insurance number",
            "insurance#",
            "national insurance number",
            "nationalinsurance#",
            "nationalinsurancenumber",
            "nin",
            "nino",
        ],
        codes::nino_gb,
    ),
    found(
        "NationalProviderId-US",
        &["hipaa", "n.p.i", "national provider", "npi"],
        numbers::npi_us,
    ),
    found(
        "NhsNumber-GB",
        &["national health service", "nhs"],
        numbers::nhs_gb,
    ),
    found("OpenSshPrivateKey", &[], private_key::openssh),
    found("PgpPrivateKey", &[], private_key::pgp),
    found("PhoneNumber-US", PHONE, numbers::phone_us),
    found("PkcsPrivateKey", &[], private_key::pkcs),
    found("PuttyPrivateKey", &[], private_key::putty),
    found(
        "SocialInsuranceNumber-CA",
        &[
            "canadian id",
            "numéro d'assurance sociale",
            "social insurance number",
            "sin",
        ],
        numbers::sin_ca,
    ),
    found("Ssn-US", SSN, numbers::ssn_us),
    found(
        "VehicleIdentificationNumber",
        &[
            "fahrgestellnummer",
            "niv",
            "numéro d'identification du véhicule",
            "vehicle identification number",
            "vin",
            "vin number",
        ],
        codes::vin,
    ),
    found(
        "ZipCode-US",
        &["zip code", "zip+4", "zip", "postal code"],
        numbers::zip_us,
    ),
];
