//! The README's examples, run as they stand there: what they show is what happens.

use std::{env, process::Command};

use super::support::Server;

const README: &str = include_str!("../../README.md");

/// One command of a block, and what the README says it prints.
struct Example {
    command: String,
    printed: String,
}

/// The commands of all blocks of this kind.
fn examples(kind: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in README.lines() {
        match (inside, line.strip_prefix("$ ")) {
            (_, None) if line.starts_with("```") => {
                inside = !inside && line.strip_prefix("```") == Some(kind);
            }
            (true, Some(command)) => {
                found.push(Example { command: command.to_owned(), printed: String::new() });
            }
            (true, None) => {
                let example = found.last_mut().expect("a block begins with a command");
                example.printed += line;
                example.printed.push('\n');
            }
            (false, _) => {}
        }
    }
    found.retain(|example| !example.command.starts_with("make "));
    found
}

/// Whether `text` is `pattern`, where `…` stands for anything within a line.
fn fits(text: &str, pattern: &str) -> bool {
    let mut rest = text.trim_end();
    let mut parts = pattern.trim_end().split('…').peekable();
    let Some(first) = parts.next() else { return false };
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

/// The folder of the README's project. Here it is one of the test's own: the machine may have that one already.
const FOLDER: &str = "/tmp/sce-readme";

/// Runs at least so many, with `base` in place of the address that the README has.
fn all_do_as_they_say(examples: Vec<Example>, at_least: usize, address: &str, base: &str) {
    assert!(examples.len() >= at_least, "the README has {} examples for {address}", examples.len());
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().to_str().expect("text");
    let mut defined = String::new();
    for Example { command, printed } in examples {
        let here = command.replace(address, base).replace(FOLDER, folder);
        if here.contains("() {") {
            defined = here; // a function, for the commands after it
            continue;
        }
        let output =
            Command::new("sh").args(["-c", &format!("{defined}\n{here}")]).output().expect("a shell");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(fits(&text, &printed), "$ {command}\nprinted:\n{text}\nnot, as the README says:\n{printed}");
    }
}

/// Against a server of its own, which alone answers later (blocks of `console local`), or what `make watch` serves: `infra/local/watch.sh --check` says where that is.
#[test]
fn every_example_of_the_readme_does_what_it_says() {
    let anywhere = |base: &str| all_do_as_they_say(examples("console"), 13, "http://127.0.0.1:5000", base);
    match env::var("TEST_WATCH_URL") {
        Err(_) => {
            let server = Server::start(&[]);
            anywhere(server.base());
            all_do_as_they_say(examples("console local"), 3, "http://127.0.0.1:5000", server.base());
        }
        Ok(watch) => {
            anywhere(&watch);
            all_do_as_they_say(examples("console watch"), 7, "http://127.0.0.1:9000", &watch);
        }
    }
}

#[test]
fn an_ellipsis_stands_for_anything_and_everything_else_for_itself() {
    assert!(fits("abc", "abc") && fits("abc\n", "a…c") && fits("abc", "…") && fits("aXbXc", "a…b…c"));
    assert!(!fits("abc", "ab") && !fits("abc", "b…") && !fits("abc", "a…d") && !fits("ac", "a…b…c"));
}
