//! `GET /`: a word that we are here.

/// The greeting that scripts and people look for.
const BANNER: &str = "Safe Code Executor API is running!";

pub(super) async fn banner() -> &'static str {
    BANNER
}
