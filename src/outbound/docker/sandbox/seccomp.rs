//! The seccomp profile of every sandbox: an allow-list of our own, `infra/seccomp.json`, as the engine takes it.
//!
//! On a kernel of the host's the engine gets it without the rules on arguments that [`sandbox_init::arguments`] has: each rule
//! costs the engine time, for each sandbox.

use std::sync::LazyLock;

use sandbox_init::protocol::Kernel;
use serde_json::{Value, json};

/// The profile with its comments: they say which rule is for what.
const SOURCE: &str = include_str!("../../../../infra/seccomp.json");

/// The text of the profile for this kernel; the API takes that, not a path.
#[must_use]
pub fn profile(kernel: Kernel) -> &'static str {
    static HOST: LazyLock<String> = LazyLock::new(|| without_arguments(whole()).to_string());
    static OWN: LazyLock<String> = LazyLock::new(|| own(whole()).to_string());
    match kernel {
        Kernel::Host | Kernel::HostWithoutLandlock => &HOST,
        Kernel::Own => &OWN,
    }
}

/// The key of the list of calls whose rules on arguments are sandbox-init's.
const BY_INIT: &str = "argumentsBySandboxInit";

/// As it is written, without the comments: it goes over the line with every sandbox.
fn whole() -> Value {
    let mut profile: Value = serde_json::from_str(SOURCE).unwrap_or_default();
    for rule in profile["syscalls"].as_array_mut().into_iter().flatten() {
        if let Some(rule) = rule.as_object_mut() {
            rule.remove("comment");
        }
    }
    profile
}

/// Takes the list of calls out that is sandbox-init's.
fn take_by_init(profile: &mut Value) -> Value {
    profile.as_object_mut().and_then(|profile| profile.remove(BY_INIT)).unwrap_or_default()
}

/// Takes these calls out of all rules, and puts other rules in their place.
fn replace(profile: &mut Value, calls: impl Fn(&Value) -> bool, others: impl IntoIterator<Item = Value>) {
    if let Some(rules) = profile["syscalls"].as_array_mut() {
        for names in rules.iter_mut().filter_map(|rule| rule["names"].as_array_mut()) {
            names.retain(|name| !calls(name));
        }
        rules.retain(|rule| rule["names"].as_array().is_some_and(|names| !names.is_empty()));
        rules.extend(others);
    }
}

/// Where sandbox-init filters by arguments.
fn without_arguments(mut profile: Value) -> Value {
    let by_init = take_by_init(&mut profile);
    let is_inits = |name: &Value| by_init.as_array().is_some_and(|calls| calls.contains(name));
    replace(&mut profile, is_inits, [json!({"names": by_init, "action": "SCMP_ACT_ALLOW"})]);
    profile
}

/// Where gVisor's kernel applies it. `sandbox-init` may change modes and put filters on the program with `prctl`, and those
/// deny it the change of modes and `clone3`; that kernel asks nobody, so there is no `seccomp`. A profile has no errno there but EPERM: locks and limits, of
/// which we say elsewhere that they were set, are really set, for it is the sandbox's own memory that they take, and
/// there is no host to which a core dump could go. `pselect` is its name for `pselect6`.
fn own(mut profile: Value) -> Value {
    const WHOLE: [&str; 5] = ["clone3", "pselect", "prctl", "fcntl", "setrlimit"];
    const NONE: [&str; 1] = ["seccomp"];
    const OF_ONESELF: &str = "prlimit64";
    take_by_init(&mut profile);
    let differs = |name: &Value| WHOLE.iter().chain(&NONE).any(|call| name == call) || name == OF_ONESELF;
    let oneself = json!([{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]);
    let others = [
        json!({"names": WHOLE, "action": "SCMP_ACT_ALLOW"}),
        json!({"names": [OF_ONESELF], "action": "SCMP_ACT_ALLOW", "args": oneself}),
    ];
    replace(&mut profile, differs, others);
    profile
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Each call's rules, but for comments.
    fn rules(profile: &Value) -> BTreeMap<String, Vec<String>> {
        let mut rules = BTreeMap::<String, Vec<String>>::new();
        for rule in profile["syscalls"].as_array().unwrap() {
            let what = format!("{} {} {}", rule["action"], rule["errnoRet"], rule["args"]);
            for name in rule["names"].as_array().unwrap() {
                rules.entry(name.as_str().unwrap().to_owned()).or_default().push(what.clone());
            }
        }
        rules
    }

    #[test]
    fn whatever_is_not_named_is_refused() {
        for kernel in [Kernel::Host, Kernel::HostWithoutLandlock, Kernel::Own] {
            let profile: Value = serde_json::from_str(profile(kernel)).unwrap();
            assert_eq!(profile["defaultAction"], "SCMP_ACT_ERRNO");
            assert!(!profile.to_string().contains("comment"));
            for call in ["bpf", "ptrace", "io_uring_setup", "keyctl", "memfd_create", "unshare"] {
                assert!(!rules(&profile).contains_key(call), "{call}");
            }
        }
    }

    #[test]
    fn the_profile_for_a_kernel_of_its_own_differs_in_these_names() {
        let (shared, own) = (rules(&whole()), rules(&own(whole())));
        let differing: Vec<&str> = own
            .iter()
            .filter(|(name, rules)| shared.get(*name) != Some(rules))
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(differing, ["clone3", "fcntl", "prctl", "prlimit64", "pselect", "setrlimit"]);
        let missing: Vec<&String> = shared.keys().filter(|name| !own.contains_key(*name)).collect();
        assert_eq!(missing, ["seccomp"]);
    }

    #[test]
    fn a_call_whose_arguments_matter_is_never_allowed_whole() {
        let rules = rules(&whole());
        for call in [
            "clone",
            "fcntl",
            "ioctl",
            "madvise",
            "mknod",
            "mknodat",
            "mmap",
            "personality",
            "prctl",
            "preadv2",
            "prlimit64",
            "recvmsg",
            "sched_setscheduler",
            "seccomp",
            "sendmsg",
            "sendto",
            "setpriority",
            "setrlimit",
            "setsockopt",
            "socket",
            "socketpair",
            "timer_create",
        ] {
            assert!(rules[call].iter().all(|rule| !rule.ends_with("null")), "{call}: {:?}", rules[call]);
        }
    }

    #[test]
    fn the_engine_allows_whole_what_sandbox_init_filters_and_has_every_other_rule() {
        let (written, told) = (whole(), without_arguments(whole()));
        let by_init: Vec<&str> =
            written[BY_INIT].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        assert!(by_init.contains(&"prctl") && !by_init.contains(&"clone"));
        let (written, told) = (rules(&written), rules(&told));
        assert!(written.keys().eq(told.keys()));
        for (call, rules) in told {
            if by_init.contains(&call.as_str()) {
                assert_eq!(rules, ["\"SCMP_ACT_ALLOW\" null null"], "{call}");
                assert!(written[&call].iter().all(|rule| !rule.ends_with("null")), "{call}");
            } else {
                assert_eq!(rules, written[&call], "{call}");
            }
        }
    }

    #[test]
    fn arguments_of_32_bits_are_compared_in_32_bits() {
        // The kernel looks at no more; in the other half of the register may be anything, which must neither break an
        // honest program nor help one past a rule.
        for (call, rules) in rules(&whole()) {
            if ["fcntl", "ioctl", "madvise", "prctl", "sched_setscheduler", "setrlimit", "setsockopt"]
                .contains(&call.as_str())
            {
                assert!(rules.iter().all(|rule| !rule.contains("\"SCMP_CMP_EQ\"")), "{call}: {rules:?}");
            }
        }
    }
}
