//! Faults of a program and their places, as the contract words them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{inbound::contract::schema, service::diagnostics::Diagnostic};

/// A fault of the program and its place, read from what its language's own tools wrote to standard error.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Diagnostic)]
pub struct DiagnosticAnswer {
    /// The file, by its name below the project's root.
    pub file: String,
    /// The line; the first line is 1.
    pub line: u32,
    /// The column; the first column is 1. Only there when it was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub column: Option<u32>,
    /// How bad it is.
    #[schema(schema_with = schema::severity)]
    pub severity: &'static str,
    /// The first line of what is said about it; at most 500 characters.
    pub message: String,
    /// When it was found.
    #[schema(schema_with = schema::phase)]
    pub phase: &'static str,
}

impl From<Diagnostic> for DiagnosticAnswer {
    fn from(Diagnostic { file, line, column, severity, message, phase }: Diagnostic) -> Self {
        Self { file, line, column, severity: severity.as_str(), message, phase: phase.as_str() }
    }
}
