//! The one command table. Dispatch, footer, palette, help, `config/keymap.toml` and the LOCKED rule all come from it.
//!
//! A command is one row here, one arm in `update::run`, and two texts in `config/locales/*/keys.ftl` (title and help).

pub mod enabled;
pub mod key;
pub mod keymap;

use crate::{
    backend::table::{ACTS, ActRow, Danger},
    domain::act::ActKind,
};
use strum::{EnumIter, IntoStaticStr};

/// Where a command can be used. The panes give a chain of scopes, innermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Scope {
    Global,
    /// Any list with a cursor.
    List,
    /// Any pane whose cursor stands on an alert, or on a person who has one.
    Work,
    /// The first pane of a home with nobody in it.
    Start,
    Today,
    Alerts,
    People,
    Person,
    Plans,
    Approvals,
    /// The offboarding board.
    Board,
    /// Duties, whether there is a case or not.
    Owed,
    /// One offboarding case.
    Case,
    Audit,
    /// Sections of the admin pane.
    Operators,
    Tokens,
    Targets,
    Signals,
    Health,
    /// Freeze orders, in the list and one by one.
    Freeze,
    Order,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    pub id: CommandId,
    /// Name in `keymap.toml` and in the palette.
    pub name: &'static str,
    pub scope: Scope,
    /// Default keys, separated by `|`; a chord is written with spaces. Empty: palette only.
    pub keys: &'static str,
    /// The act that it ends in.
    pub act: Option<ActKind>,
    /// Place in the footer: 1 is first, 0 is never.
    pub footer: u8,
}

impl Command {
    fn ends_in(&self) -> Option<&'static ActRow> {
        self.act.and_then(|kind| ACTS.iter().find(|r| r.kind == kind))
    }

    /// What LOCKED looks at.
    pub fn danger(&self) -> Danger {
        self.ends_in().map_or(Danger::Local, |r| r.danger)
    }

    /// What the operator's role must have.
    pub fn permission(&self) -> Option<&'static str> {
        self.ends_in().map(|r| r.permission)
    }

    /// Key of the title in the locale files.
    pub fn title(&self) -> String {
        format!("cmd-{}", self.name.replace('.', "-"))
    }

    /// Key of the one-line help in the locale files.
    pub fn help(&self) -> String {
        format!("{}-help", self.title())
    }
}

macro_rules! commands {
    ($($id:ident $name:literal $scope:ident $keys:literal $act:expr, $footer:literal;)+) => {
        /// Every command.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter)]
        pub enum CommandId { $($id),+ }

        /// The table, in the order of the help.
        pub const COMMANDS: &[Command] = &[$(Command {
            id: CommandId::$id, name: $name, scope: Scope::$scope, keys: $keys, act: $act, footer: $footer,
        }),+];

        /// The row of a command.
        pub fn row(id: CommandId) -> &'static Command {
            match id {
                $(CommandId::$id => &Command {
                    id: CommandId::$id, name: $name, scope: Scope::$scope, keys: $keys, act: $act, footer: $footer,
                }),+
            }
        }
    };
}

commands! {
    GoToday "go.today" Global "g h" None, 0;
    GoAlerts "go.alerts" Global "g a" None, 0;
    GoPeople "go.people" Global "g p" None, 0;
    GoTimeline "go.timeline" Global "g t" None, 0;
    GoPlans "go.plans" Global "g m" None, 0;
    GoApprovals "go.approvals" Global "g r" None, 0;
    GoFreezes "go.freezes" Global "g f" None, 0;
    GoOffboarding "go.offboarding" Global "g o" None, 0;
    GoAudit "go.audit" Global "g u" None, 0;
    GoAdmin "go.admin" Global "g s" None, 0;

    StartSample "start.sample" Start "s" None, 1;
    StartImport "start.import" Start "i" Some(ActKind::ImportPublish), 2;

    ListOpen "list.open" List "enter" None, 1;
    ListDown "list.down" List "j | down" None, 0;
    ListUp "list.up" List "k | up" None, 0;
    ListPageDown "list.page-down" List "pgdn | ctrl-f" None, 0;
    ListPageUp "list.page-up" List "pgup | ctrl-u" None, 0;
    ListFirst "list.first" List "g g | home" None, 0;
    ListLast "list.last" List "G | end" None, 0;
    ListMark "list.mark" List "space" None, 22;
    ListMarkAll "list.mark-all" List "*" None, 0;
    ListFilter "list.filter" List "/" None, 20;
    ListNextView "list.next-view" List "tab" None, 21;
    ListPrevView "list.prev-view" List "shift-tab" None, 0;
    CopyNumber "list.copy-number" List "y" None, 0;

    AlertAck "alert.ack" Work "a" Some(ActKind::AlertAck), 2;
    AlertTalk "alert.talk" Work "t" Some(ActKind::AlertTalk), 3;
    AlertNote "alert.note" Work "c" Some(ActKind::AlertNote), 4;
    AlertAssign "alert.assign" Work "o" Some(ActKind::AlertAssign), 8;
    AlertSnooze "alert.snooze" Work "z" Some(ActKind::AlertSnooze), 7;
    AlertEscalate "alert.escalate" Work "e" Some(ActKind::AlertEscalate), 9;
    AlertPlan "alert.plan" Work "p | P" Some(ActKind::PlanCreate), 5;
    AlertReport "alert.report" Work "v" None, 6;
    AlertResolve "alert.resolve" Work "x" Some(ActKind::AlertResolve), 10;
    AlertDismiss "alert.dismiss" Work "d" Some(ActKind::AlertDismiss), 11;
    AlertReopen "alert.reopen" Work "O" Some(ActKind::AlertReopen), 12;
    AlertUndo "alert.undo" Work "u" Some(ActKind::AlertReopen), 0;

    PersonNextKind "person.next-kind" Person "n" None, 2;
    PersonPrevKind "person.prev-kind" Person "p" None, 0;
    PersonWhatIf "person.what-if" Person "w" None, 3;

    PersonReveal "person.reveal" Person "r" Some(ActKind::PersonReveal), 5;
    PersonContest "score.contest" Person "C" Some(ActKind::ScoreContest), 6;
    PersonAnswer "score.answer" Person "A" Some(ActKind::ScoreAnswer), 2;
    PersonLeaves "offboarding.start" Person "X" Some(ActKind::OffboardingStart), 4;

    PlanSubmit "plan.submit" Plans "s" Some(ActKind::PlanSubmit), 2;
    PlanAdvance "plan.advance" Plans "a" Some(ActKind::PlanAdvance), 3;
    PlanOutcome "plan.outcome" Plans "o" Some(ActKind::PlanOutcome), 4;
    PlanCancel "plan.cancel" Plans "x" Some(ActKind::PlanCancel), 5;
    ApprovalGrant "approval.grant" Approvals "a" Some(ActKind::ApprovalGrant), 2;
    ApprovalDeny "approval.deny" Approvals "d" Some(ActKind::ApprovalDeny), 3;

    // Each of these opens a plan or a question and sends nothing by itself; `enabled` looks at the lock.
    FreezePlan "freeze.plan" Global "F" None, 0;
    FreezeApprove "freeze.approve" Freeze "A" None, 2;
    FreezeConfirm "freeze.confirm" Freeze "c" Some(ActKind::FreezeConfirm), 3;
    FreezeResume "freeze.resume" Freeze "R" None, 5;
    FreezeStop "freeze.stop" Freeze "S" Some(ActKind::FreezeStop), 6;
    FreezeVerify "freeze.verify" Freeze "v" Some(ActKind::FreezeVerify), 7;
    FreezeThaw "freeze.thaw" Freeze "T" None, 8;
    FreezeCancel "freeze.cancel" Freeze "x" Some(ActKind::FreezeCancel), 9;
    FreezeNote "freeze.note" Freeze "h" Some(ActKind::FreezeNote), 10;
    FreezeWaive "freeze.waive" Order "w" Some(ActKind::FreezeWaive), 4;
    DutyDone "duty.done" Owed "m" Some(ActKind::OffboardingDuty), 2;
    CaseSubmit "offboarding.submit" Case "s" Some(ActKind::OffboardingSubmit), 2;
    CaseAccept "offboarding.review" Case "a" Some(ActKind::OffboardingReview), 3;
    CaseReturn "offboarding.return" Case "B" Some(ActKind::OffboardingReturn), 4;
    CaseDuty "offboarding.duty" Case "m" Some(ActKind::OffboardingDuty), 5;
    CaseAdvance "offboarding.advance" Case "n" Some(ActKind::OffboardingAdvance), 6;
    CaseTransfer "offboarding.transfer" Case "T" Some(ActKind::CustomerTransfer), 7;
    CaseAssign "offboarding.assign" Case "o" Some(ActKind::OffboardingAssign), 8;
    CaseWaive "offboarding.waive" Case "w" Some(ActKind::OffboardingWaive), 9;
    CaseApprove "offboarding.approve" Case "p" Some(ActKind::OffboardingApprove), 10;
    CaseClose "offboarding.close" Case "C" Some(ActKind::OffboardingClose), 11;
    CaseWithdraw "offboarding.withdraw" Case "W" Some(ActKind::OffboardingWithdraw), 12;
    CaseAbandon "offboarding.abandon" Case "J" Some(ActKind::OffboardingAbandon), 0;
    CaseBlock "offboarding.block" Case "b" Some(ActKind::OffboardingBlock), 0;
    CaseCorrect "offboarding.correct" Case "c" Some(ActKind::OffboardingCorrect), 0;
    CaseExport "offboarding.export" Case "E" Some(ActKind::OffboardingExport), 0;
    CaseRead "offboarding.read" Case "v" None, 0;

    OperatorAdd "operator.add" Operators "n" Some(ActKind::OperatorAdd), 2;
    OperatorRevoke "operator.revoke" Operators "x" Some(ActKind::OperatorRevoke), 3;
    OperatorRestore "operator.restore" Operators "R" Some(ActKind::OperatorRestore), 4;
    TokenRevoke "token.revoke" Tokens "x" Some(ActKind::TokenRevoke), 2;
    TargetsCheck "targets.check" Targets "v" None, 2;
    SignalEnable "signal.enable" Signals "e" Some(ActKind::SignalEnable), 2;
    SignalDisable "signal.disable" Signals "x" Some(ActKind::SignalDisable), 3;
    HealthVerify "health.verify" Health "v" None, 2;

    AuditVerify "audit.verify" Audit "v" None, 2;

    AppPalette "app.palette" Global ":" None, 30;
    AppKeys "app.keys" Global "?" None, 31;
    AppBack "app.back" Global "esc" None, 0;
    AppClose "app.close" Global "q" None, 32;
    AppRepeat "app.repeat" Global "." None, 0;
    AppRefresh "app.refresh" Global "ctrl-l | ctrl-r" None, 0;
    AppLang "app.lang" Global "ctrl-g" None, 0;
    AppLock "app.lock" Global "L" None, 0;
    AppQuit "app.quit" Global "Q | ctrl-c" None, 0;
    LangEn "lang.en" Global "" None, 0;
    LangZhCn "lang.zh-CN" Global "" None, 0;
    ThemeAnsi "theme.ansi" Global "" None, 0;
    ThemeDark "theme.dark" Global "" None, 0;
    ThemeLight "theme.light" Global "" None, 0;
    ThemeMono "theme.mono" Global "" None, 0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Lang, Texts};
    use std::collections::BTreeSet;
    use strum::IntoEnumIterator;

    #[test]
    fn every_command_has_its_own_row_and_name() {
        for id in CommandId::iter() {
            assert_eq!(row(id).id, id);
        }
        assert_eq!(COMMANDS.iter().map(|c| c.name).collect::<BTreeSet<_>>().len(), COMMANDS.len());
    }

    #[test]
    fn every_command_has_title_and_help_in_both_languages() {
        let texts = Texts::new(&[]);
        for c in COMMANDS {
            for key in [c.title(), c.help()] {
                for lang in Lang::ALL {
                    let text = texts.get(lang, &key);
                    assert!(!text.is_empty() && text != key, "{lang}: {key}");
                }
            }
        }
    }

    #[test]
    fn default_keys_work_on_every_keyboard() {
        for chord in COMMANDS.iter().flat_map(keymap::defaults) {
            for key in &chord.0 {
                assert!(!key.alt, "{chord}");
                assert!(!matches!(key.code, key::Code::F(_)), "{chord}");
                assert!(
                    !(key.ctrl && matches!(key.code, key::Code::Char('a' | 'b' | 's' | 'q' | 'z' | 'h' | 'i' | 'j' | 'm' | '[' | ' '))),
                    "{chord}"
                );
                assert!(!matches!(key.code, key::Code::Char('[' | ']' | '{' | '}' | '\\' | '@' | '~' | '|')), "{chord}");
            }
        }
    }

    /// Invariant 47: what cannot be taken back is never one unmodified key.
    #[test]
    fn no_single_key_is_destructive() {
        for c in COMMANDS.iter().filter(|c| c.danger() == Danger::Destructive) {
            assert!(keymap::defaults(c).all(|chord| chord.0.len() > 1 || chord.0.iter().any(|k| k.ctrl)));
        }
    }
}
