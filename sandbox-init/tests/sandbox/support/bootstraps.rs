//! Interpreters that wait for their program, in few words.

/// The protocol of the bootstrap, in as few words as a shell takes.
pub const BASH: &str = r#"
printf + >&"$SCE_CONTROL"
IFS= read -r -d '' -u "$SCE_CONTROL" entry
eval "exec $SCE_CONTROL>&-"
unset SCE_CONTROL
. "./$entry"
"#;

/// What comes with us for Python: see [`forking_python`].
const REAL_PYTHON: &str = include_str!("../../../../languages/python/bootstrap/usercustomize.py");

/// Where the part of the real bootstrap ends that forks for each step.
const AFTER_THE_FORK: &str = "\n\ndef wait():";

/// What waits in few words, here without Python's `site`.
const WAIT: &str = r#"
control = int(os.environ.pop("SCE_CONTROL"))
os.write(control, b"*")
message = b""
while chunk := os.read(control, 65536):
    message += chunk
    if message == b"\0":
        fork_for_each_step(control)
        message = b""
os.close(control)
del fork_for_each_step, control
entry, *arguments = message.decode().split("\0")
sys.argv = [entry, *arguments]
exec(compile(open(entry).read(), entry, "exec"), {"__name__": "__main__"})
"#;

/// The real bootstrap's part that forks for each step, and what waits in few words.
pub fn forking_python() -> String {
    let (fork, _) = REAL_PYTHON.split_once(AFTER_THE_FORK).expect("a bootstrap that forks, then waits");
    format!("{fork}\n{WAIT}")
}
