//! Requests through every door.

use super::*;
use crate::testing::Plan;

pub(super) struct Reply {
    pub status: u64,
    pub body: Value,
    headers: String,
}

pub(super) fn reply(answer: &Value) -> Reply {
    let body = answer["body"].as_str().unwrap();
    Reply {
        status: answer["statusCode"].as_u64().unwrap(),
        body: serde_json::from_str(body).unwrap_or_else(|_| body.into()),
        headers: format!("{} {}", answer["headers"], answer["multiValueHeaders"]),
    }
}

async fn ask(house: &House, name: &str) -> Reply {
    reply(&invoke(house, fixture(name)).await.unwrap())
}

#[tokio::test]
async fn every_door_leads_to_the_same_run_for_a_caller_of_its_own() {
    let token = "jwt:https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_ExAmPlE#\
                 a1b2c3d4-5678-90ab-cdef-EXAMPLE11111";
    for (name, caller) in [
        ("apigw-rest-run", "key:k3y1d"),
        ("apigw-http-run", token),
        ("function-url-run", "iam:AROACKCEVSQ6C2EXAMPLE"),
        ("apigw-rest-cognito", "cognito:eu-central-1:11111111-pool#eu-central-1:22222222-ann"),
        ("function-url-cognito", "cognito:eu-central-1:11111111-pool#eu-central-1:22222222-ann"),
        // Whatever its headers say.
        ("alb-run", "anonymous"),
    ] {
        let house = House::new();
        let reply = ask(&house, name).await;
        assert_eq!((reply.status, &reply.body["output"]), (200, &"4\n".into()), "{name}: {}", reply.body);
        assert!(reply.headers.contains("server-timing"), "{}", reply.headers);
        assert_eq!(only_caller(&house), caller, "{name}");
        assert_eq!(records(&house)[0].0.source.as_str(), "http");
    }
}

#[tokio::test]
async fn a_zip_file_comes_through_in_base64() {
    let house = House::new();
    let reply = ask(&house, "apigw-rest-zip").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(house.sandbox.last_seen().program.project().len(), 2);
}

#[tokio::test]
async fn the_stage_is_no_part_of_the_path() {
    let house = House::new();
    assert_eq!(ask(&house, "apigw-rest-get").await.body, "Safe Code Executor API is running!");
    let languages = ask(&house, "apigw-http-stage").await;
    assert_eq!((languages.status, languages.body.as_array().map(Vec::len)), (200, Some(2)));
}

#[tokio::test]
async fn a_caller_sees_only_the_callers_own_records() {
    let house = House::new();
    ask(&house, "apigw-rest-run").await;
    let mut history = fixture("apigw-rest-history");
    assert_eq!(reply(&invoke(&house, history.clone()).await.unwrap()).body, json!([]));
    history["requestContext"]["identity"] = fixture("apigw-rest-run")["requestContext"]["identity"].clone();
    let own = reply(&invoke(&house, history).await.unwrap());
    assert_eq!(own.body.as_array().map(Vec::len), Some(1), "{}", own.body);
}

#[tokio::test]
async fn errors_are_answers_and_name_the_invocation() {
    let house = House::new();
    let unknown = ask(&house, "apigw-http-not-found").await;
    assert_eq!((unknown.status, &unknown.body["code"]), (404, &"not_found".into()));
    assert!(unknown.headers.contains(unknown.body["request_id"].as_str().unwrap()));
    let unreadable = ask(&house, "apigw-http-bad-host").await;
    assert_eq!((unreadable.status, &unreadable.body["code"]), (400, &"invalid_request".into()));
}

/// What cannot be read is a panic of the library, which is caught only where panics unwind. `cargo lambda` builds with
/// `abort` unless the manifest says otherwise.
#[test]
fn what_is_packaged_is_built_so_that_a_panic_can_be_caught() {
    let manifest = include_str!("../../../../Cargo.toml").parse::<toml::Table>().unwrap();
    assert_eq!(manifest["profile"]["release"]["panic"].as_str(), Some("unwind"));
}

#[tokio::test]
async fn an_answer_comes_before_the_deadline() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let begun = Instant::now();
    let answer = within(&house, fixture("function-url-run"), Duration::from_secs(2)).await.unwrap();
    assert_eq!(reply(&answer).body["code"], "deadline_exceeded");
    assert!(begun.elapsed() < Duration::from_millis(1900), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn nothing_is_run_for_a_gateway_that_has_given_up() {
    for waited in [29, 60, 3600] {
        let house = House::new();
        let mut event = fixture("apigw-http-run");
        let received = (SystemTime::now() - Duration::from_secs(waited)).duration_since(UNIX_EPOCH).unwrap();
        event["requestContext"]["timeEpoch"] = json!(u64::try_from(received.as_millis()).unwrap());
        let answer = reply(&within(&house, event, Duration::from_mins(5)).await.unwrap());
        assert_eq!((answer.status, &answer.body["code"]), (504, &"deadline_exceeded".into()), "{waited}");
        assert_eq!((house.sandbox.runs(), house.store.len()), (0, 0), "{waited}");
    }
}

#[tokio::test]
async fn an_answer_comes_before_api_gateway_gives_up() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let begun = Instant::now();
    let mut event = fixture("apigw-http-run");
    // It has waited for 26 of its 29 seconds: a cold start, say.
    let received = (SystemTime::now() - Duration::from_secs(26)).duration_since(UNIX_EPOCH).unwrap();
    event["requestContext"]["timeEpoch"] = json!(u64::try_from(received.as_millis()).unwrap());
    let answer = within(&house, event, Duration::from_mins(5)).await.unwrap();
    assert_eq!(reply(&answer).status, 504);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}
