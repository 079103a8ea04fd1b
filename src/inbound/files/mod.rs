//! Uploaded files: a zip archive or source files, made a project. Knows neither our JSON nor a protocol.

pub mod archive;
pub mod upload;
