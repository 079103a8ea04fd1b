//! The sandboxes that wait for work: *held* by this handler on connections of its own, or *shared* on the host by all
//! handlers. Knows `engine` and `sandbox`, and never calls the engine.

mod by_language;
pub(super) mod held;
pub(super) mod labels;
pub(super) mod overdue;
pub(super) mod shared;
