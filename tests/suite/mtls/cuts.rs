//! The connection cut at each stage of a run: one typed answer, at most one run, a record, nothing left.

use std::time::Duration;

use serde_json::json;

use super::serves_within;
use crate::support::{SWEPT, alone, nonce, proxy::Proxy};

/// Where it is cut.
#[derive(Clone, Copy, Debug)]
enum Stage {
    /// As the engine is asked for this.
    Asked(&'static str),
    /// When the engine has acted on it.
    Heard(&'static str),
    /// With the code, which never arrives.
    Sending,
    Running,
    /// In the middle of the report.
    Reporting,
}

impl Stage {
    fn all() -> impl Iterator<Item = Self> {
        let asked = ["/containers/create", "/attach?", "/start"];
        let before = asked.into_iter().flat_map(|text| [Self::Asked(text), Self::Heard(text)]);
        before.chain([Self::Sending, Self::Running, Self::Reporting])
    }
}

#[test]
fn a_connection_cut_at_any_stage_gives_one_typed_answer_at_most_one_run_and_a_record() {
    let _alone = alone();
    let line = Proxy::start();
    let server = line.tls_server(&[("SCE_POOL_SIZE", "0")]);
    for stage in Stage::all() {
        let mark = nonce();
        line.watch(&mark);
        match stage {
            Stage::Asked(text) => line.cut_at(text, false),
            Stage::Heard(text) => line.cut_at(text, true),
            Stage::Sending => line.cut_at(&mark, false),
            Stage::Running => line.cut_at(&mark, true),
            // What the program prints, and does not hold.
            Stage::Reporting => line.cut_in_answer(&format!("{mark}-{mark}")),
        }
        let code = format!("import time; mark = '{mark}'; time.sleep(2); print(mark, mark, sep='-')");
        let reply = server.post(&json!({ "code": code }));
        assert!(line.is_cut(), "{stage:?} was never reached");
        let lost = match stage {
            Stage::Asked(_) => false,
            // The line may have been quick enough for the code before the cut.
            Stage::Heard(_) => reply.status == 502,
            Stage::Sending | Stage::Running | Stage::Reporting => true,
        };
        reply.refusal(if lost { 502 } else { 503 });
        let history = server.get("/history?limit=1").json();
        let (status, code) = (&history[0]["status"], history[0]["code"].to_string());
        assert!(code.contains(&mark), "no record of it: {history}");
        // It may have run, or it did not.
        let expected = if lost { "sandbox_error" } else { "not_started" };
        assert_eq!(status, expected, "{stage:?}: {history}");
        line.mend();
        serves_within(&server, Duration::from_secs(40));
        let sent = usize::from(lost && !matches!(stage, Stage::Sending));
        assert_eq!(line.passed(), sent, "{stage:?}: how often the code went to the engine");
    }
    // What was only made waits for the next rounds of upkeep.
    server.leaves_nothing(SWEPT);
}
