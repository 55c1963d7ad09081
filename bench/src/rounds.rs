//! Rounds: everyone's turn after another, so that a change of the machine's mood meets all alike.
//!
//! Only figures of one round are compared with each other; what is reported is the median over rounds. A round in
//! which something else used the machine is done again, a bounded number of times.

/// Foreign CPU, as a share of a core, from which a round is noisy.
pub(crate) const FOREIGN_MAX: f64 = 0.12;
/// Attempts for each wanted round.
const ATTEMPTS: usize = 2;

/// The rounds that count.
pub(crate) struct Rounds<T> {
    pub(crate) kept: Vec<T>,
    /// How many of them were noisy all the same.
    pub(crate) noisy: usize,
    /// Noisy rounds that a repetition replaced.
    pub(crate) discarded: usize,
}

/// Runs rounds until `wanted` were quiet. `round` answers its result and the largest foreign share in it.
pub(crate) fn run<T>(
    wanted: usize,
    mut round: impl FnMut(usize) -> anyhow::Result<(T, f64)>,
) -> anyhow::Result<Rounds<T>> {
    let mut quiet = Vec::new();
    let mut noisy = Vec::new();
    for attempt in 0..wanted * ATTEMPTS {
        let (result, foreign) = round(attempt)?;
        let kept = if foreign <= FOREIGN_MAX {
            &mut quiet
        } else {
            &mut noisy
        };
        kept.push((foreign, result));
        if quiet.len() == wanted {
            break;
        }
    }
    noisy.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let missing = wanted.saturating_sub(quiet.len());
    let discarded = noisy.len() - missing;
    noisy.truncate(missing);
    let kept = quiet.into_iter().chain(noisy).map(|(_, result)| result);
    Ok(Rounds {
        kept: kept.collect(),
        noisy: missing,
        discarded,
    })
}

impl<T> Rounds<T> {
    pub(crate) fn median(&self, figure: impl Fn(&T) -> f64) -> f64 {
        median(self.kept.iter().map(figure))
    }

    /// One sentence on how quiet it was.
    pub(crate) fn note(&self) -> String {
        let rounds = self.kept.len();
        match (self.noisy, self.discarded) {
            (0, 0) => format!("Rounds: {rounds}, all quiet."),
            (0, discarded) => {
                format!("Rounds: {rounds}, all quiet; {discarded} noisy ones were repeated.")
            }
            (noisy, discarded) => format!(
                "Rounds: {rounds}, of which {noisy} noisy (more than {:.0} % of a core went to something else); \
                 {discarded} more were repeated.",
                FOREIGN_MAX * 100.0
            ),
        }
    }
}

pub(crate) fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    match figures.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => figures[count / 2],
        count => (figures[count / 2 - 1] + figures[count / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_rounds_are_preferred_and_attempts_are_bounded() {
        let foreign = [0.5, 0.0, 0.3, 0.0, 0.9, 0.9];
        let rounds = run(3, |attempt| Ok((attempt, foreign[attempt]))).unwrap();
        assert_eq!(rounds.kept, [1, 3, 2]);
        assert_eq!((rounds.noisy, rounds.discarded), (1, 3));
    }

    #[test]
    fn quiet_rounds_are_not_repeated() {
        let rounds = run(3, |attempt| Ok((attempt, 0.0))).unwrap();
        assert_eq!(rounds.kept, [0, 1, 2]);
    }

    #[test]
    fn the_median_of_an_even_count_lies_between() {
        assert_eq!(median([4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median([5.0, 1.0, 3.0]), 3.0);
    }
}
