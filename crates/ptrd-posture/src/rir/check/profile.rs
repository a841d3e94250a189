//! Zonemaster's profile: how grave each finding is, which test cases are run, and some numbers.
//!
//! `levels.txt` is what the profile that Zonemaster-Engine 8.1.0 comes with says of the tags that are found here. Another one, as a registry
//! runs it, takes the place of what it names.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

const LEVELS: &str = include_str!("levels.txt");
/// Octets of a profile that is read.
const MOST: usize = 1 << 20;

/// How grave a finding is. RIPE takes no delegation with an ERROR or worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)]
pub enum Level {
    Debug,
    Info,
    Notice,
    Warning,
    Error,
    Critical,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Debug => "DEBUG",
            Level::Info => "INFO",
            Level::Notice => "NOTICE",
            Level::Warning => "WARNING",
            Level::Error => "ERROR",
            Level::Critical => "CRITICAL",
        })
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Level, String> {
        Ok(match text.to_ascii_uppercase().as_str() {
            "DEBUG" | "DEBUG2" | "DEBUG3" => Level::Debug,
            "INFO" => Level::Info,
            "NOTICE" => Level::Notice,
            "WARNING" => Level::Warning,
            "ERROR" => Level::Error,
            "CRITICAL" => Level::Critical,
            _ => {
                return Err(format!(
                    "{text}: no level; write DEBUG, INFO, NOTICE, WARNING, ERROR or CRITICAL"
                ));
            }
        })
    }
}

/// Why a profile cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BadProfile {
    /// Not JSON, or not of this form.
    #[error("it is no profile of Zonemaster in JSON: {0}")]
    Form(String),
    /// A level that is none.
    #[error("test_levels, {module}, {tag}: {why}")]
    Level {
        /// The module.
        module: String,
        /// The tag.
        tag: String,
        /// What is wrong.
        why: String,
    },
}

/// A profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    levels: BTreeMap<(String, String), Level>,
    /// Test cases that are run, in lower case; all if absent.
    cases: Option<BTreeSet<String>>,
    /// The least `refresh` of a SOA.
    pub least_refresh: u64,
    /// The least `retry`.
    pub least_retry: u64,
    /// The least `expire`.
    pub least_expire: u64,
    /// The least `minimum`.
    pub least_minimum: u64,
    /// The greatest `minimum`.
    pub most_minimum: u64,
    /// The least time that a signature has to be valid still, seconds.
    pub least_remaining: u64,
}

/// Those parts of the JSON that matter here.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    test_levels: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    test_cases: Option<Vec<String>>,
    #[serde(default)]
    test_cases_vars: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Default for Profile {
    fn default() -> Profile {
        let level = |line: &str| {
            let mut words = line.split_ascii_whitespace();
            let (module, tag) = (words.next()?, words.next()?);
            Some(((module.to_owned(), tag.to_owned()), words.next()?.parse().ok()?))
        };
        Profile {
            levels: LEVELS.lines().filter(|line| !line.starts_with('#')).filter_map(level).collect(),
            cases: None,
            least_refresh: 14_400,
            least_retry: 3_600,
            least_expire: 604_800,
            least_minimum: 300,
            most_minimum: 86_400,
            least_remaining: 43_200,
        }
    }
}

impl Profile {
    /// What a profile says, laid over the one that is built in.
    ///
    /// # Errors
    /// [`BadProfile`].
    pub fn read(text: &str) -> Result<Profile, BadProfile> {
        if text.len() > MOST {
            return Err(BadProfile::Form("it is larger than 1 MiB".to_owned()));
        }
        let file: File = serde_json::from_str(text).map_err(|error| BadProfile::Form(error.to_string()))?;
        if file.test_levels.is_empty() && file.test_cases.is_none() && file.test_cases_vars.is_empty() {
            return Err(BadProfile::Form("it has no test_levels, test_cases or test_cases_vars".to_owned()));
        }
        let mut profile = Profile::default();
        for (module, levels) in file.test_levels {
            for (tag, level) in levels {
                let level = level.parse().map_err(|why| BadProfile::Level {
                    module: module.clone(),
                    tag: tag.clone(),
                    why,
                })?;
                profile.levels.insert((module.to_ascii_uppercase(), tag.to_ascii_uppercase()), level);
            }
        }
        profile.cases =
            file.test_cases.map(|cases| cases.iter().map(|case| case.to_ascii_lowercase()).collect());
        for (case, name, number) in [
            ("zone02", "SOA_REFRESH_MINIMUM_VALUE", &mut profile.least_refresh),
            ("zone04", "SOA_RETRY_MINIMUM_VALUE", &mut profile.least_retry),
            ("zone05", "SOA_EXPIRE_MINIMUM_VALUE", &mut profile.least_expire),
            ("zone06", "SOA_DEFAULT_TTL_MINIMUM_VALUE", &mut profile.least_minimum),
            ("zone06", "SOA_DEFAULT_TTL_MAXIMUM_VALUE", &mut profile.most_minimum),
            ("dnssec04", "REMAINING_SHORT", &mut profile.least_remaining),
        ] {
            let given = file.test_cases_vars.get(case).and_then(|vars| vars.get(name));
            *number = given.copied().unwrap_or(*number);
        }
        Ok(profile)
    }

    /// How grave a tag is. One that no profile names is for the curious, as with Zonemaster.
    pub fn level(&self, module: &str, tag: &str) -> Level {
        self.levels.get(&(module.to_owned(), tag.to_owned())).copied().unwrap_or(Level::Debug)
    }

    /// Whether a test case is run.
    pub fn runs(&self, case: &str) -> bool {
        self.cases.as_ref().is_none_or(|cases| cases.contains(case))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_takes_the_place_of_what_it_names() {
        let built_in = Profile::default();
        assert_eq!(built_in.level("DELEGATION", "NOT_ENOUGH_NS_DEL"), Level::Error);
        assert_eq!(built_in.level("BASIC", "B02_NO_WORKING_NS"), Level::Critical);
        assert_eq!(built_in.level("BASIC", "NO_SUCH_TAG"), Level::Debug);
        let text = r#"{"test_levels": {"Delegation": {"NOT_ENOUGH_NS_DEL": "notice"}}, "test_cases": ["Delegation01"],
                       "test_cases_vars": {"zone05": {"SOA_EXPIRE_MINIMUM_VALUE": 7}}, "net": {"ipv4": true}}"#;
        let profile = Profile::read(text).expect("a profile");
        assert_eq!(profile.level("DELEGATION", "NOT_ENOUGH_NS_DEL"), Level::Notice);
        assert_eq!(profile.level("DELEGATION", "NOT_ENOUGH_NS_CHILD"), Level::Error);
        assert_eq!(
            (profile.runs("delegation01"), profile.runs("zone05"), built_in.runs("zone05")),
            (true, false, true)
        );
        assert_eq!((profile.least_expire, profile.least_retry), (7, 3_600));
    }

    #[test]
    fn what_is_wrong_with_a_profile_is_said() {
        for (text, why) in [
            ("x", "JSON"),
            ("{}", "test_levels"),
            (r#"{"test_levels": {"BASIC": {"B01_NO_CHILD": "GRAVE"}}}"#, "B01_NO_CHILD: GRAVE: no level"),
        ] {
            let error = Profile::read(text).expect_err(text).to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
