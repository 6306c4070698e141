//! A target that can be made to fail in every way that a real server cannot: replies lost before or after the write took effect, doors
//! closed, calls that end with their worker. What it does when nothing fails is held against real servers by tests/peers.

use async_trait::async_trait;
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};
use tenure::{
    connect::targets::{NO_VALUE, Target},
    domain::{
        sentence::Sentence,
        target::{Account, Call, Card, Health, Observed, Protection, ReadFault, Sent, StepCard, StepKind, Subject, TargetKind},
    },
};

/// What goes wrong with one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The write took effect and the reply is lost.
    LostAfter,
    /// The same, and then nothing answers any more.
    GoesDown,
    /// The reply is lost and the write never arrived.
    LostBefore,
    Refused,
    RateLimited,
    NotConnected,
    Unauthorised,
    /// The target says yes and does nothing.
    Lie,
    /// The worker dies before the write arrives, or after it took effect.
    DieBefore,
    DieAfter,
    /// Accepted; takes effect at the next read but one.
    Later,
}

/// An account as the target knows it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub number: String,
    pub enabled: bool,
    pub restricted: bool,
    pub secret: u32,
    pub sessions: i64,
    pub protection: Option<Protection>,
    pub last_sign_in: Option<Timestamp>,
    pub email: Option<String>,
    /// Reads until a write that was accepted takes effect.
    later: Option<(StepKind, u32)>,
}

impl Known {
    /// What was accepted first takes effect first.
    fn catch_up(&mut self) {
        if let Some((kind, _)) = self.later.take() {
            apply(self, kind);
        }
    }

    /// What was accepted for later never takes effect.
    pub fn forget(&mut self) {
        self.later = None;
    }
}

/// A write that arrived, and what it came upon.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub account: String,
    pub kind: StepKind,
    pub key: String,
    /// The account as it was.
    pub before: Known,
    /// Whether it did anything, now or later.
    pub took: bool,
}

/// When a worker is held up: on a read, or with a call that it has written down and not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    Read,
    Send,
}

type Meanwhile = (Pause, Box<dyn FnOnce() + Send>);

#[derive(Default)]
struct State {
    accounts: BTreeMap<String, Known>,
    faults: VecDeque<Fault>,
    down: bool,
    /// Our credential is refused, for reads and writes alike.
    closed: bool,
    reads: u64,
    /// Every write that arrived.
    writes: Vec<Arrival>,
    /// What goes on while the next caller is held up.
    meanwhile: Option<Meanwhile>,
}

/// The simulator; clones share their state.
#[derive(Clone)]
pub struct Sim {
    card: Card,
    /// Accounts are found by address, not by number.
    by_email: bool,
    state: Arc<Mutex<State>>,
}

impl Sim {
    /// A target that blocks sign-ins, ends sessions, resets secrets and restricts, and reads all of it back.
    pub fn new(name: &str) -> Self {
        let can = |kind, idempotent| StepCard { kind, reversible: true, destroys: false, idempotent, synchronous: true, reads_back: true };
        let steps = vec![
            can(StepKind::Restrict, true),
            can(StepKind::BlockSignIn, true),
            can(StepKind::ResetSecret, false),
            can(StepKind::KillLive, true),
            can(StepKind::Release, true),
            can(StepKind::Unblock, true),
        ];
        let card = Card {
            name: name.into(),
            kind: TargetKind::Http,
            place: "127.0.0.1".into(),
            steps,
            session_max: None,
            privileged: false,
            reads_sign_in: true,
            reads_sessions: true,
            apps: false,
            timeout: 5,
            concurrency: 16,
            rate: None,
            stands_in_for: Vec::new(),
        };
        Self { card, by_email: false, state: Arc::default() }
    }

    pub fn name(&self) -> &str {
        &self.card.name
    }

    pub fn with(mut self, change: impl FnOnce(&mut Card)) -> Self {
        change(&mut self.card);
        self
    }

    pub fn by_email(mut self) -> Self {
        self.by_email = true;
        self
    }

    pub fn shared(&self) -> Arc<dyn Target> {
        Arc::new(self.clone())
    }

    pub fn add(&self, id: &str, number: &str) {
        let known = Known { number: number.into(), enabled: true, sessions: 2, ..Known::default() };
        self.lock().accounts.insert(id.into(), known);
    }

    pub fn remove(&self, id: &str) {
        self.lock().accounts.remove(id);
    }

    pub fn edit(&self, id: &str, change: impl FnOnce(&mut Known)) {
        change(self.lock().accounts.get_mut(id).unwrap());
    }

    pub fn known(&self, id: &str) -> Known {
        self.lock().accounts[id].clone()
    }

    /// Faults of the next writes, in order.
    pub fn fail(&self, faults: &[Fault]) {
        self.lock().faults.extend(faults);
    }

    pub fn down(&self, down: bool) {
        self.lock().down = down;
    }

    pub fn closed(&self, closed: bool) {
        self.lock().closed = closed;
    }

    /// Every write that arrived: (account, kind, key).
    pub fn writes(&self) -> Vec<(String, StepKind, String)> {
        self.lock().writes.iter().map(|w| (w.account.clone(), w.kind, w.key.clone())).collect()
    }

    /// Every write that arrived after so many.
    pub fn arrivals(&self, after: usize) -> Vec<Arrival> {
        self.lock().writes[after..].to_vec()
    }

    /// The accounts as they are.
    pub fn accounts(&self) -> BTreeMap<String, Known> {
        self.lock().accounts.clone()
    }

    /// Nothing goes wrong any more.
    pub fn mend(&self) {
        let mut s = self.lock();
        s.faults.clear();
        (s.down, s.closed, s.meanwhile) = (false, false, None);
    }

    /// Holds the next caller up until that was done.
    pub fn pause(&self, when: Pause, meanwhile: impl FnOnce() + Send + 'static) {
        self.lock().meanwhile = Some((when, Box::new(meanwhile)));
    }

    /// Nobody is held up any more.
    pub fn go_on(&self) {
        self.lock().meanwhile = None;
    }

    fn held_up(&self, at: Pause) {
        let now = {
            let mut s = self.lock();
            if s.meanwhile.as_ref().is_some_and(|(when, _)| *when == at) { s.meanwhile.take() } else { None }
        };
        // A store may not be waited for on the threads of targets.
        if let Some((_, f)) = now {
            let _ = std::thread::spawn(f).join();
        }
    }

    pub fn reads(&self) -> u64 {
        self.lock().reads
    }

    /// The state for a read, if one gets through.
    fn read(&self) -> Result<std::sync::MutexGuard<'_, State>, ReadFault> {
        let mut s = self.lock();
        s.reads += 1;
        if s.down || s.closed {
            let why = fault("target-unreachable").with("target", self.name()).with("detail", "down");
            return Err(ReadFault { why, unauthorised: s.closed, retry_after: None });
        }
        Ok(s)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn fault(code: &'static str) -> Sentence {
    Sentence::new(code)
}

fn seen(card: &Card, k: &Known) -> Observed {
    let mut holds: BTreeMap<StepKind, bool> = [
        (StepKind::Restrict, k.restricted),
        (StepKind::Release, !k.restricted),
        (StepKind::BlockSignIn, !k.enabled),
        (StepKind::Unblock, k.enabled),
        (StepKind::KillLive, k.sessions == 0),
    ]
    .into();
    holds.retain(|kind, _| card.reads_sessions || *kind != StepKind::KillLive);
    Observed {
        exists: true,
        enabled: Some(k.enabled),
        last_sign_in: k.last_sign_in,
        sessions: card.reads_sessions.then_some(k.sessions),
        holds,
        traces: [(StepKind::ResetSecret, k.secret.to_string())].into_iter().collect(),
    }
}

fn account(card: &Card, id: &str, k: &Known) -> Account {
    let seen = seen(card, k);
    Account { id: id.into(), login: id.into(), display: None, protection: k.protection, owns: Vec::new(), marks: Vec::new(), seen }
}

fn apply(k: &mut Known, kind: StepKind) {
    match kind {
        StepKind::Restrict => k.restricted = true,
        StepKind::Release => k.restricted = false,
        StepKind::BlockSignIn => k.enabled = false,
        StepKind::Unblock => k.enabled = true,
        StepKind::ResetSecret => k.secret += 1,
        StepKind::KillLive => k.sessions = 0,
        other => panic!("the simulator has no {other}"),
    }
}

#[async_trait]
impl Target for Sim {
    fn card(&self) -> &Card {
        &self.card
    }

    async fn find(&self, whom: &Subject) -> Result<Vec<Account>, ReadFault> {
        if self.by_email && whom.email.is_none() {
            return Err(ReadFault { why: fault(NO_VALUE), unauthorised: false, retry_after: None });
        }
        let s = self.read()?;
        let theirs = |k: &Known| if self.by_email { k.email.is_some() && k.email == whom.email } else { k.number == whom.employee_number };
        Ok(s.accounts
            .iter()
            .filter(|(_, k)| theirs(k))
            .map(|(id, k)| Account {
                marks: if self.by_email { k.email.iter().cloned().collect() } else { vec![k.number.clone()] },
                ..account(&self.card, id, k)
            })
            .collect())
    }

    async fn get(&self, id: &str) -> Result<Option<Account>, ReadFault> {
        self.held_up(Pause::Read);
        let mut s = self.read()?;
        let Some(k) = s.accounts.get_mut(id) else { return Ok(None) };
        match k.later {
            Some((kind, 0)) => {
                k.later = None;
                apply(k, kind);
            }
            Some((kind, n)) => k.later = Some((kind, n - 1)),
            None => {}
        }
        Ok(Some(account(&self.card, id, k)))
    }

    async fn send(&self, call: &Call) -> Sent {
        self.held_up(Pause::Send);
        let mut s = self.lock();
        if s.down {
            return Sent::NotSent { why: fault("step-late"), retry_after: None };
        }
        if s.closed {
            return Sent::Unauthorised { why: fault("step-late") };
        }
        let how = s.faults.pop_front().unwrap_or(Fault::None);
        let arrives = matches!(how, Fault::None | Fault::LostAfter | Fault::GoesDown | Fault::Lie | Fault::DieAfter | Fault::Later);
        let before = s.accounts.get_mut(&call.account).map(|k| {
            if arrives {
                k.catch_up();
            }
            k.clone()
        });
        if arrives {
            let took = how != Fault::Lie && before.is_some();
            let (account, kind, key) = (call.account.clone(), call.kind, call.key.clone());
            s.writes.push(Arrival { account, kind, key, before: before.unwrap_or_default(), took });
        }
        let Some(k) = s.accounts.get_mut(&call.account) else { return Sent::Rejected { why: fault("refused-not-found") } };
        match how {
            Fault::None | Fault::LostAfter | Fault::GoesDown | Fault::DieAfter => apply(k, call.kind),
            Fault::Later => k.later = Some((call.kind, 1)),
            _ => {}
        }
        s.down |= how == Fault::GoesDown;
        drop(s);
        match how {
            Fault::None | Fault::Lie => Sent::Accepted,
            Fault::Later => Sent::Async,
            Fault::LostAfter | Fault::LostBefore | Fault::GoesDown => Sent::Unknown { why: fault("step-unread") },
            Fault::Refused => Sent::Rejected { why: fault("refused-not-found") },
            Fault::RateLimited => Sent::NotSent { why: fault("step-late"), retry_after: Some(30) },
            Fault::NotConnected => Sent::NotSent { why: fault("step-late"), retry_after: None },
            Fault::Unauthorised => Sent::Unauthorised { why: fault("step-late") },
            Fault::DieBefore | Fault::DieAfter => panic!("the worker dies here"),
        }
    }

    async fn check(&self) -> Health {
        let ok = !self.lock().down;
        Health { ok, ..Health::of(&self.card) }
    }
}
