//! Looking at once, because somebody asks; and what was seen, for who wants to know.

use super::{MOST, Watch, locked};
use ptrd_api::{Page, PostureBody, PostureFilter, PostureView, Problem, code};
use ptrd_change::View;
use ptrd_posture::identity::Subject;
use ptrd_store::Watched;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How many addresses are looked at because somebody asks.
const MOST_NOW: usize = 64;
/// For how long who asks waits.
const PATIENCE: Duration = Duration::from_secs(20);

impl Watch {
    /// Looks at what is asked for, as far as that goes in time, and says how it stands.
    ///
    /// # Errors
    /// What is asked for is not watched, or too much; others ask already.
    pub async fn look_now(&self, reader: Arc<View>, body: PostureBody) -> Result<Page<PostureView>, Problem> {
        if !self.0.settings.identity {
            return Err(Problem::new(code::CONFLICT, "sending addresses are not watched here")
                .hint("`identity = true` in the section watch of ptrd.toml; `ptrctl verify` looks without the daemon"));
        }
        if body.within.is_none() {
            return Err(Problem::new(code::BAD_REQUEST, "which addresses?").field("within"));
        }
        let Ok(_seat) = self.0.seats.try_acquire() else {
            return Err(Problem::new(code::BUSY, "others have asked for a look, too").hint("try again"));
        };
        let filter =
            PostureFilter { within: body.within, limit: Some(MOST_NOW as u64), ..PostureFilter::default() };
        let page = reader.posture(&filter, &self.watching())?;
        if page.next.is_some() {
            let message = format!("that is more than {MOST_NOW} addresses");
            return Err(Problem::new(code::INVALID, message)
                .hint("look at fewer, or wait: all are looked at from time to time"));
        }
        let wanted: BTreeSet<IpAddr> =
            page.items.iter().filter_map(|item| item.subject.parse().ok()).collect();
        let view = reader.clone();
        let all = tokio::task::spawn_blocking(move || view.identities(MOST)).await.unwrap_or_default();
        let all = all.into_iter().map(|(subject, _)| subject);
        let subjects: Vec<Subject> = all.filter(|subject| wanted.contains(&subject.address)).collect();
        let looked: Vec<Watched> = subjects.iter().map(|subject| Watched::Address(subject.address)).collect();
        // What is not done by then is looked at when its time comes.
        let _ = tokio::time::timeout(PATIENCE, self.look_at_all(subjects)).await;
        locked(&self.0.asked).extend(looked);
        reader.posture(&filter, &self.watching())
    }

    async fn look_at_all(&self, subjects: Vec<Subject>) {
        let mut looks = JoinSet::new();
        for subject in subjects {
            if looks.len() >= self.0.settings.at_a_time {
                looks.join_next().await;
            }
            let watch = self.clone();
            looks.spawn(async move { watch.look_at(subject).await });
        }
        while looks.join_next().await.is_some() {}
    }

    /// Adds what the last look at each address saw.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn show_evidence(&self, views: &mut [PostureView]) -> Result<(), Problem> {
        let address = |view: &PostureView| view.subject.parse().ok().map(Watched::Address);
        let mut shown: Vec<(&mut PostureView, Watched)> =
            views.iter_mut().filter_map(|view| address(view).map(|watched| (view, watched))).collect();
        let asked = shown.iter().map(|(_, watched)| watched.clone()).collect();
        let evidence = self.0.road.evidence(asked).await?;
        for ((view, _), evidence) in shown.iter_mut().zip(evidence) {
            view.identity = evidence.and_then(|text| serde_json::from_str(&text).ok());
        }
        Ok(())
    }
}
