//! Bulk import through the command line.

use std::fmt::Write;

use anyhow::{Result, bail};

use super::{Bench, median, progress};
use crate::data::DataSet;
use crate::query::{last_target, query};
use crate::subject::ask;

/// Measures and reports.
///
/// # Errors
///
/// When an import fails, or what was imported is not answered at once.
pub fn measure(bench: &Bench, out: &mut String) -> Result<()> {
    let Some(ptrd) = &bench.ptrd else { return Ok(()) };
    let data = DataSet::Dense;
    let mut rates = Vec::new();
    for round in 0..bench.rounds {
        let directory = bench.root.join(format!("import-{round}"));
        let (process, address) = ptrd.found(data, &directory)?;
        crate::files::csv(data, &bench.root)?;
        let time = ptrd.import(data, &bench.root, &directory)?;
        for index in data.probes() {
            let reply = ask(address, &query(&data.owner(index))).unwrap_or_default();
            if last_target(&reply) != Some(data.target(index)) {
                bail!("{} is not answered after the import", data.address(index));
            }
        }
        let rate = f64::from(data.len()) / time.as_secs_f64();
        progress(format_args!("import: {rate:.0} PTRs a second"));
        rates.push(rate);
        drop(process);
        std::fs::remove_dir_all(&directory)?;
    }
    writeln!(out, "Import of {} PTRs: {:.0} a second (goal ≥ 300 000)\n", data.len(), median(rates))?;
    Ok(())
}
