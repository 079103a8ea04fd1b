//! `python-data`: packages that are loaded before the request is there, and plots that come back. Its image is large, so that
//! `make test-languages` runs these and `make test` does not.

use std::{collections::BTreeSet, sync::LazyLock};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::support::{Outcome, Server};

static SERVER: LazyLock<Server> =
    LazyLock::new(|| Server::start(&[("SCE_LANGUAGES", "python-data"), ("SCE_POOL_SIZE", "2")]));
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

fn writable(code: &str) -> Value {
    json!({"code": code, "workspace": "writable", "collect": ["*.png"]})
}

/// The names of the files that came back, each of them a picture.
fn pictures(outcome: &Outcome) -> Vec<String> {
    let name = |file: &Value| {
        let content = BASE64_STANDARD.decode(file["content"].as_str().unwrap()).unwrap();
        assert!(content.starts_with(PNG) && content.len() > 1000 && file["media_type"] == "image/png");
        file["name"].as_str().unwrap().to_owned()
    };
    outcome.0["files"].as_array().expect("files").iter().map(name).collect()
}

/// Runs it on a sandbox that waited.
fn warm(request: &Value) -> Outcome {
    SERVER.fills(2);
    let outcome = SERVER.run(request);
    assert_eq!(outcome.start(), "warm", "{}", outcome.0);
    outcome
}

#[test]
#[ignore = "needs the image of python-data: `make test-languages`"]
fn what_is_in_it_is_told_with_versions_and_limits_of_its_own() {
    let list = SERVER.get("/languages").json();
    let limits = &list[0]["limits"];
    assert_eq!((&limits["timeout_seconds"], &limits["memory_mb"]), (&json!(30), &json!(512)), "{list}");
    let packages = list[0]["packages"].as_object().unwrap();
    assert!(!list[0]["version"].as_str().unwrap().contains('\n'), "{list}");
    let modules = [
        ("numpy", "numpy"),
        ("pandas", "pandas"),
        ("matplotlib", "matplotlib"),
        ("scipy", "scipy"),
        ("scikit-learn", "sklearn"),
        ("sympy", "sympy"),
        ("Pillow", "PIL"),
        ("networkx", "networkx"),
    ];
    assert_eq!(packages.len(), modules.len(), "{packages:?}");
    for (package, module) in modules {
        let code = format!("import {module}; print({module}.__version__)");
        SERVER.run(&json!({"code": code})).printed(&format!("{}\n", packages[package].as_str().unwrap()));
    }
    SERVER.run(&json!({"code": "1", "limits": {"timeout_seconds": 25, "memory_mb": 500}})).printed("");
}

#[test]
#[ignore = "needs the image of python-data: `make test-languages`"]
fn what_is_loaded_beforehand_leaves_nothing_behind_and_no_run_shares_its_state() {
    let clean = r"
import gc, os, random, sys, threading, time
begun = time.process_time()
import numpy, pandas, matplotlib.pyplot
print(time.process_time() - begun < 0.05, threading.active_count(), len(os.listdir('/proc/self/task')))
print([os.readlink(f'/proc/self/fd/{n}')[:5] for n in range(20) if os.path.exists(f'/proc/self/fd/{n}')], os.listdir('/dev/shm'))
gc.unfreeze() # the zygote has frozen what it holds
others = [o for o in gc.get_objects() if isinstance(o, random.Random) and o is not random._inst and type(o).__name__ != 'SystemRandom']
states = [o for o in gc.get_objects() if isinstance(o, (numpy.random.RandomState, numpy.random.Generator))]
print(others, [o is numpy.random.mtrand._rand for o in states], 'plots' in sys.modules, 'sympy' in sys.modules, 'SCE_PRELOAD' in os.environ)
print(random.random(), numpy.random.random(), numpy.random.default_rng().random(), hash('text'))
";
    let said = "True 1 1\n['pipe:', 'pipe:', 'pipe:'] []\n[] [True] False False False\n";
    let mut seen: [BTreeSet<String>; 4] = Default::default();
    let mut look = |output: &str, hashes: bool| {
        assert!(output.starts_with(said), "{output}");
        let words: Vec<&str> = output.lines().last().unwrap().split(' ').collect();
        let told = if hashes { 4 } else { 3 };
        assert!((0..told).all(|at| seen[at].insert(words[at].to_owned())), "{output} after {seen:?}");
    };
    for _ in 0..3 {
        look(warm(&json!({"code": clean})).output(), true);
    }
    // Test cases are forks of one interpreter: their hashes have one seed, as the documentation says.
    let outcome = SERVER.run(&json!({"code": clean, "tests": [{}, {}, {}]}));
    for test in outcome.0["tests"].as_array().unwrap() {
        look(test["output"].as_str().unwrap(), false);
    }
}

#[test]
#[ignore = "needs the image of python-data: `make test-languages`"]
fn heavy_arithmetic_starts_no_thread_for_each_of_the_hosts_processors() {
    let code = "import os, numpy as np\na = np.random.rand(300, 300)\nb = a @ a\nnp.linalg.svd(a[:50])\n\
        from sklearn.cluster import KMeans\nKMeans(3, n_init=1).fit(a)\nprint(len(os.listdir('/proc/self/task')))";
    let outcome = SERVER.run(&json!({"code": code, "tests": [{}, {}]}));
    for test in outcome.0["tests"].as_array().unwrap() {
        assert_eq!((&test["output"], test.get("limits_met")), (&json!("1\n"), None), "{test}");
    }
}

#[test]
#[ignore = "needs the image of python-data: `make test-languages`"]
fn a_plot_of_a_frame_comes_back_as_a_picture() {
    let code = "import pandas as pd\nimport matplotlib.pyplot as plt\n\
        df = pd.DataFrame({'x': range(9), 'y': [n * n for n in range(9)]})\ndf.plot(x='x')\nplt.savefig('a.png')";
    let outcome = warm(&writable(code));
    assert_eq!(pictures(outcome.printed("")), ["a.png"]);
}

#[test]
#[ignore = "needs the image of python-data: `make test-languages`"]
fn a_plot_that_is_shown_is_a_file_where_the_program_may_write_and_nothing_elsewhere() {
    let code = "import os\nimport matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.show()\nprint(plt.get_fignums())\n\
        plt.figure(); plt.plot([1, 2]); plt.figure(); plt.bar([1, 2], [3, 4])\nplt.show(); plt.show()\n\
        print(sorted(os.listdir()))";
    let outcome = warm(&writable(code));
    outcome.printed("[]\n['main.py', 'plot-1.png', 'plot-2.png', 'plot-3.png']\n");
    assert_eq!(pictures(&outcome), ["plot-1.png", "plot-2.png", "plot-3.png"]);
    SERVER.run(&json!({"code": code})).printed("[1]\n['main.py']\n");

    // Each test case has files of its own; a name that is taken is left alone.
    let code = "import matplotlib.pyplot as plt\nopen('plot-1.png', 'w').write(input())\nplt.plot([1])\nplt.show()\n\
        print(open('plot-1.png').read(), len(open('plot-2.png', 'rb').read()) > 1000)";
    let mut request = writable(code);
    request["tests"] = json!([{"stdin": "a"}, {"stdin": "b"}]);
    let outcome = SERVER.run(&request);
    let told: Vec<_> = outcome.0["tests"].as_array().unwrap().iter().map(|test| &test["output"]).collect();
    assert_eq!(told, ["a True\n", "b True\n"], "{}", outcome.0);
}

#[test]
#[ignore = "needs the image of python-data: `make test-languages`"]
fn a_process_of_the_programs_own_finds_the_fonts_and_says_nothing() {
    let code = "import subprocess, sys\ncode = 'import matplotlib.pyplot as plt; plt.plot([1]); plt.savefig(\"c.png\")'\n\
        done = subprocess.run([sys.executable, '-W', 'error', '-c', code], capture_output=True, text=True)\n\
        print(done.returncode, done.stdout, done.stderr)";
    let outcome = SERVER.run(&writable(code));
    assert_eq!(pictures(outcome.printed("0  \n")), ["c.png"]);
}

#[test]
#[ignore = "needs the image of node-data: `make test-languages`"]
fn node_data_has_its_packages_by_require_and_by_import() {
    let server = Server::start(&[("SCE_LANGUAGES", "node-data"), ("SCE_POOL_SIZE", "0")]);
    let list = server.get("/languages").json();
    let packages = list[0]["packages"].as_object().unwrap();
    let names: Vec<&str> = packages.keys().map(String::as_str).collect();
    assert_eq!(names, ["ajv", "bignumber.js", "d3", "immutable", "js-yaml", "lodash", "semver", "uuid"]);
    let uses = "console.log(_.chunk([1, 2, 3], 2), d3.mean([1, 2, 6]), yaml.load('a: [1]'), BigNumber('0.1').plus('0.2').toString());\n\
        console.log(new Ajv().validate({type: 'number'}, 'x'), List([1]).push(2).size, semver.satisfies('1.2.3', '^1'), v4() !== v4());";
    let said = "[ [ 1, 2 ], [ 3 ] ] 3 { a: [ 1 ] } 0.3\nfalse 2 true true\n";
    let require = "const _ = require('lodash'), d3 = require('d3'), yaml = require('js-yaml'), BigNumber = require('bignumber.js');\n\
        const Ajv = require('ajv'), { List } = require('immutable'), semver = require('semver'), { v4 } = require('uuid');\n";
    server.run(&json!({"code": format!("{require}{uses}")})).printed(said);
    let import = "import _ from 'lodash'; import * as d3 from 'd3'; import yaml from 'js-yaml'; import BigNumber from 'bignumber.js';\n\
        import Ajv from 'ajv'; import immutable from 'immutable'; import semver from 'semver'; import { v4 } from 'uuid';\nconst { List } = immutable;\n";
    let project = json!({"files": [{"name": "main.mjs", "content": format!("{import}{uses}")}], "entrypoint": "main.mjs"});
    server.run(&project).printed(said);
}
