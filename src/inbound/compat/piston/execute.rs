//! `POST /execute`: what it takes, and what it runs.

use axum::{
    Json,
    extract::{Request, State},
};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    runtimes::{self, Runtime},
    stage,
};
use crate::{
    domain::{
        outcome::{Execution, Outcome, Status},
        ports::{ExecutionStore, Sandbox},
    },
    inbound::{
        compat::{
            interleaved,
            lenient::{self, Asked, Fields, Program, Wrong},
        },
        contract::rejection::{Rejection, shown},
        http::{ApiError, Asker, Desk, Weighs},
    },
};

/// What is asked for, before it is known which runtime that means.
#[derive(Debug)]
pub struct Call {
    language: String,
    version: String,
    main: Main,
    files: Vec<File>,
    stdin: Bytes,
    args: Vec<String>,
    limits: Asked,
}

impl Weighs for Call {
    fn bytes(&self) -> usize {
        self.main.1.len()
            + self.stdin.len()
            + self.files.iter().map(|(_, content)| content.len()).sum::<usize>()
    }
}

/// The limits by their names in a request, which may all be there and are all lowered to ours.
const TIMES: [&str; 2] = ["run_timeout", "run_cpu_time"];
const OTHERS: [&str; 3] = ["compile_timeout", "compile_cpu_time", "compile_memory_limit"];

/// Runs a program to its end.
pub async fn execute<S: Sandbox, R: ExecutionStore>(
    State(desk): State<Desk<S, R>>,
    asker: Asker,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let (parts, body) = request.into_parts();
    let (call, taken) =
        desk.read(&parts.headers, body, |bytes| Ok::<_, ApiError>(Call::parse(&bytes)?)).await?;
    let all = runtimes::all(&desk).await;
    let runtime = call.runtime(&all)?;
    let (name, version) = (runtime.name.clone(), runtime.offered.version.clone());
    let request = call.program(runtime).assemble(desk.rules())?;
    let submission = desk.submission(&asker, request, &taken, None);
    let (answer, output) = interleaved::execute(&desk, submission).await?;
    let Execution { outcome, compile, .. } = &answer.execution;
    let stage = |step: u16, outcome: &Outcome| stage::of(outcome, output.of(step, outcome));
    let mut told = json!({"language": name, "version": version});
    match compile {
        None => told["run"] = stage(0, outcome),
        Some(compiler) => {
            told["compile"] = stage(0, compiler);
            // Where it was not compiled there is no run to tell of: that of the compiler stands there once more.
            let compiled = outcome.ending.status() != Status::CompileError;
            told["run"] = if compiled { stage(1, outcome) } else { told["compile"].clone() };
        }
    }
    Ok(Json(told))
}

impl Call {
    /// What this body asks for.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(body: &Bytes) -> Result<Self, Rejection> {
        let mut fields = lenient::object(body)?;
        Self::of(&mut fields)
    }

    /// What these fields ask for.
    ///
    /// # Errors
    /// The first thing that is wrong with them.
    pub fn of(fields: &mut Fields) -> Result<Self, Rejection> {
        let language = fields.text("language")?.ok_or_else(|| Wrong::new("language", "a string"))?;
        // Some clients leave it out where they were given an alias.
        let version = fields.text("version")?.unwrap_or_else(|| "*".to_owned());
        let list = fields.objects("files")?.ok_or_else(|| Wrong::new("files", "an array"))?;
        let (main, files) = sort(list)?;
        let mut stdin = fields.text("stdin")?.unwrap_or_default();
        if !stdin.ends_with('\n') {
            // As Piston does, also to none at all: a program that asks for one line gets an empty one.
            stdin.push('\n');
        }
        let args = fields.texts("args")?.unwrap_or_default();
        let mut seconds: Option<f64> = None;
        for name in TIMES {
            if let Some(asked) = fields.number(name)?.filter(|asked| *asked > 0.0) {
                seconds = Some(seconds.unwrap_or(f64::MAX).min(asked / 1000.0));
            }
        }
        let memory = fields.number("run_memory_limit")?;
        for name in OTHERS {
            fields.number(name)?;
        }
        let limits = Asked { seconds, memory_mb: memory.map(|bytes| bytes / (1024.0 * 1024.0)) };
        Ok(Self { language, version, main, files, stdin: stdin.into(), args, limits })
    }

    /// The runtime of these that is meant.
    ///
    /// # Errors
    /// When there is none, in the words that programs look for.
    pub fn runtime<'a>(&self, all: &'a [Runtime]) -> Result<&'a Runtime, Rejection> {
        runtimes::find(all, &self.language, &self.version).ok_or_else(|| {
            Rejection::invalid(format!(
                "{}-{} runtime is unknown",
                shown(&self.language),
                shown(&self.version)
            ))
        })
    }

    /// The program.
    pub fn program(self, runtime: &Runtime) -> Program {
        let (name, source) = self.main;
        Program {
            name,
            files: self.files,
            stdin: self.stdin,
            args: self.args,
            limits: self.limits,
            ..Program::new(runtime.offered.language.clone(), source).writing(Vec::new())
        }
    }
}

type File = (String, Bytes);
/// The file that is run, and its name where it has one.
type Main = (Option<String>, Bytes);

/// The file that is run, the first in UTF-8, and the others.
fn sort(list: Vec<Fields>) -> Result<(Main, Vec<File>), Rejection> {
    let (mut main, mut others) = (None, Vec::new());
    for (index, mut file) in list.into_iter().enumerate() {
        let name = file.text("name")?.filter(|name| !name.is_empty());
        let content = file.text("content")?;
        let content = content.ok_or_else(|| Wrong::new(format!("files[{index}].content"), "a string"))?;
        let encoding = file.text("encoding")?.unwrap_or_default();
        let decoded = match encoding.as_str() {
            "base64" => lenient::base64(&content),
            "hex" => hex(&content),
            _ => None,
        };
        let is_text = !matches!(encoding.as_str(), "base64" | "hex");
        let content = match decoded {
            Some(content) => content,
            None if is_text => content.into(),
            None => {
                return Err(Wrong::new(format!("files[{index}].content"), format!("{encoding} text")).into());
            }
        };
        if is_text && main.is_none() {
            main = Some((name, content));
        } else {
            others.push((name.unwrap_or_else(|| format!("file{index}.code")), content));
        }
    }
    let main =
        main.ok_or_else(|| Rejection::invalid("`files` must include at least one utf8 encoded file."))?;
    Ok((main, others))
}

fn hex(text: &str) -> Option<Bytes> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}
