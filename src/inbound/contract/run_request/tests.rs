use proptest::prelude::*;
use serde_json::{Value, json};

use super::RunRequest;
use crate::{
    domain::{project::MAX_FILES, request::DEFAULT_CODE_CHARS},
    testing::rules,
};

/// Whatever comes in, there is an answer, and it is short, one line, and no echo of much.
fn keeps_its_promises(text: &[u8]) {
    match RunRequest::from_json(text).and_then(|request| request.into_domain(&rules())) {
        Ok(request) => {
            let project = request.program.project();
            assert!((1..=MAX_FILES + 1).contains(&project.len()));
            assert!(project.get(request.program.entrypoint()).is_some());
            assert!(request.limits.timeout <= rules().limits.timeout);
        }
        Err(rejection) => {
            assert!(rejection.message.len() < 400, "{rejection}");
            assert!(rejection.message.ends_with('.'), "{rejection}");
            assert!(!rejection.message.chars().any(char::is_control), "{rejection}");
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(".{0,8}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// Requests whose fields are the right ones, with values that often are not.
fn nearly_good() -> impl Strategy<Value = Value> {
    let known = prop::sample::select(vec![
        "code",
        "language",
        "stdin",
        "args",
        "files",
        "entrypoint",
        "limits",
        "stdin_encoding",
        "tests",
        "compare",
        "stop_at_first_failure",
        "reveal",
    ]);
    let name = prop_oneof![Just("main.py".to_owned()), "[a-c./\\\\\\x00é]{0,6}"];
    let file = (name.clone(), ".{0,9}", prop::sample::select(vec!["utf8", "base64", "hex"])).prop_map(
        |(name, content, encoding)| json!({"name": name, "content": content, "encoding": encoding}),
    );
    let test = (".{0,5}", any_json())
        .prop_map(|(text, any)| json!({"name": text, "stdin": text, "args": [text], "expected_output": any}));
    let value = prop_oneof![
        3 => any_json(),
        2 => prop::collection::vec(file, 0..4).prop_map(Value::from),
        2 => prop::collection::vec(".{0,5}", 0..3).prop_map(Value::from),
        1 => name.prop_map(Value::from),
        1 => prop::sample::select(vec!["python", "JS", "cobol"]).prop_map(Value::from),
        2 => prop::collection::vec(test, 0..4).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => prop::sample::select(vec!["exact", "lines", "tokens", "numbers", "base64", "utf8"]).prop_map(Value::from),
        1 => any::<f64>().prop_map(|number| json!({"numbers": {"absolute": number}})),
        1 => any::<f64>().prop_map(|number| json!({"timeout_seconds": number, "memory_mb": 64})),
    ];
    prop::collection::hash_map(known, value, 0..5)
        .prop_map(|map| map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

proptest! {
    #[test]
    fn noise_is_refused_without_a_panic(noise in prop::collection::vec(any::<u8>(), 0..200)) {
        keeps_its_promises(&noise);
    }

    #[test]
    fn any_json_is_answered(value in any_json()) {
        keeps_its_promises(value.to_string().as_bytes());
    }

    #[test]
    fn requests_that_are_nearly_good_are_taken_or_refused_by_name(value in nearly_good()) {
        keeps_its_promises(value.to_string().as_bytes());
    }

    #[test]
    fn code_reaches_the_program_to_the_letter(code in "\\PC{1,200}|(?s).{1,200}") {
        prop_assume!(code.chars().count() <= DEFAULT_CODE_CHARS);
        let text = json!({"code": &code}).to_string();
        let request = RunRequest::from_json(text.as_bytes()).and_then(|request| request.into_domain(&rules()));
        prop_assert_eq!(request.map(|request| request.program.source().to_vec()), Ok(code.into_bytes()));
    }
}
