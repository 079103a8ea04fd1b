//! Java: any name of the public class, what is told of faults, the memory that the virtual machine takes, and how fast its
//! compiler is.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::support::{Outcome, Server, languages::LanguagesDir};

/// A server of Java.
fn server() -> &'static Server {
    static SERVER: LazyLock<Server> =
        LazyLock::new(|| Server::start(&[("SCE_LANGUAGES", "java"), ("SCE_POOL_SIZE", "0")]));
    &SERVER
}

fn run(code: &str) -> Outcome {
    server().run(&json!({"code": code}))
}

/// A `main` of this class, with this before the class and this within.
fn main_of(before: &str, class: &str, body: &str) -> String {
    format!(
        "{before}{class} {{\n    public static void main(String[] args) throws Exception {{\n{body}\n    }}\n}}\n"
    )
}

#[test]
fn the_class_that_has_a_main_is_started_whatever_it_is_called() {
    let print = "System.out.println(\"here\");";
    for (before, class) in [
        ("", "public class Main"),
        ("", "public final class Solution"),
        ("", "class Other"),
        ("class A {}\n", "class Z"),
        ("package com.example;\n", "public class Main"),
        ("package com.example;\n\n", "public class Solution"),
    ] {
        run(&main_of(before, class, print)).printed("here\n");
    }
    let file = |name: &str, content: &str| json!({"name": name, "content": content});
    let files = json!([
        file("src/app/Start.java", &main_of("package app;\n", "public class Start", "lib.Told.tell(args);")),
        file(
            "src/lib/Told.java",
            "package lib;\npublic class Told {\n    public static void tell(String[] args) throws java.io.IOException {\n        System.out.println(args[0] + new String(Told.class.getResourceAsStream(\"/data.txt\").readAllBytes()));\n    }\n}\n"
        ),
        file("data.txt", "data\n"),
    ]);
    let request = json!({"files": files, "entrypoint": "src/app/Start.java", "args": ["@x "]});
    server().run(&request).printed("@x data\n\n");
    let without = run("class Nothing {}\n");
    assert_eq!(without.status(), "nonzero_exit", "{}", without.0);
}

#[test]
fn faults_are_told_with_their_places() {
    for class in ["public class Main", "public class Solution"] {
        let outcome = run(&main_of("", class, "        int number = \"text\";"));
        outcome.ended("compile_error", 1);
        let found = &outcome.0["diagnostics"][0];
        assert_eq!(
            (&found["file"], &found["line"], &found["column"]),
            (&json!("Main.java"), &json!(3), &json!(22)),
            "{}",
            outcome.0
        );
    }
    let thrown = run(&main_of("", "public class Main", "        Integer.parseInt(\"x\");"));
    thrown.ended("nonzero_exit", 1);
    let found = &thrown.0["diagnostics"][0];
    assert_eq!(
        (&found["file"], &found["line"], &found["phase"]),
        (&json!("Main.java"), &json!(3), &json!("run"))
    );
}

#[test]
fn the_heap_is_three_quarters_of_the_memory_and_old_garbage_makes_room() {
    let body = "java.util.ArrayDeque<byte[]> kept = new java.util.ArrayDeque<>();
        for (int n = 0; n < 20000; n++) {
            kept.add(new byte[100000]);
            if (kept.size() > 1000) kept.poll();
        }
        System.out.println(kept.size());
        java.io.File.createTempFile(\"temporary\", null);";
    run(&main_of("", "public class Main", body)).printed("1000\n");
    let endless =
        "java.util.List<Object> kept = new java.util.ArrayList<>(); while (true) kept.add(new byte[100000]);";
    let outcome = run(&main_of("", "public class Main", endless));
    outcome.ended("memory_limit", 137);
    assert!(outcome.error().contains("java.lang.OutOfMemoryError"), "{}", outcome.0);
    assert_eq!(outcome.output(), "", "the virtual machine writes nothing among the program's output");
}

#[test]
fn the_compiler_is_mapped_from_an_archive_of_its_classes() {
    let flags =
        " -J-XX:SharedArchiveFile=/usr/lib/jvm/javac.jsa -J-XX:+UseSerialGC -J-XX:TieredStopAtLevel=1";
    let folder = LanguagesDir::with(&["java"], &[(flags, "")]);
    let settings = [("SCE_LANGUAGES", "java"), ("SCE_LANGUAGES_DIR", folder.path()), ("SCE_POOL_SIZE", "0")];
    let plain = Server::start(&settings);
    let request: Value = json!({"code": main_of("", "public class Main", "System.out.println(1);")});
    let cpu = |server: &Server| {
        let outcome = server.run(&request);
        outcome.printed("1\n");
        outcome.0["compile"]["usage"]["cpu_ms"].as_f64().unwrap()
    };
    // In turns, so that a busy host slows both.
    let (mut fast, mut slow) = (0.0, 0.0);
    for _ in 0..3 {
        fast += cpu(server());
        slow += cpu(&plain);
    }
    println!("with the archive {:.2} of the CPU time of plain javac", fast / slow);
    assert!(fast < slow * 0.8, "{fast} {slow}");
}
