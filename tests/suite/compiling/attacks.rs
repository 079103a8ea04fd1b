//! Compilers are attacked like programs: whatever they are given, they end with an outcome, in time, and the next run is
//! clean.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{run, server};
use crate::support::Outcome;

/// Compiles what must not become a program; how it ended, and why.
fn attacked(language: &str, code: &str) -> Outcome {
    let begun = Instant::now();
    let outcome = server().run(&json!({"language": language, "code": code}));
    // The compiler's own limit, as long as neighbours may make it, and a second.
    assert!(begun.elapsed() < Duration::from_secs(4 * 20 + 1), "{:?}", begun.elapsed());
    run("int main(void) { return 42; }", json!({})).ended("nonzero_exit", 42);
    outcome
}

#[test]
fn endless_files_and_endless_words_end_by_a_limit() {
    for (code, limits) in [
        ("#include </dev/zero>\nint main(void) { return 0; }", &["memory", "wall_time", "cpu_time"][..]),
        (
            "#include </dev/random>\nint main(void) { return 0; }",
            &["memory", "wall_time", "cpu_time", "output"],
        ),
        (
            "#include \"main.c\"\nint main(void) { return 0; }",
            &["", "memory", "wall_time", "cpu_time", "output"],
        ),
        (
            "#define A(x) x x x x x x x x x x\n#define B(x) A(A(A(x)))\nint main(void) { B(B(B(int y = z;))) }",
            &["memory", "wall_time", "cpu_time", "output"],
        ),
    ] {
        let outcome = attacked("c", code);
        assert_eq!(outcome.status(), "compile_error", "{code}: {}", outcome.0);
        assert!(limits.contains(&outcome.limit_name().unwrap_or("")), "{code}: {}", outcome.0["limit"]);
    }
}

#[test]
fn templates_without_end_end_by_a_limit() {
    let code = "template <int N, int M> struct F { static const long v = F<N - 1, 2 * M>::v + F<N - 1, 2 * M + 1>::v; };\n\
                template <int M> struct F<0, M> { static const long v = 1; };\nint main() { return F<28, 1>::v; }";
    let outcome = attacked("cpp", code);
    assert_eq!(outcome.status(), "compile_error", "{}", outcome.0);
    assert!(["memory", "wall_time", "cpu_time"].contains(&outcome.limit_name().unwrap()), "{}", outcome.0);
}

#[test]
fn what_a_compiler_may_not_read_is_not_in_the_program() {
    for path in
        ["/etc/shadow", "/proc/1/environ", "/proc/1/mem", "/opt/sandbox/sandbox-init", "/var/run/docker.sock"]
    {
        let include = attacked("c", &format!("#include \"{path}\"\nint main(void) {{ return 0; }}"));
        assert_eq!(include.status(), "compile_error", "{path}: {}", include.0);
        let incbin = format!("__asm__(\".incbin \\\"{path}\\\"\");\nint main(void) {{ return 0; }}");
        assert_eq!(attacked("c", &incbin).status(), "compile_error", "{path}");
    }
    // What is in the image is no secret: the file names the container's own users.
    let passwd = "#include <stdio.h>\nextern const char words[];\n\
                  __asm__(\"words: .incbin \\\"/etc/passwd\\\"\\n.byte 0\");\nint main(void) { fputs(words, stdout); return 0; }";
    let outcome = run(passwd, json!({}));
    assert!(outcome.output().starts_with("root:"), "{}", outcome.0);
}

#[test]
fn a_compilers_secrets_are_not_the_programs() {
    // Neither the compiler's own environment nor what it needed for itself is there when the program runs.
    let code = "#include <stdio.h>\n#include <stdlib.h>\n#include <dirent.h>\nint main(void) {\n\
                printf(\"%s\\n\", getenv(\"TMPDIR\") && !__builtin_strncmp(getenv(\"TMPDIR\"), \"/build\", 6) ? \"there\" : \"gone\");\n\
                DIR *d = opendir(\"/build\"); struct dirent *e;\n\
                while ((e = readdir(d))) if (e->d_name[0] != '.' || e->d_name[1] > '.') puts(e->d_name);\n return 0; }";
    run(code, json!({})).printed("gone\nmain\n");
}

#[test]
fn ten_gigabytes_of_complaints_end_by_the_output_limit() {
    let line = "x y z;\n".repeat(500);
    let files = json!([
        {"name": "main.c", "content": "#include \"a.h\"\n".repeat(200)},
        {"name": "a.h", "content": "#include \"b.h\"\n".repeat(200)},
        {"name": "b.h", "content": line},
    ]);
    let outcome = server().run(&json!({"language": "c", "files": files}));
    assert_eq!(outcome.status(), "compile_error", "{}", outcome.0["limit"]);
    assert!(
        ["output", "wall_time", "cpu_time", "memory"].contains(&outcome.limit_name().unwrap()),
        "{}",
        outcome.0["limit"]
    );
    assert!(outcome.error().len() <= 16 * 1024 && !outcome.0["diagnostics"].as_array().unwrap().is_empty());
}
