//! The test cases of a request as its JSON has them, and the domain's tests that they mean. Knows no protocol.

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Unexpected, Visitor},
};
use utoipa::ToSchema;

use super::{
    encoding::decoded,
    rejection::Rejection,
    run_request::LimitsDto,
    schema,
    strict_json::{AtMost, object, present},
};
use crate::domain::{
    compare::Compare,
    limits::Limits,
    request::{Args, InvalidRequest, MAX_ARGS, Stdin},
    tests::{Case, InvalidTests, MAX_TESTS, Tests},
};

/// One test case.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TestCase)]
pub struct TestDto {
    /// What it is called; the answer repeats it.
    #[serde(default, deserialize_with = "present")]
    #[schema(schema_with = schema::test_name)]
    pub name: Option<String>,
    /// What the program reads on standard input; then end of file. At most 8 MiB.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 8_388_608, nullable = false)]
    pub stdin: Option<String>,
    /// How `stdin` is written: `utf8` (as it is) or `base64`.
    #[serde(default, deserialize_with = "present")]
    #[schema(pattern = "^(utf8|base64)$", nullable = false)]
    pub stdin_encoding: Option<String>,
    /// The program's arguments.
    #[serde(default, deserialize_with = "present")]
    #[schema(schema_with = schema::arguments)]
    pub args: Option<AtMost<String, MAX_ARGS>>,
    /// What the program is expected to write to standard output. Without it any output is right, and the verdict is `ran`.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 16_777_216, nullable = false)]
    pub expected_output: Option<String>,
    /// Lower limits than the request's.
    #[serde(default, deserialize_with = "object")]
    pub limits: LimitsDto,
}

/// The test cases of a request: one more than are allowed is enough to refuse them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestList(AtMost<TestDto, MAX_TESTS>);

impl From<Vec<TestDto>> for TestList {
    fn from(tests: Vec<TestDto>) -> Self {
        Self(AtMost(tests))
    }
}

impl<'de> Deserialize<'de> for TestList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Element(#[serde(deserialize_with = "object")] TestDto);
        let AtMost(elements) = AtMost::<Element, MAX_TESTS>::deserialize(deserializer)?;
        Ok(Self(AtMost(elements.into_iter().map(|Element(test)| test).collect())))
    }
}

/// How far numbers may differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct NumbersDto {
    #[serde(default, deserialize_with = "present")]
    absolute: Option<f64>,
    #[serde(default, deserialize_with = "present")]
    relative: Option<f64>,
}

/// How outputs are compared: a word, or tolerances.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CompareDto {
    /// By this word.
    Word(Compare),
    /// As numbers; the tolerances as they were given.
    Numbers {
        /// `absolute`.
        absolute: Option<f64>,
        /// `relative`.
        relative: Option<f64>,
    },
}

impl CompareDto {
    /// The way of that name.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        let ways = [Compare::Exact, Compare::Lines, Compare::Tokens];
        ways.into_iter().find(|way| way.as_str() == word).map(Self::Word)
    }

    fn into_domain(self) -> Result<Compare, Rejection> {
        match self {
            Self::Word(compare) => Ok(compare),
            Self::Numbers { absolute, relative } => Ok(Compare::numbers(absolute, relative)?),
        }
    }
}

/// The rule of `compare`, as sentences end with it.
pub const COMPARE_RULE: &str = "`exact`, `lines`, `tokens` or an object with `numbers`";

impl<'de> Deserialize<'de> for CompareDto {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = CompareDto;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(COMPARE_RULE)
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<CompareDto, E> {
                CompareDto::of_word(word).ok_or_else(|| E::invalid_value(Unexpected::Other("a word"), &self))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CompareDto, A::Error> {
                struct Numbers(NumbersDto);
                impl<'de> Deserialize<'de> for Numbers {
                    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                        object(deserializer).map(Self)
                    }
                }
                let mut numbers = None;
                while let Some(name) = map.next_key::<Cow<'de, str>>()? {
                    if name != "numbers" {
                        return Err(A::Error::unknown_field(&name, &["numbers"]));
                    }
                    if numbers.replace(map.next_value::<Numbers>()?).is_some() {
                        return Err(A::Error::duplicate_field("numbers"));
                    }
                }
                let Some(Numbers(NumbersDto { absolute, relative })) = numbers else {
                    return Err(A::Error::invalid_value(Unexpected::Map, &self));
                };
                Ok(CompareDto::Numbers { absolute, relative })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Everything that a request says of test cases.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestsParts {
    /// The test cases.
    pub tests: Option<TestList>,
    /// How outputs are compared.
    pub compare: Option<CompareDto>,
    /// Whether the cases after the first that fails are skipped.
    pub stop_at_first_failure: Option<bool>,
    /// Whether outputs and differences are shown.
    pub reveal: Option<bool>,
}

impl TestsParts {
    /// The tests that they mean, under the request's own `limits`. `beside` are the fields that each case has for itself,
    /// and whether the request has them as well.
    ///
    /// # Errors
    /// When a rule of the domain is broken, a field stands beside `tests` that must not, or one that needs `tests` stands
    /// alone.
    pub fn into_domain(self, limits: Limits, beside: &[(&str, bool)]) -> Result<Option<Tests>, Rejection> {
        let Self { tests, compare, stop_at_first_failure, reveal } = self;
        let Some(TestList(AtMost(list))) = tests else {
            let alone = [
                ("compare", compare.is_some()),
                ("stop_at_first_failure", stop_at_first_failure.is_some()),
                ("reveal", reveal.is_some()),
            ];
            return match alone.into_iter().find(|(_, given)| *given) {
                Some((field, _)) => Err(Rejection::invalid(format!("`{field}` needs `tests`."))),
                None => Ok(None),
            };
        };
        if let Some((field, _)) = beside.iter().find(|(_, given)| *given) {
            return Err(Rejection::invalid(format!(
                "`{field}` must not stand beside `tests`: each test case has its own."
            )));
        }
        let cases = list.into_iter().enumerate().map(|(index, test)| test.into_case(index, limits));
        let mut tests = Tests::new(cases.collect::<Result<_, _>>()?)?;
        if let Some(compare) = compare {
            tests.compare = compare.into_domain()?;
        }
        tests.stop_at_first_failure = stop_at_first_failure.unwrap_or(tests.stop_at_first_failure);
        tests.reveal = reveal.unwrap_or(tests.reveal);
        Ok(Some(tests))
    }
}

impl TestDto {
    fn into_case(self, index: usize, limits: Limits) -> Result<Case, Rejection> {
        let Self { name, stdin, stdin_encoding, args, expected_output, limits: lower } = self;
        let stdin = decoded(stdin.unwrap_or_default(), stdin_encoding.as_deref(), || {
            (format!("tests[{index}].stdin"), format!("tests[{index}].stdin_encoding"))
        })?;
        let invalid = |wrong: InvalidRequest| InvalidTests::in_case(index, &wrong);
        Ok(Case {
            name,
            stdin: Stdin::parse(stdin).map_err(invalid)?,
            args: Args::parse(args.unwrap_or_default().0).map_err(invalid)?,
            expected_output: expected_output.map(Bytes::from),
            limits: limits.lowered_by(lower.into()).map_err(|wrong| InvalidTests::in_case(index, &wrong))?,
        })
    }
}
