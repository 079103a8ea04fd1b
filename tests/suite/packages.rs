//! Modules that a waiting interpreter has loaded: there at once, and nothing of one run in another.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::json;
use tempfile::TempDir;

use crate::support::{Server, images::Image, languages::LanguagesDir};

const PRELOAD: (&str, &str) =
    ("extensions = [\"py\"]", "extensions = [\"py\"]\npreload = [\"json.tool\", \"decimal\", \"random\"]");

#[test]
fn what_is_preloaded_is_there_and_no_run_shares_its_state() {
    let folder = LanguagesDir::with(&["python"], &[PRELOAD]);
    let server = Server::start(&[
        ("SCE_LANGUAGES_DIR", folder.path()),
        ("SCE_LANGUAGES", "python"),
        ("SCE_POOL_SIZE", "1"),
    ]);
    let code = "import sys\nloaded = [name in sys.modules for name in ('json.tool', 'decimal', 'random')]\n\
        import os, random, threading\n\
        hidden = 'SCE_PRELOAD' not in os.environ\n\
        print(loaded, hidden, threading.active_count(), sorted(os.listdir('/proc/self/fd'))[:3])\n\
        print(random.random())";
    let said = "[True, True, True] True 1 ['0', '1', '2']\n";
    let mut seen = BTreeSet::new();
    for _ in 0..3 {
        server.fills(1);
        let outcome = server.python(code);
        assert!(outcome.output().starts_with(said), "{}", outcome.0);
        assert_eq!(outcome.start(), "warm");
        seen.insert(outcome.output().to_owned());
    }
    // Forks of one interpreter, too.
    let outcome = server.run(&json!({"code": code, "tests": [{}, {}, {}]}));
    for test in outcome.0["tests"].as_array().unwrap() {
        let output = test["output"].as_str().unwrap();
        assert!(output.starts_with(said), "{}", outcome.0);
        seen.insert(output.to_owned());
    }
    assert_eq!(seen.len(), 6, "{seen:?}");
}

/// The first block of this kind in `docs/PACKAGES.md` that has these words.
fn documented(kind: &str, words: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/PACKAGES.md");
    let text = fs::read_to_string(path).unwrap();
    let begin = format!("```{kind}\n");
    let mut blocks = text.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks
        .find(|block| block.contains(words))
        .unwrap_or_else(|| panic!("{path}: no {kind} with {words}"))
        .to_owned()
}

/// Two packages, one of which needs a third.
const REQUIREMENTS: &str = "humanize==4.9.0\npython-slugify==8.0.4\n";

#[test]
#[ignore = "needs an index of packages: `make test-languages`"]
fn an_image_with_packages_of_ones_own_is_made_as_documented_and_needs_no_network_then() {
    let folder = TempDir::new().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    put("requirements.txt", REQUIREMENTS);
    put("Dockerfile", &documented("dockerfile", "COPY packages"));
    let fetch = documented("sh", "pip install");
    let fetched = Command::new("sh").args(["-ec", &fetch]).current_dir(folder.path()).output().unwrap();
    assert!(fetched.status.success(), "{fetch}: {}", String::from_utf8_lossy(&fetched.stderr));
    let image = Image::build(folder.path());

    let own = LanguagesDir::with(&["python"], &[]);
    fs::rename(Path::new(own.path()).join("python"), Path::new(own.path()).join("python-chem")).unwrap();
    let manifest = documented("toml", "preload")
        .replace("localhost/python-chem:3.11", &image.name())
        .replace("\"numpy\", \"rdkit.Chem\"", "\"humanize\", \"slugify\"");
    fs::write(Path::new(own.path()).join("python-chem/language.toml"), manifest).unwrap();
    let server = Server::start(&[
        ("SCE_LANGUAGES_DIR", own.path()),
        ("SCE_LANGUAGES", "python-chem,python"),
        ("SCE_POOL_SIZE", "python-chem=1"),
    ]);
    server.fills(1);
    let code = "import sys\nprint('humanize' in sys.modules, 'slugify' in sys.modules)\nimport humanize, slugify\n\
        print(humanize.naturalsize(3_000_000), slugify.slugify('Grüße, Welt'), humanize.__spec__.cached.endswith('.pyc'))\n\
        import os; print(os.path.exists(humanize.__spec__.cached))";
    let outcome = server.run(&json!({"language": "chem", "code": code}));
    outcome.printed("True True\n3.0 MB grusse-welt True\nTrue\n");
    assert_eq!(outcome.start(), "warm");
    let outcome = server.run(&json!({"language": "python", "code": "import humanize"}));
    assert!(outcome.error().contains("No module named 'humanize'"), "{}", outcome.0);
}
