//! The contract of a sandbox, held by the fake.

use std::time::Duration;

use bytes::Bytes;

use super::{
    FakeSandbox,
    program::{Act, Plan},
};
use crate::{
    domain::{
        conversation::{Step, StreamName::Stdout},
        request::ExecutionRequest,
    },
    testing::{
        contract::{self as promises, COMPUTED, Does, Subject, much},
        request,
    },
};

mod contract {
    use super::{Fake, promises};

    sandbox_contract!(Fake);
}

/// A fake with one place.
struct Fake(FakeSandbox);

impl Subject for Fake {
    type Sandbox = FakeSandbox;

    async fn fresh() -> Self {
        let sandbox = FakeSandbox::with_places(1);
        sandbox.plan(Plan::Program(acts));
        Self(sandbox)
    }

    fn sandbox(&self) -> &FakeSandbox {
        &self.0
    }

    fn request(&self) -> ExecutionRequest {
        request("as the first argument says")
    }

    async fn left(&self) -> Vec<String> {
        (0..self.0.running()).map(|_| "a run".to_owned()).collect()
    }

    async fn close(self) {}
}

/// What the program does in this step, as its first argument says.
fn acts(step: &Step) -> Vec<Act> {
    let [does, rest @ ..] = step.args.as_slice() else { panic!("no first argument") };
    let all = [
        Does::PrintsFour,
        Does::ExitsWithThree,
        Does::Echoes,
        Does::EchoesTwoLines,
        Does::WritesMuch,
        Does::Computes,
        Does::Loops,
    ];
    let writes = |bytes: Vec<u8>| Act::Writes(Stdout, bytes.into());
    match all.into_iter().find(|one| one.word() == does).expect("a word of the contract's") {
        Does::PrintsFour => vec![writes(b"4\n".to_vec()), Act::Exits(0)],
        Does::ExitsWithThree => vec![Act::Exits(3)],
        Does::Echoes => {
            let first = rest.iter().map(|text| Act::Writes(Stdout, Bytes::from(text.clone())));
            first.chain([Act::Echoes, Act::Exits(0)]).collect()
        }
        Does::EchoesTwoLines => vec![Act::EchoesLine, Act::EchoesLine, Act::Exits(0)],
        Does::WritesMuch => {
            let pieces = much().chunks(40_000).map(<[u8]>::to_vec).collect::<Vec<_>>();
            let slowly = |piece| [writes(piece), Act::Computes(Duration::from_millis(5))];
            pieces.into_iter().flat_map(slowly).chain([Act::Exits(0)]).collect()
        }
        Does::Computes => vec![Act::Computes(COMPUTED), Act::Exits(0)],
        Does::Loops => vec![writes(b"looping\n".to_vec()), Act::Loops],
    }
}
