//! Calls to the outside: HTTP(S), mail, and the key that signs what is sent.

pub mod signing;
