//! One address, put to all sources; and many addresses, so many at a time.

use crate::ask::{Asker, Limits};
use crate::resolve::Resolver;
use crate::roots::Roots;
use crate::walk::Walker;
use ptrd_posture::identity::{
    AUTHORITATIVE, Identity, Observation, Question, Rules, Source, Subject, further_questions, questions,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OnceCell, mpsc};
use tokio::task::JoinSet;

/// How many answers about names are kept; when there are more, all are forgotten.
const MOST_KEPT: usize = 50_000;
/// How many addresses that are done wait to be taken.
const MOST_WAITING: usize = 16;

/// Who is asked about an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Resolvers, and the nameservers where there is such a path.
    Everybody,
    /// The nameservers alone.
    Nameservers,
}

type Known = HashMap<(usize, Question), Arc<OnceCell<Observation>>>;

/// See the module. For one run: what it found of names and zones, it keeps.
#[derive(Debug)]
pub struct Surveyor {
    asker: Arc<Asker>,
    resolvers: Vec<Resolver>,
    walker: Option<Walker>,
    rules: Rules,
    /// What was said of names: one name stands for many addresses. By source, the nameservers last.
    known: Mutex<Known>,
}

impl Surveyor {
    /// Asks these resolvers, and the nameservers if there are roots to begin at.
    pub fn new(limits: Limits, resolvers: Vec<Resolver>, roots: Option<&Roots>, rules: Rules) -> Surveyor {
        Surveyor::over(Arc::new(Asker::new(limits)), resolvers, roots, rules)
    }

    /// The same, at the pace of others who ask.
    pub fn over(
        asker: Arc<Asker>,
        resolvers: Vec<Resolver>,
        roots: Option<&Roots>,
        rules: Rules,
    ) -> Surveyor {
        let walker = roots.map(|roots| Walker::new(asker.clone(), roots));
        Surveyor { asker, resolvers, walker, rules, known: Mutex::default() }
    }

    /// Who is asked.
    pub fn sources(&self) -> Vec<Source> {
        let path = self.walker.iter().map(|_| Source { name: AUTHORITATIVE.to_owned(), address: None });
        let of =
            |resolver: &Resolver| Source { name: resolver.name.clone(), address: Some(resolver.address) };
        self.resolvers.iter().map(of).chain(path).collect()
    }

    /// How many questions were sent.
    pub fn sent(&self) -> u64 {
        self.asker.sent()
    }

    /// Finds out about one address.
    pub async fn identity(self: &Arc<Self>, subject: Subject, whom: Whom) -> Identity {
        let mut observations = self.ask_all(questions(&subject), whom).await;
        let further = further_questions(&subject, &observations, &self.rules);
        observations.extend(self.ask_all(further, whom).await);
        Identity::of(subject, observations, &self.rules)
    }

    /// Finds out about many, `at_a_time`. They come as they are done; the first goes alone, so that the others find the way from
    /// the root known. Ends when all are done, or the receiver is dropped.
    pub fn survey(
        self: Arc<Self>,
        subjects: impl Iterator<Item = (Subject, Whom)> + Send + 'static,
        at_a_time: usize,
    ) -> mpsc::Receiver<Identity> {
        let (done, receiver) = mpsc::channel(MOST_WAITING);
        tokio::spawn(async move {
            let mut tasks: JoinSet<Identity> = JoinSet::new();
            for (nth, (subject, whom)) in subjects.enumerate() {
                let surveyor = self.clone();
                tasks.spawn(async move { surveyor.identity(subject, whom).await });
                let seats = if nth == 0 { 1 } else { at_a_time.max(1) };
                while tasks.len() >= seats {
                    let Some(Ok(identity)) = tasks.join_next().await else { break };
                    if done.send(identity).await.is_err() {
                        return;
                    }
                }
            }
            while let Some(Ok(identity)) = tasks.join_next().await {
                if done.send(identity).await.is_err() {
                    return;
                }
            }
        });
        receiver
    }

    /// Puts questions to all sources at once. The order of what comes back is that of questions and sources.
    async fn ask_all(self: &Arc<Self>, questions: Vec<Question>, whom: Whom) -> Vec<Observation> {
        let resolvers = if whom == Whom::Nameservers { 0 } else { self.resolvers.len() };
        let path = self.walker.iter().map(|_| self.resolvers.len());
        let sources: Vec<usize> = (0..resolvers).chain(path).collect();
        let mut tasks = JoinSet::new();
        for (nth, question) in questions.into_iter().enumerate() {
            for &source in &sources {
                let (surveyor, question) = (self.clone(), question.clone());
                tasks.spawn(async move { ((nth, source), surveyor.ask(source, question).await) });
            }
        }
        let mut answers = Vec::new();
        while let Some(done) = tasks.join_next().await {
            answers.extend(done.ok());
        }
        answers.sort_by_key(|(place, _)| *place);
        answers.into_iter().map(|(_, observation)| observation).collect()
    }

    async fn ask(&self, source: usize, question: Question) -> Observation {
        if matches!(question, Question::Ptr(_)) {
            return self.ask_now(source, &question).await;
        }
        let key = (source, question);
        let cell = {
            let mut known = self.known();
            if known.len() >= MOST_KEPT {
                known.clear();
            }
            known.entry(key.clone()).or_default().clone()
        };
        let observation = cell.get_or_init(|| self.ask_now(source, &key.1)).await.clone();
        if !observation.answer.is_known() {
            // Whoever comes next may have more luck.
            self.known().remove(&key);
        }
        observation
    }

    async fn ask_now(&self, source: usize, question: &Question) -> Observation {
        match (self.resolvers.get(source), &self.walker) {
            (None, Some(walker)) => walker.observe(question).await,
            (Some(resolver), _) => resolver.observe(&self.asker, question).await,
            (None, None) => unreachable!("sources are resolvers, and the path last if there is one"),
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
