//! `multipart/form-data`, as `curl -F`, Postman and browsers send it.

use axum::{
    body::Body,
    extract::{FromRequest as _, Multipart, Request, multipart::Field},
    http::request::Parts,
};
use bytes::Bytes;

use super::fields::Fields;
use crate::{
    domain::project::{InvalidProject, MAX_FILES},
    inbound::{rejection::Rejection, upload::Upload},
};

/// The fields and the files of a form.
///
/// # Errors
/// When it cannot be read, or a field is not good.
pub(super) async fn read(parts: Parts, body: Bytes) -> Result<(Fields, Vec<Upload>), Rejection> {
    let request = Request::from_parts(parts, Body::from(body));
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| Rejection::invalid("The `Content-Type` header has no usable `boundary`."))?;
    let mut fields = Fields::default();
    let mut uploads = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        let name =
            field.name().ok_or_else(|| Rejection::invalid("A part of the form has no name."))?.to_owned();
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
