//! Which queue a QueueUrl names, and how the node's own queue URLs look (spec sections 1.3 and 11).

use api::Error;
use domain::{AccountId, Region};

use crate::address::AddressRef;
use crate::node::{Caller, Node};
use crate::open::QueueUrls;

/// The queue a QueueUrl means to this caller: what the URL leaves out, the caller's account and region say.
pub(crate) fn resolve<'a>(
    caller: &Caller<'_>,
    queue_url: Option<&'a str>,
) -> Result<AddressRef<'a>, Error> {
    let url = match queue_url {
        None | Some("") => {
            return Err(api::common::MISSING_PARAMETER
                .with("The request must contain the parameter QueueUrl."));
        }
        Some(url) => url,
    };
    let named = wire::queue_url::parse(url)?;
    let account = named.account.map(AccountId::parse).transpose();
    let region = named.region.map(Region::parse).transpose();
    match (account, region) {
        (Ok(account), Ok(region)) => Ok(AddressRef {
            account: account.unwrap_or(caller.account),
            region: region.unwrap_or(caller.region),
            name: named.name,
        }),
        (Err(_), _) | (_, Err(_)) => Err(does_not_exist()),
    }
}

pub(crate) fn does_not_exist() -> Error {
    sqs::Error::QueueDoesNotExist.into()
}

impl Node {
    /// The URL that names a queue to this caller.
    pub(crate) fn queue_url(&self, caller: &Caller<'_>, address: AddressRef<'_>) -> String {
        let AddressRef {
            account,
            region,
            name,
        } = address;
        match &self.options.queue_urls {
            QueueUrls::Host => format!("http://{}/{account}/{name}", caller.host),
            QueueUrls::Region { port } => {
                format!("http://sqs.{region}.localhost:{port}/{account}/{name}")
            }
            QueueUrls::Base(base) => format!("{base}/{account}/{name}"),
        }
    }
}
