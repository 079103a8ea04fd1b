//! Brings sandbox-init to the Docker host: one volume per version, filled through a container that never starts.
//!
//! Everything in it is ours; what users send never goes this way. It is the one thing that all sandboxes share, so no
//! program may open anything of it: inotify would tell it when others begin and end, and a lock is a channel to them.

use std::collections::HashMap;

use bollard::models::{ContainerCreateBody, HostConfig, Mount, MountType};
use bytes::Bytes;
use sandbox_init::protocol::{Kernel, MOUNT};
use sha2::{Digest, Sha256};

use super::spec::{LABEL_DEPLOYMENT, LABEL_ENDS_BY};
use crate::outbound::docker::engine::calls::{Engine, EngineError};

/// PID 1 of every sandbox, built for the Docker host's architecture by `build.rs`.
pub const SANDBOX_INIT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sandbox-init"));
/// The architecture it was built for, as Rust calls it.
pub const SANDBOX_INIT_ARCH: &str = env!("SANDBOX_INIT_ARCH");

/// How the names of these volumes begin.
pub const PREFIX: &str = "sce-init-";
/// Label: the moment (Unix seconds) at which the volume was made.
pub const LABEL_MADE: &str = "sce.made";
/// The last file of the archive: where it is, all are.
const COMPLETE: &str = "complete";
/// How long a container that only serves to fill the volume may be left behind by a crash, in seconds.
const FILLER_SECONDS: i64 = 60;

/// The volume's content, and a name that stands for exactly it.
#[derive(Clone, Debug)]
pub struct Volume {
    /// Its name on the Docker host.
    pub name: String,
    archive: Bytes,
}

impl Volume {
    /// The volume for sandboxes on this kernel.
    ///
    /// # Errors
    /// When the archive cannot be written, which memory always can.
    pub fn new(kernel: Kernel) -> std::io::Result<Self> {
        let (top, init) = (folder_of(MOUNT), format!("{}/sandbox-init", folder_of(MOUNT)));
        // To be executed, not to be read. gVisor wants to read what it executes; its sandboxes share no inodes.
        let execute_only = if kernel == Kernel::Own { 0o755 } else { 0o711 };
        let mut archive = Archive::default();
        archive.folder(top, execute_only)?;
        // Where each sandbox has a tmpfs of its own for the bootstrap.
        archive.folder(&format!("{top}/boot"), execute_only)?;
        archive.file(&init, execute_only, SANDBOX_INIT)?;
        archive.file(&format!("{top}/{COMPLETE}"), 0o400, b"")?;
        let archive = archive.0.into_inner()?;
        let name = format!("{PREFIX}{}", short_hash(&archive));
        Ok(Self { name, archive: archive.into() })
    }

    /// Makes sure that it is on the host, whole. Any number of handlers may do so at once.
    ///
    /// # Errors
    /// [`EngineError`] when one of the calls that look for, make or fill the volume fails.
    pub async fn ensure(&self, engine: &Engine, image: &str, deployment: &str) -> Result<(), EngineError> {
        let made = time::OffsetDateTime::now_utc().unix_timestamp().to_string();
        engine.make_volume(&self.name, HashMap::from([(LABEL_MADE.to_owned(), made)])).await?;
        let ends_by = time::OffsetDateTime::now_utc().unix_timestamp() + FILLER_SECONDS;
        let body = ContainerCreateBody {
            image: Some(image.to_owned()),
            cmd: Some(vec!["never-started".to_owned()]),
            labels: Some(HashMap::from([
                (LABEL_DEPLOYMENT.to_owned(), deployment.to_owned()),
                (LABEL_ENDS_BY.to_owned(), ends_by.to_string()),
            ])),
            host_config: Some(HostConfig {
                network_mode: Some("none".to_owned()),
                mounts: Some(vec![Mount {
                    typ: Some(MountType::VOLUME),
                    source: Some(self.name.clone()),
                    target: Some(MOUNT.to_owned()),
                    ..Default::default()
                }]),
                ..Default::default()
            }),
            ..Default::default()
        };
        let filler = engine.create(&format!("sce-fill-{}", uuid::Uuid::now_v7()), body).await?;
        let filled = self.fill(engine, &filler).await;
        engine.remove(&filler).await?;
        filled
    }

    async fn fill(&self, engine: &Engine, filler: &str) -> Result<(), EngineError> {
        if engine.has_file(filler, &format!("{MOUNT}/{COMPLETE}")).await {
            return Ok(());
        }
        // One folder above: the mode of the folder to which an archive goes is left as it is.
        let above = MOUNT.strip_suffix(folder_of(MOUNT)).unwrap_or("/");
        engine.unpack(filler, above, self.archive.clone()).await
    }
}

/// The last part of a path.
fn folder_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

struct Archive(tar::Builder<Vec<u8>>);

impl Default for Archive {
    fn default() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }
}

impl Archive {
    fn folder(&mut self, name: &str, mode: u32) -> std::io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Directory);
        header.set_size(0);
        header.set_mode(mode);
        self.0.append_data(&mut header, format!("{name}/"), std::io::empty())
    }

    fn file(&mut self, name: &str, mode: u32, content: &[u8]) -> std::io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(mode);
        self.0.append_data(&mut header, name, content)
    }
}

/// The first 16 hexadecimal digits of the SHA-256 of `bytes`.
#[must_use]
pub fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
