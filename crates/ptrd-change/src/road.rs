//! The handle on the road: what the daemon gives to those who ask for changes.

use crate::authorise::{Caller, Log, Role};
use crate::carry_over::{self, CarryOver};
use crate::checks::Unwritten;
use crate::consumer::{Consumer, Consumptions, Shown};
use crate::diff::Edits;
use crate::effects;
use crate::evidence::{self, Asked, Forward, Nobody};
use crate::freshness::{Fresh, Told, Unsaved};
use crate::gather::Gather;
use crate::gathered::Rest;
use crate::load::{Loaded, PROJECTION};
use crate::once::{Forgetting, Once};
use crate::order::plan_request;
use crate::outbox::{Following, Outbox};
use crate::plan::{Plan, State};
use crate::post::{Post, Posted};
use crate::problem::{internal, store};
use crate::publish::{Published, Retired, View};
use crate::pull::PullOrder;
use crate::request::Request;
use crate::standbys::{Acknowledge, Standbys};
use crate::token::{Used, Uses};
use crate::update::{UpdateDone, UpdateOrder, UpdateRefusal, Updater};
use crate::view_edit::ptr_steps;
use crate::watched::Watchbook;
use crate::writer::{Job, Pruner, Writer};
use crate::{diff, history};
use ptrd_api::{
    Bundle, ChangeDone, ChangeRequest, DiffFilter, Problem, PtrImportOptions, SendingImportOptions,
    TransferInWrite, ZoneImportOptions, code,
};
use ptrd_posture::Lookup;
use ptrd_store::{Edit, Histogram, HistogramCounts, Store, StoreCounts, StoreError, StoreMeter};
use ptrd_wire::{Serial, Update};
use ptrd_zone::model::{ZoneId, ZoneKind};
use ptrd_zone::{PROJECTION_VERSION, Pulled, PulledZone, Workspace, ZoneMeta};
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::oneshot;

/// Tells the time, so that tests can.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970 UTC.
    fn now(&self) -> i64;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// How the road is laid out.
#[derive(Clone)]
pub struct Options {
    /// How many changes may wait for the writer; one more is answered with [`code::BUSY`].
    pub queue: usize,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// Whether changes are made here.
    pub post: Post,
    /// What they are acknowledged by.
    pub acknowledge: Acknowledge,
    /// Who finds the addresses of names.
    pub forward: Arc<dyn Forward>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            queue: 1_024,
            clock: Arc::new(SystemClock),
            post: Post::Primary,
            acknowledge: Acknowledge::Local,
            forward: Arc::new(Nobody),
        }
    }
}

/// Why the road could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store gives no second view on itself, which reading the log needs.
    #[error("opening the store for reading")]
    Store(#[source] StoreError),
    /// The writer's thread.
    #[error("starting the writer")]
    Thread(#[source] std::io::Error),
}

/// How the road is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoadStatus {
    /// The number of the newest change that is visible.
    pub change: u64,
    /// What is wrong with the store, if anything.
    pub store_trouble: Option<String>,
    /// Changes waiting, and how many may.
    pub queue: (u64, u64),
    /// How many octets may be kept of what zones lost and gained; `None` sets no limit.
    pub history_limit: Option<u64>,
    /// How many there are.
    pub tenants: u64,
    /// How many there are.
    pub blocks: u64,
    /// How many there are.
    pub zones: u64,
    /// How many addresses have PTRs.
    pub ptrs: u64,
}

/// What the road counted since its start. Times are in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoadCounts {
    /// From a change's arrival in the queue until it was durable and visible, for each change that was made or refused
    /// by its plan.
    pub change_time: HistogramCounts,
    /// Changes that found the queue full.
    pub busy: u64,
    /// Changes waiting, and how many may.
    pub queue: (u64, u64),
    /// What the store counted: commits, their sizes, checkpoints, the write-ahead log.
    pub store: StoreCounts,
}

/// What the handle and the writer share.
pub(crate) struct Shared {
    pub published: Published,
    pub outbox: Outbox,
    pub freshness: Told,
    pub consumptions: Shown,
    pub uses: Uses,
    pub checks: Unwritten,
    pub watched: Watchbook,
    forward: Arc<dyn Forward>,
    waiting: AtomicUsize,
    capacity: usize,
    trouble: Mutex<Option<String>>,
    clock: Arc<dyn Clock>,
    beats: AtomicU64,
    pub change_time: Histogram,
    busy: AtomicU64,
    store: Arc<StoreMeter>,
    pub posted: Posted,
    pub standbys: Standbys,
    pub reader: Mutex<Box<dyn Store>>,
}

impl Shared {
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    pub fn taken(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    pub fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    /// How many changes wait, and how many may.
    pub fn waiting(&self) -> (u64, u64) {
        (self.waiting.load(Ordering::Relaxed) as u64, self.capacity as u64)
    }

    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

/// See the module. Dropping it is not shutdown: see [`Road::shutdown`].
pub struct Road {
    pub(crate) shared: Arc<Shared>,
    queue: RwLock<Option<SyncSender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Road {
    /// Publishes what was loaded, and starts the writer, which owns the store from here on.
    ///
    /// Where the projection is another one than when serials were last brought up to date, every native zone gets a new
    /// serial first: its content may differ. Where the store is of a schema without NS sets, zones that are as the
    /// defaults come to reference them.
    ///
    /// # Errors
    /// [`StartError`]. A store that cannot be written is none: what was loaded is served.
    pub fn start(store: Box<dyn Store>, loaded: Loaded, options: Options) -> Result<Road, StartError> {
        let mut reader = store.reader().map_err(StartError::Store)?;
        let uses = Uses::of(reader.token_uses().map_err(StartError::Store)?);
        let (sender, receiver) = sync_channel(options.queue);
        // What a standby's store says of that is as old as the copy that it began with.
        let loaded = if options.post == Post::Primary { loaded.at(options.clock.now()) } else { loaded };
        let Loaded { state, projection, carry_over, .. } = loaded;
        let shared = Arc::new(Shared {
            outbox: Outbox::default(),
            freshness: Told::default(),
            consumptions: Shown::default(),
            uses,
            checks: Unwritten::default(),
            watched: Watchbook::default(),
            forward: options.forward,
            published: Published::new(&state),
            waiting: AtomicUsize::new(0),
            capacity: options.queue,
            trouble: Mutex::new(None),
            clock: options.clock,
            beats: AtomicU64::new(0),
            change_time: Histogram::of_times(),
            busy: AtomicU64::new(0),
            store: store.meter(),
            posted: Posted::new(options.post),
            standbys: Standbys::new(options.acknowledge, state.numbers.change),
            reader: Mutex::new(reader),
        });
        let mut writer = Writer {
            shared: shared.clone(),
            store,
            state,
            queue: receiver,
            workspace: Workspace::default(),
            retired: Retired::default(),
            gather: Gather::default(),
            pruner: Pruner::default(),
            following: Following::default(),
            unsaved: Unsaved::default(),
            consumer: Consumer::default(),
            used: Used::default(),
            forgetting: Forgetting::default(),
            kept_any: true,
            resting: Rest::default(),
            watching: Rest::default(),
            refused_at: None,
        };
        // A standby's serials are its primary's.
        if writer.shared.posted.is_primary() {
            step_for_projection(&mut writer, projection);
            carry_over_from_old(&mut writer, carry_over);
        }
        let thread = std::thread::Builder::new()
            .name("ptrd-change".to_owned())
            .spawn(move || {
                // A hint: without it changes and answers share the core as equals.
                let _ = ptrd_cpu::gives_way();
                let shared = writer.shared.clone();
                // Answers go on, but nothing can be changed any more: say so, rather than end in silence.
                if catch_unwind(AssertUnwindSafe(|| writer.run())).is_err() {
                    tracing::error!(
                        "the writer met a fault of ptrd: no change is possible until ptrd is restarted"
                    );
                    shared.set_trouble(Some(
                        "the writer has ended after a fault of ptrd: restart ptrd".to_owned(),
                    ));
                }
            })
            .map_err(StartError::Thread)?;
        Ok(Road { shared, queue: RwLock::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    /// What is published.
    pub fn published(&self) -> &Published {
        &self.shared.published
    }

    /// The newest view.
    pub fn view(&self) -> Arc<View> {
        self.shared.published.view()
    }

    /// The zones that wait to be announced, each with its serial, as the store has them.
    ///
    /// # Errors
    /// A [`Problem`] when the store cannot be read.
    pub async fn outbox(&self) -> Result<Vec<(ZoneId, Serial)>, Problem> {
        self.with_log(|_, reader| reader.outbox().map_err(|error| store(&error))).await
    }

    /// Waits until others are to be told of changes than before ([`ptrd_zone::Audience`]). For one caller at a time.
    pub async fn audience_changed(&self) {
        self.shared.outbox.audience_changed().await;
    }

    /// Waits until the serials of zones were stepped by changes that can be seen; each with its newest. For one caller at a
    /// time: what one was told, another is not.
    pub async fn stepped(&self) -> Vec<(ZoneId, Serial)> {
        self.shared.outbox.stepped().await
    }

    /// Takes zones out of the outbox, unless their serial was stepped again. It is done a little later, many at a time.
    pub fn announced(&self, zones: impl IntoIterator<Item = (ZoneId, Serial)>) {
        self.shared.outbox.announced(zones);
    }

    /// Has a zone announced that may not have changed.
    ///
    /// # Errors
    /// There is no such zone for whoever looks at the view, or that is with a token for reading only.
    pub fn announce(&self, view: &View, apex: &str) -> Result<(), Problem> {
        view.rights.may_write()?;
        let (zone, serial) = (view.zone_id(apex)?, Serial(view.zone(apex)?.serial));
        self.shared.outbox.push(vec![(zone, serial)]);
        Ok(())
    }

    /// When primaries of zones last said which version is the newest, as the store has it (milliseconds since 1970 UTC).
    ///
    /// # Errors
    /// A [`Problem`] when the store cannot be read.
    pub async fn freshness(&self) -> Result<Vec<(ZoneId, i64)>, Problem> {
        self.with_log(|_, reader| reader.freshness().map_err(|error| store(&error))).await
    }

    /// Tells how fresh zones are that are pulled from others. Queries see it within a second, the store somewhat later; it
    /// is no change.
    pub fn refreshed(&self, zones: impl IntoIterator<Item = (ZoneId, Fresh)>) {
        self.shared.freshness.put(zones);
    }

    /// How it went with the catalogs that are followed, since the start.
    pub fn consumptions(&self) -> Arc<Consumptions> {
        self.shared.consumptions.get()
    }

    /// Puts what a primary sent in the place of what a zone has, with its serial; `forced` whatever that is.
    ///
    /// # Errors
    /// A [`Problem`] that says what is wrong with it; the zone is as it was.
    pub async fn pull(
        &self,
        zone: ZoneId,
        from: SocketAddr,
        pulled: Pulled,
        forced: bool,
    ) -> Result<ChangeDone, Problem> {
        let caller = Caller::operator("ptrd", format!("transfer from {from}"), None);
        let request = Request::of_pull(PullOrder::new(zone, from, pulled, forced));
        self.submit(caller, request, false).await
    }

    /// Takes a zone that another server handed over as one of our own.
    ///
    /// # Errors
    /// As for [`Road::import_zones`].
    pub async fn transfer_in(
        &self,
        caller: Caller,
        write: TransferInWrite,
        from: String,
        pulled: PulledZone,
        dry_run: bool,
    ) -> Result<ChangeDone, Problem> {
        let apex = crate::request::read_name("the apex", &write.apex)?;
        let request = Request::of_transfer_in(&write, &from, apex, pulled)?;
        self.submit(caller, request, dry_run).await
    }

    /// Makes a change, or, with `dry_run`, plans it only. When this returns `Ok` the change is durable and visible.
    ///
    /// A future that is dropped before the request is in the queue leaves no trace; afterwards the change is made.
    ///
    /// # Errors
    /// A [`Problem`] that says what was wrong, where, and what to do about it; nothing was changed.
    pub async fn change(
        &self,
        caller: Caller,
        request: ChangeRequest,
        dry_run: bool,
    ) -> Result<ChangeDone, Problem> {
        self.change_once(caller, request, dry_run, None).await
    }

    /// The same; asked again within a day with the same `once`, it answers what it answered then, and changes nothing.
    ///
    /// # Errors
    /// As for [`Road::change`]; and [`code::INVALID`] where that was asked with another body.
    pub async fn change_once(
        &self,
        caller: Caller,
        request: ChangeRequest,
        dry_run: bool,
        once: Option<Once>,
    ) -> Result<ChangeDone, Problem> {
        let request = match &request {
            // As many names as there are addresses: not on a thread that others wait for.
            ChangeRequest::PtrFill(_) | ChangeRequest::RrsetsSet(_) | ChangeRequest::ZoneMake(_) => {
                aside(move || Request::read(&request)).await?
            }
            ChangeRequest::Rollback { .. } | ChangeRequest::LogPrune(_) => {
                self.check_log(caller.role, &request).await?;
                return self.change_by_log(caller, request, dry_run, once).await;
            }
            _ => Request::read(&request)?,
        };
        self.submit_once(caller, request, dry_run, once).await
    }

    /// A change whose meaning stands in the log.
    async fn change_by_log(
        &self,
        caller: Caller,
        request: ChangeRequest,
        dry_run: bool,
        once: Option<Once>,
    ) -> Result<ChangeDone, Problem> {
        let view = self.view_for(caller.role)?;
        let read = |request: ChangeRequest| {
            let (view, now) = (view.newer(self.view()), self.shared.now());
            self.with_log(move |_, reader| Request::read_with_log(&request, &view, reader, now))
        };
        let ready = read(request.clone()).await?;
        let refusal = match self.submit_once(caller, ready, dry_run, once).await {
            Err(problem) if problem.code == code::CONFLICT => problem,
            answer => return answer,
        };
        // What came in between may explain it better than the plan can.
        Err(read(request).await.err().unwrap_or(refusal))
    }

    /// Reads the log, on a thread that may take its time.
    pub(crate) async fn with_log<T: Send + 'static>(
        &self,
        read: impl FnOnce(Arc<View>, &mut dyn Store) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (view, shared) = (self.view(), self.shared.clone());
        aside(move || {
            let mut reader = shared.reader.lock().unwrap_or_else(PoisonError::into_inner);
            read(view, &mut **reader)
        })
        .await
    }

    /// What the changes between two points of the log come to.
    ///
    /// # Errors
    /// A [`Problem`]: no such points, or not any more; too much to compare.
    pub async fn diff(&self, filter: DiffFilter) -> Result<Edits, Problem> {
        // With a reader of its own: it may take long.
        let reader = self.own_reader()?;
        let view = self.view();
        aside(move || {
            let mut reader = reader;
            diff::between(&filter, view, &mut *reader)
        })
        .await
    }

    /// A reader for work that takes long, and must not make others wait.
    ///
    /// # Errors
    /// A [`Problem`] when the store cannot be opened.
    pub fn own_reader(&self) -> Result<Box<dyn Store>, Problem> {
        let reader = self.shared.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.reader().map_err(|error| store(&error))
    }

    /// Sets PTRs from CSV (`address,name[,ttl]`), all or none. `csv` is read on a thread that may block; where it
    /// fails with a [`Problem`] inside its error (`io::Error::other(problem)`), that is the answer.
    ///
    /// # Errors
    /// As for [`Road::change`]; bad lines are listed in [`Problem::errors`].
    pub async fn import_ptrs(
        &self,
        caller: Caller,
        options: PtrImportOptions,
        csv: impl Read + Send + 'static,
    ) -> Result<ChangeDone, Problem> {
        let dry_run = options.dry_run;
        let request = aside(move || Request::read_ptr_import(&options, csv)).await?;
        self.submit(caller, request, dry_run).await
    }

    /// Takes a sending inventory in CSV, all or none. `csv` is read as in [`Road::import_ptrs`].
    ///
    /// # Errors
    /// As for [`Road::import_ptrs`].
    pub async fn import_sending(
        &self,
        caller: Caller,
        options: SendingImportOptions,
        csv: impl Read + Send + 'static,
    ) -> Result<ChangeDone, Problem> {
        let dry_run = options.dry_run;
        let request = aside(move || Request::read_sending_import(&options, csv)).await?;
        self.submit(caller, request, dry_run).await
    }

    /// Imports zones from master files.
    ///
    /// # Errors
    /// As for [`Road::change`]; what is wrong with the files is listed in [`Problem::errors`].
    pub async fn import_zones(
        &self,
        caller: Caller,
        options: ZoneImportOptions,
        bundle: Bundle,
    ) -> Result<ChangeDone, Problem> {
        let dry_run = options.dry_run;
        let request = aside(move || Request::read_zone_import(&options, &bundle)).await?;
        self.submit(caller, request, dry_run).await
    }

    /// Imports zones from a database of PowerDNS: a line of JSON ([`ptrd_api::DatabaseHead`]), then the file. It waits in
    /// a temporary file of this folder. `upload` is read on a thread that may block, as in [`Road::import_ptrs`].
    ///
    /// # Errors
    /// As for [`Road::import_zones`].
    pub async fn import_powerdns(
        &self,
        caller: Caller,
        options: ZoneImportOptions,
        upload: impl Read + Send + 'static,
        folder: PathBuf,
    ) -> Result<ChangeDone, Problem> {
        let dry_run = options.dry_run;
        let request = aside(move || Request::read_database(&options, upload, &folder)).await?;
        self.submit(caller, request, dry_run).await
    }

    pub(crate) async fn submit(
        &self,
        caller: Caller,
        request: Request,
        dry_run: bool,
    ) -> Result<ChangeDone, Problem> {
        self.submit_once(caller, request, dry_run, None).await
    }

    async fn submit_once(
        &self,
        caller: Caller,
        request: Request,
        dry_run: bool,
        once: Option<Once>,
    ) -> Result<ChangeDone, Problem> {
        self.shared.posted.gate(&caller)?;
        let request = self.with_evidence(&caller, request).await?;
        if dry_run {
            let (view, now) = (self.view(), self.shared.now());
            return aside(move || try_out(&view, &caller, &request, now)).await;
        }
        let (answer, answered) = oneshot::channel();
        let is_replica = caller.role == Role::Replica;
        self.push(Job { caller, request, once, arrived: Instant::now(), answer })?;
        let mut done = answered.await.unwrap_or_else(|_| Err(internal("the writer has gone away")))?;
        if let Some(change) = done.change.filter(|_| !is_replica) {
            done.acknowledged_by = self.shared.standbys.acknowledged(change).await;
        }
        Ok(done)
    }

    /// Finds out what must be known of names before the writer judges them.
    async fn with_evidence(&self, caller: &Caller, mut request: Request) -> Result<Request, Problem> {
        let (view, now) = (self.view(), self.shared.now());
        if !evidence::may_ask(&view, &request.order) {
            return Ok(request);
        }
        let (caller, forward) = (caller.clone(), self.shared.forward.clone());
        // There may be as many names as addresses.
        let (mut request, unknown) = aside(move || {
            let unknown = evidence::sift(&view, &caller, &mut request, &*forward, now);
            Ok((request, unknown))
        })
        .await?;
        if !unknown.is_empty() {
            request.evidence.add(self.shared.forward.look_up(unknown).await);
        }
        Ok(request)
    }

    /// Sets PTRs that wait at these addresses and whose names resolve by now; drops those whose time is over.
    ///
    /// # Errors
    /// As for [`Road::change`].
    pub async fn settle_pending(&self, addresses: Vec<IpAddr>) -> Result<ChangeDone, Problem> {
        let caller = Caller::operator("ptrd", "checks", None);
        self.submit(caller, Request::of_settling(addresses), false).await
    }

    /// What names resolve to: those of zones here by what these say, others as resolvers find. What is not found out by a
    /// deadline is left out.
    pub async fn resolve(&self, asked: Vec<Asked>) -> Vec<(Asked, Lookup)> {
        let view = self.view();
        let (mut found, mut unknown) = (Vec::new(), Vec::new());
        for asked in asked {
            match evidence::held(&view, &asked) {
                Some(lookup) => found.push((asked, lookup)),
                None => unknown.push(asked),
            }
        }
        if !unknown.is_empty() {
            found.extend(self.shared.forward.look_up(unknown).await);
        }
        found
    }

    /// Puts a DNS UPDATE on the road. It is made, or refused, by the time that the future is ready, which need not be
    /// waited for. Does not block.
    ///
    /// # Errors
    /// When it cannot be taken: too many changes wait, or the daemon is stopping.
    pub fn update(
        &self,
        by: Updater,
        update: Update,
    ) -> Result<impl Future<Output = Result<UpdateDone, UpdateRefusal>> + Send + use<>, UpdateRefusal> {
        let order = UpdateOrder::new(by, update);
        let (answer, answered) = oneshot::channel();
        let caller = order.caller();
        self.shared.posted.gate(&caller)?;
        let mut request = Request::of_update(order);
        let view = self.view();
        if evidence::may_ask(&view, &request.order) {
            // An update waits for no look-up.
            evidence::sift(&view, &caller, &mut request, &*self.shared.forward, self.shared.now());
        }
        self.push(Job { caller, request, once: None, arrived: Instant::now(), answer })?;
        let shared = self.shared.clone();
        Ok(async move {
            let done = answered.await.unwrap_or_else(|_| Err(internal("the writer has gone away")))?;
            if let Some(change) = done.change {
                shared.standbys.acknowledged(change).await;
            }
            Ok(done.into())
        })
    }

    pub(crate) fn push(&self, job: Job) -> Result<(), Problem> {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner);
        let Some(queue) = queue.as_ref() else { return Err(stopping()) };
        // Counted before it can be taken.
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        queue.try_send(job).map_err(|error| {
            self.shared.taken();
            match error {
                TrySendError::Full(_) => {
                    self.shared.busy.fetch_add(1, Ordering::Relaxed);
                    Problem::new(code::BUSY, format!("{} changes are waiting already", self.shared.capacity))
                        .hint("try again in a moment")
                }
                TrySendError::Disconnected(_) => internal("the writer has gone away"),
            }
        })
    }

    /// How the road is doing. Never waits for the store.
    pub fn status(&self) -> RoadStatus {
        let view = self.view();
        RoadStatus {
            change: view.version,
            store_trouble: self.shared.trouble().or_else(|| self.log_trouble()),
            queue: self.shared.waiting(),
            history_limit: history::history_limit(&view.settings),
            tenants: view.declared.tenant_count() as u64,
            blocks: view.declared.block_count() as u64,
            zones: view.declared.zone_count() as u64,
            ptrs: view.snapshot.addresses().len() as u64,
        }
    }

    /// A number that grows while the writer makes progress: every second when it has nothing to do, and with each group
    /// of changes. A large one may take minutes.
    pub fn beats(&self) -> u64 {
        self.shared.beats.load(Ordering::Relaxed)
    }

    /// Changes are made, but a fault lies in wait.
    fn log_trouble(&self) -> Option<String> {
        let trouble = self.shared.store.checkpoint_trouble()?;
        Some(format!(
            "changes are durable, but the write-ahead log cannot be moved into the database: {trouble}"
        ))
    }

    /// What was counted since the start. Cheap: reads atomics, and never waits for the store.
    pub fn counts(&self) -> RoadCounts {
        RoadCounts {
            change_time: self.shared.change_time.counts(),
            busy: self.shared.busy.load(Ordering::Relaxed),
            queue: self.shared.waiting(),
            store: self.shared.store.counts(),
        }
    }

    /// Takes no more changes, makes those that wait, and ends the writer. Blocks until that is done.
    pub fn shutdown(&self) {
        drop(self.queue.write().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer panicked");
        }
    }
}

fn stopping() -> Problem {
    Problem::new(code::BUSY, "the daemon is stopping").hint("try again when it is back")
}

/// Runs on a thread that may block.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let result = tokio::task::spawn_blocking(work).await;
    result
        .unwrap_or_else(|_| Err(internal("a fault in ptrd while the request was read; nothing was changed")))
}

fn try_out(view: &View, caller: &Caller, request: &Request, now: i64) -> Result<ChangeDone, Problem> {
    let state = view.state();
    let planned = plan_request(&state, caller, request, now, &mut Workspace::default())?;
    let shows_effects = ["block-", "catalog-"].iter().any(|start| request.kind.starts_with(start));
    let effects = if shows_effects { effects::of(&state, &planned) } else { Vec::new() };
    let ptrs = planned.commit.map(|commit| ptr_steps(&commit.edits)).unwrap_or_default();
    Ok(ChangeDone { change: None, effects, ptrs, ..planned.done })
}

fn step_for_projection(writer: &mut Writer, stored: Option<u32>) {
    if stored == Some(PROJECTION_VERSION) {
        return;
    }
    let state = writer.state.clone();
    match projection_change(&state, stored, writer.shared.now(), &mut writer.workspace) {
        Ok((next, commit)) => {
            // Failing is no reason not to serve: the step is made again at the next start.
            if writer.commit(&[commit]).is_ok() {
                writer.publish(next);
            }
        }
        Err(problem) => tracing::error!(%problem, "serials were not stepped for the new projection"),
    }
}

/// Makes the change that a migration of the schema asks for; failing is no reason not to serve here either.
fn carry_over_from_old(writer: &mut Writer, carry: Option<CarryOver>) {
    let Some(carry) = carry else { return };
    let state = writer.state.clone();
    match carry_over::plan(&state, &carry, writer.shared.now(), &mut writer.workspace) {
        Ok((next, commit)) => {
            if writer.commit(&[commit]).is_ok() {
                writer.publish(next);
            }
        }
        Err(problem) => {
            tracing::error!(%problem, "zones do not reference the defaults yet: it is tried again at the next start");
        }
    }
}

fn projection_change(
    state: &State,
    stored: Option<u32>,
    now: i64,
    workspace: &mut Workspace,
) -> Result<(State, ptrd_store::Commit), Problem> {
    let mut plan = Plan::new(state, now, workspace);
    let is_derived =
        |zone: &ZoneMeta| zone.kind != ZoneKind::Verbatim || state.declared.catalog(zone.id).is_some();
    let derived = state.declared.zones().filter(|zone| is_derived(zone));
    derived.for_each(|zone| plan.mark(zone.id));
    plan.edit(Edit::Setting {
        name: PROJECTION.to_owned(),
        before: stored.map(|version| version.to_string()),
        after: Some(PROJECTION_VERSION.to_string()),
    });
    let log = Log {
        actor: "ptrd".to_owned(),
        origin: "start".to_owned(),
        reason: None,
        kind: "projection",
        request: "{}".to_owned(),
    };
    let planned = plan.finish(&log, format!("projection {PROJECTION_VERSION}"))?;
    let commit = planned.commit.ok_or_else(|| internal("a projection without a change"))?;
    Ok((planned.next, commit))
}
