//! What the admin socket asks about standbys, and of one.

use super::Following;
use crate::control::written;
use crate::restore::ask;
use ptrd_admin::Changes;
use ptrd_api::{ChangeDone, Problem, PromoteWrite, StandbyFilter, StandbyView, code};
use ptrd_change::{Acknowledge, Caller, Post, Promotion, Road};
use ptrd_wire::{Name, Serial};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// So many changes the old primary may have made that are not here, unless told otherwise.
const MARGIN: u32 = 10_000;

/// See the module.
#[derive(Clone)]
pub struct Desk {
    road: Arc<Road>,
    following: Following,
}

impl Desk {
    /// For a road, and what follows another on it.
    pub fn new(road: Arc<Road>, following: Following) -> Desk {
        Desk { road, following }
    }

    /// How it stands.
    pub fn view(&self) -> StandbyView {
        let lineage = self.road.lineage();
        let (post, (rule, relaxed)) = (self.road.post(), self.road.acknowledge());
        StandbyView {
            post: post.word().to_owned(),
            epoch: lineage.as_ref().map_or(0, |lineage| lineage.epoch),
            lineage: lineage.map(|lineage| lineage.id),
            change: self.road.view().version,
            acknowledge: match rule {
                Acknowledge::Local => "local".to_owned(),
                Acknowledge::Both(_) => "both".to_owned(),
            },
            relaxed,
            standbys: self.road.standbys(),
            primary: self.following.view().filter(|_| matches!(post, Post::Standby { .. })),
        }
    }

    /// Takes the primary's place.
    pub async fn promote(
        &self,
        by: Caller,
        write: PromoteWrite,
        dry_run: bool,
    ) -> Result<ChangeDone, Problem> {
        let servers = write.ask.iter().map(|text| address(text)).collect::<Result<Vec<_>, _>>()?;
        let held = match servers.is_empty() {
            true => BTreeMap::new(),
            false => self.held(servers).await?,
        };
        let promotion = Promotion {
            margin: write.margin.unwrap_or(MARGIN),
            held,
            held_by_all: write.serials_past.map(Serial),
        };
        self.road.promote(by, promotion, dry_run).await
    }

    /// The highest serial of each zone that servers hold.
    async fn held(&self, servers: Vec<SocketAddr>) -> Result<BTreeMap<Name, Serial>, Problem> {
        let zones: Vec<Name> = self.road.view().declared.zones().map(|zone| zone.apex.clone()).collect();
        let asked = tokio::task::spawn_blocking(move || {
            let mut held = BTreeMap::<Name, Serial>::new();
            for server in servers {
                let serials = ask::serials(server, &zones, || ()).map_err(|error| {
                    Problem::new(code::INVALID, format!("asking {server} for serials: {error:#}"))
                        .hint("nothing was changed; leave a server out that does not answer")
                })?;
                for (apex, serial) in zones.iter().zip(serials) {
                    let Some(serial) = serial else { continue };
                    let known = held.entry(apex.clone()).or_insert(serial);
                    if serial.is_after(*known) {
                        *known = serial;
                    }
                }
            }
            Ok(held)
        });
        asked.await.unwrap_or_else(|_| {
            Err(Problem::new(code::INTERNAL, "a fault in ptrd while it asked for serials"))
        })
    }
}

fn address(text: &str) -> Result<SocketAddr, Problem> {
    let bare = || text.parse::<IpAddr>().map(|address| SocketAddr::new(address, 53));
    text.parse().or_else(|_| bare()).map_err(|_| {
        Problem::new(code::BAD_REQUEST, format!("ask: {text} is no address of a server"))
            .hint("write 192.0.2.53, or 192.0.2.53:5353")
    })
}

/// Changes for a standby, as the body of an answer.
///
/// # Errors
/// A [`Problem`] of the road.
pub async fn shipped(road: &Road, filter: StandbyFilter) -> Result<Changes, Problem> {
    let (changes, newest) = road.changes_after(filter).await?;
    let stream = written(move |out| {
        for change in changes {
            let length = u32::try_from(change.len()).map_err(std::io::Error::other)?;
            out.write_all(&length.to_be_bytes())?;
            out.write_all(&change)?;
        }
        Ok(())
    });
    Ok(Changes { newest, stream })
}
