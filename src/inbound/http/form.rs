//! `multipart/form-data`, as `curl -F`, Postman and browsers send it.

mod heads;

use axum::{
    body::Body,
    extract::{FromRequest as _, Multipart, Request, multipart::Field},
    http::request::Parts,
};
use bytes::Bytes;
use utoipa::ToSchema;

use super::fields::Fields;
use crate::{
    domain::project::{InvalidProject, MAX_FILES},
    inbound::{
        contract::{
            rejection::Rejection,
            run_request::LimitsDto,
            schema,
            test_cases::{CompareDto, TestDto, TestList},
        },
        files::upload::Upload,
    },
};

/// A file to run, as a form: a zip file, or a source file.
///
/// `file` may be given several times (source files, not zip files). Without `language` it is told from the files'
/// names. Without `file` and `files`, `code` alone is run.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used: a form is read part by part")]
pub(super) struct RunForm {
    /// A zip file (at most 1 MiB; unpacked 200 files and 8 MiB), or a source file.
    #[schema(format = Binary)]
    file: String,
    /// Another name for `file`.
    #[schema(value_type = Option<Vec<String>>, nullable = false)]
    files: Option<Vec<Vec<u8>>>,
    /// A program to run beside the files.
    #[schema(min_length = 1, max_length = 5000, nullable = false)]
    code: Option<String>,
    /// Which of the files to run.
    #[schema(max_length = 255, nullable = false)]
    entrypoint: Option<String>,
    /// Name or alias of the language.
    #[schema(nullable = false)]
    language: Option<String>,
    /// What the program reads on standard input; then end of file. At most 8 MiB.
    #[schema(max_length = 8_388_608, nullable = false)]
    stdin: Option<String>,
    /// One argument; may be given several times. Given once and beginning with `[`, it is all of them as a JSON array.
    #[schema(pattern = r"^([^\x00\[][^\x00]*)?$", max_length = 16384, nullable = false)]
    args: Option<String>,
    /// Lower limits than the server's, as JSON.
    #[schema(nullable = false)]
    limits: Option<LimitsDto>,
    /// Test cases, as JSON. Then neither `stdin` nor `args`.
    #[schema(value_type = Option<Vec<TestDto>>, min_items = 1, max_items = 500, nullable = false)]
    tests: Option<TestList>,
    /// How outputs are compared with what test cases expect: a word, or JSON. Only beside `tests`.
    #[schema(schema_with = schema::compare)]
    compare: Option<CompareDto>,
    /// Whether the test cases after the first that fails are skipped. Only beside `tests`.
    #[schema(nullable = false)]
    stop_at_first_failure: Option<bool>,
    /// Whether the answer shows outputs and differences. Only beside `tests`.
    #[schema(nullable = false)]
    reveal: Option<bool>,
    /// Whether the program may write in the folder of its files: `read_only` or `writable`.
    #[schema(pattern = "^(read_only|writable)$", nullable = false)]
    workspace: Option<String>,
    /// A pattern of files that come back; may be given several times, or once as a JSON array of all. Only beside
    /// `workspace=writable`.
    #[schema(
        pattern = r"^[^\x00-\x1f\x7f-\x9f\\/.\[][^\x00-\x1f\x7f-\x9f\\/]*$",
        max_length = 255,
        nullable = false
    )]
    collect: Option<String>,
}

/// A project as a zip file: at most 1 MiB; unpacked 200 files and 8 MiB.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct ZipFile(Vec<u8>);

/// The fields and the files of a form.
///
/// # Errors
/// When it cannot be read, or a field is not good.
pub(super) async fn read(parts: Parts, body: Bytes) -> Result<(Fields, Vec<Upload>), Rejection> {
    heads::check(&parts.headers, &body)?;
    let request = Request::from_parts(parts, Body::from(body));
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| Rejection::invalid("The `Content-Type` header has no usable `boundary`."))?;
    let mut fields = Fields::default();
    let mut uploads = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        let name = field.name().ok_or_else(|| {
            Rejection::invalid("A part of the form has no `name` in its `Content-Disposition` header.")
        })?;
        let name = name.to_owned();
        if matches!(name.as_str(), "file" | "files") {
            uploads.extend(upload(field).await?);
            if uploads.len() > MAX_FILES {
                return Err(InvalidProject::TooManyFiles.into());
            }
        } else {
            fields.set(&name, field.bytes().await.map_err(|_| broken())?)?;
        }
    }
    Ok((fields, uploads))
}

async fn upload(field: Field<'_>) -> Result<Option<Upload>, Rejection> {
    let name = field.file_name().map(str::to_owned);
    let content = field.bytes().await.map_err(|_| broken())?;
    // What a browser sends for a file field in which nothing was chosen.
    if name.as_deref() == Some("") && content.is_empty() {
        return Ok(None);
    }
    Ok(Some(Upload { name: name.filter(|name| !name.is_empty()), content }))
}

fn broken() -> Rejection {
    Rejection::invalid("The form cannot be read: it is not valid multipart/form-data.")
}
