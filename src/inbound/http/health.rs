//! `GET /health`: whether an execution would have a chance now, for load balancers and people.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use tokio::{sync::Mutex, time::Instant};
use utoipa::ToSchema;

use super::App;
use crate::{
    domain::ports::{ExecutionStore, InstalledLanguage, PoolDepth, Sandbox, SandboxHealth},
    inbound::contract::schema,
    service::Health,
};

/// How long an answer is given again. Asking costs a write to the store and a question to every Docker host, and
/// anybody may ask, as often as they like.
const FRESH: Duration = Duration::from_secs(1);

/// The last answer, and when it was found. Whoever asks while it is being found waits for it.
#[derive(Clone, Default)]
pub(super) struct Recent(Arc<Mutex<Option<(Instant, StatusCode, HealthAnswer)>>>);

/// The state of everything an execution needs.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(super) struct HealthAnswer {
    /// `ok` when code can be run now.
    #[schema(schema_with = schema::health_status)]
    status: &'static str,
    /// The Docker hosts, taken together.
    docker: DockerHealth,
    /// The store of records.
    store: StoreHealth,
    /// The languages, the versions of their interpreters, and which of them cannot be run now.
    languages: Vec<LanguageVersion>,
}

/// The state of the Docker hosts, taken together. What they did not tell in time is left out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct DockerHealth {
    /// Whether sandboxes can be started.
    ok: bool,
    /// How many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    hosts: Option<HostsHealth>,
    /// What is wrong; only there when something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<String>,
    /// The engine's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    engine: Option<String>,
    /// The OCI runtime in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    runtime: Option<String>,
    /// Whether AppArmor confines the sandboxes too; false where a host's kernel or engine has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    apparmor: Option<bool>,
    /// Whether Landlock confines the programs. It is false where a kernel beneath the sandboxes has none: on gVisor, and
    /// where `SCE_LANDLOCK=optional` has other layers stand in for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    landlock: Option<bool>,
    /// Sandboxes running programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    running: Option<usize>,
    /// The most that may run at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    capacity: Option<usize>,
    /// Sandboxes that wait for work.
    pool: Vec<PoolHealth>,
}

/// How many Docker hosts there are.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct HostsHealth {
    /// Those that answer and have passed their checks.
    up: usize,
    /// All that are known.
    total: usize,
}

/// How many sandboxes of a language wait for work.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct PoolHealth {
    /// The language's canonical name.
    language: String,
    /// How many wait.
    warm: usize,
    /// How many should.
    target: usize,
}

/// The state of the store of records.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct StoreHealth {
    /// Whether records can be written.
    ok: bool,
}

/// A language, the version of its interpreter, and whether it can be run.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct LanguageVersion {
    /// The language's canonical name.
    name: String,
    /// The interpreter's own word for its version; empty as long as it was never heard.
    version: String,
    /// Whether programs in it can be run now.
    ok: bool,
    /// Why they cannot; only there when they cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<String>,
}

/// Whether code can be run now, and what everything that is needed for it says. An answer may be a second old.
#[utoipa::path(
    get,
    path = "/health",
    responses(
        (status = 200, description = "Code can be run now.", body = HealthAnswer),
        (status = 503, description = "Code cannot be run now; the body says why.", body = HealthAnswer),
    )
)]
pub(super) async fn health<S: Sandbox, R: ExecutionStore>(
    State(app): State<App<S, R>>,
) -> (StatusCode, Json<HealthAnswer>) {
    let mut recent = app.health.0.lock().await;
    if let Some((_, status, answer)) = recent.as_ref().filter(|(found, ..)| found.elapsed() < FRESH) {
        return (*status, Json(answer.clone()));
    }
    let health = app.service.health().await;
    let status = if health.ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let known = health.sandbox.as_ref().is_some_and(|sandbox| sandbox.engine.is_some());
    let languages = if known { app.service.languages().await.unwrap_or_default() } else { Vec::new() };
    let answer = HealthAnswer::new(health, languages);
    *recent = Some((Instant::now(), status, answer.clone()));
    (status, Json(answer))
}

impl HealthAnswer {
    fn new(health: Health, languages: Vec<InstalledLanguage>) -> Self {
        let status = match (health.ok(), health.shutting_down) {
            (true, _) => "ok",
            (false, true) => "shutting_down",
            (false, false) => "unavailable",
        };
        let version = |installed: InstalledLanguage| LanguageVersion {
            name: installed.language.name.clone(),
            version: installed.version,
            ok: installed.problem.is_none(),
            problem: installed.problem,
        };
        Self {
            status,
            docker: health.sandbox.map_or_else(DockerHealth::silent, DockerHealth::from),
            store: StoreHealth { ok: health.store_ok },
            languages: languages.into_iter().map(version).collect(),
        }
    }
}

impl DockerHealth {
    fn silent() -> Self {
        let problem = Some("no answer in time".to_owned());
        Self {
            ok: false,
            hosts: None,
            problem,
            engine: None,
            runtime: None,
            apparmor: None,
            landlock: None,
            running: None,
            capacity: None,
            pool: Vec::new(),
        }
    }
}

impl From<SandboxHealth> for DockerHealth {
    fn from(health: SandboxHealth) -> Self {
        let depth = |PoolDepth { language, warm, target }| PoolHealth { language, warm, target };
        Self {
            ok: health.ok,
            hosts: Some(HostsHealth { up: health.hosts.up, total: health.hosts.total }),
            problem: health.problem,
            engine: health.engine,
            runtime: health.runtime,
            apparmor: health.apparmor,
            landlock: health.landlock,
            running: Some(health.running),
            capacity: Some(health.capacity),
            pool: health.pool.into_iter().map(depth).collect(),
        }
    }
}
