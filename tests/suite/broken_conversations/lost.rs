//! Sandboxes that are lost while the engine answers.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::{SOON, holds_no_answer, nothing_is_left};
use crate::{
    live::look_on,
    support::{Server, engine},
};

/// The engine can tell that the kernel has killed for memory in a sandbox, and not in which case that was.
#[test]
fn a_sandbox_lost_after_a_case_that_ran_out_of_memory_is_lost_and_no_further_case_out_of_memory() {
    let server = Server::start(&[("SCE_POOL_SIZE", "0"), ("SCE_LANGUAGES", "python")]);
    let code = "import time\n\
                hoard = []\n\
                while input() == 'memory':\n    while True: hoard.append(bytearray(1 << 20))\n\
                print('on', flush=True)\n\
                time.sleep(30)";
    let request = json!({"code": code, "tests": [{"stdin": "memory"}, {"stdin": "sleep"}]});
    let mut events = look_on(&server, &request);
    let id = events.next().unwrap().data["id"].as_str().unwrap().to_owned();
    let ended = std::iter::from_fn(|| events.next()).find(|event| event.name == "ended").unwrap();
    assert_eq!(ended.data["status"], "memory_limit", "{}", ended.text);
    while events.next().unwrap().name != "output" {}
    let sandbox = engine::running_come_to(&server.deployment, 1).remove(0);
    let pid = engine::host_pid(&sandbox.id).expect("it runs");
    kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
    let last = events.rest();
    assert_eq!(last.len(), 1, "{last:?}");
    assert_eq!((last[0].name.as_str(), &last[0].data["code"]), ("error", &json!("sandbox_lost")));
    let record = server.get(&format!("/history/{id}")).json();
    assert_eq!(record["status"], "sandbox_error", "{record}");
    holds_no_answer(&record);
    nothing_is_left(&server, SOON);
    server.python("print('next')").printed("next\n");
}
