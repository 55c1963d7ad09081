//! What a queue does, told in the little language of `tests/*.txt`, and against models that are too simple to be
//! wrong.

mod bounds;
mod garbage;
mod model;
mod script;
mod world;

use script::check;

#[test]
fn standard_queues_follow_sections_5_1_and_5_2() {
    check("standard.txt", include_str!("../tests/standard.txt"));
}

#[test]
fn receipt_handles_follow_sections_5_3_and_5_4() {
    check("receipts.txt", include_str!("../tests/receipts.txt"));
}

#[test]
fn fair_queues_follow_section_5_6() {
    check("fair.txt", include_str!("../tests/fair.txt"));
}

#[test]
fn dead_letter_queues_follow_section_6_2() {
    check("redrive.txt", include_str!("../tests/redrive.txt"));
}

#[test]
fn move_tasks_follow_section_6_4() {
    check("move.txt", include_str!("../tests/move.txt"));
}

#[test]
fn fifo_groups_follow_section_8_1() {
    check("fifo.txt", include_str!("../tests/fifo.txt"));
}

#[test]
fn deduplication_follows_section_8_2() {
    check("dedup.txt", include_str!("../tests/dedup.txt"));
}

#[test]
fn attempt_ids_follow_section_8_3() {
    check("attempt.txt", include_str!("../tests/attempt.txt"));
}

#[test]
fn peeking_follows_section_11() {
    check("peek.txt", include_str!("../tests/peek.txt"));
}
