//! Twenty histories, and proof that the oracle can say no.

use crate::{Sabotage, Settings, run};

const SHORT: Settings = Settings {
    steps: 350,
    verbose: false,
    sabotage: None,
};

fn play(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let run = run(seed, SHORT);
        assert_eq!(
            run.violation, None,
            "seed {seed}, see `cargo run -p sim -- --seed {seed} --steps 350`"
        );
    }
}

#[test]
fn ten_histories_break_no_promise() {
    play(0..10);
}

#[test]
fn ten_more_histories_break_no_promise() {
    play(10..20);
}

#[test]
fn a_seed_gives_the_same_history_twice() {
    let first = run(7, SHORT);
    assert!(first.acknowledged > 0 && first.trace.len() > 350);
    assert_eq!(first, run(7, SHORT));
}

#[test]
fn every_deliberate_defect_is_found() {
    for sabotage in Sabotage::ALL {
        let settings = Settings {
            sabotage: Some(sabotage),
            ..SHORT
        };
        let found = (0..10).find_map(|seed| run(seed, settings).violation);
        assert!(found.is_some(), "{sabotage:?} went unnoticed");
    }
}
