//! Projects: files in the request, zip archives, single source files, and which of them is run.

use serde_json::json;

use crate::support::{
    archive::{Entry, archive, lie_about_sizes, zipped},
    client::{field, file},
    host, shared,
};

const PYTHON: [(&str, &[u8]); 5] = [
    ("main.py", b"import helper, pkg.deep\nprint(helper.hello(), pkg.deep.N, open('data.txt').read())"),
    ("helper.py", b"def hello(): return 'hello'"),
    ("pkg/__init__.py", b""),
    ("pkg/deep.py", b"from . import other\nN = other.M + 1"),
    ("pkg/other.py", b"M = 41"),
];

fn python_project() -> Vec<u8> {
    let mut files = PYTHON.to_vec();
    files.push(("data.txt", b"from a file"));
    zipped(&files)
}

#[test]
fn a_zip_with_a_module_a_package_and_a_data_file_runs() {
    let reply = shared().form(&[file("project.zip", &python_project()), field("language", "python")]);
    reply.outcome().printed("hello 42 from a file\n");
}

#[test]
fn a_javascript_zip_with_a_module_and_a_data_file_runs() {
    let main = b"const { hello } = require('./helper');\nconst lib = require('./lib');\n\
        console.log(hello(), lib.n, require('fs').readFileSync('data.txt', 'utf8'), require('./data.json').a);";
    let project = zipped(&[
        ("main.js", main),
        ("helper.js", b"exports.hello = () => 'hello';"),
        ("lib/index.js", b"exports.n = 42;"),
        ("data.txt", b"from a file"),
        ("data.json", b"{\"a\":7}"),
    ]);
    let reply = shared().form(&[field("language", "javascript"), file("project.zip", &project)]);
    reply.outcome().printed("hello 42 from a file 7\n");
}

#[test]
fn a_bare_zip_body_runs_with_its_fields_in_the_query() {
    let headers = [("content-type", "application/zip")];
    let reply = shared().send("POST", "/run?language=python", &headers, &python_project());
    reply.outcome().printed("hello 42 from a file\n");

    let echo = zipped(&[("tool.py", b"import sys; print(sys.argv[1:], sys.stdin.read())")]);
    let query = "/run?language=python&entrypoint=tool.py&stdin=some%20input";
    let reply = shared().send("POST", query, &headers, &echo);
    assert_eq!(reply.outcome().output(), "[] some input\n");
}

#[test]
fn a_form_takes_stdin_args_and_limits_too() {
    let project = zipped(&[("main.py", b"import sys; print(sys.argv[1:], sys.stdin.read())")]);
    let reply = shared().form(&[
        file("project.zip", &project),
        field("language", "python"),
        field("stdin", "typed"),
        field("args", "[\"one\",\"two three\"]"),
        field("limits", "{\"timeout_seconds\":5}"),
    ]);
    let outcome = reply.outcome();
    outcome.printed("['one', 'two three'] typed\n");
    assert_eq!(outcome.0["limits"]["timeout_seconds"].as_f64(), Some(5.0));
}

#[test]
fn a_single_source_file_runs_as_what_its_name_says() {
    let reply = shared().form(&[file("hello.py", b"print(__file__)")]);
    reply.outcome().printed("/sandbox/hello.py\n");
    let reply = shared().form(&[file("hello.js", b"console.log(__filename)")]);
    reply.outcome().printed("/sandbox/hello.js\n");
    let reply = shared().form(&[file("mod.mjs", b"console.log(import.meta.url); await 0;")]);
    reply.outcome().printed("file:///sandbox/mod.mjs\n");
}

#[test]
fn code_sent_as_a_form_field_runs() {
    let reply = shared().form(&[field("code", "print('form')"), field("language", "python")]);
    reply.outcome().printed("form\n");
}

#[test]
fn further_files_stand_beside_the_code() {
    let outcome = shared().run(&json!({
        "code": "import helper\nprint(helper.N, open('b/data.bin', 'rb').read())",
        "files": [
            {"name": "helper.py", "content": "N = 7"},
            {"name": "b/data.bin", "content": "AP8B", "encoding": "base64"},
        ],
    }));
    outcome.printed("7 b'\\x00\\xff\\x01'\n");
}

#[test]
fn files_alone_run_by_their_entry_point() {
    for (names, entry) in [
        (vec!["main.py", "app.py", "__main__.py"], "main.py"),
        (vec!["app.py", "__main__.py", "other.py"], "app.py"),
        (vec!["__main__.py", "other.py"], "__main__.py"),
        (vec!["only.py"], "only.py"),
    ] {
        let content = "import os; print(os.path.basename(__file__))";
        let files: Vec<_> = names.iter().map(|name| json!({"name": name, "content": content})).collect();
        shared().run(&json!({"language": "python", "files": files})).printed(&format!("{entry}\n"));
    }
    for (names, entry) in [(vec!["index.js", "main.js"], "main.js"), (vec!["index.js", "z.js"], "index.js")] {
        let content = "console.log(require('path').basename(__filename))";
        let files: Vec<_> = names.iter().map(|name| json!({"name": name, "content": content})).collect();
        shared().run(&json!({"language": "javascript", "files": files})).printed(&format!("{entry}\n"));
    }
}

#[test]
fn a_wished_entry_point_is_run_from_any_folder() {
    let outcome = shared().run(&json!({
        "entrypoint": "tools/run.py",
        "files": [
            {"name": "tools/run.py", "content": "import sys, near, os; print(near.N, sys.path[0], os.getcwd())"},
            {"name": "tools/near.py", "content": "N = 3"},
            {"name": "main.py", "content": "print('not me')"},
        ],
    }));
    outcome.printed("3 /sandbox/tools /sandbox\n");
}

#[test]
fn code_may_be_called_what_its_author_wishes() {
    let code = "import fs from 'node:fs';\nconsole.log(typeof fs.readFileSync, await Promise.resolve(1));";
    let outcome = shared().run(&json!({"language": "js", "code": code, "entrypoint": "main.mjs"}));
    outcome.printed("function 1\n");
}

#[test]
fn the_largest_project_allowed_runs() {
    let big = vec![b'x'; 8 * 1024 * 1024 - 4096];
    let code = b"import os; print(os.path.getsize('big.txt'), len(os.listdir('many')))";
    let names: Vec<String> = (0..198).map(|n| format!("many/{n}")).collect();
    let mut files: Vec<(&str, &[u8])> = vec![("main.py", code), ("big.txt", &big)];
    files.extend(names.iter().map(|name| (name.as_str(), b"" as &[u8])));
    assert_eq!(files.len(), 200);
    let reply = shared().form(&[file("project.zip", &zipped(&files)), field("language", "python")]);
    reply.outcome().printed(&format!("{} 198\n", big.len()));
}

#[test]
fn names_in_any_script_and_of_any_good_length_work() {
    let name = format!("{}.txt", "ü".repeat(120));
    let outcome = shared().run(&json!({
        "code": "import os; print(sorted(os.listdir('.')) == sorted(['main.py', '日本', 'a b', 'ü' * 120 + '.txt']), os.listdir('日本'))",
        "files": [{"name": name, "content": ""}, {"name": "日本/ф.py", "content": ""}, {"name": "a b", "content": ""}],
    }));
    outcome.printed("True ['ф.py']\n");
}

#[test]
fn the_files_belong_to_nobody_who_could_change_them() {
    let outcome = shared().run(&json!({
        "code": "import os\nfor n in sorted(os.listdir('.')): print(n, oct(os.stat(n).st_mode & 0o222), os.access(n, os.R_OK))",
        "files": [{"name": "data.txt", "content": "x"}],
    }));
    assert_eq!(outcome.status(), "completed");
    assert!(
        outcome.output().contains("data.txt") && !outcome.output().contains("False"),
        "{}",
        outcome.output()
    );
}

#[test]
fn the_server_writes_no_entry_of_an_archive_to_its_own_disk() {
    let mark = crate::support::nonce();
    let project = zipped(&[("main.py", b"print('ran')"), (&format!("{mark}.txt"), mark.as_bytes())]);
    shared().form(&[file("project.zip", &project), field("language", "python")]).outcome().printed("ran\n");
    let mut lying = project.clone();
    lie_about_sizes(&mut lying, 3);
    shared().form(&[file("project.zip", &lying), field("language", "python")]);
    let slip = archive(&[Entry::new(format!("../../../../tmp/{mark}"), &mark)]);
    shared().form(&[file("project.zip", &slip), field("language", "python")]);
    let kept = host::files_below(shared().data_dir());
    let beside = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten().map(|entry| entry.path());
    let named: Vec<_> =
        kept.into_iter().chain(beside).filter(|path| path.to_string_lossy().contains(&mark)).collect();
    assert!(named.is_empty(), "{named:?}");
}

#[test]
fn a_file_whose_name_begins_with_a_dash_is_a_file_and_no_option() {
    let named = |language: &str, name: &str, content: &str| {
        let files = json!([{"name": name, "content": content}]);
        shared().run(
            &json!({"language": language, "entrypoint": name, "files": files, "args": ["-x", "--", "y"]}),
        )
    };
    for name in ["-c.py", "-m.py", "-.py", "--help.py", "-c", "-m", "--help", "--", "-i", "-E.py", "a/-c.py"]
    {
        let outcome = named("python", name, "import sys\nprint(sys.argv, __file__)");
        outcome.printed(&format!("['{name}', '-x', '--', 'y'] /sandbox/{name}\n"));
    }
    // A lone dash is standard input to Python, whatever stands before it.
    named("python", "-", "import sys\nprint(sys.argv)").printed("['./-', '-x', '--', 'y']\n");
    for name in ["-e.js", "--eval", "-", "--", "-p.js", "a/-e.js"] {
        let outcome = named("javascript", name, "console.log(process.argv.slice(1).join(' '))");
        outcome.printed(&format!("/sandbox/{name} -x -- y\n"));
    }
}
