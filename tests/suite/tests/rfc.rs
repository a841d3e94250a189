//! The text tests of `tests/rfc`, one file per RFC section, against the engine.

use ptrd_suite::EngineAnswerer;
use ptrd_testkit::Script;

#[test]
fn every_script_passes() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../rfc");
    let scripts = Script::read_folder(&folder).expect("readable scripts");
    assert!(scripts.len() >= 10, "only {} scripts in {}", scripts.len(), folder.display());
    let mut failures = Vec::new();
    for script in &scripts {
        let outcome = script.run(&mut EngineAnswerer::default());
        println!("{}: {} steps, {} left out", script.name, outcome.ran, outcome.skipped);
        failures.extend(outcome.failures.iter().map(|failure| failure.to_string()));
    }
    assert!(failures.is_empty(), "{} failures\n\n{}", failures.len(), failures.join("\n\n"));
}
