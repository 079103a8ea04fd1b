//! Programs of twenty categories, from recursion to regular expressions, in C, C++, Java, Go and Rust: what they print here is
//! what they print where the toolchain of the same image runs them, with nothing of ours about it.
//!
//! `tests/categories/` has a folder for each category: a program in each of the languages that have the means for it in their
//! standard library, and perhaps its input (`stdin.txt`) and a file of the project (`data.txt`).

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use safe_code_executor::{config::built_in_languages, domain::language::Language};
use serde_json::json;

use crate::support::{Server, in_parallel};

/// A language, and how its toolchain makes a program of its file in `$out` and runs it.
const LANGUAGES: [(&str, &str, &str); 5] = [
    ("c", "gcc -std=gnu17 -O2 -o $out/main main.c -lm -pthread", "$out/main"),
    ("cpp", "g++ -std=gnu++17 -O2 -o $out/main main.cpp -pthread", "$out/main"),
    ("java", "javac -encoding UTF-8 -d $out Main.java", "java -cp $out Main"),
    ("go", "go build -o $out/main main.go", "$out/main"),
    ("rust", "rustc --edition 2021 -O -o $out/main main.rs", "$out/main"),
];

/// The file in which a category has the input of its programs.
const INPUT: &str = "stdin.txt";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/categories")
}

/// What the program of each category prints in a container of the language's image, by category.
fn bare(language: &Language, entry: &str, compile: &str, run: &str) -> BTreeMap<String, String> {
    let script = format!(
        "export HOME=/tmp GO111MODULE=off GOCACHE=/tmp/cache GODEBUG=installgoroot=all
        for category in *; do
            [ -e $category/{entry} ] || continue
            out=/tmp/$category input=/dev/null
            mkdir $out
            cd $category
            [ ! -e {INPUT} ] || input={INPUT}
            echo \"=== $category\"
            {compile} >&2 && {run} <$input
            cd ..
        done"
    );
    let folder = format!("{}:/categories:ro", folder().display());
    let output = Command::new("docker")
        .args([
            "run",
            "--rm",
            "--network=none",
            "--env=LANG=C.UTF-8",
            "--volume",
            &folder,
            "--workdir=/categories",
        ])
        .args([&language.image, "sh", "-c", &script])
        .output()
        .expect("the command line of Docker");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let parts = text.split("=== ").skip(1).map(|part| part.split_once('\n').expect("a line"));
    let found: BTreeMap<_, _> = parts.map(|(name, said)| (name.to_owned(), said.to_owned())).collect();
    assert!(found.len() >= 20, "{}: {found:?}\n{}", language.name, String::from_utf8_lossy(&output.stderr));
    found
}

#[test]
#[ignore = "takes minutes: `make test-languages` runs it"]
fn programs_of_twenty_categories_print_what_the_bare_toolchain_prints() {
    let names = LANGUAGES.map(|(name, ..)| name).join(",");
    let table = built_in_languages(Some(&names)).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let server =
        Server::start(&[("SCE_LANGUAGES", &names), ("SCE_POOL_SIZE", "0"), ("SCE_MAX_RUNNING", "4")]);
    let mut wrong = Vec::new();
    for (name, compile, run) in LANGUAGES {
        let language = table.iter().find(|language| language.name == name).expect("in the table");
        let entry = &language.entry_points[0];
        let expected: Vec<_> = bare(language, entry, compile, run).into_iter().collect();
        let found = in_parallel(2, &expected, |(category, _)| {
            let file = |name: &str| fs::read_to_string(folder().join(category).join(name)).ok();
            let mut files = vec![json!({"name": entry, "content": file(entry)})];
            files.extend(file("data.txt").map(|content| json!({"name": "data.txt", "content": content})));
            let stdin = file(INPUT).unwrap_or_default();
            let limits = json!({"timeout_seconds": 10});
            server.run(&json!({
                "language": name, "files": files, "entrypoint": entry, "stdin": stdin, "limits": limits
            }))
        });
        for ((category, expected), outcome) in expected.iter().zip(found) {
            if expected.is_empty() || outcome.status() != "completed" || outcome.output() != expected {
                wrong.push(format!("{name}, {category}: {expected:?} was expected of {}", outcome.0));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
