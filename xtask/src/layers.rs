//! Holds the house's directions: who may use whom, what the pure crates cannot reach, and where a clock is read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::build::{metadata, root};

/// Each crate and the crates of ours that it may use. What is absent is forbidden.
const MAY_USE: [(&str, &[&str]); 16] = [
    ("domain", &[]),
    ("api", &[]),
    ("wire", &["api"]),
    ("journal", &["domain"]),
    ("engine", &["domain", "journal"]),
    ("pattern", &[]),
    ("sqs", &["domain", "api"]),
    ("sns", &["domain", "api", "pattern"]),
    ("outreach", &["domain", "api"]),
    ("logs", &["domain", "api"]),
    ("outbound", &["domain"]),
    (
        "node",
        &[
            "domain", "api", "wire", "journal", "engine", "pattern", "sqs", "sns", "outreach",
            "logs",
        ],
    ),
    (
        "server",
        &[
            "domain", "api", "wire", "journal", "engine", "sqs", "sns", "outreach", "logs", "node",
            "outbound",
        ],
    ),
    (
        "sim",
        &["domain", "api", "journal", "engine", "sqs", "sns", "node"],
    ),
    ("bench", &[]),
    ("xtask", &["api"]),
];

/// They turn values into values: nothing under them may wait, ask the time, or throw dice.
const PURE: [&str; 8] = [
    "domain", "api", "wire", "pattern", "sqs", "sns", "outreach", "logs",
];
const IMPURE: [&str; 7] = [
    "tokio",
    "hyper",
    "mio",
    "rand",
    "getrandom",
    "rustix",
    "io-uring",
];

/// The only places outside `server` that may read a clock, and why.
const CLOCKS: [(&str, &str); 5] = [
    (
        "crates/engine/src/clock.rs",
        "the cell's clock, which stamps commands",
    ),
    (
        "crates/journal/src/flusher/thread.rs",
        "how long a flush took, for the metrics",
    ),
    (
        "crates/journal/src/flusher/uring.rs",
        "how long a flush took, for the metrics",
    ),
    (
        "crates/journal/src/preparer.rs",
        "when to try again after a full disk",
    ),
    (
        "crates/outbound/src/http/client.rs",
        "how long a call took, which delivery logs tell",
    ),
];

/// What the layering test reads in `cargo metadata`.
struct Workspace {
    metadata: Value,
}

impl Workspace {
    fn read() -> Workspace {
        Workspace {
            metadata: metadata(true).unwrap(),
        }
    }

    fn packages(&self) -> impl Iterator<Item = &Value> {
        self.metadata["packages"].as_array().unwrap().iter()
    }

    fn members(&self) -> impl Iterator<Item = &Value> {
        let members = self.metadata["workspace_members"].as_array().unwrap();
        self.packages()
            .filter(|package| members.contains(&package["id"]))
    }

    /// Direct dependencies of a member: name and whether it lies in the workspace. Those of its tests are left out
    /// unless asked for.
    fn dependencies(&self, member: &Value, tests: bool) -> BTreeSet<(String, bool)> {
        let all = member["dependencies"].as_array().unwrap().iter();
        all.filter(|dependency| tests || dependency["kind"] != "dev")
            .map(|dependency| (text(&dependency["name"]), dependency["path"].is_string()))
            .collect()
    }

    /// Names of everything that a member is built with, itself included.
    fn reachable(&self, member: &str) -> BTreeSet<String> {
        let names: BTreeMap<&str, &str> = self
            .packages()
            .map(|package| {
                (
                    package["id"].as_str().unwrap(),
                    package["name"].as_str().unwrap(),
                )
            })
            .collect();
        let nodes: BTreeMap<&str, &Value> = self.metadata["resolve"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| (node["id"].as_str().unwrap(), node))
            .collect();
        let start = self
            .members()
            .find(|package| package["name"] == member)
            .unwrap();
        let mut waiting = vec![start["id"].as_str().unwrap()];
        let mut seen = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            for dependency in nodes[id]["deps"].as_array().unwrap() {
                let kinds = dependency["dep_kinds"].as_array().unwrap();
                if kinds.iter().any(|kind| kind["kind"].is_null()) {
                    waiting.push(dependency["pkg"].as_str().unwrap());
                }
            }
        }
        seen.into_iter().map(|id| names[id].to_owned()).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Rust files under a folder of the repository, with their paths from the root.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    collect(&root().join(folder), &mut files);
    let relative = |path: &PathBuf| path.strip_prefix(root()).unwrap().display().to_string();
    files
        .iter()
        .map(|path| (relative(path), fs::read_to_string(path).unwrap()))
        .collect()
}

/// A crate's product: neither its tests nor its examples.
fn product(name: &str) -> Vec<(String, String)> {
    sources(&format!("crates/{name}/src"))
}

#[test]
fn crates_use_only_what_the_table_allows() {
    let workspace = Workspace::read();
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.into_iter().collect();
    let mut members = BTreeSet::new();
    for member in workspace.members() {
        let name = text(&member["name"]);
        let may_use = allowed
            .get(name.as_str())
            .unwrap_or_else(|| panic!("{name} is not in the table"));
        for (used, _) in workspace
            .dependencies(member, false)
            .into_iter()
            .filter(|(_, ours)| *ours)
        {
            assert!(
                may_use.contains(&used.as_str()),
                "{name} may not use {used}"
            );
        }
        members.insert(name);
    }
    let known: BTreeSet<String> = allowed.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(members, known);
}

#[test]
fn pure_crates_reach_nothing_that_waits_or_throws_dice() {
    let workspace = Workspace::read();
    for member in PURE {
        let reachable = workspace.reachable(member);
        assert!(reachable.contains(member));
        let impure: Vec<&str> = IMPURE
            .into_iter()
            .filter(|name| reachable.contains(*name))
            .collect();
        assert!(impure.is_empty(), "{member} is built with {impure:?}");
    }
}

#[test]
fn clocks_are_read_only_where_the_list_says() {
    let allowed: BTreeMap<&str, &str> = CLOCKS.into_iter().collect();
    let mut found = BTreeSet::new();
    for (name, _) in MAY_USE
        .into_iter()
        .filter(|(name, _)| !["server", "bench", "xtask"].contains(name))
    {
        for (path, text) in product(name) {
            if text.contains("SystemTime::now") || text.contains("Instant::now") {
                assert!(allowed.contains_key(path.as_str()), "{path} reads a clock");
                found.insert(path);
            }
        }
    }
    let known: BTreeSet<String> = allowed.keys().map(|path| (*path).to_owned()).collect();
    assert_eq!(found, known, "a file on the list reads no clock");
}

#[test]
fn no_machine_keeps_a_map_with_an_order_of_chance() {
    for name in [
        "domain", "sqs", "sns", "outreach", "logs", "pattern", "engine", "node",
    ] {
        for (path, text) in product(name) {
            for forbidden in [
                "std::collections::HashMap",
                "std::collections::HashSet",
                "RandomState",
            ] {
                assert!(!text.contains(forbidden), "{path} names {forbidden}");
            }
            for line in text
                .lines()
                .filter(|line| line.starts_with("use std::collections"))
            {
                assert!(!line.contains("Hash"), "{path}: {line}");
            }
        }
    }
}

#[test]
fn generated_files_say_who_wrote_them() {
    let path = format!("crates/api/src/{}.rs", api::sqs::SERVICE.name);
    let text = fs::read_to_string(root().join(&path)).unwrap();
    let first = text.lines().next().unwrap();
    assert!(
        first.starts_with("// Generated by `cargo xtask codegen`") && first.contains("Do not edit"),
        "{path}: {first}"
    );
}

#[test]
fn every_file_begins_by_saying_what_it_promises() {
    for folder in ["crates", "bench", "xtask"] {
        for (path, text) in sources(folder) {
            let first = text
                .lines()
                .find(|line| !line.starts_with("// "))
                .unwrap_or_default();
            assert!(first.starts_with("//!"), "{path} begins with {first:?}");
        }
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let workspace = Workspace::read();
    let used: BTreeSet<String> = workspace
        .members()
        .flat_map(|member| workspace.dependencies(member, true))
        .filter(|(_, ours)| !ours)
        .map(|(name, _)| name)
        .collect();
    let page = fs::read_to_string(root().join("docs/adr/0002-dependencies.md")).unwrap();
    let named: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect();
    assert_eq!(
        named, used,
        "left: in docs/adr/0002-dependencies.md; right: in the workspace"
    );
}
