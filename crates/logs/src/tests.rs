//! What a group does over time, told as scenarios and against a model that is too simple to be wrong.

mod model;
mod scenarios;
