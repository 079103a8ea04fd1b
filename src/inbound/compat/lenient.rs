//! What all contracts share: JSON read leniently in form (null is absent, unknown fields are ignored), limits that are lowered
//! to ours instead of refused, and streams with a line where output was left out.

mod body;
mod fields;
mod output;
mod program;

pub use self::{
    body::{base64, form, is_json, json, object, weight},
    fields::{Fields, Wrong},
    output::{left_out, marked, text},
    program::{Asked, Program},
};
