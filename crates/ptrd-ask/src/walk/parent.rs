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

/// What was said so far that another nameserver may know better.
#[derive(Default)]
struct Answers {
    is_hidden: bool,
    absent: Option<String>,
    /// A delegation of which the DS is not known.
    unsigned: Option<Parent>,
}

impl Answers {
    /// Takes in what a nameserver says; what follows, where nobody else need be asked.
    fn take(&mut self, said: Parent) -> Option<Parent> {
        match said {
            // Another one may not have the zone itself.
            Parent::Hidden => self.is_hidden = true,
            // This one's copy may be old.
            Parent::Absent(why) if self.absent.is_none() => self.absent = Some(why),
            Parent::Absent(_) if self.unsigned.is_some() => (),
            // It may have said nothing of that.
            Parent::Delegates { ds: None, .. } if self.unsigned.is_none() => self.unsigned = Some(said),
            said => return Some(said),
        }
        None
    }

    /// What follows when all were asked.
    fn end(self, above: &Name) -> Parent {
        match self {
            Answers { unsigned: Some(delegates), .. } => delegates,
            Answers { absent: Some(why), .. } => Parent::Absent(why),
            Answers { is_hidden: true, .. } => Parent::Hidden,
            _ => Parent::Unknown(format!("no nameserver of {above} says to whom it is delegated")),
        }
    }
}

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
        let (mut left, mut answers) = (MOST_ASKED, Answers::default());
        'servers: for host in &cut.servers {
            for server in self.addresses(host, &mut way, 0).await {
                if left == 0 {
                    break 'servers;
                }
                left -= 1;
                let Some(reply) = octets.whole(&delegation, server).await else { continue };
                let mut said = Parent::read(&cut.apex, apex, &reply, None);
                if matches!(said, Some(Parent::Delegates { .. })) {
                    let ds = octets.whole(&signed, server).await;
                    said = Parent::read(&cut.apex, apex, &reply, ds.as_ref());
                }
                if let Some(parent) = said.and_then(|said| answers.take(said)) {
                    return parent;
                }
            }
        }
        answers.end(&cut.apex)
    }

    /// The zone above: from the deepest on that is known.
    async fn above(&self, apex: &Name, way: &mut Way) -> Result<Arc<Cut>, String> {
        let mut cut = self.known_above(apex);
        for _ in 0..MOST_REFERRALS {
            let (_, reply) = self.ask_any(&cut, apex, RecordType::NS, way, 0).await?;
            match referral(&reply, &cut.apex, apex) {
                Some(below) if below.apex != *apex => cut = self.keep(below),
                _ => return Ok(cut),
            }
        }
        Err(format!("more than {MOST_REFERRALS} referrals on the way to {apex}"))
    }

    fn known_above(&self, apex: &Name) -> Arc<Cut> {
        apex.ancestors().nth(1).map_or_else(|| self.root.clone(), |above| self.deepest(&above))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::{Asker, Limits};
    use crate::roots::Roots;

    fn of(said: &[Parent]) -> Parent {
        let mut answers = Answers::default();
        let found = said.iter().find_map(|said| answers.take(said.clone()));
        found.unwrap_or_else(|| answers.end(&Name::root()))
    }

    #[test]
    fn one_whose_copy_is_old_does_not_end_a_delegation() {
        let absent = || Parent::Absent("NXDOMAIN".to_owned());
        let delegates = || Parent::Delegates { servers: Vec::new(), ds: Some(Vec::new()) };
        let open = || Parent::Delegates { servers: Vec::new(), ds: None };
        assert_eq!(of(&[absent(), delegates()]), delegates());
        assert_eq!(of(&[absent(), absent(), delegates()]), absent(), "two agree");
        assert_eq!(of(&[absent()]), absent(), "there is no other");
        assert_eq!(of(&[Parent::Hidden, absent(), Parent::Hidden]), absent());
        assert_eq!(of(&[Parent::Hidden, delegates()]), delegates());
        assert_eq!(of(&[Parent::Hidden]), Parent::Hidden);
        assert!(matches!(of(&[]), Parent::Unknown(_)));
        assert_eq!(of(&[open(), delegates()]), delegates(), "another one says of which DS");
        assert_eq!(of(&[open(), open(), delegates()]), open(), "two do not");
        assert_eq!(of(&[absent(), open(), absent(), Parent::Hidden]), open());
    }

    #[test]
    fn zones_of_one_walk_share_the_way_down_and_not_their_own_cut() {
        let walker = Walker::new(Arc::new(Asker::new(Limits::default())), &Roots::default());
        let name = |text: &str| text.parse::<Name>().expect("a name");
        let above = |apex: &str| walker.known_above(&name(apex)).apex.to_string();
        assert_eq!(above("2.0.192.in-addr.arpa."), ".");
        for apex in ["in-addr.arpa.", "192.in-addr.arpa.", "2.0.192.in-addr.arpa."] {
            walker.keep(Cut { apex: name(apex), servers: Vec::new() });
        }
        assert_eq!(above("2.0.192.in-addr.arpa."), "192.in-addr.arpa.");
        assert_eq!(above("100.51.198.in-addr.arpa."), "in-addr.arpa.");
        assert_eq!(above("0/25.2.0.192.in-addr.arpa."), "2.0.192.in-addr.arpa.");
        assert_eq!(above("."), ".");
    }
}
