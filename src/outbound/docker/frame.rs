//! The frame that a run begins with, made off the runtime's threads where it is large.

use sandbox_init::protocol::{self, Kernel, Nonce};
use tokio::task::spawn_blocking;

use super::report;
use crate::domain::request::ExecutionRequest;

/// Programs up to this many bytes are copied where they are: it takes less time than asking another thread.
const COPIED_AT_ONCE: usize = 256 * 1024;

/// The bytes that ask a sandbox with this kernel to run this.
///
/// # Errors
/// Why there is no frame, in words for the log: the request is larger than the protocol carries.
pub(super) async fn of(request: &ExecutionRequest, kernel: Kernel, nonce: Nonce) -> Result<Vec<u8>, String> {
    let make = move |request: &ExecutionRequest| {
        protocol::encode(&report::to_run(request, kernel, nonce)).map_err(|error| error.to_string())
    };
    let bytes: usize = request.program.project().iter().map(|(_, content)| content.len()).sum();
    if bytes <= COPIED_AT_ONCE {
        return make(request);
    }
    let request = request.clone();
    let made = spawn_blocking(move || make(&request)).await;
    made.unwrap_or_else(|error| Err(error.to_string()))
}
