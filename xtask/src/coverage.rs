//! Writes `docs/coverage.md`: each operation of the table, where it is served, and which SDKs' tests call it.
//!
//! Derived from the operation table, the cores' `op` folders and the sources of the conformance suites. Committed; a
//! test and `coverage --check` compare.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use api::{Operation, Service};

use crate::build::root;

/// A service, the folders with one file for each of its operations, and where AWS documents them.
struct Served {
    service: &'static Service,
    operations: &'static [&'static str],
    reference: &'static str,
}

const SERVICES: [Served; 3] = [
    Served {
        service: &api::sqs::SERVICE,
        operations: &["crates/sqs/src/op"],
        reference: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference",
    },
    Served {
        service: &api::sns::SERVICE,
        operations: &["crates/sns/src/op", "crates/outreach/src/op"],
        reference: "https://docs.aws.amazon.com/sns/latest/api",
    },
    Served {
        service: &api::logs::SERVICE,
        operations: &["crates/logs/src/op"],
        reference: "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference",
    },
];

/// A conformance suite, its sources, and how they write a call.
struct Suite {
    name: &'static str,
    sources: &'static [&'static str],
    call: fn(&str) -> String,
}

const SUITES: [Suite; 5] = [
    Suite {
        name: "boto3",
        sources: &["conformance/python"],
        call: |name| format!(".{}(", separated(name, '_')),
    },
    Suite {
        name: "AWS CLI",
        sources: &["conformance/cli", "examples/labs"],
        call: |name| separated(name, '-'),
    },
    Suite {
        name: "JavaScript",
        sources: &["conformance/javascript/test"],
        call: |name| format!("new {name}Command("),
    },
    Suite {
        name: "Java",
        sources: &["conformance/java/src"],
        call: |name| format!(".{}{}(", name[..1].to_ascii_lowercase(), &name[1..]),
    },
    Suite {
        name: "Go",
        sources: &["conformance/go"],
        call: |name| format!(".{name}("),
    },
];

/// Writes the page, or with `check` fails if what is committed differs.
pub(crate) fn run(check: bool) -> Result<()> {
    let path = root().join("docs/coverage.md");
    let page = page()?;
    if !check {
        fs::write(&path, page)?;
    } else if fs::read_to_string(&path).ok().as_deref() != Some(&page) {
        bail!("{} is stale: run `cargo xtask coverage`", path.display());
    }
    Ok(())
}

fn page() -> Result<String> {
    let suites: Vec<(&Suite, String)> = SUITES
        .iter()
        .map(|suite| Ok((suite, text_of(suite.sources)?)))
        .collect::<Result<_>>()?;
    let mut page = String::from(
        "# Coverage\n\nWritten by `cargo xtask coverage` from the operation table and the sources of the conformance suites. Do not edit.\n\n\
         An operation is served over every protocol of its service. The columns on the right say whose tests call it.\n",
    );
    for served in &SERVICES {
        let operations = served.service.operations;
        let there = operations
            .iter()
            .filter(|operation| file_of(served, operation).is_some())
            .count();
        page += &format!(
            "\n## {}\n\n{there} of {} operations.\n\n",
            served.service.name,
            operations.len() + served.service.unbuilt.len()
        );
        let names: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
        page += &format!(
            "| operation | code | permission | {} |\n",
            names.join(" | ")
        );
        page += &format!("|---|---|---|{}\n", "---|".repeat(names.len()));
        for operation in operations {
            page += &row(served, operation, &suites);
        }
        if !served.service.unbuilt.is_empty() {
            page += &format!(
                "\nNot built yet, and answered with `NotImplemented`: {}.\n",
                served.service.unbuilt.join(", ")
            );
        }
    }
    Ok(page)
}

fn row(served: &Served, operation: &Operation, suites: &[(&Suite, String)]) -> String {
    let name = operation.name;
    let code = match file_of(served, operation) {
        Some(file) => {
            let short = file.rsplit('/').next().unwrap_or_default();
            format!("[{short}](../{file})")
        }
        None => "not yet".to_owned(),
    };
    let called = suites.iter().map(|(suite, text)| {
        if calls(text, &(suite.call)(name)) {
            " yes |"
        } else {
            " |"
        }
    });
    format!(
        "| [{name}]({}/API_{name}.html) | {code} | `{}` |{}\n",
        served.reference,
        operation.iam_action,
        called.collect::<String>()
    )
}

fn file_of(served: &Served, operation: &Operation) -> Option<String> {
    let name = separated(operation.name, '_');
    let files = served
        .operations
        .iter()
        .map(|folder| format!("{folder}/{name}.rs"));
    files.into_iter().find(|file| root().join(file).exists())
}

/// Whether a call stands in a text, and not as the beginning of a longer name.
fn calls(text: &str, call: &str) -> bool {
    text.match_indices(call).any(|(at, _)| {
        let after = text[at + call.len()..].chars().next();
        call.ends_with('(') || !after.is_some_and(|next| next.is_alphanumeric() || next == '-')
    })
}

/// `SendMessage` as `send_message` or `send-message`.
fn separated(name: &str, separator: char) -> String {
    let mut out = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (at, &letter) in letters.iter().enumerate() {
        // `GetSMSAttributes` is three words.
        let begins = letter.is_ascii_uppercase()
            && at > 0
            && (letters[at - 1].is_ascii_lowercase()
                || letters.get(at + 1).is_some_and(char::is_ascii_lowercase));
        if begins {
            out.push(separator);
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

fn text_of(sources: &[&str]) -> Result<String> {
    let mut text = String::new();
    for source in sources {
        append(&root().join(source), &mut text).with_context(|| (*source).to_owned())?;
    }
    Ok(text)
}

fn append(directory: &Path, text: &mut String) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            append(&path, text)?;
        } else if matches!(extension, Some("py" | "sh" | "js" | "java" | "go")) {
            *text += &fs::read_to_string(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_page_is_what_the_sources_say() {
        run(true).unwrap();
    }

    #[test]
    fn every_operation_of_the_table_is_there() {
        for served in &SERVICES {
            for operation in served.service.operations {
                assert!(file_of(served, operation).is_some(), "{}", operation.name);
            }
        }
    }

    #[test]
    fn a_longer_name_is_another_call() {
        assert!(calls("aws sqs send-message --x", "send-message"));
        assert!(!calls("aws sqs send-message-batch --x", "send-message"));
    }
}
