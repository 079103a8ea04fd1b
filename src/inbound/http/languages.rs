//! `GET /languages`: what can be run here, in which exact version, with which limits.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App,
    error::{ApiError, ErrorBody},
};
use crate::{
    domain::{
        error::ExecuteError,
        language::Language,
        limits::Limits,
        ports::{ExecutionStore, InstalledLanguage, Sandbox},
    },
    inbound::contract::answer::{CompilerAnswer, LimitsAnswer},
};

/// A language that can be run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Language)]
pub(super) struct LanguageAnswer {
    /// The canonical name.
    name: String,
    /// The name as people write it.
    title: String,
    /// Other names that mean this language.
    aliases: Vec<String>,
    /// Whether a request that names no language means this one.
    default: bool,
    /// Whether programs in it can be run now.
    available: bool,
    /// Why they cannot; only there when they cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<String>,
    /// The interpreter's own word for its version; empty as long as it was never heard.
    version: String,
    /// Packages beside the standard library by name, each with its version; only there where the language tells of some.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    packages: Option<BTreeMap<String, String>>,
    /// The image by name.
    image: String,
    /// The image by digest; empty as long as the image was never found.
    digest: String,
    /// What a file must be called to be the entry point by itself; the first is also the name of bare code.
    entry_points: Vec<String>,
    /// Endings (without the dot) by which a single uploaded file is known to be of this language.
    extensions: Vec<String>,
    /// The most a run may use.
    limits: LimitsAnswer,
    /// How programs are compiled; only there for a language that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    compile: Option<CompilerAnswer>,
    /// A program that shows the language at work.
    example: String,
}

/// The languages that can be run; the first is the default.
#[utoipa::path(
    get,
    path = "/languages",
    responses(
        (status = 200, description = "The languages.", body = Vec<LanguageAnswer>),
        (status = 503, description = "The Docker host has not told yet what it has.", body = ErrorBody),
    )
)]
pub(super) async fn languages<S: Sandbox, R: ExecutionStore>(
    State(app): State<App<S, R>>,
) -> Result<Json<Vec<LanguageAnswer>>, ApiError> {
    let rules = &app.config.rules;
    let default = rules.languages.default_language();
    let installed = app.service.languages().await.map_err(ExecuteError::from)?.into_iter();
    Ok(Json(installed.map(|language| LanguageAnswer::new(language, &default, rules.limits)).collect()))
}

impl LanguageAnswer {
    fn new(
        InstalledLanguage { language, version, packages, digest, problem }: InstalledLanguage,
        default: &Language,
        limits: Limits,
    ) -> Self {
        let language = language.as_ref().clone();
        let limits = language.limits(limits);
        Self {
            default: language.name == default.name,
            name: language.name,
            title: language.title,
            aliases: language.aliases,
            available: problem.is_none(),
            problem,
            version,
            packages: (!packages.is_empty()).then_some(packages),
            image: language.image,
            digest,
            entry_points: language.entry_points,
            extensions: language.extensions,
            limits: limits.into(),
            compile: language.compiler.map(|compiler| CompilerAnswer::of(compiler, limits)),
            example: language.example,
        }
    }
}
