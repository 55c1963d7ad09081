//! An SMS: who it says it is from, how many parts it has, what it costs, and whether it may leave.

use api::Error;
use domain::Time;
use serde_json::{Map, Value, json};

use crate::command::{Command, Send};
use crate::deliver::{Delivery, Failure, Message, refused};
use crate::error::invalid_parameter;
use crate::outreach::Outreach;
use crate::reserved::{Attributes, bad};
use crate::segments::{Encoding, parts};
use crate::sent::Kind;
use crate::sms_attributes::{SmsType, is_sender_id};
use crate::spend::MicroUsd;
use crate::status::{StatusLog, Told, is_sampled, sms_resource};
use crate::structure::entry;
use crate::{document, limits, phone};

const SENDER_ID: &str = "AWS.SNS.SMS.SenderID";
const SMS_TYPE: &str = "AWS.SNS.SMS.SMSType";
const MAX_PRICE: &str = "AWS.SNS.SMS.MaxPrice";

#[derive(Clone, Copy, Debug)]
pub struct Sms<'a> {
    pub message: Message<'a>,
    pub phone_number: &'a str,
    /// What one part costs. Without a price nothing is ever over MaxPrice or MonthlySpendLimit.
    pub part_price: MicroUsd,
    /// 0 to 99, for the share of successes that is logged.
    pub dice: u8,
}

/// An SMS as it would leave.
struct Text {
    /// The `sms` entry of the message, or the whole.
    body: String,
    encoding: Encoding,
    parts: u32,
    sender: Option<String>,
    kind: SmsType,
    price: MicroUsd,
    max_price: Option<MicroUsd>,
}

/// What a Publish to a phone number is told at once: the errors that `deliver_sms` would find in the message itself.
pub fn check_sms(outreach: &Outreach, sms: &Sms<'_>) -> Result<(), Error> {
    read(outreach, sms).map(|_| ())
}

pub fn deliver_sms(
    outreach: &Outreach,
    now: Time,
    sms: &Sms<'_>,
) -> Result<Delivery, Box<Failure>> {
    let text = read(outreach, sms).map_err(refused)?;
    if let Some(reason) = obstacle(outreach, now, sms, &text) {
        return Err(Box::new(Failure {
            reason: reason.to_owned(),
            error: None,
            notice: None,
            log: log(outreach, now, sms, &text, reason, false),
        }));
    }
    let response = "Message has been accepted by phone carrier";
    let left = left(sms, &text);
    let letter = document::letter(
        Kind::Sms,
        sms.message.id,
        sms.phone_number,
        asked(sms, &text),
        left,
    );
    Ok(Delivery {
        command: Command::Send(Send {
            price: text.price,
            letter,
        }),
        response: response.to_owned(),
        log: log(outreach, now, sms, &text, response, true),
    })
}

fn read(outreach: &Outreach, sms: &Sms<'_>) -> Result<Text, Error> {
    let (body, _) = entry(sms.message.message, sms.message.json, "sms")?;
    if body.chars().count() > limits::SMS_CHARS_MAX {
        return Err(invalid_parameter("Message too long"));
    }
    let attributes = Attributes::read(sms.message.attributes);
    let (encoding, parts) = parts(&body);
    Ok(Text {
        encoding,
        parts,
        sender: sender(outreach, &attributes)?,
        kind: kind(outreach, &attributes)?,
        price: sms.part_price.times(parts.into()),
        max_price: max_price(&attributes)?,
        body,
    })
}

fn sender(outreach: &Outreach, attributes: &Attributes) -> Result<Option<String>, Error> {
    let given = attributes.get(SENDER_ID);
    if given.is_some_and(|sender| !is_sender_id(sender)) {
        return Err(bad(SENDER_ID, "must be 1 to 11 characters with one letter"));
    }
    let sender = given.or_else(|| outreach.sms.default_sender());
    Ok(sender.map(str::to_owned))
}

fn kind(outreach: &Outreach, attributes: &Attributes) -> Result<SmsType, Error> {
    let Some(given) = attributes.get(SMS_TYPE) else {
        return Ok(outreach.sms.default_type());
    };
    let rule = "must be Promotional or Transactional";
    SmsType::parse(given).ok_or_else(|| bad(SMS_TYPE, rule))
}

fn max_price(attributes: &Attributes) -> Result<Option<MicroUsd>, Error> {
    let Some(given) = attributes.get(MAX_PRICE) else {
        return Ok(None);
    };
    let price = MicroUsd::parse(given);
    Ok(Some(price.ok_or_else(|| {
        bad(MAX_PRICE, "must be an amount in US dollars")
    })?))
}

/// Why it may not leave, in the words of delivery status logs; the sandbox's are ours.
fn obstacle(outreach: &Outreach, now: Time, sms: &Sms<'_>, text: &Text) -> Option<&'static str> {
    let number = phone::bare(sms.phone_number);
    let limit = MicroUsd::dollars(outreach.sms.monthly_limit());
    if outreach.opt_outs.has(&number) {
        Some("Phone number is opted out")
    } else if !outreach.sandbox.lets_through(&number) {
        Some("Phone number is not verified in the SMS sandbox")
    } else if text.max_price.is_some_and(|most| text.price > most) {
        Some("This delivery would exceed max price")
    } else if outreach.spend.would_pass(limit, text.price, now) {
        Some("No quota left for account")
    } else {
        None
    }
}

fn asked(sms: &Sms<'_>, text: &Text) -> Value {
    let message = &sms.message;
    json!({
        "PhoneNumber": sms.phone_number,
        "TopicArn": message.topic_arn,
        "SubscriptionArn": message.subscription_arn,
        "MessageId": message.id,
        "Message": document::shown_message(&text.body, message.json),
        "MessageAttributes": document::attributes(message.attributes),
        "MessageStructure": message.structure(),
        "Subject": message.subject,
    })
}

fn left(sms: &Sms<'_>, text: &Text) -> Value {
    let attributes = Attributes::read(sms.message.attributes);
    json!({
        "Text": text.body,
        "Encoding": text.encoding.name(),
        "Parts": text.parts,
        "SenderID": text.sender,
        "SMSType": text.kind.name(),
        "OriginationNumber": attributes.get("AWS.MM.SMS.OriginationNumber"),
        "EntityId": attributes.get("AWS.MM.SMS.EntityId"),
        "TemplateId": attributes.get("AWS.MM.SMS.TemplateId"),
        "PriceInUSD": text.price.as_dollars(),
    })
}

fn log(
    outreach: &Outreach,
    now: Time,
    sms: &Sms<'_>,
    text: &Text,
    response: &str,
    success: bool,
) -> Option<StatusLog> {
    let rate = outreach.sms.log_rate()?;
    if success && !is_sampled(rate, sms.dice) {
        return None;
    }
    let dwell = now.since(sms.message.published);
    let mut delivery = Map::new();
    if success {
        delivery.insert("phoneCarrier".to_owned(), "Tidings".into());
    }
    delivery.insert("mnc".to_owned(), 0.into());
    delivery.insert("destination".to_owned(), sms.phone_number.into());
    delivery.insert("priceInUSD".to_owned(), text.price.as_dollars().into());
    delivery.insert("smsType".to_owned(), text.kind.name().into());
    delivery.insert("mcc".to_owned(), 0.into());
    delivery.insert("providerResponse".to_owned(), response.into());
    delivery.insert("dwellTimeMs".to_owned(), dwell.into());
    if success {
        delivery.insert("dwellTimeMsUntilDeviceAck".to_owned(), dwell.into());
    }
    let told = Told {
        message_id: sms.message.id,
        topic_arn: sms.message.topic_arn,
        published: sms.message.published,
        success,
        delivery,
    };
    Some(told.log(outreach.home, &sms_resource(sms.message.topic_arn)))
}
