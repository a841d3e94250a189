//! What the nameservers of the zone above say of a delegation.

use super::{Cut, MOST_REFERRALS, Walker, Way, referral};
use crate::octets::Octets;
use hickory_resolver::proto::rr::RecordType;
use ptrd_posture::rir::check::Parent;
use ptrd_wire::Name;
use std::sync::Arc;
use std::time::Duration;

/// Nameservers of the zone above that are asked until one says something.
const MOST_ASKED: usize = 8;
/// For how long.
const LONGEST: Duration = Duration::from_secs(60);

impl Walker {
    /// To whom a zone is delegated, and with which DS, as the zone above says.
    pub async fn parent(&self, apex: &Name) -> Parent {
        let found = tokio::time::timeout(LONGEST, self.ask_parent(apex)).await;
        found.unwrap_or_else(|_| Parent::Unknown(format!("no end within {} s", LONGEST.as_secs())))
    }

    async fn ask_parent(&self, apex: &Name) -> Parent {
        let mut way = Way::new(false);
        let cut = match self.above(apex, &mut way).await {
            Ok(cut) => cut,
            Err(why) => return Parent::Unknown(why),
        };
        let octets = Octets(self.asker.clone());
        let [delegation, signed] = Parent::questions(apex);
        let (mut left, mut is_hidden) = (MOST_ASKED, false);
        for host in &cut.servers {
            for server in self.addresses(host, &mut way, 0).await {
                if left == 0 {
                    break;
                }
                left -= 1;
                let Some(reply) = octets.whole(&delegation, server).await else { continue };
                let ds = octets.whole(&signed, server).await;
                match Parent::read(apex, &reply, ds.as_ref()) {
                    // Another one may not have the zone itself.
                    Some(Parent::Hidden) => is_hidden = true,
                    Some(parent) => return parent,
                    None => {}
                }
            }
        }
        match is_hidden {
            true => Parent::Hidden,
            false => Parent::Unknown(format!("no nameserver of {} says to whom it is delegated", cut.apex)),
        }
    }

    /// The zone above.
    async fn above(&self, apex: &Name, way: &mut Way) -> Result<Arc<Cut>, String> {
        let mut cut = self.root.clone();
        for _ in 0..MOST_REFERRALS {
            let (_, reply) = self.ask_any(&cut, apex, RecordType::NS, way, 0).await?;
            match referral(&reply, &cut.apex, apex) {
                Some(below) if below.apex != *apex => cut = self.keep(below),
                _ => return Ok(cut),
            }
        }
        Err(format!("more than {MOST_REFERRALS} referrals on the way to {apex}"))
    }
}
