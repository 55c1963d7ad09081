//! Whether the server works.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::http::answer::{self, Answer};
use crate::service::Service;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// 200 while every cell works; 503 with the reason once an I/O error has stopped one.
pub(crate) fn health(service: &Service) -> Answer {
    let node = &service.node;
    let cells: Vec<(u64, Option<String>)> = (0..node.cells())
        .map(|cell| (node.durable(cell).0, node.why_poisoned(cell)))
        .collect();
    let status = if cells.iter().all(|(_, poisoned)| poisoned.is_none()) {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    answer::json(status, &report(&cells))
}

/// The cells' durable positions, and why those that stopped did.
fn report(cells: &[(u64, Option<String>)]) -> Value {
    let stopped = cells.iter().any(|(_, poisoned)| poisoned.is_some());
    let cells: Vec<Value> = cells
        .iter()
        .enumerate()
        .map(|(cell, (durable, poisoned))| match poisoned {
            None => json!({ "cell": cell, "state": "running", "durable": durable }),
            Some(why) => {
                json!({ "cell": cell, "state": "poisoned", "durable": durable, "reason": why })
            }
        })
        .collect();
    let status = if stopped { "poisoned" } else { "running" };
    json!({ "status": status, "version": VERSION, "cells": cells })
}

/// The form that tools which wait for LocalStack look for.
pub(crate) fn localstack() -> Answer {
    let services: Map<String, Value> = services()
        .map(|name| (name.to_owned(), "running".into()))
        .collect();
    answer::json(
        StatusCode::OK,
        &json!({ "services": services, "edition": "tidings", "version": VERSION }),
    )
}

pub(crate) fn localstack_info() -> Answer {
    let services: Vec<&str> = services().collect();
    answer::json(
        StatusCode::OK,
        &json!({
            "version": VERSION,
            "edition": "tidings",
            "is_license_activated": false,
            "system": std::env::consts::OS,
            "services": services,
        }),
    )
}

fn services() -> impl Iterator<Item = &'static str> {
    api::SERVICES.iter().map(|service| service.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_cell_says_why() {
        let report = report(&[(70, None), (30, Some("fdatasync: I/O error".to_owned()))]);
        assert_eq!(report["status"], "poisoned");
        assert_eq!(
            report["cells"][0],
            json!({ "cell": 0, "state": "running", "durable": 70 })
        );
        assert_eq!(report["cells"][1]["reason"], "fdatasync: I/O error");
    }

    #[test]
    fn a_server_whose_cells_work_is_running() {
        let report = report(&[(70, None)]);
        assert_eq!(
            (&report["status"], &report["version"]),
            (&json!("running"), &json!(VERSION))
        );
    }
}
