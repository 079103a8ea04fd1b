//! The one specification of a sandbox: every isolation setting, with its reason.
//!
//! Sources: CIS Docker Benchmark section 5, the engine's API reference, `docs/SECURITY_NOTES.md`. Tests read each
//! line back from the engine and from inside a sandbox.

use std::collections::{BTreeMap, HashMap};

use bollard::models::{
    ContainerCreateBody, HealthConfig, HostConfig, HostConfigCgroupnsModeEnum, HostConfigLogConfig, Mount,
    MountType, MountVolumeOptions, ResourcesUlimits, RestartPolicy, RestartPolicyNameEnum,
};
use sandbox_init::protocol::{
    BOOT, BUILD, CgroupLimits, Command, Kernel, MOUNT, Profile, SCRATCH, WORKDIR, Waits,
};

use super::{
    masks::{MASKED_PATHS, readonly_paths},
    runtime::{CLOSED_TMPFS, OUTSIDE_PIDS, OVERHEAD_BYTES, Runtime},
    seccomp, workdir,
};
use crate::domain::{language::Language, limits::Limits};

/// The longest that a file may be, in bytes, holes included: no file system of a sandbox holds as much.
pub const FILE_BYTES: u64 = 2 << 40;
/// The same in a language that is compiled, whose compiler has a limit of its own in the same container.
const COMPILED_FILE_BYTES: u64 = 16 * MIB;
/// Files and folders that a compiler may have made at once.
const BUILD_INODES: u32 = 16 * 1024;
const MIB: u64 = 1024 * 1024;

/// Processes and threads of one program, unless its language says otherwise. Python's threads and Node's workers fit in.
pub const PIDS_LIMIT: u32 = 64;
/// File descriptors that one process may have open at once. A few hundred connections fit in; the memory of each is the
/// sandbox's own.
pub const DESCRIPTORS: i64 = 1024;
/// Bytes of the tmpfs that holds the bootstrap, and how many files and folders fit in it.
const BOOT_BYTES: u64 = 256 * 1024;
const BOOT_INODES: u32 = 64;
/// The first user id of the range reserved for sandboxes, and how many there are. A sandbox takes one at
/// random: one shared by all would share its kernel limits (inotify, pipes, keyrings, pending signals). Above
/// people's ids, and below 65536, beyond which a user namespace maps nothing.
const FIRST_UID: u32 = 20_000;
const UIDS: u32 = 40_000;

/// Label: the deployment a sandbox belongs to.
pub const LABEL_DEPLOYMENT: &str = "sce.deployment";
/// Label: what a sandbox was made from; only equal ones may stand in for each other.
pub const LABEL_KEY: &str = "sce.key";
/// Label: the language.
pub const LABEL_LANGUAGE: &str = "sce.language";
/// Label: the moment (Unix seconds) by which the sandbox has ended by itself.
pub const LABEL_ENDS_BY: &str = "sce.ends-by";
/// Label: how many seconds after it was made a sandbox is promised to be gone.
pub const LABEL_LASTS: &str = "sce.lasts";

/// The profile of `sandbox-init` for a language, as it stands on the command line.
///
/// # Errors
/// A sentence, when its bootstrap is too long for that.
pub fn profile(language: &Language) -> Result<String, String> {
    let file = |(name, text): (&String, &String)| (format!("{}/{name}", language.family), text.clone());
    let variables = |map: &BTreeMap<String, String>| map.clone().into_iter().collect();
    let waits = (!language.command.is_empty()).then(|| Waits {
        command: language.command.clone(),
        start_in: language.start_in.clone(),
        bootstrap: language.bootstrap.iter().map(file).collect(),
        later_environment: variables(&language.later_environment),
    });
    let run = (!language.run.is_empty()).then(|| Command(language.run.clone()));
    let file_bytes = language.compiler.as_ref().map(|_| COMPILED_FILE_BYTES);
    let profile = Profile {
        waits,
        run,
        compiles: language.compiler.is_some(),
        file_bytes,
        environment: variables(&language.environment),
    };
    profile.to_argument().map_err(|_| format!("the bootstrap of language `{}` is too long", language.name))
}

/// Memory in MiB of the sandbox in which a program runs under these limits: its own, or its compiler's if that has more.
#[must_use]
pub fn memory_mb(language: &Language, program: &Limits) -> u64 {
    language.compiler.as_ref().map_or(program.memory_mb, |compiler| compiler.step_limits(*program).memory_mb)
}

/// What the cgroup of a sandbox of this language, on the host's kernel, must say when a program runs under these limits.
#[must_use]
pub fn program_limits(language: &Language, program: &Limits) -> CgroupLimits {
    CgroupLimits { memory_bytes: program.memory_bytes(), pids: u64::from(processes(language)) }
}

/// Processes and threads of a program.
fn processes(language: &Language) -> u32 {
    language.processes.unwrap_or(PIDS_LIMIT)
}

/// Processes and threads of a program or of its compiler, whichever may have more.
#[must_use]
pub fn most_processes(language: &Language) -> u32 {
    let compiler = language.compiler.as_ref().map_or(0, |compiler| compiler.limits.processes);
    processes(language).max(compiler)
}

/// What differs from sandbox to sandbox, or from deployment to deployment.
#[derive(Clone, Debug)]
pub struct SandboxSpec {
    /// The image's id: content, not a name that can be moved.
    pub image: String,
    /// The language's name.
    pub language: String,
    /// How `sandbox-init` is to start its interpreter; see [`profile`].
    pub profile: String,
    /// The volume with `sandbox-init`.
    pub volume: String,
    /// The OCI runtime.
    pub runtime: Runtime,
    /// Whether the engine is to confine it by AppArmor too.
    pub apparmor: bool,
    /// The cgroup above all sandboxes: a place for a cap on their sum.
    pub cgroup_parent: String,
    /// The deployment's name.
    pub deployment: String,
    /// A digest of all that the sandbox is made from; [`Blueprint::new`](super::blueprint::Blueprint::new) sets it.
    pub key: String,
    /// Memory of the program or of its compiler, whichever has more, in bytes.
    pub memory_bytes: u64,
    /// Processes and threads of the program or of its compiler, whichever may have more.
    pub processes: u32,
    /// The longest file in bytes that its compiler may write; `None` where there is none, and then no build folder.
    pub build_file_bytes: Option<u64>,
    /// The longest that any run may take; a backstop for CPU time is a little over it.
    pub timeout_seconds: u64,
    /// How long the sandbox may wait for its program, in seconds.
    pub lease_seconds: u64,
    /// The moment by which it has ended by itself, in Unix seconds.
    pub ends_by: i64,
}

impl SandboxSpec {
    /// The same, with this much memory.
    #[must_use]
    pub const fn with_memory(mut self, bytes: u64) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// Memory of the container, in bytes: the program's, and that of a kernel of its own.
    #[must_use]
    pub const fn container_bytes(&self) -> u64 {
        match self.runtime.kernel {
            Kernel::Host | Kernel::HostWithoutLandlock => self.memory_bytes,
            Kernel::Own => self.memory_bytes + OVERHEAD_BYTES,
        }
    }

    /// Processes and threads of the container, as the host counts them.
    #[must_use]
    pub const fn pids(&self) -> i64 {
        match self.runtime.kernel {
            Kernel::Host | Kernel::HostWithoutLandlock => self.processes as i64,
            Kernel::Own => OUTSIDE_PIDS,
        }
    }

    /// The request to the engine, for a user id of its own.
    #[must_use]
    pub fn to_request(&self) -> ContainerCreateBody {
        self.request_for(FIRST_UID + rand::random_range(0..UIDS))
    }

    /// The request for this user id.
    #[must_use]
    pub fn request_for(&self, uid: u32) -> ContainerCreateBody {
        let no = Some(false);
        let strings = |list: &[&str]| Some(list.iter().map(ToString::to_string).collect::<Vec<_>>());
        ContainerCreateBody {
            image: Some(self.image.clone()),
            entrypoint: Some(vec![format!("{MOUNT}/sandbox-init")]),
            cmd: Some(vec![
                self.profile.clone(),
                self.lease_seconds.to_string(),
                self.runtime.kernel.as_str().to_owned(),
            ]),
            // One user per sandbox, in a range where the host has nobody.
            user: Some(format!("{uid}:{uid}")),
            working_dir: Some(WORKDIR.to_owned()),
            hostname: Some("sandbox".to_owned()),
            // Nothing of ours leaks in: these and what the image itself says.
            env: strings(&[
                "HOME=/sandbox",
                "LANG=C.UTF-8",
                // The user id is in no image's /etc/passwd: programs that ask for a name find one here.
                "LOGNAME=sandbox",
                "PYTHONDONTWRITEBYTECODE=1",
                // What a Python program has printed is in the pipe, not in a buffer that dies with the program at a limit.
                "PYTHONUNBUFFERED=1",
                // The one place that every program may write.
                &format!("TMPDIR={SCRATCH}"),
                "USER=sandbox",
            ]),
            labels: Some(HashMap::from([
                (LABEL_DEPLOYMENT.to_owned(), self.deployment.clone()),
                (LABEL_KEY.to_owned(), self.key.clone()),
                (LABEL_LANGUAGE.to_owned(), self.language.clone()),
                (LABEL_ENDS_BY.to_owned(), self.ends_by.to_string()),
            ])),
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            open_stdin: Some(true),
            // The handler's connection is the lifeline: when it closes, init reads the end of file and ends.
            stdin_once: Some(true),
            tty: no,
            // No network at all: no metadata service, no DNS, no neighbours; loopback is there.
            network_disabled: Some(true),
            // A PID 1 that is deaf to SIGTERM made an engine restart take ten seconds.
            stop_signal: Some("SIGKILL".to_owned()),
            stop_timeout: Some(0),
            healthcheck: Some(HealthConfig { test: strings(&["NONE"]), ..Default::default() }),
            host_config: Some(self.host_config(uid)),
            ..Default::default()
        }
    }

    fn host_config(&self, uid: u32) -> HostConfig {
        let no = Some(false);
        let empty = || Some(Vec::new());
        let strings = |list: &[&str]| Some(list.iter().map(ToString::to_string).collect::<Vec<_>>());
        let memory = i64::try_from(self.container_bytes()).ok();
        let own_kernel = self.runtime.kernel == Kernel::Own;
        let profile = seccomp::profile(self.runtime.kernel);
        // Where init puts the bootstrap; each sandbox its own, or one could watch another start.
        let boot = format!(
            "rw,nosuid,nodev,noexec,size={BOOT_BYTES},nr_inodes={BOOT_INODES},mode=0755,uid={uid},gid={uid}"
        );
        let mut tmpfs = HashMap::from([
            (WORKDIR.to_owned(), workdir::options(uid)),
            (SCRATCH.to_owned(), workdir::scratch_options()),
            (BOOT.to_owned(), boot),
        ]);
        if self.build_file_bytes.is_some() {
            // The only place from which something can be executed that was not in the image. What is in it counts as memory.
            let size = self.memory_bytes;
            let options = format!(
                "rw,exec,nosuid,nodev,size={size},nr_inodes={BUILD_INODES},mode=0755,uid={uid},gid={uid}"
            );
            tmpfs.insert(BUILD.to_owned(), options);
        }
        if own_kernel {
            tmpfs.insert("/tmp".to_owned(), CLOSED_TMPFS.to_owned());
        }
        HostConfig {
            network_mode: Some("none".to_owned()),
            // The image cannot be changed, not even by what escapes every other layer.
            readonly_rootfs: Some(true),
            // Equal: no swap. Unset, swap would double it.
            memory,
            memory_swap: memory,
            memory_swappiness: None,
            // One CPU; never together with CpuQuota.
            nano_cpus: Some(1_000_000_000),
            // Fork and thread bombs end here.
            pids_limit: Some(self.pids()),
            cap_drop: strings(&["ALL"]),
            cap_add: empty(),
            privileged: no,
            security_opt: Some(vec![
                "no-new-privileges".to_owned(),
                format!("seccomp={profile}"),
                // AppArmor: the engine adds `docker-default` itself where the host has it.
            ]),
            // No System V IPC with anybody; `/dev/shm` is a tmpfs of ours.
            ipc_mode: Some("none".to_owned()),
            cgroupns_mode: Some(HostConfigCgroupnsModeEnum::PRIVATE),
            cgroup_parent: Some(self.cgroup_parent.clone()),
            // Never the host's: empty is private.
            pid_mode: Some(String::new()),
            uts_mode: Some(String::new()),
            userns_mode: Some(String::new()),
            tmpfs: Some(tmpfs),
            // Ours, read-only, the only mount; never a path of the host.
            mounts: Some(vec![Mount {
                typ: Some(MountType::VOLUME),
                source: Some(self.volume.clone()),
                target: Some(MOUNT.to_owned()),
                read_only: Some(true),
                volume_options: Some(MountVolumeOptions { no_copy: Some(true), ..Default::default() }),
                ..Default::default()
            }]),
            ulimits: Some(self.ulimits()),
            // Output goes to us alone and cannot fill the host's disk.
            log_config: Some(HostConfigLogConfig {
                typ: Some("none".to_owned()),
                config: Some(HashMap::new()),
            }),
            // When the host itself is short of memory, sandboxes go first.
            oom_score_adj: Some(500),
            auto_remove: Some(true),
            restart_policy: Some(RestartPolicy {
                name: Some(RestartPolicyNameEnum::NO),
                maximum_retry_count: Some(0),
            }),
            masked_paths: strings(&MASKED_PATHS),
            readonly_paths: strings(&readonly_paths(self.runtime.kernel)),
            runtime: self.runtime.asked.clone(),
            binds: empty(),
            devices: Some(Vec::new()),
            device_requests: Some(Vec::new()),
            extra_hosts: empty(),
            group_add: empty(),
            links: empty(),
            volumes_from: empty(),
            publish_all_ports: no,
            init: no,
            ..Default::default()
        }
    }

    /// Backstops that hold when every program of ours is dead: what a program begins with, and how far it may raise that
    /// itself. A stack is the sandbox's own memory, so the cgroup bounds it. No `nproc`: it counts per user id over all
    /// containers of the host; the pids cgroup counts per sandbox.
    fn ulimits(&self) -> Vec<ResourcesUlimits> {
        const UNLIMITED: i64 = -1;
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        // sandbox-init lowers it for the program.
        let file = whole(self.build_file_bytes.map_or(FILE_BYTES, |build| build.max(COMPILED_FILE_BYTES)));
        let stack = whole(8 * MIB);
        let cpu = i64::try_from(self.timeout_seconds).unwrap_or(i64::MAX).saturating_add(5);
        [
            // The kernel's own sign for no core dump at all: with 0 one is still handed to a program of the host,
            // as root, where `core_pattern` is a pipe. The seccomp profile keeps it.
            ("core", 1, 1),
            ("cpu", cpu, cpu),
            ("fsize", file, file),
            ("memlock", 0, 0),
            ("msgqueue", 0, 0),
            ("nofile", DESCRIPTORS, DESCRIPTORS),
            ("sigpending", 128, 128),
            ("stack", stack, UNLIMITED),
        ]
        .map(|(name, soft, hard)| ResourcesUlimits {
            name: Some(name.to_owned()),
            soft: Some(soft),
            hard: Some(hard),
        })
        .into()
    }
}
