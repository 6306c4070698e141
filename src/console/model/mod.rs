//! The whole state of the console. No I/O, no clock: `update` changes it, `view` draws it.

pub mod admin;
pub mod approvals;
pub mod clean;
pub mod dataset;
pub mod find;
pub mod freeze;
pub mod import;
pub mod line;
pub mod list;
pub mod offboarding;
pub mod overlay;
pub mod rows;
pub mod window;

use super::{
    command::{CommandId, Scope, key::Key, keymap::Keymap},
    effect::{Effect, JobId, ReqId, Slot},
    look::Look,
    runtime::Options,
};
use crate::{
    backend::{
        ActRequest, Failure, Filter, Query, Target,
        answer::{AlertRow, AuditRow, Home, PersonCard, PersonRow, PlanRow, ScorePoint, TimelineRow, Today},
        query::{AlertView, TimelineKind},
    },
    domain::{act::Entity, ids::PersonId, operator::Identity, person::PersonRef, sentence::Sentence},
    text::{Lang, Texts},
};
use admin::{AdminPane, AdminTab};
use approvals::ApprovalsPane;
use dataset::{Dataset, Remote};
use freeze::{FreezePane, OrderPane};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use list::List;
use offboarding::{BoardPane, CasePane};
use overlay::{Draft, DraftKey, Form, Open, Overlay};
pub use rows::label;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};
use strum::{Display, EnumIter};
use uuid::Uuid;

/// A pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    Today,
    Alerts,
    People,
    Person,
    Plans,
    Approvals,
    /// Freeze orders.
    Freezes,
    /// One freeze order.
    Order,
    Offboarding,
    /// One offboarding case.
    Case,
    Audit,
    /// What runs the home.
    Admin,
}

/// Why acts are forbidden, if they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    Open,
    /// Set with `L`, lifted with `L`.
    Own,
    /// From the command line, the profile or the role: it takes a new start.
    Given,
}

/// What set the lock; the strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum LockedBy {
    /// `--read-only`.
    Flag,
    /// `console.read_only` of the home's configuration.
    Profile,
    /// A role that may only look.
    Role,
    /// The hours of `console.locked`.
    Night,
    /// `L`.
    Key,
}

impl LockedBy {
    /// Code of the reason that it is against acts.
    pub fn off(self) -> &'static str {
        match self {
            Self::Flag => "off-locked-given",
            Self::Profile => "off-locked-profile",
            Self::Role => "off-locked-role",
            Self::Night | Self::Key => "off-locked",
        }
    }
}

/// The link to the company's data, as the watch sees it.
#[derive(Clone, Debug)]
pub enum Link {
    /// Before the first answer.
    Opening,
    Up,
    /// Lost since then; tried again at `again`.
    Lost {
        since: Timestamp,
        again: Timestamp,
        tries: u32,
        why: Failure,
    },
}

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Info,
    Warn,
}

/// One line above the footer, until the next command.
#[derive(Clone, Debug)]
pub struct Notice {
    pub tone: Tone,
    pub what: Sentence,
}

/// What a key press meant: the rows and the versions that were on screen then.
#[derive(Clone, Debug, PartialEq)]
pub struct Captured {
    pub entity: Entity,
    pub items: Vec<Item>,
    /// More about a single target, for forms that need it.
    pub alert: Option<Box<AlertRow>>,
    /// The plan that was on screen, for a freeze or a thaw: its hash is what is asked for.
    pub plan: Option<Box<crate::domain::freeze::plan::Plan>>,
    /// Whom the act names beside its targets: who takes customers over, who collects what they owe.
    pub who: Option<Box<PersonRef>>,
}

/// One target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub target: Target,
    /// Name and number, as the confirmation shows them.
    pub label: String,
}

/// An act on its way.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: JobId,
    pub command: CommandId,
    pub request: ActRequest,
    pub on: Captured,
    /// The form that it was written in: a success makes its draft needless, and anything else brings it back.
    pub form: Option<Box<Form>>,
    /// No answer came: it may have happened. Asked again with the same key at this time.
    pub unknown: Option<Timestamp>,
    pub tries: u32,
    /// Submit the plan that this act creates.
    pub submit: bool,
    /// A file of this machine that is put into the store before the act, which then names it by its hash.
    pub file: Option<PathBuf>,
}

/// The text of a filter and what it means.
#[derive(Clone, Debug, Default)]
pub struct FilterText {
    pub text: String,
    pub filter: Filter,
}

#[derive(Clone, Debug, Default)]
pub struct TodayPane {
    pub counts: Remote<Today>,
    pub urgent: List<AlertRow>,
}

#[derive(Clone, Debug, Default)]
pub struct AlertsPane {
    pub view: AlertView,
    pub filter: FilterText,
    pub list: List<AlertRow>,
}

#[derive(Clone, Debug, Default)]
pub struct PeoplePane {
    pub filter: FilterText,
    pub list: List<PersonRow>,
}

#[derive(Clone, Debug)]
pub struct PersonPane {
    pub id: PersonId,
    /// Name and number, from the row that was opened, until the card is here.
    pub label: String,
    pub card: Remote<Box<PersonCard>>,
    pub series: Remote<Vec<ScorePoint>>,
    pub kind: Option<TimelineKind>,
    pub list: List<TimelineRow>,
}

impl PersonPane {
    /// The pane of a person about whom nothing is known yet.
    pub fn new(id: PersonId, label: String) -> Self {
        Self { id, label, card: Remote::default(), series: Remote::default(), kind: None, list: List::default() }
    }
}

#[derive(Clone, Debug, Default)]
pub struct PlansPane {
    pub filter: FilterText,
    pub list: List<PlanRow>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuditTab {
    #[default]
    Acts,
    Access,
}

#[derive(Clone, Debug, Default)]
pub struct AuditPane {
    pub tab: AuditTab,
    pub filter: FilterText,
    pub list: List<AuditRow>,
}

/// Everything.
#[derive(Clone)]
pub struct Model {
    pub who: Identity,
    pub environment: String,
    /// Known from the start; the home says it again.
    pub made: bool,
    /// What keeps the data: an engine, or the address of an API.
    pub backend: String,
    pub lock: Lock,
    pub locked_by: LockedBy,
    pub lang: Lang,
    pub zone: TimeZone,
    pub texts: Arc<Texts>,
    pub look: Look,
    pub keys: Keymap,
    /// Columns and rows.
    pub size: (u16, u16),
    pub now: Timestamp,

    pub home: Remote<Box<Home>>,
    pub pane: Pane,
    /// Where Back goes, nearest last.
    pub trail: Vec<Pane>,
    pub today: TodayPane,
    pub alerts: AlertsPane,
    pub people: PeoplePane,
    pub person: Option<PersonPane>,
    pub plans: PlansPane,
    pub approvals: ApprovalsPane,
    pub freezes: FreezePane,
    pub order: Option<OrderPane>,
    pub board: BoardPane,
    pub case: Option<CasePane>,
    pub audit: AuditPane,
    pub admin: AdminPane,

    pub import: import::Import,
    /// Why no sample company can be made from here; `None` when it can.
    pub no_sample: Option<Sentence>,
    pub overlay: Option<Open>,
    pub notice: Option<Notice>,
    pub jobs: Vec<Job>,
    /// Typed and not sent, by form and target.
    pub drafts: BTreeMap<DraftKey, Draft>,
    /// Keys of a chord that is not complete.
    pub chord: Vec<Key>,
    pub link: Link,
    /// By how much the store's clock, which this console goes by, is ahead of this machine's, where that is worth saying.
    pub skew: Option<SignedDuration>,
    /// Watch mark; `None` until the first answer.
    pub mark: Option<i64>,
    /// Command that `.` repeats.
    pub last: Option<CommandId>,
    /// Alert that `u` reopens: closed by this console a moment ago.
    pub closed: Option<(Uuid, String)>,
    /// Open after the first frame: faults of the operator's files.
    pub faults: Vec<Sentence>,
    pub verify: Option<ReqId>,
    /// The jobs of the home run in this process: an order stands still when it ends.
    pub runs: bool,
    /// The question about orders under way that leaving waits for.
    pub leaving: Option<ReqId>,
    /// When what could not be read is asked for again, and how often that failed.
    pub retry: Option<Timestamp>,
    /// When somebody who was revealed is hidden again: what is shown is asked for then.
    pub hides: Option<Timestamp>,
    pub retries: u32,

    /// First part of idempotency keys: unique to this run.
    nonce: String,
    numbers: u64,
    /// Effects of the update that is under way.
    pub(super) outbox: Vec<Effect>,
}

impl Model {
    /// Reasons of a freeze that are offered by number, in the operator's words.
    pub fn reasons(&self) -> Vec<String> {
        let home = self.home.data.value();
        home.into_iter().flat_map(|h| &h.reasons).map(|r| self.tf("just-text", &[("text", r)])).collect()
    }

    /// The state before anything was asked. `nonce` makes this run's idempotency keys its own.
    pub fn new(who: Identity, options: &Options, nonce: String, now: Timestamp) -> Self {
        let (keys, mut faults) = Keymap::new(options.keymap.as_deref());
        faults.extend(options.faults.iter().cloned());
        let (lock, locked_by) = match (options.read_only, options.given) {
            (true, _) => (Lock::Given, LockedBy::Flag),
            (false, Some(by)) => (Lock::Given, by),
            (false, None) => (if options.locked { Lock::Own } else { Lock::Open }, LockedBy::Night),
        };
        Self {
            who,
            environment: options.environment.clone(),
            made: options.made_data,
            backend: options.backend.clone(),
            lock,
            locked_by,
            lang: options.lang,
            zone: options.zone.clone(),
            texts: Arc::clone(&options.texts),
            look: Look::new(options.theme, options.glyphs, options.no_color, options.themes.clone()),
            keys,
            size: (80, 24),
            now,
            home: Remote::default(),
            pane: Pane::Today,
            trail: Vec::new(),
            today: TodayPane::default(),
            alerts: AlertsPane::default(),
            people: PeoplePane::default(),
            person: None,
            plans: PlansPane::default(),
            approvals: ApprovalsPane::default(),
            freezes: FreezePane::default(),
            order: None,
            board: BoardPane::default(),
            case: None,
            audit: AuditPane::default(),
            admin: AdminPane::default(),
            import: import::Import::default(),
            no_sample: options.no_sample.clone(),
            overlay: None,
            notice: None,
            jobs: Vec::new(),
            drafts: options.drafts.iter().map(|d| ((d.form, d.about.clone()), clean::draft(d))).collect(),
            chord: Vec::new(),
            link: Link::Opening,
            skew: None,
            mark: None,
            last: None,
            closed: None,
            faults,
            verify: None,
            runs: options.runs,
            leaving: None,
            retry: None,
            hides: None,
            retries: 0,
            nonce,
            numbers: 0,
            outbox: Vec::new(),
        }
    }

    /// Scopes of the pane, innermost first.
    pub fn scopes(&self) -> &'static [Scope] {
        use Scope::{
            Alerts, Approvals, Audit, Board, Case, Freeze, Global, Health, List, Operators, Order, Owed, People, Person, Plans, Signals,
            Start, Targets, Today, Tokens, Work,
        };
        match self.pane {
            Pane::Today if self.is_empty_home() => &[Start, List, Global],
            Pane::Today => &[Today, Work, List, Global],
            Pane::Alerts => &[Alerts, Work, List, Global],
            Pane::People => &[People, List, Global],
            Pane::Person => &[Person, Work, List, Global],
            Pane::Plans => &[Plans, List, Global],
            Pane::Approvals => &[Approvals, List, Global],
            Pane::Freezes => &[Freeze, List, Global],
            Pane::Order => &[Order, Freeze, List, Global],
            Pane::Offboarding if self.board.duties => &[Owed, List, Global],
            Pane::Offboarding => &[Board, List, Global],
            Pane::Case => &[Case, List, Global],
            Pane::Audit => &[Audit, List, Global],
            Pane::Admin => match self.admin.tab {
                AdminTab::Operators => &[Operators, List, Global],
                AdminTab::Tokens => &[Tokens, List, Global],
                AdminTab::Targets => &[Targets, List, Global],
                AdminTab::Signals => &[Signals, List, Global],
                AdminTab::Health => &[Health, List, Global],
                AdminTab::Roles | AdminTab::Jobs => &[List, Global],
            },
        }
    }

    /// What was typed and not sent.
    pub fn typed(&self) -> Vec<Draft> {
        self.drafts.values().cloned().collect()
    }

    /// A number that was not used before in this run.
    pub fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// A fresh idempotency key.
    pub fn key(&mut self) -> String {
        let n = self.number();
        format!("console-{}-{n}", self.nonce)
    }

    /// Asks the backend.
    pub fn ask(&mut self, slot: Slot, query: Query) -> ReqId {
        let req = self.number();
        self.outbox.push(Effect::Query { slot, req, query });
        req
    }

    /// Shows a line above the footer.
    pub fn tell(&mut self, tone: Tone, what: Sentence) {
        self.notice = Some(Notice { tone, what });
    }

    /// Lays something over the pane, in the place of what lay there.
    pub fn open(&mut self, what: Overlay) {
        self.chord.clear();
        self.overlay = Some(Open { what, shown: None });
    }

    /// Whether an act on this id is on its way.
    pub fn is_busy(&self, id: Uuid) -> bool {
        self.jobs.iter().any(|j| j.on.items.iter().any(|i| i.target.id == id))
    }

    /// Whether the home is known to have nobody in it: a first run.
    pub fn is_empty_home(&self) -> bool {
        self.home.data.value().is_some_and(|h| h.people == 0)
    }

    /// Whether the link is lost, so that nothing shown can be vouched for.
    pub fn is_stale(&self) -> bool {
        matches!(self.link, Link::Lost { .. })
    }

    /// Since when what is shown cannot be vouched for, and why.
    pub fn stale(&self) -> Option<(Timestamp, &Failure)> {
        fn of<T>(data: &Dataset<T>) -> Option<(Timestamp, &Failure)> {
            match data {
                Dataset::Stale { at, why, .. } => Some((*at, why)),
                _ => None,
            }
        }
        if let Link::Lost { since, why, .. } = &self.link {
            return Some((*since, why));
        }
        match (self.pane, &self.person) {
            (Pane::Offboarding, _) if self.board.duties => of(&self.board.owed.data),
            (Pane::Offboarding, _) => of(&self.board.list.data),
            (Pane::Case, _) => self.case.as_ref().and_then(|c| of(&c.card.data)),
            (Pane::Today, _) => of(&self.today.counts.data),
            (Pane::Alerts, _) => of(&self.alerts.list.data),
            (Pane::People, _) => of(&self.people.list.data),
            (Pane::Person, Some(p)) => of(&p.card.data).or_else(|| of(&p.list.data)),
            (Pane::Person, None) => None,
            (Pane::Plans, _) => of(&self.plans.list.data),
            (Pane::Approvals, _) => of(&self.approvals.list.data),
            (Pane::Freezes, _) => of(&self.freezes.list.data),
            (Pane::Order, _) => self.order.as_ref().and_then(|o| of(&o.card.data)),
            (Pane::Audit, _) => of(&self.audit.list.data),
            (Pane::Admin, _) => of(&self.admin.list.data),
        }
    }

    /// A text of the console in the operator's language.
    pub fn t(&self, key: &str) -> String {
        self.texts.get(self.lang, key)
    }

    /// A text with arguments.
    pub fn tf(&self, key: &str, args: &[(&str, &str)]) -> String {
        self.texts.fmt(self.lang, key, args)
    }

    /// A sentence in the operator's language and zone.
    pub fn say(&self, what: &Sentence) -> String {
        self.texts.say(self.lang, what, &self.zone)
    }

    /// The word for a value of an enum.
    pub fn word(&self, topic: &str, value: impl std::fmt::Display) -> String {
        self.texts.word(self.lang, topic, value)
    }
}
