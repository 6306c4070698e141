//! Contests of scores: recorded and answered; the texts and what the score was made of are sealed under the person's key.

use super::{
    Service,
    act::{Decided, Told, refuse},
    apply::Touch,
    cursor::{limit, page, timed},
};
use crate::{
    backend::{ActRequest, Failure, FailureKind, Page, answer::ContestCard, query::Slice},
    domain::{
        act::{Act, Change, Context, Entity, RefusalClass},
        alert::AlertKind,
        contest::{Contest, ContestFacts, decide},
        ids::{ContestId, PersonId, SpellId},
        row::{ContestRow, Within},
        sentence::Sentence,
    },
    store::{self, Tx},
};
use uuid::Uuid;

impl Service {
    /// Decides `score.contest` (of a person) and `score.answer` (of a contest).
    pub(super) fn decide_contest(&self, tx: &mut Tx, request: &ActRequest, target: Uuid, seen: Option<i64>, cx: &mut Context) -> Told {
        let missing = || Ok(Err(refuse(RefusalClass::NotFound, "refused-not-found")));
        let (person, answered) = match &request.act {
            Act::ScoreContest { .. } => (PersonId(target), None),
            _ => match store::contest::get(tx, ContestId(target))? {
                Some(c) => (c.person, Some(c)),
                None => return missing(),
            },
        };
        let Some(p) = store::person::get(tx, person)?.filter(|p| !p.erased) else { return missing() };
        let spell = answered.as_ref().map_or(p.spell, |c| c.spell);
        let contest = match answered {
            Some(c) => Some(c),
            None => store::contest::open_of(tx, spell)?,
        };
        if let Some(c) = contest.as_ref().filter(|_| matches!(request.act, Act::ScoreAnswer { .. }))
            && let Err(refusal) = self.one_hat(tx, cx, &[c.opened_by])?
        {
            return Ok(Err(refusal));
        }
        let (open, closed) = store::alert::of_spell(tx, spell, AlertKind::AttritionRisk)?;
        let known = store::operator::of_person(tx, person, &[])?;
        let facts = ContestFacts {
            person,
            spell,
            live: p.spell == spell && p.state.is_live(),
            current: store::score::current(tx, spell)?.map(|s| (s.id, s.score, s.band)),
            contest,
            own: known.iter().any(|o| o.id == cx.operator),
            open,
            closed,
        };
        let changes = match decide(&facts, &request.act, seen, cx) {
            Ok(changes) => changes,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let made = changes.iter().find_map(|c| if let Change::Contest(c) = c { Some(c.as_ref().clone()) } else { None });
        let Some(made) = made else { return Err(Failure::broken("no change of a contest")) };
        self.seal_contest(tx, &request.act, &made)?;
        let (before, after) = (facts.contest.as_ref().map(|c| c.version), Some(made.version));
        let mut items = vec![self.item(tx, Entity::Contest, made.id.0, Some(person), before, after, request)?];
        for c in &changes {
            if let Change::Alert(a) = c {
                let before = facts.open.as_ref().map(|a| a.version);
                let (id, person) = (a.id.0, Some(a.person));
                items.push(crate::domain::audit::Item { entity: Entity::Alert, id, person, before, after: Some(a.version), sealed: None });
            }
        }
        Ok(Ok(Decided { changes, items, version: after, pending: None }))
    }

    /// Writes the row with its texts: the pure decision knows no keys.
    fn seal_contest(&self, tx: &mut Tx, act: &Act, c: &Contest) -> Result<(), Failure> {
        match act {
            Act::ScoreContest { text } => {
                let person = store::person::get(tx, c.person)?.ok_or_else(|| Failure::broken("nobody contests"))?;
                // As it was shown: the snapshot with all that pushed it.
                let score = self.current_score(tx, &person)?;
                let explained = serde_json::to_string(&score).map_err(Failure::broken)?;
                let (said, explained) = (self.vault.seal_for(tx, c.person, text)?, self.vault.seal_for(tx, c.person, &explained)?);
                Ok(store::contest::add(tx, c, &said, &explained)?)
            }
            Act::ScoreAnswer { text, .. } => {
                let answer = self.vault.seal_for(tx, c.person, text)?;
                Ok(store::contest::answer(tx, c, &answer)?)
            }
            _ => Err(Failure::broken("no act of a contest")),
        }
    }

    /// What a changed contest brings besides its row: the score is looked at again, and whoever looks at it is told.
    pub(super) fn apply_contest(&self, tx: &mut Tx, c: &Contest, touched: &mut Touch) -> Result<(), Failure> {
        touched.other.insert(("contest", c.id.0));
        touched.other.insert(("person", c.person.0));
        if !c.state.is_open() {
            store::score::mark(tx, std::iter::once(c.spell))?;
            self.queue(tx, "score", "all", tx.now(), "")?;
        }
        Ok(())
    }

    /// Whether the score of a spell may raise nothing now.
    pub(super) fn is_contested(&self, tx: &mut Tx, spell: SpellId) -> Result<bool, store::StoreError> {
        Ok(store::contest::open_of(tx, spell)?.is_some())
    }

    pub(super) fn contests(&self, tx: &mut Tx, all: bool, within: &Within, slice: &Slice) -> Result<Page<ContestRow>, Failure> {
        let due = |tx: &mut Tx, id| Ok(store::contest::get(tx, ContestId(id))?.map(|c| c.due_at.as_microsecond()));
        let after = timed(tx, slice, due)?;
        let rows = store::contest::page(tx, all, within, &after, limit(slice))?;
        Ok(page(rows, slice, |r| format!("{}.{}", r.contest.due_at.as_microsecond(), r.contest.id)))
    }

    /// One contest with its words and with what the score was made of when it was contested.
    pub(super) fn contest_card(&self, tx: &mut Tx, id: ContestId) -> Result<ContestCard, Failure> {
        let missing = || Failure::new(FailureKind::NotFound, Sentence::new("not-found").with("what", "@entity-contest"));
        let row = store::contest::row(tx, id)?.ok_or_else(missing)?;
        let (said, answer, explained) = store::contest::texts(tx, id)?.ok_or_else(missing)?;
        let reader = self.vault.reader(tx, row.contest.person)?;
        let explained = reader.open(&explained).and_then(|text| serde_json::from_str(&text).ok()).flatten();
        Ok(ContestCard { said: reader.open(&said), answer: answer.and_then(|a| reader.open(&a)), explained, row })
    }
}
