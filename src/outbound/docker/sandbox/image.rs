//! The images of the languages, by content: what was checked at start is what runs, whatever a tag says later.

use std::sync::Arc;

use bollard::models::ImageInspect;

use crate::{domain::language::Language, outbound::docker::engine::calls::Engine};

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

/// Why a language has no image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoImage {
    /// The host has none of this name, or only one of other content.
    #[error("its image `{0}` is not on the Docker host")]
    Missing(String),
    /// Every run would leave a volume behind.
    #[error("its image `{0}` declares volumes; every run would leave one behind")]
    Volumes(String),
    /// The engine did not tell.
    #[error("its image `{name}` cannot be looked up: {why}")]
    Unknown {
        /// The image.
        name: String,
        /// What the engine said.
        why: String,
    },
}

/// Looks a language's image up, by its name or, where the table pins it (`name:tag@sha256:…`), by its digest alone: what
/// was pulled by digest has no tag.
///
/// # Errors
/// [`NoImage`] when the engine has no such image or cannot be asked.
pub async fn look_up(engine: &Engine, language: &Arc<Language>) -> Result<Image, NoImage> {
    let name = &language.image;
    for asked in names(name) {
        let found = engine.image(&asked).await;
        let found = found.map_err(|error| NoImage::Unknown { name: name.clone(), why: error.to_string() })?;
        if let Some(image) = found.and_then(|found| take(language, found)) {
            return image;
        }
    }
    Err(NoImage::Missing(name.clone()))
}

/// By what an image of this name may be known to an engine, the likeliest first.
fn names(name: &str) -> Vec<String> {
    let Some((tagged, digest)) = name.split_once('@') else { return vec![name.to_owned()] };
    // A colon in the last part is a tag's; before it, a port's.
    let bare = match tagged.rsplit_once(':') {
        Some((bare, tag)) if !tag.contains('/') => bare,
        _ => tagged,
    };
    // As it was pulled; by its content, where it came in an archive; and by a tag that happens to lead to it.
    vec![format!("{bare}@{digest}"), digest.to_owned(), tagged.to_owned()]
}

/// What was found, if it is what was asked for.
fn take(language: &Arc<Language>, found: ImageInspect) -> Option<Result<Image, NoImage>> {
    let name = &language.image;
    let id = found.id?;
    let digests: Vec<String> = found
        .repo_digests
        .unwrap_or_default()
        .into_iter()
        .filter_map(|digest| Some(digest.split_once('@')?.1.to_owned()))
        .collect();
    let digest = match name.split_once('@') {
        Some((_, pinned)) if id == pinned || digests.iter().any(|digest| digest == pinned) => {
            pinned.to_owned()
        }
        Some(_) => return None,
        None => digests.into_iter().next().unwrap_or_else(|| id.clone()),
    };
    let volumes = found.config.and_then(|config| config.volumes).unwrap_or_default();
    if !volumes.is_empty() {
        return Some(Err(NoImage::Volumes(name.clone())));
    }
    Some(Ok(Image { language: Arc::clone(language), digest, id }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::languages;

    const PINNED: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn language(image: &str) -> Arc<Language> {
        let python = languages().resolve("python").unwrap();
        Arc::new(Language { image: image.to_owned(), ..python.as_ref().clone() })
    }

    fn found(id: &str, digests: &[&str]) -> ImageInspect {
        ImageInspect {
            id: Some(id.to_owned()),
            repo_digests: Some(digests.iter().map(ToString::to_string).collect()),
            ..ImageInspect::default()
        }
    }

    #[test]
    fn a_pinned_image_is_asked_for_by_digest_before_its_tag() {
        assert_eq!(names("python:3.11-slim"), ["python:3.11-slim"]);
        let pinned = format!("host:5000/a/python:3@{PINNED}");
        let bare = format!("host:5000/a/python@{PINNED}");
        assert_eq!(names(&pinned), [bare.as_str(), PINNED, "host:5000/a/python:3"]);
        assert_eq!(names(&format!("host:5000/python@{PINNED}"))[0], format!("host:5000/python@{PINNED}"));
    }

    #[test]
    fn a_tag_that_leads_to_other_content_is_not_what_was_pinned() {
        let pinned = language(&format!("python:3@{PINNED}"));
        let repo = format!("python@{PINNED}");
        for (id, digests, fits) in [
            (PINNED, &[][..], true),
            ("sha256:b", &[repo.as_str()][..], true),
            ("sha256:b", &["python@sha256:c", repo.as_str()][..], true),
            ("sha256:b", &["python@sha256:c"][..], false),
            ("sha256:b", &[][..], false),
        ] {
            let image = take(&pinned, found(id, digests)).map(Result::unwrap);
            assert_eq!(image.is_some(), fits, "{id} {digests:?}");
            assert!(image.is_none_or(|image| image.digest == PINNED && image.id == id));
        }
        let image = take(&language("python:3"), found("sha256:b", &["python@sha256:c"])).unwrap().unwrap();
        assert_eq!((image.digest.as_str(), image.id.as_str()), ("sha256:c", "sha256:b"));
    }
}
