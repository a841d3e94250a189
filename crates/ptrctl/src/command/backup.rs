//! `ptrctl backup`.

use crate::client::Client;
use crate::failure::Failure;
use crate::screen::Screen;
use crate::upload::progress;
use crate::whole_file::WholeFile;
use clap::Args;
use ptrd_api::StatusView;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// For the help.
pub const EXAMPLES: &str = "\
Examples:
  ptrctl backup /var/backups/ptrd-$(date +%Y%m%d).db
  ptrctl backup --replace /var/backups/ptrd.db
  ptrctl backup - | zstd > ptrd.db.zst

The copy is the whole store as it is at one moment: a SQLite file, readable by you alone (mode 0600). Changes and answers \
go on meanwhile. It is made in the folder of the store first, which needs that much room. FILE appears when it is whole \
and durable, or not at all.

Check a copy with `ptrd check-store --store FILE`; put it back with `ptrd restore FILE`.";

/// Where to put the copy.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write, or - for stdout
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write over a backup that is there
    #[arg(long)]
    replace: bool,
}

impl Backup {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        if self.file == Path::new("-") {
            if io::stdout().is_terminal() {
                return Err(Failure::usage("a backup is no text for a terminal")
                    .hint("name a file, or send it into a pipe: `ptrctl backup - | zstd > ptrd.db.zst`"));
            }
            let mut out = io::stdout().lock();
            let write = |octets: &[u8]| out.write_all(octets).map_err(|error| Failure::output(&error));
            receive(client, screen, write).await?;
            return out.flush().map_err(|error| Failure::output(&error));
        }
        let path = self.file.as_path();
        check_place(client, path, self.replace).await?;
        if client.dry_run() {
            return screen.line(&format!("the store would be copied to {}", path.display()));
        }
        let mut file = WholeFile::create(path, 0o600)?;
        let received = receive(client, screen, |octets| file.write(octets)).await?;
        file.put()?;
        let Received { octets, change } = received;
        if screen.json() {
            let file = path.display().to_string();
            let document = serde_json::json!({ "file": file, "octets": octets, "change": change });
            return screen.document(document.to_string().as_bytes());
        }
        screen.line(&format!("{}: {octets} octets, up to change {change}", path.display()))
    }
}

struct Received {
    octets: u64,
    change: u64,
}

async fn receive(
    client: &mut Client,
    screen: &Screen,
    mut write: impl FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<Received, Failure> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let waiting = progress(None, screen.progress());
    waiting.set_message("ptrd copies the store");
    waiting.enable_steady_tick(std::time::Duration::from_millis(100));
    let mut download = client.download("/v1/backup").await?;
    waiting.finish_and_clear();
    let bar = progress(download.octets, screen.progress());
    let (mut octets, mut head) = (0, Vec::new());
    while let Some(piece) = download.next().await? {
        octets += piece.len() as u64;
        bar.inc(piece.len() as u64);
        if head.len() < MAGIC.len() {
            head.extend_from_slice(&piece[..piece.len().min(MAGIC.len())]);
        }
        write(&piece)?;
    }
    bar.finish_and_clear();
    if download.octets.is_some_and(|announced| announced != octets) || !head.starts_with(MAGIC) {
        return Err(Failure::local("what came is not a whole SQLite file").hint("ptrd's log says more"));
    }
    Ok(Received { octets, change: download.change.unwrap_or(0) })
}

/// Refuses to write where something stands that is no old backup.
async fn check_place(client: &mut Client, path: &Path, replace: bool) -> Result<(), Failure> {
    let Ok(found) = std::fs::metadata(path) else { return Ok(()) };
    let store = client.get::<StatusView>("/v1/status").await?.value.store_path;
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let is_store = Path::new(&log).exists()
        || std::fs::canonicalize(path)
            .ok()
            .is_some_and(|path| std::fs::canonicalize(store).ok() == Some(path));
    if is_store || !found.is_file() {
        let what = if is_store { "a store that is in use" } else { "no file" };
        return Err(Failure::usage(format!("{}: {what}", path.display())).hint("name another file"));
    }
    if !replace {
        return Err(Failure::usage(format!("{}: is there already", path.display()))
            .hint("name another file, or say --replace"));
    }
    Ok(())
}
