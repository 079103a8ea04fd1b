//! What holds for every contract.

mod compiled;
mod dify;
mod fuzz;
mod keys;
mod sandboxfusion;
mod tools;
