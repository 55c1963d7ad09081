//! Results: one JSON file for each workload, and one page made from all of them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::workload::Workload;

/// A figure that issue or design promised, beside the measured one.
pub(crate) struct Finding {
    pub(crate) what: String,
    pub(crate) target: String,
    pub(crate) measured: String,
    pub(crate) met: bool,
}

impl Finding {
    pub(crate) fn new(what: &str, target: &str, measured: String, met: bool) -> Finding {
        Finding {
            what: what.to_owned(),
            target: target.to_owned(),
            measured,
            met,
        }
    }
}

/// What a workload brings home.
pub(crate) struct Results {
    pub(crate) findings: Vec<Finding>,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
    /// Sentences under the table.
    pub(crate) notes: Vec<String>,
    /// Every round's figures.
    pub(crate) rounds: Value,
}

/// Writes `NAME.json`.
pub(crate) fn write(
    directory: &Path,
    workload: Workload,
    results: &Results,
    run: &Value,
) -> Result<()> {
    fs::create_dir_all(directory)?;
    let findings: Vec<Value> = results
        .findings
        .iter()
        .map(|finding| {
            json!({
                "what": finding.what, "target": finding.target,
                "measured": finding.measured, "met": finding.met,
            })
        })
        .collect();
    let value = json!({
        "workload": workload.name(),
        "run": run,
        "findings": findings,
        "columns": results.columns,
        "rows": results.rows,
        "notes": results.notes,
        "rounds": results.rounds,
    });
    let path = directory.join(format!("{}.json", workload.name()));
    let text = serde_json::to_string_pretty(&value)? + "\n";
    fs::write(&path, text).with_context(|| path.display().to_string())
}

/// Writes `README.md` from all files that [`write`] has left there.
pub(crate) fn write_page(directory: &Path) -> Result<String> {
    let results: Vec<(Workload, Value)> = Workload::ALL
        .into_iter()
        .filter_map(|workload| {
            let path = directory.join(format!("{}.json", workload.name()));
            let text = fs::read_to_string(path).ok()?;
            Some((workload, serde_json::from_str(&text).ok()?))
        })
        .collect();
    let page = page(&results);
    fs::write(directory.join("README.md"), &page)?;
    Ok(page)
}

fn page(results: &[(Workload, Value)]) -> String {
    let mut page = String::from(
        "# Measured\n\nWritten by `cargo xtask bench`. Server on one core, generator on the other. Ratios are taken within a \
         round; figures are medians over rounds. The ceiling is a bare hyper 1 server that reads the body and answers \
         a fixed reply; in every workload it is asked for single messages of 1 KiB, over as many connections.\n\n## Targets\n\n| what | target | measured | met |\n|---|---|---|---|\n",
    );
    for finding in results
        .iter()
        .flat_map(|(_, value)| list(&value["findings"]))
    {
        let met = if finding["met"] == true {
            "yes"
        } else {
            "**no**"
        };
        let cells = ["what", "target", "measured"].map(|key| text(&finding[key]));
        page += &format!("| {} | {met} |\n", cells.join(" | "));
    }
    let missing: Vec<&str> = Workload::ALL
        .iter()
        .filter(|workload| !results.iter().any(|(known, _)| known == *workload))
        .map(|workload| workload.name())
        .collect();
    if !missing.is_empty() {
        page += &format!("\nNot measured: {}.\n", missing.join(", "));
    }
    for (workload, value) in results {
        page += &format!("\n## {}\n\n{}\n\n", workload.name(), workload.description());
        page += &table(value);
        for note in list(&value["notes"]) {
            page += &format!("\n{}\n", text(note));
        }
        let run = &value["run"];
        page += &format!(
            "\n<sub>{} · commit {} · {}, {} cores, Linux {}, {}{}</sub>\n",
            text(&run["date"]),
            text(&run["commit"]),
            text(&run["machine"]["cpu"]),
            run["machine"]["cores"],
            text(&run["machine"]["kernel"]),
            text(&run["machine"]["disk"]),
            flags(run),
        );
    }
    page
}

fn flags(run: &Value) -> String {
    let flags: Vec<&str> = list(&run["flags"]).map(text).collect();
    if flags.is_empty() {
        String::new()
    } else {
        format!(" · **with {}**", flags.join(" "))
    }
}

fn table(value: &Value) -> String {
    let columns: Vec<&str> = list(&value["columns"]).map(text).collect();
    let mut table = format!(
        "| {} |\n|{}\n",
        columns.join(" | "),
        "---|".repeat(columns.len())
    );
    for row in list(&value["rows"]) {
        let cells: Vec<&str> = list(row).map(text).collect();
        table += &format!("| {} |\n", cells.join(" | "));
    }
    table
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The commit that is measured, marked when the checkout differs from it.
pub(crate) fn commit(root: &Path) -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(root)
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"]) else {
        return "unknown".to_owned();
    };
    // Results are written after the measurement and committed with what they measure.
    let changes = git(&["status", "--porcelain", "--", ".", ":!bench/results"]);
    let clean = changes.is_some_and(|changes| changes.is_empty());
    if clean {
        commit
    } else {
        format!("{commit} with changes")
    }
}

/// Today, in UTC.
pub(crate) fn date() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let (year, month, day) = civil(seconds / 86_400);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Days since 1970 to a date of the Gregorian calendar.
fn civil(days: u64) -> (u64, u64, u64) {
    let leap = |year: u64| {
        (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400)
    };
    let (mut year, mut rest) = (1970, days);
    while rest >= 365 + u64::from(leap(year)) {
        rest -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    for (month, length) in (1..).zip([31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
        if rest < length {
            return (year, month, rest + 1);
        }
        rest -= length;
    }
    unreachable!("a year has twelve months")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(20_782), (2026, 11, 25));
    }

    #[test]
    fn the_page_says_what_was_missed_and_what_was_not_measured() {
        let value = json!({
            "findings": [{"what": "w", "target": "t", "measured": "m", "met": false}],
            "columns": ["a"], "rows": [["b"]], "notes": ["n"],
            "run": {"flags": ["--spin-micros=0"]},
        });
        let page = page(&[(Workload::Send, value)]);
        assert!(page.contains("| w | t | m | **no** |"));
        assert!(page.contains("with --spin-micros=0"));
        assert!(page.contains("Not measured: ") && page.contains("backlog"));
    }
}
