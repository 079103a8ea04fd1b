//! The function: who is who, and how much is done at once.

use super::{LambdaConfig, reader::Reader};
use crate::{
    domain::caller::Caller,
    inbound::lambda::{Callers, principal::Sessions},
};

/// The kinds of callers that an API authenticates.
const KINDS: [&str; 5] = ["jwt:", "authorizer:", "cognito:", "iam:", "key:"];

pub fn read(reader: &mut Reader, on_lambda: bool) -> LambdaConfig {
    let sessions = reader.parsed("SCE_IAM_SESSIONS", Sessions::Together, |text| match text {
        "together" => Ok(Sessions::Together),
        "apart" => Ok(Sessions::Apart),
        _ => Err("either `together` or `apart`"),
    });
    // Set by `sam local`, whose API authenticates nobody and is on the machine of whoever asks.
    let emulated = reader.text("AWS_SAM_LOCAL").is_some();
    let events_caller = reader.parsed("SCE_EVENTS_CALLER", None, |text| {
        let named = KINDS.iter().any(|kind| text.len() > kind.len() && text.starts_with(kind));
        if named {
            Ok(Some(Caller::principal(text)))
        } else {
            Err(format!("it begins with one of {}", KINDS.join(" ")))
        }
    });
    LambdaConfig {
        on_lambda,
        parallel: reader.number("SCE_BATCH_PARALLEL", 4, 1..=100),
        callers: Callers { sessions, anonymous_history: reader.switch("SCE_ANONYMOUS_HISTORY", emulated) },
        events_caller,
    }
}
