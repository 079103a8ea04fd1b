//! Images and volumes of a test's own on the engine that all tests share, gone when it is over.

use std::{collections::HashMap, path::Path, time::Duration};

use bollard::{
    models::{ContainerConfig, VolumeCreateRequest},
    query_parameters::{
        BuildImageOptionsBuilder, CommitContainerOptionsBuilder, RemoveImageOptionsBuilder,
        RemoveVolumeOptions, TagImageOptionsBuilder,
    },
};

use futures_util::TryStreamExt;

use super::{
    engine::{self, DOCKER, RUNTIME},
    nonce, within,
};

/// An image with Python whose name and content are this test's alone.
pub struct Image {
    repository: String,
}

impl Image {
    /// Makes it, from the image that all tests share.
    pub fn make() -> Self {
        let image = Self { repository: format!("sce-test-{}", nonce()) };
        image.make_again();
        image
    }

    /// Makes it of a folder with a Dockerfile. Nothing of the build reaches a network.
    pub fn build(folder: &Path) -> Self {
        let image = Self { repository: format!("sce-test-{}", nonce()) };
        let mut archive = tar::Builder::new(Vec::new());
        archive.append_dir_all(".", folder).expect("memory takes it");
        let archive = archive.into_inner().expect("memory takes it");
        let options =
            BuildImageOptionsBuilder::default().t(&image.name()).networkmode("none").forcerm(true).build();
        let built = RUNTIME.block_on(async {
            let steps = DOCKER.build_image(options, None, Some(bollard::body_full(archive.into())));
            steps.try_collect::<Vec<_>>().await
        });
        built.expect("the engine builds an image");
        image
    }

    /// `name:tag`.
    pub fn name(&self) -> String {
        format!("{}:1", self.repository)
    }

    /// Makes another one under the same name.
    pub fn make_again(&self) {
        let container = engine::leave("images", &[("sce.test", &nonce())], None);
        let options = CommitContainerOptionsBuilder::default()
            .container(&container)
            .repo(&self.repository)
            .tag("1")
            .comment(&nonce())
            .pause(false)
            .build();
        let made = DOCKER.commit_container(options, ContainerConfig::default());
        RUNTIME.block_on(made).expect("the engine makes an image");
        engine::remove(&container);
    }

    /// Its id, by which it is known even without a name.
    pub fn id(&self) -> String {
        let image = RUNTIME.block_on(DOCKER.inspect_image(&self.name())).expect("the image is there");
        image.id.expect("an id")
    }

    /// Gives it a further name, in this test's own repository.
    pub fn tag(&self, tag: &str) {
        let options = TagImageOptionsBuilder::default().repo(&self.repository).tag(tag).build();
        RUNTIME.block_on(DOCKER.tag_image(&self.name(), Some(options))).expect("a tag");
    }

    /// Takes its names away, and its content with the last of them. The engine refuses that as long as a container uses
    /// it, and the last run's may still be leaving.
    pub fn remove(&self) {
        let gone = within(Duration::from_secs(30), || {
            let names = ["1", "other"].map(|tag| format!("{}:{tag}", self.repository));
            for name in &names {
                let options = RemoveImageOptionsBuilder::default().noprune(true).build();
                let _ = RUNTIME.block_on(DOCKER.remove_image(name, Some(options), None));
            }
            names.iter().all(|name| RUNTIME.block_on(DOCKER.inspect_image(name)).is_err()).then_some(())
        });
        assert!(gone.is_some() || std::thread::panicking(), "the engine keeps {}", self.repository);
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Makes a volume.
pub fn make_volume(name: &str, labels: &[(&str, &str)]) {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let request = VolumeCreateRequest {
        name: Some(name.to_owned()),
        labels: Some(labels.iter().map(pair).collect::<HashMap<_, _>>()),
        ..VolumeCreateRequest::default()
    };
    RUNTIME.block_on(DOCKER.create_volume(request)).expect("a volume");
}

/// Whether there is such a volume.
pub fn has_volume(name: &str) -> bool {
    RUNTIME.block_on(DOCKER.inspect_volume(name)).is_ok()
}

/// Removes a volume; false when it is in use or gone.
pub fn remove_volume(name: &str) -> bool {
    RUNTIME.block_on(DOCKER.remove_volume(name, None::<RemoveVolumeOptions>)).is_ok()
}
