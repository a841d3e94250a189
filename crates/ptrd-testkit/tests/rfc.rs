//! The text tests against the reference resolver: what plain resolution decides is thus checked twice, once by whoever
//! wrote the expectation and once by the resolver that judges the engine.

use ptrd_testkit::{Reference, Script};
use std::path::Path;

#[test]
fn the_reference_passes_the_text_tests() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/rfc");
    let scripts = Script::read_folder(&folder).unwrap_or_else(|what| panic!("{what}"));
    let mut failures = Vec::new();
    let (mut ran, mut steps) = (0, 0);
    for script in &scripts {
        let outcome = script.run_plain(&mut Reference::default());
        ran += outcome.ran;
        steps += script.steps.len();
        failures.extend(outcome.failures.iter().map(ToString::to_string));
    }
    assert!(failures.is_empty(), "{} of {ran} failed:\n\n{}", failures.len(), failures.join("\n\n"));
    assert!(
        scripts.len() >= 20 && ran >= 200 && steps >= 270,
        "{} files, {ran} of {steps} ran",
        scripts.len()
    );
}
