//! The engine's calls about what it keeps beside containers: images, volumes, and files in a volume.

use std::collections::HashMap;

use bollard::{
    body_full,
    models::{ImageInspect, Volume, VolumeCreateRequest},
    query_parameters::{
        ContainerArchiveInfoOptionsBuilder, ListVolumesOptionsBuilder, RemoveVolumeOptions,
        UploadToContainerOptionsBuilder,
    },
};
use bytes::Bytes;

use super::calls::{Engine, EngineError, LOOK, WORK, bounded};

impl Engine {
    /// All that the engine knows of an image; `None` when it has none of this name, id or digest.
    ///
    /// # Errors
    /// [`EngineError`], when there is no answer within [`LOOK`] or it is another error.
    pub async fn image(&self, name: &str) -> Result<Option<ImageInspect>, EngineError> {
        match bounded("look the image up", LOOK, self.client().inspect_image(name)).await {
            Ok(image) => Ok(Some(image)),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a volume, unless there is one of this name.
    ///
    /// # Errors
    /// [`EngineError`], when it is not there within [`WORK`].
    pub async fn make_volume(&self, name: &str, labels: HashMap<String, String>) -> Result<(), EngineError> {
        let request = VolumeCreateRequest {
            name: Some(name.to_owned()),
            labels: Some(labels),
            ..VolumeCreateRequest::default()
        };
        bounded("create the volume", WORK, self.client().create_volume(request)).await.map(drop)
    }

    /// Whether there is a volume of this name.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`LOOK`].
    pub async fn has_volume(&self, name: &str) -> Result<bool, EngineError> {
        match bounded("look the volume up", LOOK, self.client().inspect_volume(name)).await {
            Ok(_) => Ok(true),
            Err(error) if error.status() == Some(404) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// All volumes with this text in their name.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`LOOK`].
    pub async fn volumes(&self, name: &str) -> Result<Vec<Volume>, EngineError> {
        let filters = HashMap::from([("name", vec![name])]);
        let options = ListVolumesOptionsBuilder::default().filters(&filters).build();
        let list = bounded("list volumes", LOOK, self.client().list_volumes(Some(options))).await?;
        Ok(list.volumes.unwrap_or_default())
    }

    /// Removes a volume; `false` when a container uses it or it is gone already.
    ///
    /// # Errors
    /// [`EngineError`] when the engine refuses, cannot be reached, or gives no answer within [`WORK`].
    pub async fn remove_volume(&self, name: &str) -> Result<bool, EngineError> {
        let removal = self.client().remove_volume(name, None::<RemoveVolumeOptions>);
        match bounded("remove the volume", WORK, removal).await {
            Ok(()) => Ok(true),
            Err(error) if matches!(error.status(), Some(404 | 409)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether there is such a file in a container, which need not have been started.
    pub async fn has_file(&self, container: &str, path: &str) -> bool {
        let look = ContainerArchiveInfoOptionsBuilder::default().path(path).build();
        let call = self.client().get_container_archive_info(container, Some(look));
        bounded("look a file up", LOOK, call).await.is_ok()
    }

    /// Unpacks a tar archive in a folder of a container.
    ///
    /// # Errors
    /// [`EngineError`], when it is not done within [`WORK`].
    pub async fn unpack(&self, container: &str, folder: &str, archive: Bytes) -> Result<(), EngineError> {
        let options = UploadToContainerOptionsBuilder::default().path(folder).build();
        let call = self.client().upload_to_container(container, Some(options), body_full(archive));
        bounded("fill the volume", WORK, call).await
    }
}
