//! `ptrctl completion` and `ptrctl man`: what follows from the arguments themselves.

use crate::cli::Cli;
use crate::failure::Failure;
use crate::screen::Screen;
use anyhow::Context;
use clap::CommandFactory;
use std::path::Path;

/// For the help.
pub const COMPLETION_EXAMPLES: &str = "\
Examples:
  ptrctl completion bash > /etc/bash_completion.d/ptrctl
  ptrctl completion zsh > ~/.zfunc/_ptrctl
  ptrctl completion fish > ~/.config/fish/completions/ptrctl.fish";

pub fn completion(screen: &mut Screen, shell: clap_complete::Shell) -> Result<(), Failure> {
    // The generator panics when it cannot write, which it always can here.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ptrctl", &mut script);
    screen.raw(&script)
}

pub fn man(screen: &mut Screen, folder: Option<&Path>) -> Result<(), Failure> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page).context("writing the manual page")?;
        return screen.raw(&page);
    };
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    clap_mangen::generate_to(Cli::command(), folder).with_context(|| folder.display().to_string())?;
    Ok(())
}
