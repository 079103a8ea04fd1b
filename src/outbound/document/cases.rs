//! Test cases as JSON, within [`MAX_CASES_BYTES`] whatever the cases are; and behind them files in base64.
//!
//! ```json
//! {"v": 1, "cases": [{"name": "small", "verdict": "passed", "run": {"ending": {"exited": 0}, "…": "…"}}], "files": ["iVBORw=="]}
//! ```
//!
//! Cases are written in their order. A case is whole where the cases after it still have room without their texts; else
//! it has its verdict, its numbers and the beginning of its name. 500 cases always have that room. Of more than some 700
//! cases the last may have no room at all, and are left out.
//!
//! What a compiler wrote stands before them, as `"compiler": {"stderr": {"head": "…"}}`: never so much that 500 cases do not
//! fit.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::{Deserialize, de::Error as _};

use super::{Unreadable, VERSION, Version, shorten, shorten_evidence};
use crate::domain::{
    outcome::Ending,
    record::{CaseRecord, CompilerStreams, FileRecord, MAX_CASES_BYTES},
};

/// The most bytes that a case has as JSON without its texts, with a comma: all of its numbers at their longest, and
/// [`SHORT_NAME`] characters of which JSON makes six bytes each.
const WITHOUT_TEXTS: usize = 720;
/// The most bytes of a name that are kept of a case without its texts.
const SHORT_NAME: usize = 32;

/// The most bytes that a compiler's words have as JSON beside test cases.
const COMPILER: usize = 128 * 1024;

/// What such a text holds.
#[derive(Deserialize)]
pub(super) struct Read {
    /// The test cases.
    pub cases: Vec<CaseRecord>,
    /// What the compiler wrote.
    #[serde(default)]
    pub compiler: CompilerStreams,
    /// What is in the files that are kept, in base64.
    #[serde(default)]
    files: Vec<String>,
}

impl Read {
    /// What is in the files that are kept.
    ///
    /// # Errors
    /// When it is not in base64.
    pub fn contents(&self) -> Result<Vec<Bytes>, Unreadable> {
        let broken = |_| serde_json::Error::custom("a file is not in base64");
        let decode = |text: &String| BASE64_STANDARD.decode(text).map(Bytes::from).map_err(broken);
        Ok(self.files.iter().map(decode).collect::<Result<_, _>>()?)
    }
}

/// The cases, the compiler's words and the files as JSON, and whether something of the cases was left out.
pub(super) fn write(
    cases: &[CaseRecord],
    compiler: Option<&CompilerStreams>,
    files: &[FileRecord],
) -> (Bytes, bool) {
    const END: &str = "]}";
    let mut text = format!("{{\"v\":{VERSION},");
    // Control characters alone, each of which JSON writes with six, come to so much: nothing that can be read is lost.
    let compiler = compiler.and_then(|compiler| serde_json::to_string(compiler).ok());
    if let Some(json) = compiler.filter(|json| json.len() <= COMPILER) {
        text += "\"compiler\":";
        text += &json;
        text.push(',');
    }
    text += "\"cases\":[";
    let mut cut = false;
    for (n, case) in cases.iter().enumerate() {
        let comma = if n == 0 { "" } else { "," };
        let reserved = (cases.len() - n - 1).saturating_mul(WITHOUT_TEXTS) + END.len();
        let fits = |json: &str, reserved| text.len() + comma.len() + json.len() + reserved <= MAX_CASES_BYTES;
        let mut json = json(&shortened(case));
        if !fits(&json, reserved) {
            cut = true;
            json = self::json(&without_texts(case));
        }
        if !fits(&json, END.len()) {
            cut = true;
            break;
        }
        text += comma;
        text += &json;
    }
    let contents: Vec<&Bytes> = files.iter().filter_map(|file| file.content.as_ref()).collect();
    if contents.is_empty() {
        text += END;
        return (text.into(), cut);
    }
    text += "],\"files\":[";
    for (n, content) in contents.into_iter().enumerate() {
        text += if n == 0 { "\"" } else { ",\"" };
        BASE64_STANDARD.encode_string(content, &mut text);
        text += "\"";
    }
    text += END;
    (text.into(), cut)
}

/// The cases of such a text.
pub(super) fn read(text: &[u8]) -> Result<Read, Unreadable> {
    let Version { v } = serde_json::from_slice(text)?;
    match serde_json::from_slice(text) {
        Ok(read) => Ok(read),
        Err(source) if v > VERSION => Err(Unreadable::Later { found: v, source }),
        Err(source) => Err(source.into()),
    }
}

fn json(case: &CaseRecord) -> String {
    // Numbers and texts always serialise.
    serde_json::to_string(case).unwrap_or_default()
}

/// The case with no text longer than a message may be.
fn shortened(case: &CaseRecord) -> CaseRecord {
    let mut case = case.clone();
    let CaseRecord { name, verdict: _, run, difference, why_skipped } = &mut case;
    name.iter_mut().chain(why_skipped).for_each(shorten);
    if let Some(difference) = difference {
        shorten(&mut difference.expected);
        shorten(&mut difference.got);
    }
    if let Some(run) = run {
        shorten_evidence(&mut run.ending, &mut run.limits_met);
    }
    case
}

fn without_texts(case: &CaseRecord) -> CaseRecord {
    let mut case = CaseRecord { difference: None, why_skipped: None, ..case.clone() };
    if let Some(name) = &mut case.name {
        name.truncate(name.floor_char_boundary(SHORT_NAME));
    }
    if let Some(run) = &mut case.run {
        run.limits_met.clear();
        if let Ending::Limit(limit) = &mut run.ending {
            limit.evidence.clear();
        }
    }
    case
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::{
        judging::{Difference, Verdict},
        outcome::{LimitMet, LimitName, LimitReached, MetName, Usage},
        record::{CaseRun, MAX_MESSAGE_BYTES, Stream},
    };

    /// A case with every text as long as it may be, or longer, in the character that JSON writes longest.
    fn longest() -> CaseRecord {
        let text = "\0".repeat(2 * MAX_MESSAGE_BYTES);
        let (value, observed) = (-f64::MAX, -f64::MIN_POSITIVE);
        CaseRecord {
            name: Some(text.clone()),
            verdict: Verdict::RuntimeError,
            run: Some(CaseRun {
                ending: Ending::Limit(LimitReached {
                    name: LimitName::WallTime,
                    value,
                    observed,
                    evidence: text.clone(),
                }),
                usage: Usage {
                    wall: Duration::MAX,
                    cpu: Duration::MAX,
                    memory_bytes: u64::MAX,
                    oom_kills: u64::MAX,
                },
                stdout_total: u64::MAX,
                stderr_total: u64::MAX,
                limits_met: vec![LimitMet { name: MetName::Descriptors, evidence: text.clone() }],
            }),
            difference: Some(Difference { line: u64::MAX, expected: text.clone(), got: text.clone() }),
            why_skipped: Some(text),
        }
    }

    /// As much as is kept of what a compiler wrote.
    fn words() -> CompilerStreams {
        let stream = |of: &str| Stream { head: of.repeat(12 * 1024), tail: of.repeat(4 * 1024) };
        CompilerStreams { stdout: stream("\""), stderr: stream("x") }
    }

    fn passed(name: &str) -> CaseRecord {
        CaseRecord { name: Some(name.to_owned()), difference: None, why_skipped: None, ..longest() }
    }

    #[test]
    fn a_case_without_its_texts_has_the_room_that_is_reserved() {
        let json = json(&without_texts(&longest()));
        assert!(json.len() < WITHOUT_TEXTS, "{}: {json}", json.len());
    }

    #[test]
    fn five_hundred_cases_fit_whatever_they_say_and_all_verdicts_stay() {
        let (text, cut) = write(&vec![longest(); 500], Some(&words()), &[]);
        assert!(cut && text.len() <= MAX_CASES_BYTES, "{}", text.len());
        let read = read(&text).unwrap();
        assert_eq!(read.compiler, words());
        let read = read.cases;
        assert_eq!(read.len(), 500);
        assert!(read[0].difference.is_some(), "the first have their texts");
        assert_eq!(read[499], without_texts(&longest()));
    }

    #[test]
    fn ordinary_cases_lose_nothing() {
        let mut case = shortened(&CaseRecord { why_skipped: None, ..longest() });
        let line = "x".repeat(200);
        case.difference = Some(Difference { line: 1, expected: line.clone(), got: line });
        case.name = Some("a name".to_owned());
        case.run.as_mut().unwrap().limits_met.clear();
        let Ending::Limit(limit) = &mut case.run.as_mut().unwrap().ending else { panic!() };
        limit.evidence = "the cgroup counted one kill for memory".to_owned();
        let cases = vec![case; 500];
        let (text, cut) = write(&cases, None, &[]);
        assert!(!cut, "{}", text.len());
        assert_eq!(read(&text).unwrap().cases, cases);
    }

    #[test]
    fn more_cases_than_fit_lose_the_last_and_say_so() {
        let (text, cut) = write(&vec![longest(); 2000], None, &[]);
        assert!(cut && text.len() <= MAX_CASES_BYTES, "{}", text.len());
        let kept = read(&text).unwrap().cases.len();
        assert!((700..2000).contains(&kept), "{kept}");
        let (text, cut) = write(&[], None, &[]);
        assert!(!cut && read(&text).unwrap().cases.is_empty());
    }

    #[test]
    fn a_short_name_is_cut_between_characters() {
        let short = without_texts(&passed(&format!("x{}", "日".repeat(100))));
        assert_eq!(short.name.unwrap(), format!("x{}", "日".repeat(10)));
    }

    #[test]
    fn files_come_back_behind_the_cases() {
        let file = |content: &'static [u8]| FileRecord {
            name: "a".to_owned(),
            size: 1,
            kept: true,
            content: Some(Bytes::from_static(content)),
        };
        let files = [file(b"one"), FileRecord { kept: false, content: None, ..file(b"") }, file(b"\0\xff")];
        let (text, _) = write(&[], None, &files);
        let contents = read(&text).unwrap().contents().unwrap();
        assert_eq!(contents, [&b"one"[..], b"\0\xff"]);
        assert!(read(br#"{"v":1,"cases":[],"files":["?"]}"#).unwrap().contents().is_err());
    }
}
