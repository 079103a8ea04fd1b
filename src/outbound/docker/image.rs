//! The images of the languages, by content: what was checked at start is what runs, whatever a tag says later.

use std::sync::Arc;

use super::engine::Engine;
use crate::domain::language::Language;

/// A language and the image it runs in.
#[derive(Clone, Debug)]
pub struct Image {
    /// The table's entry.
    pub language: Arc<Language>,
    /// The image's id, by which sandboxes are made.
    pub id: String,
    /// What callers see: the repository's digest, or the id of an image that comes from none.
    pub digest: String,
}

/// Looks a language's image up.
///
/// # Errors
/// A sentence that names what is missing or unfit.
pub async fn look_up(engine: &Engine, language: &Arc<Language>) -> Result<Image, String> {
    let name = &language.image;
    let found = engine.client().inspect_image(name).await.map_err(|error| match error {
        bollard::errors::Error::DockerResponseServerError { status_code: 404, .. } => {
            format!("the image `{name}` of language `{}` is not on the Docker host", language.name)
        }
        error => format!("the image `{name}` cannot be looked up: {error}"),
    })?;
    let volumes = found.config.and_then(|config| config.volumes).unwrap_or_default();
    if !volumes.is_empty() {
        return Err(format!("the image `{name}` declares volumes; every run would leave one behind"));
    }
    let id = found.id.ok_or_else(|| format!("the image `{name}` has no id"))?;
    let digest = found.repo_digests.unwrap_or_default().into_iter().next();
    let digest = digest.and_then(|digest| digest.split_once('@').map(|(_, digest)| digest.to_owned()));
    Ok(Image { language: Arc::clone(language), digest: digest.unwrap_or_else(|| id.clone()), id })
}
