//! What each managed identifier finds, and what it leaves alone.

use crate::data_protection::detect;

/// What a detector finds in a text: the words between marks.
fn check(name: &str, marked: &str) {
    let (mut text, mut wanted) = (String::new(), Vec::new());
    for part in marked.split_inclusive(['⟦', '⟧']) {
        let word = part.trim_end_matches(['⟦', '⟧']);
        if part.ends_with('⟧') {
            wanted.push(text.len()..text.len() + word.len());
        }
        text.push_str(word);
    }
    let detector = detect::by_name(name).unwrap();
    assert_eq!(detect::find(detector, &text), wanted, "{name}: {marked}");
}

#[test]
fn forms_that_need_no_keyword() {
    for (name, text) in [
        (
            "EmailAddress",
            "to ⟦jane.doe+x@mail.example.co⟧, or <⟦a@b.io⟧>.",
        ),
        (
            "EmailAddress",
            "{\"m\":\"⟦a@b.io⟧\"} '⟦c@d.org⟧' ⟦e@f.com⟧;⟦g@h.net⟧",
        ),
        (
            "EmailAddress",
            "a@b @c.com a@.com a..b@c.com a@b.c x@-y.com user@localhost",
        ),
        ("EmailAddress", "⟦a@example.com⟧@b.com"),
        (
            "IpAddress",
            "from ⟦10.0.0.1⟧, ⟦10.0.0.1⟧:8080 and ⟦2001:db8::1⟧.",
        ),
        ("IpAddress", "\"⟦fe80::1⟧\" [⟦::ffff:1.2.3.4⟧]"),
        (
            "IpAddress",
            "1.2.3 256.1.1.1 1.2.3.4.5 v1.2.3.4 10:20:30 std::vec :: 1.2.3.04",
        ),
        (
            "OpenSshPrivateKey",
            "k ⟦-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----⟧ z",
        ),
        ("OpenSshPrivateKey", "-----BEGIN OPENSSH PUBLIC KEY-----"),
        (
            "PgpPrivateKey",
            "⟦-----BEGIN PGP PRIVATE KEY BLOCK-----\nno end⟧",
        ),
        (
            "PkcsPrivateKey",
            "⟦-----BEGIN RSA PRIVATE KEY-----\na\n-----END RSA PRIVATE KEY-----⟧ \
             ⟦-----BEGIN PRIVATE KEY-----\nb\n-----END PRIVATE KEY-----⟧ -----BEGIN OPENSSH PRIVATE KEY-----",
        ),
        (
            "PuttyPrivateKey",
            "⟦PuTTY-User-Key-File-2: ssh-rsa\nComment: c\nPrivate-MAC: 00⟧\nrest",
        ),
    ] {
        check(name, text);
    }
}

#[test]
fn cards() {
    for (name, text) in [
        (
            "CreditCardNumber",
            "card ⟦4539578763621486⟧ and visa ⟦4539-5787-6362-1486⟧",
        ),
        (
            "CreditCardNumber",
            "\"creditCard\":\"⟦4539 5787 6362 1486⟧\"",
        ),
        ("CreditCardNumber", "amex: ⟦374245455400126⟧"),
        (
            "CreditCardNumber",
            "mastercard ⟦5425233430109903⟧, discover ⟦6011000991543426⟧",
        ),
        // A wrong sum, no issuer, a number for testing, a part of a longer one, no keyword.
        (
            "CreditCardNumber",
            "card 4539578763621487, card 9999999999999995",
        ),
        (
            "CreditCardNumber",
            "card 4111111111111111, card 4111 1111 1111 1111",
        ),
        (
            "CreditCardNumber",
            "card x4539578763621486 card 45395787636214860000",
        ),
        ("CreditCardNumber", "order 4539578763621486"),
        ("CreditCardSecurityCode", "cvv: ⟦123⟧, CVC ⟦1234⟧"),
        (
            "CreditCardSecurityCode",
            "cvv 12 12345; it is a number far away from such a word: 123",
        ),
        (
            "CreditCardExpiration",
            "expiry ⟦12/27⟧, expiration: ⟦1/2027⟧",
        ),
        ("CreditCardExpiration", "expiry 13/27 00/27 12/273"),
    ] {
        check(name, text);
    }
}

#[test]
fn numbers_of_persons() {
    for (name, text) in [
        (
            "Ssn-US",
            "SSN ⟦078-05-1120⟧; ssn# ⟦078051120⟧, social-security ⟦219 09 9999⟧",
        ),
        (
            "Ssn-US",
            "ssn 000-12-3456 666-12-3456 900-12-3456 123-00-4567 123-45-0000",
        ),
        (
            "Ssn-US",
            "ssn 12-345-6789 1234567890, no keyword near: 078-05-1120",
        ),
        ("IndividualTaxIdentificationNumber-US", "ITIN ⟦912-70-1234⟧"),
        (
            "IndividualTaxIdentificationNumber-US",
            "itin 812-70-1234 912-69-1234",
        ),
        (
            "PhoneNumber-US",
            "phone ⟦(555) 210-9999⟧ or ⟦+1 555.310.9999⟧ tel ⟦5553109999⟧",
        ),
        ("PhoneNumber-US", "tel: ⟦1-800-555-0199⟧"),
        (
            "PhoneNumber-US",
            "phone 155-310-9999 555-110-9999 555-310-9999x",
        ),
        ("ZipCode-US", "zip ⟦90210⟧, zip code: ⟦90210-1234⟧"),
        ("ZipCode-US", "zip 9021 902101"),
        ("NhsNumber-GB", "NHS ⟦943 476 5919⟧"),
        ("NhsNumber-GB", "NHS 943 476 5918"),
        ("SocialInsuranceNumber-CA", "SIN ⟦130 692 544⟧"),
        ("SocialInsuranceNumber-CA", "sin 130 692 545"),
        ("NationalProviderId-US", "NPI ⟦1234567893⟧"),
        ("NationalProviderId-US", "npi 1234567890"),
        ("CpfCode-BR", "CPF ⟦529.982.247-25⟧ cpf ⟦52998224725⟧"),
        ("CpfCode-BR", "cpf 529.982.247-26 111.111.111-11"),
        ("Cnpj-BR", "CNPJ ⟦11.222.333/0001-81⟧"),
        ("Cnpj-BR", "cnpj 11.222.333/0001-82"),
        (
            "NationalInsuranceNumber-GB",
            "NINO ⟦AB 12 34 56 C⟧, nino ⟦ab123456c⟧",
        ),
        (
            "NationalInsuranceNumber-GB",
            "nino GB123456C AB123456E DA123456C",
        ),
        ("DrugEnforcementAgencyNumber-US", "DEA number ⟦AB1234563⟧"),
        ("DrugEnforcementAgencyNumber-US", "dea number AB1234564"),
        ("VehicleIdentificationNumber", "VIN ⟦1M8GDM9AXKP042788⟧"),
        (
            "VehicleIdentificationNumber",
            "vin 1M8GDM9A1KP042788 1M8GDM9AXKP04278O",
        ),
    ] {
        check(name, text);
    }
}

#[test]
fn accounts_and_keys() {
    for (name, text) in [
        (
            "BankAccountNumber-DE",
            "IBAN ⟦DE89 3704 0044 0532 0130 00⟧ konto ⟦DE89370400440532013000⟧.",
        ),
        (
            "BankAccountNumber-DE",
            "iban DE88370400440532013000 GB29NWBK60161331926819",
        ),
        ("BankAccountNumber-GB", "iban ⟦GB29 NWBK 6016 1331 9268 19⟧"),
        ("BankAccountNumber-FR", "iban ⟦FR1420041010050500013M02606⟧"),
        ("BankAccountNumber-IT", "iban ⟦IT60X0542811101000000123456⟧"),
        ("BankAccountNumber-ES", "iban ⟦ES9121000418450200051332⟧"),
        (
            "AwsSecretKey",
            "aws_secret_access_key = ⟦wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY⟧",
        ),
        (
            "AwsSecretKey",
            "secret key 0123456789abcdef0123456789abcdef01234567",
        ),
        (
            "AwsSecretKey",
            "sha wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ),
    ] {
        check(name, text);
    }
}

#[test]
fn dates_of_birth() {
    for text in [
        "dob ⟦1990-12-31⟧, birthday ⟦31/12/1990⟧, bday ⟦12.31.90⟧, DOB: ⟦19901231⟧",
        "date of birth: ⟦12 January 1990⟧; birthdate ⟦Jan 12th, 1990⟧; dob ⟦1990-Sept-12⟧",
        "dob 1990-13-32 32/12/1990 31/31/1990 1850-01-01 12345",
        "dob may be 12 or January, and 1990 is a year",
        "released 1990-12-31",
    ] {
        check("DateOfBirth", text);
    }
}

#[test]
fn texts_of_any_kind_do_no_harm() {
    let odd = [
        "",
        "@",
        "1",
        "é",
        "\u{0}",
        "-----BEGIN ",
        "-----BEGIN é",
        "🙂@🙂.com",
        "١٢٣",
        "1é2é3",
        "ssn",
        "PuTTY-User-Key-File-",
        "a@b.c@d.ef",
        "....",
        "::::",
        "12 January",
    ];
    for detector in detect::all() {
        for text in odd {
            for span in detect::find(detector, text) {
                assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
                assert!(!span.is_empty());
            }
        }
    }
}

/// With work that grows faster than the text this would not end.
#[test]
fn long_texts_of_the_worst_kinds_are_looked_through() {
    let long = |unit: &str| unit.repeat((1 << 15) / unit.len());
    let texts = [
        "1 ",
        "1",
        "a@",
        "@",
        ":",
        "1.",
        "card ",
        "-----BEGIN ",
        "PuTTY-User-Key-File-",
        "A1 ",
        "-----BEGIN PRIVATE KEY-----",
        "12 January 1990 dob ",
        "ssn 078-05-1120 ",
        "a",
        "é1",
    ];
    for unit in texts {
        let text = long(unit);
        for detector in detect::all() {
            detect::find(detector, &text);
        }
    }
}
