//! What was sent: `/_aws/sns/platform-endpoint-messages`, `/_aws/sns/sms-messages`, `/_aws/ses` as other emulators have them
//! (spec sns 12), and `/_tidings/outbox` with all of it. GET shows, DELETE forgets.

use std::rc::Rc;

use domain::Arn;
use http::request::Parts;
use http::{Method, StatusCode};
use node::listing::{self, MailDocument, SentDocument};
use node::{Choice, Document, Home, Kind, LOOK_MAX, Seen, Sent, Whose};

use super::asked::{Query, Refused, account, durable, region};
use crate::http::answer::{self, Answer};
use crate::io_thread::IoThread;

/// What `/_tidings/outbox` shows at most, unless it is asked for more.
const SHOWN: usize = 1000;

pub(super) async fn pushes(thread: &Rc<IoThread>, parts: &Parts) -> Result<Answer, Refused> {
    let query = Query::of(parts)?;
    let endpoint = query.get("endpointArn");
    let home = match endpoint {
        Some(arn) => home_of(arn)?,
        None => query.home()?,
    };
    let choice = Choice {
        to: endpoint.map(str::to_owned),
        ..Choice::all(Kind::Push)
    };
    if parts.method == Method::DELETE {
        return forget(thread, home.into(), &[choice]).await;
    }
    let documents = look(thread, home.into(), |sent| choice.takes(sent), LOOK_MAX).await?;
    let texts = documents.iter().map(|it| it.text.as_str());
    Ok(json(listing::pushes(texts, home.region, endpoint, false)))
}

fn home_of(arn: &str) -> Result<Home, Refused> {
    let arn = Arn::parse(arn).map_err(|why| Refused::Asked(format!("endpointArn: {why}.")))?;
    Ok(Home {
        account: account(arn.account())?,
        region: region(arn.region())?,
    })
}

pub(super) async fn texts(thread: &Rc<IoThread>, parts: &Parts) -> Result<Answer, Refused> {
    let query = Query::of(parts)?;
    let home = query.home()?;
    let choice = Choice {
        to: query.phone_number("phoneNumber"),
        ..Choice::all(Kind::Sms)
    };
    if parts.method == Method::DELETE {
        return forget(thread, home.into(), &[choice]).await;
    }
    let documents = look(thread, home.into(), |sent| choice.takes(sent), LOOK_MAX).await?;
    let texts = documents.iter().map(|it| it.text.as_str());
    let number = choice.to.as_deref();
    Ok(json(listing::texts(texts, home.region, number, false)))
}

/// Mails of every account and region, unless some are named.
pub(super) async fn mails(thread: &Rc<IoThread>, parts: &Parts) -> Result<Answer, Refused> {
    let query = Query::of(parts)?;
    let whose = query.whose()?;
    let (id, email) = (query.get("id"), query.get("email"));
    let choice = Choice {
        id: id.map(str::to_owned),
        ..Choice::all(Kind::Mail)
    };
    if parts.method == Method::DELETE {
        if email.is_some() {
            let why = "Mails are forgotten by id, accountId and region, not by email.";
            return Err(Refused::Asked(why.to_owned()));
        }
        return forget(thread, whose, &[choice]).await;
    }
    let documents = look(thread, whose, |sent| choice.takes(sent), LOOK_MAX).await?;
    let mails = documents.iter().map(|it| MailDocument {
        document: &it.text,
        region: it.home.region,
        time: it.sent.time,
    });
    Ok(json(listing::mails(mails, id, email)))
}

/// Everything, newest last.
pub(super) async fn outbox(thread: &Rc<IoThread>, parts: &Parts) -> Result<Answer, Refused> {
    let query = Query::of(parts)?;
    let whose = query.whose()?;
    let choices = choices(&query)?;
    if parts.method == Method::DELETE {
        return forget(thread, whose, &choices).await;
    }
    let most = match query.get("limit") {
        Some(limit) => limited(limit)?,
        None => SHOWN,
    };
    let wanted = |sent: &Sent| choices.iter().any(|choice| choice.takes(sent));
    let documents = look(thread, whose, wanted, most).await?;
    let all = documents.iter().map(|it| SentDocument {
        document: &it.text,
        sent: &it.sent,
        home: it.home,
    });
    Ok(json(listing::everything(all)))
}

/// One choice for each kind that is meant.
fn choices(query: &Query<'_>) -> Result<Vec<Choice>, Refused> {
    let kinds = match query.get("kind") {
        Some(name) => {
            let why = || Refused::Asked("kind is mail, sms or push.".to_owned());
            vec![Kind::from_name(name).ok_or_else(why)?]
        }
        None => Kind::ALL.to_vec(),
    };
    let choice = |kind| Choice {
        kind,
        to: query.phone_number("to"),
        id: query.get("id").map(str::to_owned),
    };
    Ok(kinds.into_iter().map(choice).collect())
}

fn limited(limit: &str) -> Result<usize, Refused> {
    let limit = limit.parse().ok();
    limit
        .filter(|limit| (1..=LOOK_MAX).contains(limit))
        .ok_or_else(|| Refused::Asked(format!("limit is a number from 1 to {LOOK_MAX}.")))
}

async fn look(
    thread: &Rc<IoThread>,
    whose: Whose,
    wanted: impl Fn(&Sent) -> bool,
    most: usize,
) -> Result<Vec<Document>, Refused> {
    let Seen { shown, after } = thread.service.node.look_at_sent(whose, &wanted, most)?;
    durable(thread, after).await?;
    Ok(shown)
}

async fn forget(
    thread: &Rc<IoThread>,
    whose: Whose,
    choices: &[Choice],
) -> Result<Answer, Refused> {
    for choice in choices {
        let after = thread.service.node.forget_sent(whose, choice)?;
        durable(thread, after).await?;
    }
    Ok(answer::nothing())
}

fn json(body: String) -> Answer {
    answer::plain(StatusCode::OK, "application/json", body)
}
