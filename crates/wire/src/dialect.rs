//! Which service a request is for, and how it speaks.
//!
//! All services share one port. JSON names its service in `X-Amz-Target`. A Query request is told apart by the queue URL
//! it stands at, the signature's scope, `Version`, and last by which service has such an action.

use api::{SERVICES, Service, sns, sqs};

use crate::Protocol;
use crate::form::Parameter;

/// A service and a protocol: what an answer must know of its request.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    pub service: &'static Service,
    pub protocol: Protocol,
}

impl PartialEq for Dialect {
    fn eq(&self, other: &Dialect) -> bool {
        self.service.name == other.service.name && self.protocol == other.protocol
    }
}

impl Eq for Dialect {}

impl Dialect {
    /// What a request's head alone tells of it, for answers to what is not read any further. `scope` is the service that
    /// the signature names, if there is one.
    pub fn of_head(target: &str, accept: &str, scope: Option<&str>) -> Dialect {
        if !target.is_empty() {
            return Dialect::of_target(target);
        }
        let named = scope.and_then(|name| SERVICES.into_iter().find(|it| it.name == name));
        Dialect {
            service: named.unwrap_or(&sqs::SERVICE),
            protocol: query_protocol(accept),
        }
    }

    pub(crate) fn of_target(target: &str) -> Dialect {
        let prefix = target.split_once('.').map_or(target, |(prefix, _)| prefix);
        let service = SERVICES
            .into_iter()
            .find(|it| it.speaks_json() && it.target_prefix == prefix)
            .unwrap_or(&sqs::SERVICE);
        Dialect {
            service,
            protocol: match service.json_version {
                "1.1" => Protocol::AwsJson11,
                _ => Protocol::AwsJson10,
            },
        }
    }
}

/// The protocol of a request with parameters, which may ask for an answer in JSON.
pub(crate) fn query_protocol(accept: &str) -> Protocol {
    match accept.contains("application/json") {
        true => Protocol::QueryJson,
        false => Protocol::Query,
    }
}

/// The service that a request with parameters is for.
pub(crate) fn query_service(
    scope: Option<&str>,
    at_queue_url: bool,
    action: &str,
    parameters: &[Parameter<'_>],
) -> &'static Service {
    let given = |name: &str| parameters.iter().rev().find(|it| it.key == name);
    let spoken = [&sqs::SERVICE, &sns::SERVICE];
    if at_queue_url {
        return &sqs::SERVICE;
    }
    if let Some(named) = spoken.into_iter().find(|it| Some(it.name) == scope) {
        return named;
    }
    if let Some(version) = given("Version")
        && let Some(named) = spoken
            .into_iter()
            .find(|it| it.query_version == version.value)
    {
        return named;
    }
    let names_topic = ["TopicArn", "SubscriptionArn"]
        .iter()
        .any(|name| given(name).is_some());
    let has_it = |service: &&'static Service| service.operation(action).is_some();
    if names_topic {
        return &sns::SERVICE;
    }
    spoken.into_iter().find(has_it).unwrap_or(&sqs::SERVICE)
}
