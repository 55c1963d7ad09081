//! Random bytes for ids and secrets: the only randomness of the house, made outside of the cores.

use std::cell::RefCell;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

thread_local! {
    static RANDOM: RefCell<StdRng> = RefCell::new(rand::make_rng());
}

/// 16 random bytes, enough to never meet twice.
pub(crate) fn random() -> [u8; 16] {
    RANDOM.with_borrow_mut(|random| {
        let mut bytes = [0; 16];
        random.fill_bytes(&mut bytes);
        bytes
    })
}

/// Makes this thread's ids follow from `seed`: for simulation, where one seed is one history.
pub fn seed(seed: u64) {
    RANDOM.with_borrow_mut(|random| *random = StdRng::seed_from_u64(seed));
}
