//! Known weaknesses of what contains user code, and the versions that have them: data, and the comparison.
//!
//! Projects mend several branches at once, so a weakness is open in ranges. Distributions mend an old version without a
//! new number; their revision tells, where the component names it as its commit (Debian's does).

use bollard::models::{SystemVersion, SystemVersionComponents};

/// A weakness, and where it is open.
struct Weakness {
    component: &'static str,
    advisory: &'static str,
    /// From the first version (that one included) to the one that mends it (not included), for each branch.
    open: &'static [(&'static str, &'static str)],
    /// Debian's first revisions that mend it, by their changelogs.
    mended: &'static [&'static str],
}

/// One set of releases mended the three of November 2025.
const NOVEMBER_2025: &[(&str, &str)] =
    &[("0.0.0", "1.2.8"), ("1.3.0-rc.1", "1.3.3"), ("1.4.0-rc.1", "1.4.0-rc.3")];

const WEAKNESSES: [Weakness; 5] = [
    Weakness {
        component: "runc",
        advisory: "CVE-2024-21626",
        open: &[("1.0.0-rc93", "1.1.12")],
        mended: &["1.1.5+ds1-1+deb12u1"],
    },
    Weakness {
        component: "runc",
        advisory: "CVE-2025-31133",
        open: NOVEMBER_2025,
        mended: &["1.1.15+ds1-2+deb13u1"],
    },
    Weakness {
        component: "runc",
        advisory: "CVE-2025-52565",
        open: NOVEMBER_2025,
        mended: &["1.1.15+ds1-2+deb13u1"],
    },
    // No changelog of Debian's named it by November 2026, that of 1.1.15+ds1-2+deb13u1 included.
    Weakness { component: "runc", advisory: "CVE-2025-52881", open: NOVEMBER_2025, mended: &[] },
    Weakness { component: "Engine", advisory: "CVE-2026-41567", open: &[("0.0.0", "29.5.1")], mended: &[] },
];

/// What these versions may be open to, a sentence each.
#[must_use]
pub fn find(version: &SystemVersion) -> Vec<String> {
    let components = version.components.as_deref().unwrap_or_default();
    let of = |weakness: &Weakness| {
        let named = |one: &&SystemVersionComponents| one.name.eq_ignore_ascii_case(weakness.component);
        let component = components.iter().find(named)?;
        let revision = component.details.as_ref().and_then(|details| details.get("GitCommit"));
        weakness.in_version(&component.version, revision.map_or("", String::as_str))
    };
    WEAKNESSES.iter().filter_map(of).collect()
}

impl Weakness {
    /// The sentence for a component of this version and revision; `None` when it is mended there.
    fn in_version(&self, version: &str, revision: &str) -> Option<String> {
        let number = Number::parse(version)?;
        let within = |(from, fixed): &&(&str, &str)| {
            Number::parse(from) <= Some(number) && Some(number) < Number::parse(fixed)
        };
        let (_, fixed) = self.open.iter().find(within)?;
        // Debian's version of runc is its revision without the last part; its engine's commit is upstream's own.
        if self.mended.iter().any(|mended| includes(mended, revision) || includes(mended, version)) {
            return None;
        }
        Some(format!(
            "{} {version} may be open to {} unless the distribution has mended it; fixed in {fixed}",
            self.component, self.advisory
        ))
    }
}

/// Whether Debian's revision `seen` is `mended` or a later update of the same one.
fn includes(mended: &str, seen: &str) -> bool {
    match (update(mended), update(seen)) {
        (Some((stem, first)), Some((seen_stem, number))) => stem == seen_stem && number >= first,
        _ => false,
    }
}

/// `1.1.5+ds1-1+deb12u1` as `1.1.5+ds1-1+deb12` and 1.
fn update(revision: &str) -> Option<(&str, u32)> {
    let at = revision.rfind("+deb")?;
    let (stem, number) = revision.split_at(at + revision[at..].find('u')?);
    Some((stem, number[1..].parse().ok()?))
}

/// A version as it is ordered: three numbers, then that of the release candidate; a release comes after all of its
/// candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Number([u32; 4]);

impl Number {
    fn parse(version: &str) -> Option<Self> {
        let end = version.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(version.len());
        let (numbers, rest) = version.split_at(end);
        let mut parts = numbers.split('.').map(|part| part.parse().ok());
        let numbers = [parts.next()??, parts.next()??, parts.next().flatten().unwrap_or(0)];
        let rest = rest.trim_start_matches(['-', '~', '.']);
        let candidate = match rest.strip_prefix("rc") {
            Some(rest) => {
                let digits = rest.trim_start_matches(['.', '-']);
                let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
                digits[..end].parse().unwrap_or(0)
            }
            None if rest.starts_with("alpha") || rest.starts_with("beta") => 0,
            None => u32::MAX,
        };
        Some(Self([numbers[0], numbers[1], numbers[2], candidate]))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn found(component: &str, version: &str, revision: &str) -> Vec<&'static str> {
        let component = SystemVersionComponents {
            name: component.to_owned(),
            version: version.to_owned(),
            details: Some(HashMap::from([("GitCommit".to_owned(), revision.to_owned())])),
        };
        let said = find(&SystemVersion { components: Some(vec![component]), ..SystemVersion::default() });
        let advisories = WEAKNESSES.map(|weakness| weakness.advisory);
        advisories.into_iter().filter(|advisory| said.iter().any(|text| text.contains(advisory))).collect()
    }

    #[test]
    fn versions_are_ordered_by_number_and_candidates_come_before_their_release() {
        let ordered = [
            "0.9.9",
            "1.0.0-beta",
            "1.0.0~rc93+ds1",
            "1.0.0-rc.94",
            "1.0.0",
            "1.9.9",
            "1.10",
            "1.10.1+ds1",
            "20.10.24+dfsg1",
            "29.5",
            "29.5.1-1~debian",
        ];
        for pair in ordered.windows(2) {
            assert!(Number::parse(pair[0]) < Number::parse(pair[1]), "{pair:?}");
        }
        assert_eq!(Number::parse("1.6.20~ds1"), Number::parse("1.6.20"));
        assert_eq!((Number::parse("dev"), Number::parse("")), (None, None));
    }

    #[test]
    fn every_branch_has_its_own_range() {
        const LEAK: &str = "CVE-2024-21626";
        const THREE: [&str; 3] = ["CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"];
        for (version, leaks, open) in [
            ("0.1.1", false, true),
            ("1.0.0-rc92", false, true),
            ("1.0.0-rc93", true, true),
            ("1.1.11", true, true),
            ("1.1.12", false, true),
            ("1.1.15", false, true),
            ("1.2.7", false, true),
            ("1.2.8", false, false),
            ("1.2.9", false, false),
            ("1.3.0-rc.1", false, true),
            ("1.3.0", false, true),
            ("1.3.2", false, true),
            ("1.3.3", false, false),
            ("1.4.0-rc.1", false, true),
            ("1.4.0-rc.2", false, true),
            ("1.4.0-rc.3", false, false),
            ("1.4.0", false, false),
            ("2.0.0", false, false),
            ("unknown", false, false),
        ] {
            let mut wanted: Vec<&str> = if leaks { vec![LEAK] } else { Vec::new() };
            wanted.extend(THREE.into_iter().filter(|_| open));
            assert_eq!(found("runc", version, "v1-0-gabc"), wanted, "{version}");
        }
        assert_eq!(found("Engine", "29.5.0", ""), ["CVE-2026-41567"]);
        assert_eq!(found("Engine", "20.10.24+dfsg1", "5d6db84"), ["CVE-2026-41567"]);
        assert!(found("Engine", "29.5.1", "").is_empty());
        assert!(found("containerd", "1.0.0", "").is_empty());
    }

    #[test]
    fn a_distributions_revision_is_believed_where_it_is_known_and_no_further() {
        let open = |version, revision, advisory: &str| found("runc", version, revision).contains(&advisory);
        let (leak, mask) = ("CVE-2024-21626", "CVE-2025-31133");
        assert!(!open("1.1.5+ds1", "1.1.5+ds1-1+deb12u1", leak));
        assert!(!open("1.1.5+ds1", "1.1.5+ds1-1+deb12u2", leak));
        assert!(open("1.1.5+ds1", "1.1.5+ds1-1", leak));
        assert!(open("1.1.5+ds1", "1.1.5+ds1-1+deb13u1", leak), "of another release of Debian's");
        assert!(open("1.1.5+ds1", "1.1.5+ds1-1+deb12u1", mask));
        assert!(!open("1.1.15+ds1", "1.1.15+ds1-2+deb13u1", mask));
        assert!(!open("1.1.15+ds1", "1.1.15+ds1-2+deb13u12", mask));
        assert!(!open("1.1.15+ds1", "1.1.15+ds1-2+deb13u1", "CVE-2025-52565"));
        assert!(open("1.1.15+ds1", "1.1.15+ds1-2+deb13u1", "CVE-2025-52881"));
        assert!(open("1.1.15+ds1", "1.1.15+ds1-2", mask));
        assert!(open("1.1.15+ds1", "1.1.15+ds1-2+deb13u0", mask));
        assert!(open("1.1.15+ds1", "1.1.15+ds1-2+deb13", mask));
    }

    #[test]
    fn every_entry_of_the_table_can_be_read() {
        for weakness in &WEAKNESSES {
            for (from, fixed) in weakness.open {
                assert!(Number::parse(from).is_some() && Number::parse(from) < Number::parse(fixed));
            }
            assert!(
                weakness.mended.iter().all(|revision| update(revision).is_some()),
                "{}",
                weakness.advisory
            );
        }
    }
}
