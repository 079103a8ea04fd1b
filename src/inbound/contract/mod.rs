//! Our own JSON, as every protocol carries it: what a run request may say, what an answer, an entry of the history and a
//! refusal say. Knows no protocol.

pub mod answer;
mod encoding;
pub mod failure;
pub mod history_entry;
pub mod live_event;
pub mod live_input;
pub mod media_type;
pub mod rejection;
pub mod run_request;
pub(in crate::inbound) mod schema;
pub mod strict_json;
pub mod test_cases;
