//! Compiling on a real engine: what a compiler may do, what the program made by it may do, and what attacks on compilers come
//! to. The languages are C and C++; Java has a part of its own.

mod attacks;
mod java;

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::support::{Outcome, Server};

/// A server of C and C++.
fn server() -> &'static Server {
    static SERVER: LazyLock<Server> =
        LazyLock::new(|| Server::start(&[("SCE_LANGUAGES", "c,cpp"), ("SCE_POOL_SIZE", "1")]));
    &SERVER
}

/// Compiles this C and runs it, as the request says besides.
fn run(code: &str, mut request: Value) -> Outcome {
    request["language"] = json!("c");
    request["code"] = json!(code);
    server().run(&request)
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}

#[test]
fn a_program_is_compiled_with_the_callers_arguments_and_run() {
    let code = "#include <stdio.h>\n#ifndef SIZE\n#define SIZE 1\n#endif\n\
                int unused(int x) { int y; return x; }\n\
                int main(int argc, char **argv) { printf(\"%d %d %s\\n\", SIZE, argc, argv[argc - 1]); return 0; }";
    let plain = run(code, json!({"args": ["last"]}));
    plain.printed("1 2 last\n");
    assert_eq!(plain.0["compile"]["error"], "");
    let asked =
        run(code, json!({"compile": {"args": ["-DSIZE=7", "-Wall", "-O0", "-std=c99"]}, "args": ["a", "b"]}));
    asked.printed("7 3 b\n");
    let compile = &asked.0["compile"];
    assert_eq!((&compile["status"], &compile["exit_code"]), (&json!("completed"), &json!(0)));
    assert!(text(compile, "error").contains("./main.c:5:25: warning: unused variable"), "{compile}");
    let refused =
        server().post(&json!({"language": "c", "code": code, "compile": {"args": ["-fplugin=x.so"]}}));
    assert_eq!(refused.status, 400);
}

#[test]
fn all_sources_of_a_project_are_compiled_whatever_they_are_called() {
    let file = |name: &str, content: &str| json!({"name": name, "content": content});
    let files = json!([
        file("-o", "int main(void) { return f() + g(); }"),
        file("--help.c", "int f(void) { return 3; }"),
        file("deep/a b.c", "#include \"x.h\"\nint g(void) { return FOUR; }"),
        file("deep/x.h", "#define FOUR 4"),
        file("notes.txt", "not C"),
    ]);
    // What is no C by its name is what the linker makes of it, and never an option.
    let request = |entry: &str| json!({"language": "c", "files": files, "entrypoint": entry});
    let outcome = server().run(&request("-o"));
    assert_eq!(outcome.status(), "compile_error", "{}", outcome.0);
    let mut files = files.clone();
    files[0]["name"] = json!("-o.c");
    let outcome = server().run(&json!({"language": "c", "files": files, "entrypoint": "-o.c"}));
    outcome.ended("nonzero_exit", 7);
}

#[test]
fn a_program_that_is_not_compiled_has_the_compilers_words_as_its_error() {
    let outcome = run("int main(void) {\n    return x;\n}\n", json!({"stdin": "never read"}));
    outcome.ended("compile_error", 1);
    assert!(outcome.error().contains("./main.c:2:12: error:"), "{}", outcome.error());
    assert_eq!(outcome.0["compile"]["error"], outcome.error());
    assert_eq!(
        (&outcome.0["diagnostics"][0]["line"], &outcome.0["diagnostics"][0]["column"]),
        (&json!(2), &json!(12))
    );
    let kept = server().get(&format!("/history/{}", outcome.id())).json();
    for field in ["status", "exit_code", "error", "output", "compile", "diagnostics"] {
        assert_eq!(kept[field], outcome.0[field], "{field}");
    }
    let unlinked = run("int f(void);\nint main(void) { return f(); }", json!({}));
    assert_eq!(unlinked.status(), "compile_error");
    assert!(unlinked.error().contains("undefined reference"), "{}", unlinked.error());
}

/// Tells the limits that are in force for the program: memory and processes of the cgroup, and the longest file.
const LIMITS: &str = r#"
#include <stdio.h>
#include <sys/resource.h>
static void show(const char *v2, const char *v1) {
    char line[64] = "none\n";
    FILE *file = fopen(v2, "r");
    if (!file) file = fopen(v1, "r");
    if (file) fgets(line, sizeof line, file);
    fputs(line, stdout);
}
int main(void) {
    struct rlimit files;
    show("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes");
    show("/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max");
    getrlimit(RLIMIT_FSIZE, &files);
    printf("%llu %llu\n", (unsigned long long)files.rlim_cur, (unsigned long long)files.rlim_max);
    return 0;
}
"#;

#[test]
fn the_program_has_its_own_limits_and_not_its_compilers() {
    for (limits, memory) in
        [(json!({}), 128_u64), (json!({"memory_mb": 48}), 48), (json!({"memory_mb": 16}), 16)]
    {
        let outcome = run(LIMITS, json!({"limits": limits}));
        outcome.printed(&format!("{}\n64\n16777216 16777216\n", memory << 20));
        assert_eq!(outcome.0["limits"]["memory_mb"], memory);
    }
    let bomb = "#include <stdlib.h>\n#include <string.h>\nint main(void) { for (;;) memset(malloc(1 << 20), 1, 1 << 20); }";
    let outcome = run(bomb, json!({}));
    outcome.ended("memory_limit", 137);
    assert_eq!(outcome.0["limit"]["value"], 128 << 20);
    let outcome = run(bomb, json!({"limits": {"memory_mb": 32}}));
    assert_eq!((outcome.status(), &outcome.0["limit"]["value"]), ("memory_limit", &json!(32 << 20)));
}

#[test]
fn a_program_that_is_larger_than_its_memory_is_told_so() {
    // Numbers that are not zero stand in the file, and the file stands in memory.
    let code = "char large[24 << 20] = {1};\nint main(void) { return 0; }";
    let outcome = run(code, json!({"limits": {"memory_mb": 16}}));
    outcome.ended("memory_limit", 137);
    assert_eq!(outcome.0["compile"]["status"], "completed");
    run(code, json!({})).ended("completed", 0);
    let outcome = run("char large[48 << 20] = {1};\nint main(void) { return 0; }", json!({}));
    assert_eq!(outcome.status(), "compile_error", "longer than a compiler may write: {}", outcome.0);
}

#[test]
fn one_compilation_serves_thirty_test_cases_that_find_nothing_of_each_other() {
    // Each tries to leave something, and to find what another one left.
    let code = r#"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void) {
    int number, found = 0;
    const char *places[] = {"/build/left", "/build/main", "/build/.tmp", "left", "main.c", "/tmp/left"};
    if (scanf("%d", &number) != 1) return 9;
    for (int i = 0; i < 6; i++) {
        int file = open(places[i], O_WRONLY | O_CREAT | O_APPEND, 0777);
        if (file >= 0) found++;
        if (chmod(places[i], 0) == 0) found++;
    }
    if (fork() == 0) { setsid(); for (;;) pause(); }
    printf("%d %d\n", number * number, found);
    return 0;
}
"#;
    let tests: Vec<Value> = (0..30)
        .map(|n| json!({"stdin": n.to_string(), "expected_output": format!("{} 0\n", n * n)}))
        .collect();
    let outcome = run(code, json!({"tests": tests}));
    assert_eq!(outcome.0["summary"]["passed"], 30, "{}", outcome.0["tests"]);
    let broken = run("int main(void) { return }", json!({"tests": [{"stdin": "1"}, {"stdin": "2"}]}));
    broken.ended("compile_error", 1);
    assert_eq!(broken.0["summary"], json!({"passed": 0, "failed": 0, "skipped": 2, "verdict": "skipped"}));
}

#[test]
fn who_looks_on_sees_the_compiler_and_then_the_program() {
    let code = "#warning look\n#include <stdio.h>\nint main(void) { puts(\"ran\"); return 0; }";
    let mut events = crate::live::look_on(server(), &json!({"language": "c", "code": code}));
    let events = events.rest();
    let names: Vec<(&str, &Value, &Value)> =
        events.iter().map(|event| (event.name.as_str(), &event.data["step"], &event.data["kind"])).collect();
    let compile = json!("compile");
    let none = Value::Null;
    assert_eq!(
        names,
        [
            ("accepted", &none, &none),
            ("began", &json!(0), &compile),
            ("output", &json!(0), &none),
            ("ended", &json!(0), &compile),
            ("began", &json!(1), &none),
            ("output", &json!(1), &none),
            ("ended", &json!(1), &none),
            ("result", &none, &none),
        ]
    );
    assert!(text(&events[2].data, "text").contains("#warning look"));
    assert_eq!(events[7].data["output"], "ran\n");
}

#[test]
fn the_same_request_under_a_key_has_the_same_answer_and_is_not_compiled_again() {
    let request = json!({"language": "c", "code": "#warning once\nint main(void) { return 5; }"});
    let key = crate::support::nonce();
    let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
    let ask = || server().send("POST", "/run", &headers, request.to_string().as_bytes());
    let (first, second) = (ask().json(), ask().json());
    assert_eq!(
        (&first["id"], &first["compile"], &first["exit_code"]),
        (&second["id"], &second["compile"], &second["exit_code"])
    );
    assert!(text(&second["compile"], "error").contains("#warning once"));
}

#[test]
fn c_plus_plus_takes_the_headers_that_were_compiled_before() {
    let code = "#include <bits/stdc++.h>\nint main() { std::map<std::string, int> m{{\"a\", 1}}; std::cout << m[\"a\"] << \"\\n\"; }";
    let run =
        |args: Value| server().run(&json!({"language": "cpp", "code": code, "compile": {"args": args}}));
    let (fast, slow) = (run(json!([])), run(json!(["-std=c++20"])));
    fast.printed("1\n");
    slow.printed("1\n");
    let cpu = |outcome: &Outcome| outcome.0["compile"]["usage"]["cpu_ms"].as_f64().unwrap();
    assert!(cpu(&fast) < cpu(&slow) / 2.0, "{} {}", cpu(&fast), cpu(&slow));
}
