//! `GET /`: a word that we are here.

/// The greeting that scripts and people look for.
const BANNER: &str = "Safe Code Executor API is running!";

/// A word that we are here.
#[utoipa::path(
    get,
    path = "/",
    responses((status = 200, description = "We are here.", body = String, content_type = "text/plain", example = "Safe Code Executor API is running!"))
)]
pub(super) async fn banner() -> &'static str {
    BANNER
}
