//! What a language's folder says: its manifest, and the files beside the manifest.

use std::{collections::BTreeMap, time::Duration};

use toml::Table;

use super::{
    fields::Fields,
    folder::{Folder, MANIFEST},
};
use crate::domain::language::{Compiler, CompilerLimits, Language, Version};

/// The variable that tells a bootstrap what to load while nobody waits, with spaces between.
const PRELOAD: &str = "SCE_PRELOAD";

/// The language of this folder, once for each of its versions, in the manifest's order.
///
/// # Errors
/// Every rule that the folder breaks, with the folder and the field.
pub fn languages(name: &str, folder: &Folder) -> Result<Vec<Language>, Vec<String>> {
    let mut faults = folder.faults.clone();
    let text = folder.files.get(MANIFEST).map_or("", String::as_str);
    let table = match text.parse::<Table>() {
        Ok(table) => table,
        Err(error) => {
            faults.push(format!("{}: {MANIFEST}: {}", folder.shown, error.to_string().trim_end()));
            return Err(faults);
        }
    };
    let (languages, found) = read(name, folder, Fields::new(table, String::new()));
    let already: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
    let mut broken: Vec<String> =
        found.iter().map(|(field, rule)| format!("{}: `{field}` {rule}", folder.shown)).collect();
    for fault in languages.iter().flat_map(Language::faults) {
        let told = format!("{}: `{}` {}", folder.shown, fault.field, fault.rule);
        // What all versions have in common is wrong once, and what could not be read is empty now.
        if !is_told(&already, fault.field) && !broken.contains(&told) {
            broken.push(told);
        }
    }
    faults.append(&mut broken);
    if faults.is_empty() { Ok(languages) } else { Err(faults) }
}

/// Whether a fault of this field, or of what the field is read from, is told already.
fn is_told(already: &[&str], field: &str) -> bool {
    let file = match field {
        "example" => "example.",
        "version program" => "version.",
        _ => return already.iter().any(|told| told.rsplit('.').next() == Some(field)),
    };
    // Both files are named by the first of the extensions.
    already.iter().any(|told| told.starts_with(file) || *told == "extensions")
}

/// The languages, as far as they can be read, and the faults: field and rule.
fn read(name: &str, folder: &Folder, mut fields: Fields) -> (Vec<Language>, Vec<(String, String)>) {
    let title = fields.needed_text("title").unwrap_or_default();
    let aliases = fields.texts("aliases").unwrap_or_default();
    let command = fields.texts("command").unwrap_or_default();
    let run = fields.texts("run").unwrap_or_default();
    let start_in = fields.text("start_in");
    let mut faults_within = Vec::new();
    let compiler = compiler(&mut fields, &mut faults_within);
    let (timeout, memory_mb, processes) = limits(&mut fields, &mut faults_within);
    let preload = fields.texts("preload").unwrap_or_default();
    if !preload.is_empty() && command.is_empty() {
        fields.fault("preload", "is of no use without `command`: nothing waits");
    }
    if preload.iter().any(|name| name.is_empty() || name.contains(char::is_whitespace)) {
        fields.fault("preload", "has a name that is empty or has white space");
    }
    let mut environment = fields.named_texts("environment").unwrap_or_default();
    if !preload.is_empty() {
        environment.insert(PRELOAD.to_owned(), preload.join(" "));
    }
    let later_environment = fields.named_texts("later_environment").unwrap_or_default();
    let entry_points = fields.needed_texts("entry_points").unwrap_or_default();
    let extensions = fields.needed_texts("extensions").unwrap_or_default();
    let versions = fields.tables("versions").unwrap_or_default();
    if versions.is_empty() {
        fields.fault("versions", "is missing: each version has a `version` and an `image`");
    }
    let mut program = |stem: &str, what: &str| {
        let file = format!("{stem}.{}", extensions.first().map_or("", String::as_str));
        let text = folder.files.get(&file).cloned();
        if text.is_none() && !extensions.is_empty() {
            fields.fault(&file, &format!("is missing: a program that {what}"));
        }
        text.unwrap_or_default()
    };
    let example = program("example", "shows the language at work");
    let version_program = program("version", "prints the interpreter's version");
    let mut faults = fields.into_faults();
    faults.append(&mut faults_within);
    let mut languages = Vec::new();
    for (index, table) in versions.into_iter().enumerate() {
        let mut fields = Fields::new(table, format!("versions[{index}]."));
        let version = fields.needed_text("version");
        let parsed = version.as_deref().map(str::parse::<Version>);
        if let (Some(text), Some(Err(why))) = (&version, &parsed) {
            fields.fault("version", &format!("`{text}` {why}"));
        }
        let image = fields.needed_text("image").unwrap_or_default();
        faults.append(&mut fields.into_faults());
        let Some(Ok(version)) = parsed else { continue };
        languages.push(Language {
            name: name.to_owned(),
            family: name.to_owned(),
            version,
            title: title.clone(),
            aliases: aliases.clone(),
            image,
            version_program: version_program.clone(),
            command: command.clone(),
            run: run.clone(),
            compiler: compiler.clone(),
            timeout,
            memory_mb,
            processes,
            start_in: start_in.clone(),
            environment: environment.clone(),
            later_environment: later_environment.clone(),
            bootstrap: folder.bootstrap.clone(),
            entry_points: entry_points.clone(),
            extensions: extensions.clone(),
            example: example.clone(),
        });
    }
    (languages, faults)
}

/// How programs are compiled: `compile`, and the table `compiler`; `None` where they are not.
fn compiler(fields: &mut Fields, faults: &mut Vec<(String, String)>) -> Option<Compiler> {
    let command = fields.texts("compile");
    let table = fields.table("compiler");
    if command.is_none() && table.is_some() {
        fields.fault("compiler", "is of no use without `compile`");
    }
    let command = command?;
    if command.is_empty() {
        fields.fault("compile", "is empty");
    }
    let mut compiler = Compiler {
        command,
        sources: Vec::new(),
        args: Vec::new(),
        environment: BTreeMap::new(),
        limits: CompilerLimits::default(),
    };
    if let Some(mut table) = table {
        let limits = &mut compiler.limits;
        compiler.sources = table.texts("sources").unwrap_or_default();
        compiler.args = table.texts("args").unwrap_or_default();
        compiler.environment = table.named_texts("environment").unwrap_or_default();
        if let Some(seconds) = table.number("timeout_seconds", 1..=600) {
            limits.timeout = Duration::from_secs(seconds.into());
        }
        if let Some(mb) = table.number("memory_mb", 32..=65_536) {
            limits.memory_mb = mb.into();
        }
        limits.processes = table.number("processes", 8..=4096).unwrap_or(limits.processes);
        if let Some(mb) = table.number("file_mb", 1..=1024) {
            limits.file_mb = mb.into();
        }
        faults.append(&mut table.into_faults());
    }
    Some(compiler)
}

/// What programs need beyond what every language gets: time, memory in MiB, and processes.
fn limits(
    fields: &mut Fields,
    faults: &mut Vec<(String, String)>,
) -> (Option<Duration>, Option<u64>, Option<u32>) {
    let Some(mut table) = fields.table("limits") else { return (None, None, None) };
    let timeout = table.number("timeout_seconds", 1..=600).map(|seconds| Duration::from_secs(seconds.into()));
    let memory_mb = table.number("memory_mb", 32..=65_536).map(u64::from);
    let processes = table.number("processes", 8..=4096);
    faults.append(&mut table.into_faults());
    (timeout, memory_mb, processes)
}
