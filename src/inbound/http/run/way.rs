//! In which of four ways a run is to be answered: at its end, then in parts too, event by event, or by its id alone.

use axum::http::{HeaderMap, HeaderName, header};

use super::super::list::elements;
use crate::inbound::contract::rejection::{Rejection, shown};

pub(super) const PREFER: HeaderName = HeaderName::from_static("prefer");

/// How a run is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// With the outcome, when the run has ended.
    AtItsEnd,
    /// The same, and each file that came back as a part of its own.
    InParts,
    /// With server-sent events, while it runs.
    Events,
    /// With the id, as soon as its start is on record.
    Later {
        /// Whether it is only preferred (RFC 7240): who cannot answer later may answer at the end.
        preferred: bool,
    },
}

impl Way {
    /// What the headers and the query's `wait` ask for.
    ///
    /// # Errors
    /// When `wait` is neither `true` nor `false`, or contradicts what is accepted.
    pub fn of(headers: &HeaderMap, wait: Option<&str>) -> Result<Self, Rejection> {
        let wanted = wanted(headers);
        let events = wanted == Some(Media::Events);
        let at_its_end = if wanted == Some(Media::Parts) { Self::InParts } else { Self::AtItsEnd };
        match wait {
            Some("false") if events => Err(Rejection::invalid(
                "`wait=false` cannot stand beside `Accept: text/event-stream`: who looks on waits.",
            )),
            Some("false") => Ok(Self::Later { preferred: false }),
            Some("true") | None if events => Ok(Self::Events),
            None if prefers_later(headers) => Ok(Self::Later { preferred: true }),
            Some("true") | None => Ok(at_its_end),
            Some(other) => {
                Err(Rejection::invalid(format!("`wait` must be `true` or `false`, not `{}`.", shown(other))))
            }
        }
    }
}

/// What may be had instead of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Media {
    Events,
    Parts,
}

/// Which of `text/event-stream` and `multipart/mixed` is named by `Accept`, and preferred (RFC 9110, section 12.5.1) to JSON.
/// Who names both alike, or accepts anything, gets JSON.
fn wanted(headers: &HeaderMap) -> Option<Media> {
    let (mut events, mut mixed, mut json, mut any) = (None, None, None, 0.0);
    for range in elements(headers, header::ACCEPT) {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse::<f32>().unwrap_or(0.0))
        });
        let quality = quality.unwrap_or(1.0);
        match media.as_str() {
            "text/event-stream" => events = Some(quality),
            "multipart/mixed" | "multipart/*" => mixed = Some(quality),
            "application/json" => json = Some(quality),
            "*/*" | "application/*" => any = f32::max(any, quality),
            _ => {}
        }
    }
    let preferred = |quality: Option<f32>| match (quality, json) {
        (Some(quality), Some(json)) => quality > json,
        (Some(quality), None) => quality > 0.0 && quality >= any,
        (None, _) => false,
    };
    match (preferred(events), preferred(mixed)) {
        (true, true) if mixed > events => Some(Media::Parts),
        (true, _) => Some(Media::Events),
        (false, true) => Some(Media::Parts),
        (false, false) => None,
    }
}

/// Whether `Prefer` has `respond-async` (RFC 7240, section 4.1).
fn prefers_later(headers: &HeaderMap) -> bool {
    elements(headers, PREFER).any(|preference| {
        preference.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("respond-async")
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn asked(lines: &[(HeaderName, &'static str)], wait: Option<&str>) -> Result<Way, Rejection> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_static(value));
        }
        Way::of(&headers, wait)
    }

    #[test]
    fn events_come_to_those_who_ask_for_them_and_prefer_them() {
        for (accept, way) in [
            ("text/event-stream", Way::Events),
            ("Text/Event-Stream; charset=utf-8", Way::Events),
            ("text/event-stream, */*;q=0.1", Way::Events),
            ("text/event-stream, */*", Way::Events),
            ("application/json;q=0.9, text/event-stream", Way::Events),
            ("text/event-stream;q=0.5", Way::Events),
            ("application/json, text/event-stream", Way::AtItsEnd),
            ("application/json, text/event-stream;q=0.9", Way::AtItsEnd),
            ("text/event-stream;q=0.1, */*", Way::AtItsEnd),
            ("text/event-stream;q=0", Way::AtItsEnd),
            ("text/event-stream;q=x", Way::AtItsEnd),
            ("*/*", Way::AtItsEnd),
            ("text/*", Way::AtItsEnd),
            ("text/html", Way::AtItsEnd),
            ("", Way::AtItsEnd),
        ] {
            assert_eq!(asked(&[(header::ACCEPT, accept)], None), Ok(way), "{accept}");
        }
        let lines = [(header::ACCEPT, "application/json;q=0.5"), (header::ACCEPT, "text/event-stream")];
        assert_eq!(asked(&lines, None), Ok(Way::Events));
    }

    #[test]
    fn an_answer_by_id_is_asked_for_or_preferred() {
        let (asked_for, preferred) = (Way::Later { preferred: false }, Way::Later { preferred: true });
        assert_eq!(asked(&[], Some("false")), Ok(asked_for));
        for prefer in ["respond-async", "Respond-Async; foo=bar", "wait=10, respond-async"] {
            assert_eq!(asked(&[(PREFER, prefer)], None), Ok(preferred), "{prefer}");
        }
        assert_eq!(asked(&[(PREFER, "respond-asynchronously")], None), Ok(Way::AtItsEnd));
        // What is said in the query is no mere preference; who looks on waits.
        assert_eq!(asked(&[(PREFER, "respond-async")], Some("true")), Ok(Way::AtItsEnd));
        let both = [(PREFER, "respond-async"), (header::ACCEPT, "text/event-stream")];
        assert_eq!(asked(&both, None), Ok(Way::Events));
        assert!(asked(&both, Some("false")).is_err());
        for bad in ["", "no", "False", "0"] {
            assert!(asked(&[], Some(bad)).unwrap_err().message.contains("`wait` must be"), "{bad}");
        }
    }
}
