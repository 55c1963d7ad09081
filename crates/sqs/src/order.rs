//! The order in which a queue's messages are received: one of two kinds, told apart once, here.

use domain::Time;

use crate::fifo::Fifo;
use crate::key::Key;
use crate::live::Messages;
use crate::standard::Standard;

#[derive(Debug)]
pub(crate) enum Order {
    Standard(Standard),
    Fifo(Fifo),
}

impl Order {
    pub(crate) fn new(fifo: bool) -> Order {
        if fifo {
            Order::Fifo(Fifo::default())
        } else {
            Order::Standard(Standard::default())
        }
    }

    /// Takes in a message whose stage says how it comes.
    pub(crate) fn enter(&mut self, messages: &mut Messages, slot: u32, group: Key, now: Time) {
        match self {
            Order::Standard(standard) => standard.enter(messages, slot, group, now),
            Order::Fifo(fifo) => fifo.enter(messages, slot, group),
        }
    }

    /// Takes a visible message out of sight.
    pub(crate) fn hide(&mut self, messages: &mut Messages, slot: u32, now: Time) {
        match self {
            Order::Standard(standard) => standard.hide(messages, slot, now),
            Order::Fifo(fifo) => fifo.hide(messages, slot),
        }
    }

    /// Brings a hidden message back.
    pub(crate) fn show(&mut self, messages: &mut Messages, slot: u32) {
        match self {
            Order::Standard(standard) => standard.show(messages, slot),
            Order::Fifo(fifo) => fifo.show(messages, slot),
        }
    }

    /// Forgets a message, which still says its stage.
    pub(crate) fn leave(&mut self, messages: &Messages, slot: u32) {
        match self {
            Order::Standard(standard) => standard.leave(messages, slot),
            Order::Fifo(fifo) => fifo.leave(messages, slot),
        }
    }

    /// The lane or group from which a receive takes next: none only if there is nothing to take.
    pub(crate) fn next_group(&self) -> Option<u32> {
        match self {
            Order::Standard(standard) => standard.next_lane(),
            Order::Fifo(fifo) => fifo.next_group(),
        }
    }

    /// The message that a receive takes from this group when it has taken so many of it already: none if it is
    /// another group's turn.
    pub(crate) fn in_turn(&self, messages: &Messages, group: u32, taken: usize) -> Option<u32> {
        match self {
            Order::Standard(standard) => standard.in_turn(messages, group, taken),
            Order::Fifo(fifo) => fifo.in_turn(messages, group, taken),
        }
    }

    pub(crate) fn oldest_visible(&self, messages: &Messages) -> Option<u32> {
        match self {
            Order::Standard(standard) => standard.oldest_visible(messages),
            Order::Fifo(fifo) => fifo.oldest_visible(),
        }
    }

    /// The message sent first of all, which is the next to expire.
    pub(crate) fn oldest(&self, messages: &Messages) -> Option<u32> {
        match self {
            Order::Standard(standard) => standard.oldest(messages),
            Order::Fifo(fifo) => fifo.oldest(),
        }
    }

    /// Whether there is a message that a receive would take.
    pub(crate) fn is_ready(&self) -> bool {
        match self {
            Order::Standard(standard) => standard.is_ready(),
            Order::Fifo(fifo) => fifo.is_ready(),
        }
    }

    pub(crate) fn key(&self, group: u32) -> Key {
        match self {
            Order::Standard(standard) => standard.key(group),
            Order::Fifo(fifo) => fifo.key(group),
        }
    }

    /// Forgets all messages.
    pub(crate) fn clear(&mut self) {
        match self {
            Order::Standard(standard) => *standard = Standard::default(),
            Order::Fifo(fifo) => fifo.clear(),
        }
    }
}
