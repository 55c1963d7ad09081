//! What happened, one line for each thing: equal for equal seeds.

use std::io::Write as _;

use domain::Time;

pub(crate) struct Trace {
    lines: Vec<String>,
    verbose: bool,
}

impl Trace {
    pub(crate) fn new(verbose: bool) -> Trace {
        Trace {
            lines: Vec::new(),
            verbose,
        }
    }

    pub(crate) fn note(&mut self, now: Time, line: String) {
        let line = format!("{:>6} {now:?} {line}", self.lines.len());
        if self.verbose {
            // Whoever closed the output wants no more of it.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
        self.lines.push(line);
    }

    pub(crate) fn into_lines(self) -> Vec<String> {
        self.lines
    }
}
