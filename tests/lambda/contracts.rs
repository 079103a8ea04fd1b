//! The contracts of other systems, through the function: all that a single request and its answer can carry.

use serde_json::{Value, json};

use crate::emulator::{Function, fixture};

/// A request by a caller whom the API has authenticated.
fn event(method: &str, path: &str, body: &Value) -> Value {
    let mut event = fixture("apigw-http-run");
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    event["rawPath"] = path.into();
    event["rawQueryString"] = query.into();
    event["requestContext"]["http"]["method"] = method.into();
    event["requestContext"]["http"]["path"] = path.into();
    event["isBase64Encoded"] = false.into();
    event["body"] = if body.is_null() { Value::Null } else { body.to_string().into() };
    event
}

#[test]
fn every_contract_is_spoken_as_far_as_one_answer_to_one_request_goes() {
    let function = Function::start(&[("SCE_COMPAT", "mcp,tools,piston,dify,judge0,jobe,sandboxfusion")]);
    let get = |path: &str| function.ask(&event("GET", path, &Value::Null));
    let post = |path: &str, body: &Value| function.ask(&event("POST", path, body));
    let code = "print(int(input()) * 2)";

    let arguments = json!({"code": code, "stdin": "21"});
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "run_code", "arguments": arguments}});
    let (status, told) = post("/mcp", &call);
    assert_eq!((status, &told["result"]["structuredContent"]["output"]), (200, &json!("42\n")), "{told}");
    assert_eq!(get("/mcp").0, 405);

    let (status, document) = get("/tools/openapi.json");
    assert_eq!((status, &document["paths"]["/run_code"]["post"]["operationId"]), (200, &json!("run_code")));
    let (status, told) = post("/tools/run_code", &arguments);
    assert_eq!((status, &told["output"]), (200, &json!("42\n")), "{told}");

    let (status, runtimes) = get("/api/v2/piston/runtimes");
    assert_eq!((status, &runtimes[0]["language"]), (200, &json!("python")));
    let program = json!({"language": "py", "version": "*", "files": [{"content": code}], "stdin": "21", "run_timeout": 5000});
    let (status, told) = post("/api/v2/execute", &program);
    assert_eq!((status, &told["run"]["output"]), (200, &json!("42\n")), "{told}");
    assert_eq!(get("/api/v2/else"), (404, json!({"message": "Not Found"})));
    // No socket stays open here.
    let (status, told) = get("/api/v2/connect");
    assert!(
        status == 500 && told["message"].as_str().unwrap().contains("no socket stays open here"),
        "{told}"
    );

    let program = json!({"language": "python3", "code": "print(42)", "enable_network": true});
    let (status, told) = post("/dify/v1/sandbox/run", &program);
    assert_eq!((status, &told["data"]["stdout"]), (200, &json!("42\n")), "{told}");

    let program = json!({"language_id": 71, "source_code": code, "stdin": "21", "expected_output": "42"});
    let (status, told) = post("/judge0/submissions?wait=true", &program);
    assert_eq!((status, &told["status"]["id"]), (201, &json!(3)), "{told}");
    // A token is given when its run is over.
    let (status, told) = post("/judge0/submissions", &program);
    let path = format!("/judge0/submissions/{}", told["token"].as_str().unwrap());
    assert_eq!((status, &get(&path).1["stdout"]), (201, &json!("42\n")));
    let (status, told) = post("/judge0/submissions/batch", &json!({"submissions": [program, program]}));
    assert_eq!((status, told.as_array().map(Vec::len)), (201, Some(2)), "{told}");
    let mut stranger = event("GET", &path, &Value::Null);
    stranger["requestContext"]["authorizer"] = Value::Null;
    assert_eq!(function.ask(&stranger), (401, json!("")));

    let base = "/jobe/index.php/restapi";
    // The MD5 hash of "from a file".
    let id = "a2ff927a35d635f95250874d24d9ec6f";
    let file = event("PUT", &format!("{base}/files/{id}"), &json!({"file_contents": "ZnJvbSBhIGZpbGU="}));
    assert_eq!(function.ask(&file).0, 204);
    let code = "print(input(), open('data.txt').read())";
    let spec =
        json!({"language_id": "python3", "sourcecode": code, "input": "21", "file_list": [[id, "data.txt"]]});
    let run = json!({"run_spec": spec});
    let (status, told) = post(&format!("{base}/runs"), &run);
    assert_eq!(
        (status, &told["outcome"], &told["stdout"]),
        (200, &json!(15), &json!("21 from a file\n")),
        "{told}"
    );

    let program =
        json!({"code": "print(int(input()) * 2)", "language": "python", "stdin": "21", "files": {}});
    let (status, told) = post("/run_code", &program);
    assert_eq!((status, &told["run_result"]["stdout"]), (200, &json!("42\n")), "{told}");
}
