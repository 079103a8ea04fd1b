//! A program behaves in a sandbox as it would by plain `python3 main.py` or `node main.js` in the same image.
//!
//! The programs are files in `tests/programs/<language>/`: `NN_name.py`, with `NN_name.stdin` and `NN_name.args` (one
//! to a line) where they need them, or a folder `NN_name/` that holds a project. Each is run all ways, under the same
//! container settings; standard output, standard error and exit code must be the same to the byte.

use std::{
    fmt::Write,
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use serde_json::json;

use crate::support::{
    Server, alone, data, in_parallel,
    plain::{Bench, Program, Ran},
    shared, within,
};

#[test]
fn python_programs_behave_as_under_plain_python3() {
    compare(shared(), "python", 100);
}

#[test]
fn javascript_programs_behave_as_under_plain_node() {
    compare(shared(), "javascript", 100);
}

/// A hundred programs of the kind that language models write, in the image with data packages; they may write their folder.
#[test]
#[ignore = "needs the image of python-data: `make test-languages`"]
fn what_models_write_behaves_as_under_plain_python3_with_packages() {
    let cold = Server::start(&[("SCE_LANGUAGES", "python-data"), ("SCE_POOL_SIZE", "0")]);
    compare(&cold, "python-data", 100);
}

/// Runs every program three ways: by the plain interpreter, on a sandbox made for it, on one that waited.
#[track_caller]
fn compare(cold: &Server, language: &'static str, at_least: usize) {
    let programs = programs(language);
    assert!(programs.len() >= at_least, "only {} programs", programs.len());
    let pool = format!("{language}=6");
    let warm = Server::start(&[("SCE_LANGUAGES", language), ("SCE_POOL_SIZE", &pool)]);
    let bench = Bench::like(cold, language);
    let _alone = alone();
    let warm_runs = AtomicUsize::new(0);
    let told: Vec<String> = in_parallel(3, &programs, |program| {
        let plain = normalised(bench.run(program));
        let (ours, _) = run(cold, program);
        // Enough for all who ask at once: what is loaded beforehand takes a sandbox a second or two.
        within(Duration::from_secs(60), || (warm.warm() > 3).then_some(())).expect("sandboxes that wait");
        let (waited, start) = run(&warm, program);
        warm_runs.fetch_add(usize::from(start == "warm"), Ordering::SeqCst);
        let differs = |how: &str, ours: Ran| {
            let ours = normalised(ours);
            (plain != ours).then(|| difference(program, how, &plain, &ours))
        };
        [differs("cold", ours), differs("warm", waited)].into_iter().flatten().collect::<String>()
    });
    let told: Vec<String> = told.into_iter().filter(|text| !text.is_empty()).collect();
    assert!(
        told.is_empty(),
        "{} of {} programs behave otherwise:\n{}",
        told.len(),
        programs.len(),
        told.join("\n")
    );
    let warm_runs = warm_runs.into_inner();
    assert!(
        warm_runs >= at_least,
        "only {warm_runs} of {} runs were on a sandbox that waited",
        programs.len()
    );
}

fn difference(program: &Program, how: &str, plain: &Ran, ours: &Ran) -> String {
    let mut text = format!("=== {}/{} ({how})\n", program.language, program.name);
    for (what, plain, ours) in
        [("stdout", &plain.stdout, &ours.stdout), ("stderr", &plain.stderr, &ours.stderr)]
    {
        if plain != ours {
            let show = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(1500)]).into_owned();
            writeln!(text, "--- plain {what}\n{}\n--- sandboxed {what}\n{}", show(plain), show(ours))
                .unwrap();
        }
    }
    if plain.code != ours.code {
        writeln!(text, "--- exit code: plain {}, sandboxed {}", plain.code, ours.code).unwrap();
    }
    text
}

fn run(server: &Server, program: &Program) -> (Ran, String) {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let encoded = |(name, content): &(String, Vec<u8>)| json!({"name": name, "content": STANDARD.encode(content), "encoding": "base64"});
    let files: Vec<_> = program.files.iter().map(encoded).collect();
    let outcome = server.run(&json!({
        "language": program.language, "files": files, "entrypoint": program.entry, "args": program.args,
        "stdin": String::from_utf8_lossy(&program.stdin),
        "workspace": if program.language == "python-data" { "writable" } else { "read_only" },
    }));
    assert!(
        ["completed", "nonzero_exit", "signal"].contains(&outcome.status()),
        "{}: {}",
        program.name,
        outcome.0
    );
    let code = outcome.exit_code();
    (Ran { stdout: outcome.raw("output"), stderr: outcome.raw("error"), code }, outcome.start().to_owned())
}

/// What must differ between any two runs is made equal, and nothing else:
/// * Node puts its process id into warnings: `(node:17)`;
/// * an object's address in Python's own words: `at 0x7f…`, `: 0x7f…`;
/// * Python's thread ids in `faulthandler`'s words: `thread 0x00007f…`;
/// * the return addresses in Node's last words: `1: 0x7f…`.
fn normalised(ran: Ran) -> Ran {
    let tidy = |bytes: Vec<u8>| {
        let mut out = Vec::with_capacity(bytes.len());
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let marks: [(&[u8], fn(&u8) -> bool); 5] = [
                (b"(node:", u8::is_ascii_digit),
                (b" at 0x", u8::is_ascii_hexdigit),
                (b" : 0x", u8::is_ascii_hexdigit),
                (b"hread 0x", u8::is_ascii_hexdigit),
                (b": 0x7f", u8::is_ascii_hexdigit),
            ];
            let here = |(mark, varies): &&(&[u8], fn(&u8) -> bool)| {
                rest.starts_with(mark) && rest.get(mark.len()).is_some_and(varies)
            };
            match marks.iter().find(here) {
                Some((mark, varies)) => {
                    out.extend_from_slice(mark);
                    rest = &rest[mark.len()..];
                    let end = rest.iter().position(|byte| !varies(byte)).unwrap_or(rest.len());
                    out.push(b'#');
                    rest = &rest[end..];
                }
                None => {
                    out.push(rest[0]);
                    rest = &rest[1..];
                }
            }
        }
        out
    };
    Ran { stdout: tidy(ran.stdout), stderr: tidy(ran.stderr), code: ran.code }
}

/// Every program of a language, by name.
fn programs(language: &'static str) -> Vec<Program> {
    let folder = data("programs").join(language);
    let mut all: Vec<Program> = fs::read_dir(&folder)
        .expect("the folder of programs")
        .flatten()
        .filter_map(|entry| load(language, &entry.path()))
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

fn load(language: &'static str, path: &Path) -> Option<Program> {
    let name = path.file_name()?.to_str()?.to_owned();
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
    let files = if path.is_dir() {
        let below = crate::support::host::files_below(path);
        let inside = |file: &Path| file.strip_prefix(path).expect("below").display().to_string();
        below.iter().map(|file| (inside(file), fs::read(file).expect("a file"))).collect()
    } else if ["py", "js", "mjs"].contains(&ending) {
        vec![(format!("main.{ending}"), fs::read(path).expect("a program"))]
    } else {
        return None; // a sidecar
    };
    let mut files: Vec<(String, Vec<u8>)> = files;
    files.sort();
    let entry = files.iter().find(|(name, _)| name.starts_with("main.")).expect("a main program").0.clone();
    let beside = |ending: &str| fs::read_to_string(path.with_extension(ending)).ok();
    let args = beside("args").map(|text| text.split('\n').map(str::to_owned).collect()).unwrap_or_default();
    let stdin = beside("stdin").unwrap_or_default().into_bytes();
    Some(Program { name, language, files, entry, args, stdin })
}
