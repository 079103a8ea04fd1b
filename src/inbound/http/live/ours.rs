//! What `GET /run/live` says.

use std::{sync::Arc, time::Duration};

use super::dialect::{Dialect, Farewell, Tell};
use crate::{
    domain::request::ExecutionRequest,
    inbound::{
        contract::{
            answer::RunAnswer,
            live_event::{Telling, Told},
            live_input::LiveInput,
            rejection::Rejection,
            run_request::RunRequest,
        },
        http::{ApiError, HttpConfig, RequestId},
    },
    service::{Answer, live::LiveEvent},
};

/// The close code for what a client should not have sent.
const BAD_MESSAGE: u16 = 4400;
/// The close code after the last event (RFC 6455, section 7.4.1).
const NORMAL: u16 = 1000;

/// Our own contract.
#[derive(Clone)]
pub(super) struct Ours {
    pub config: Arc<HttpConfig>,
    pub id: RequestId,
}

impl Dialect for Ours {
    type Asked = ExecutionRequest;
    type Telling = Objects;

    const SUBPROTOCOL: Option<&'static str> = Some("sce.v1");
    const OPENING: Duration = Duration::from_secs(10);

    fn read(&self, message: &[u8]) -> Result<Option<ExecutionRequest>, Farewell> {
        let request =
            RunRequest::from_json(message).and_then(|request| request.into_live(&self.config.rules));
        request.map(Some).map_err(|rejection| self.bad_request(rejection))
    }

    async fn request(&self, asked: ExecutionRequest) -> Result<(ExecutionRequest, Objects), Farewell> {
        Ok((asked, Objects::default()))
    }

    fn message(&self, text: &[u8]) -> Result<Option<LiveInput>, Farewell> {
        LiveInput::from_json(text).map(Some).map_err(|rejection| self.bad_message(rejection))
    }

    fn late(&self) -> Farewell {
        self.bad_request(Rejection::invalid("No request came within 10 seconds."))
    }

    fn bad_request(&self, rejection: Rejection) -> Farewell {
        Farewell::close(BAD_MESSAGE, rejection.message)
    }

    fn bad_message(&self, rejection: Rejection) -> Farewell {
        let error = Told::error(ApiError::from(rejection.clone()).body(self.id.as_str()));
        self.bad_request(rejection).after(error.into_object())
    }

    fn over(&self, _: bool) -> Farewell {
        Farewell::close(NORMAL, "")
    }
}

impl Tell for Telling {
    type Told = Told;

    fn take(&mut self, event: LiveEvent) {
        self.take(event);
    }

    fn told(&mut self) -> Option<Told> {
        self.told()
    }

    fn answered(&mut self, answer: &Answer) -> Option<Told> {
        Some(Told::result(&RunAnswer::from(answer)))
    }

    fn failed(&mut self, error: ApiError, id: &RequestId) -> Option<Told> {
        Some(Told::error(error.body(id.as_str())))
    }
}

/// Events as JSON objects, each with its name as `type`.
#[derive(Default)]
pub(super) struct Objects(Telling);

impl Tell for Objects {
    type Told = String;

    fn take(&mut self, event: LiveEvent) {
        self.0.take(event);
    }

    fn told(&mut self) -> Option<String> {
        self.0.told().map(Told::into_object)
    }

    fn answered(&mut self, answer: &Answer) -> Option<String> {
        self.0.answered(answer).map(Told::into_object)
    }

    fn failed(&mut self, error: ApiError, id: &RequestId) -> Option<String> {
        self.0.failed(error, id).map(Told::into_object)
    }
}
