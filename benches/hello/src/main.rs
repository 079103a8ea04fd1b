//! The least that a function with `lambda_http` can be. Never shipped: `make bench` holds our cold start against it.

use std::convert::Infallible;

use lambda_http::{Error, Request, run, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(|_: Request| async { Ok::<_, Infallible>("Hello, world!") })).await
}
