//! `ptrd man` and `ptrd completion`: what follows from the arguments and the table of keys themselves.

use crate::arguments::Cli;
use crate::config::file::{SECTIONS, Takes};
use crate::failure::Failure;
use anyhow::Context;
use clap::CommandFactory;
use clap_mangen::roff::{Roff, bold, italic, roman};
use std::io::Write;
use std::path::Path;

/// A completion script, to stdout.
pub fn completion(shell: clap_complete::Shell) -> Result<(), Failure> {
    // The generator panics when it cannot write, which it always can here.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ptrd", &mut script);
    print(&script)
}

/// ptrd(1) to stdout, or every page into a folder.
pub fn man(folder: Option<&Path>) -> Result<(), Failure> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
        rendered.context("writing the manual page").map_err(Failure::fault)?;
        return print(&page);
    };
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        clap_mangen::generate_to(Cli::command(), folder)?;
        std::fs::write(folder.join("ptrd.toml.5"), configuration())
    };
    write().with_context(|| folder.display().to_string()).map_err(Failure::fault)
}

fn print(octets: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(octets).and_then(|()| out.flush()).context("writing to stdout").map_err(Failure::fault)
}

const DESCRIPTION: &[&str] = &[
    "ptrd reads /etc/ptrd/ptrd.toml, or the file that --config names, in TOML 1.0. Every key has a default, and the file may be \
     missing. Keys that ptrd does not know are refused, with the most similar one named.",
    "Options of ptrd-serve(1) and environment variables override what is written in the file.",
    "Durations are texts with the units ms, s, m, h and d, such as \"500ms\" or \"1m30s\"; a number counts seconds. Sizes are \
     texts with the units B, KiB, MiB, GiB, kB, MB and GB, such as \"32 MiB\"; a number counts octets. An empty text stands \
     for none.",
    "ptrd check-config says what is wrong with a file, all of it; ptrd check-config --print shows what is in force, and ptrd \
     check-config --example a file with every key at its default.",
    "SIGHUP and ptrctl reload read the file again. What can change while ptrd runs is applied, without losing a query; the \
     rest is named, and takes a restart. A file with a mistake changes nothing.",
];

/// ptrd.toml(5).
fn configuration() -> String {
    let mut page = Roff::new();
    page.control("TH", ["ptrd.toml", "5", "", concat!("ptrd ", env!("CARGO_PKG_VERSION"))]);
    page.control("SH", ["NAME"]);
    page.text([roman("ptrd.toml - the configuration of ptrd")]);
    page.control("SH", ["DESCRIPTION"]);
    for paragraph in DESCRIPTION {
        page.control("PP", []);
        page.text([roman(*paragraph)]);
    }
    for section in SECTIONS {
        page.control("SH", [format!("[{}]", section.name).as_str()]);
        page.text([roman(filled(section.about))]);
        for key in section.keys {
            page.control("TP", []);
            page.text([bold(key.name), roman(" = "), italic(key.default)]);
            let takes =
                if key.takes == Takes::Reload { "Takes effect with a reload." } else { "Takes a restart." };
            page.text([roman(format!("{} {takes}", filled(key.about)))]);
        }
    }
    page.control("SH", ["FILES"]);
    page.text([roman("/etc/ptrd/ptrd.toml")]);
    page.control("SH", ["SEE ALSO"]);
    page.text([roman("ptrd(1), ptrd-serve(1), ptrd-check-config(1), ptrctl(1)")]);
    page.to_roff()
}

fn filled(about: &[&str]) -> String {
    about.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}
