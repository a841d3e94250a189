//! What a report says, for tests.

use serde_json::Value;

/// What is not well, as `grade check: addresses`.
pub fn faults(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let fault = |fault: &Value| {
        let mut some: Vec<String> = fault["some"].as_array().expect("addresses").iter().map(text).collect();
        some.sort();
        format!("{} {}: {}", text(&fault["grade"]), text(&fault["check"]), some.join(" "))
    };
    report["faults"].as_array().expect("faults").iter().map(fault).collect()
}
