//! JavaScript that can only be an ES module is run as one, though its file is called `main.js`: as newer versions of Node do.

use serde_json::json;

use crate::support::shared;

#[test]
fn code_that_imports_runs_as_a_module() {
    let code = "import { createInterface } from 'node:readline';\nlet sum = 0;\n\
                for await (const line of createInterface({ input: process.stdin })) sum += Number(line);\n\
                console.log(sum, typeof require, import.meta.url);";
    let outcome = shared().run(&json!({"language": "javascript", "code": code, "stdin": "1\n2\n39\n"}));
    outcome.printed("42 undefined file:///sandbox/main.mjs\n");
    assert_eq!(outcome.error(), "");
}

#[test]
fn code_that_awaits_or_exports_at_its_top_runs_as_a_module() {
    for code in [
        "console.log(await Promise.resolve('ran'));",
        "export const answer = 42;\nconsole.log('ran');",
        "export default function () {}\nconsole.log('ran');",
        "#!/usr/bin/env node\nimport 'node:fs';\nconsole.log('ran');",
        "console.log(import.meta.url ? 'ran' : '');",
    ] {
        shared().javascript(code).printed("ran\n");
    }
}

#[test]
fn a_module_runs_once_and_its_faults_are_its_own() {
    let outcome = shared().javascript("import fs from 'fs';\nconsole.log('once');\nthrow new Error('own');");
    outcome.ended("nonzero_exit", 1);
    assert_eq!(outcome.output(), "once\n");
    assert!(outcome.error().contains("Error: own"), "{}", outcome.error());
    let outcome = shared().javascript("import fs from 'fs';\nawait new Promise(() => {});");
    outcome.ended("nonzero_exit", 13);
}

#[test]
fn what_is_no_module_stays_none() {
    // Words of a module in texts and comments; code that is neither; a package that says what it is.
    shared()
        .javascript("// import x from 'y'\nconsole.log(`\nimport x from 'y'\n`, typeof require)")
        .printed("\nimport x from 'y'\n function\n");
    let outcome = shared().javascript("const x = ;\nimport fs from 'fs';");
    outcome.ended("nonzero_exit", 1);
    assert!(outcome.error().contains("/sandbox/main.js:1"), "{}", outcome.error());
    let files = json!([
        {"name": "main.js", "content": "import fs from 'fs'"},
        {"name": "package.json", "content": "{\"type\": \"commonjs\"}"},
    ]);
    let outcome = shared().run(&json!({"language": "javascript", "files": files}));
    outcome.ended("nonzero_exit", 1);
    assert!(outcome.error().contains("Cannot use import statement outside a module"), "{}", outcome.error());
}

#[test]
fn a_module_finds_the_files_beside_it() {
    let files = json!([
        {"name": "main.js", "content": "import { word } from './lib/words.mjs';\nconsole.log(word);"},
        {"name": "lib/words.mjs", "content": "export const word = 'found';"},
    ]);
    shared().run(&json!({"language": "javascript", "files": files})).printed("found\n");
}
