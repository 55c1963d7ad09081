//! Suites: something that runs, and counts what passed, failed and was skipped.

use std::fmt;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    pub(crate) const ONE_PASSED: Counts = Counts {
        passed: 1,
        failed: 0,
        skipped: 0,
    };
    pub(crate) const ONE_FAILED: Counts = Counts {
        passed: 0,
        failed: 1,
        skipped: 0,
    };

    pub(crate) fn add(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// A suite that ran nothing has failed: what it was to show is not shown.
    pub(crate) fn or_nothing_ran(self) -> Counts {
        if self.passed + self.failed == 0 {
            Counts { failed: 1, ..self }
        } else {
            self
        }
    }

    /// A command that ends badly without counting a failure is one.
    fn with_status(self, success: bool) -> Counts {
        if !success && self.failed == 0 {
            Counts { failed: 1, ..self }
        } else {
            self
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts {
            passed,
            failed,
            skipped,
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

/// A command that either holds or not.
pub(crate) fn check(command: &mut Command) -> Result<Counts> {
    let status = command.status().with_context(|| format!("{command:?}"))?;
    Ok(if status.success() {
        Counts::ONE_PASSED
    } else {
        Counts::ONE_FAILED
    })
}

/// A command whose output tells the counts. `heard` gets every line of its standard output, which is also shown.
pub(crate) fn count(
    command: &mut Command,
    mut heard: impl FnMut(&str) -> Counts,
) -> Result<Counts> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{command:?}"))?;
    let output = child.stdout.take().expect("standard output is piped");
    let mut counts = Counts::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        counts.add(heard(&line));
    }
    Ok(counts.with_status(child.wait()?.success()))
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; …`, as each test program of cargo ends.
pub(crate) fn of_cargo_test(line: &str) -> Counts {
    let Some(rest) = line.trim_start().strip_prefix("test result: ") else {
        return Counts::default();
    };
    let of = |word: &str| {
        let part = rest.split([';', '.']).find(|part| part.ends_with(word));
        let number = part.and_then(|part| part.trim().strip_suffix(word)?.trim().parse().ok());
        number.unwrap_or(0)
    };
    Counts {
        passed: of("passed"),
        failed: of("failed"),
        skipped: of("ignored"),
    }
}

/// `RESULT name passed=1 failed=0 skipped=0`, as `conformance/run.py` ends.
pub(crate) fn of_conformance(line: &str) -> Counts {
    let Some(rest) = line.strip_prefix("RESULT ") else {
        return Counts::default();
    };
    let of = |key: &str| {
        let mut words = rest.split_ascii_whitespace();
        words
            .find_map(|word| word.strip_prefix(key)?.parse().ok())
            .unwrap_or(0)
    };
    Counts {
        passed: of("passed="),
        failed: of("failed="),
        skipped: of("skipped="),
    }
}

/// `200 seeds: …`, as `sim` ends when all promises held; each seed counts.
pub(crate) fn of_sim(line: &str) -> Counts {
    let passed = line
        .split_once(" seeds: ")
        .and_then(|(seeds, _)| seeds.parse().ok());
    Counts {
        passed: passed.unwrap_or(0),
        ..Counts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn test_programs_are_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(of_cargo_test(line), counts(12, 3, 1));
        assert_eq!(
            of_cargo_test("test result_is_kept ... ok"),
            Counts::default()
        );
    }

    #[test]
    fn conformance_suites_are_counted() {
        let line = "RESULT python-json passed=151 failed=2 skipped=3";
        assert_eq!(of_conformance(line), counts(151, 2, 3));
        assert_eq!(of_conformance("=== python-json: 12 s"), Counts::default());
    }

    #[test]
    fn seeds_are_counted() {
        assert_eq!(
            of_sim("200 seeds: 5 things happened, no promise was broken"),
            counts(200, 0, 0)
        );
        assert_eq!(of_sim("seed 7: a message was lost"), Counts::default());
    }

    #[test]
    fn a_suite_that_ran_nothing_or_ended_badly_has_failed() {
        assert_eq!(counts(0, 0, 4).or_nothing_ran(), counts(0, 1, 4));
        assert_eq!(counts(5, 0, 0).with_status(false), counts(5, 1, 0));
        assert_eq!(counts(5, 2, 0).with_status(false), counts(5, 2, 0));
    }
}
