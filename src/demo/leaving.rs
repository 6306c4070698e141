//! The sample company's leavers, walked out as far as five of them have come: so that the board of a fresh home shows its columns.

use super::{Spec, lives};
use crate::{
    backend::{ActRequest, Failure},
    domain::{
        act::Act,
        handover::{Evidence, FileRef, ItemKind, ItemState},
        ids::{CaseId, ItemId, PersonId},
        offboarding::NewCase,
        operator::Identity,
        person::{ExitKind, SpellState},
    },
    service::Service,
    store,
};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use uuid::Uuid;

/// People among whom leavers are looked for.
const AMONG: usize = 400;

/// Who works in the home, by name.
type Crew = HashMap<&'static str, Identity>;

/// Starts the cases and moves them. `seller` is the one whose customers are on their way to a colleague.
pub(super) fn play(service: &Service, spec: &Spec, crew: &Crew, seller: Option<PersonId>) -> Result<(), Failure> {
    let mut stage = Stage { service, crew };
    if let Some(case) = stage.start(seller)? {
        stage.handover(case)?;
    }
    let mut others = Vec::new();
    for life in lives(spec).take(AMONG).filter(|l| l.state == SpellState::Notice) {
        let found = service.db().read(|tx| store::person::find(tx, &life.number, 1))?;
        let Some(id) = found.first().map(|p| p.id).filter(|id| Some(*id) != seller) else { continue };
        // Whoever has no customers is through the handover at once. The people of the article stay leavers.
        others.push((service.db().read(|tx| store::holding::count(tx, id))? > 0, life.fixed.is_none(), id));
    }
    others.sort_by_key(|(holds, free, _)| (*holds, *free));
    let mut others = others.into_iter().map(|(_, _, id)| id);
    if let Some(case) = stage.start(others.next())? {
        stage.open(case)?;
        stage.act(case.0, "zhang-hr", Act::OffboardingAdvance, None)?;
        if let Some(asset) = stage.items(case)?.into_iter().find(|(_, kind, _)| *kind == ItemKind::Asset) {
            let evidence =
                Evidence { note: Some("电脑与手机已于今日归还，序列号核对无误".into()), ..Evidence::default() };
            stage.act(asset.0.0, "li-hrm", Act::OffboardingSubmit { evidence: Box::new(evidence) }, None)?;
        }
    }
    if let Some(case) = stage.start(others.next())? {
        stage.act(case.0, "chen-director", Act::OffboardingApprove, None)?;
    }
    stage.start(others.next())?;
    if let Some(case) = stage.start(others.next())? {
        stage.act(case.0, "zhang-hr", Act::OffboardingWithdraw, Some("已谈妥转岗，本人决定留任"))?;
    }
    Ok(())
}

/// A home and the people who work in it.
struct Stage<'a> {
    service: &'a Service,
    crew: &'a Crew,
}

impl Stage<'_> {
    /// Does an act; answers the id that it was about, or `None` when it was refused.
    fn act(&mut self, target: Uuid, by: &str, act: Act, reason: Option<&str>) -> Result<Option<Uuid>, Failure> {
        let Some(who) = self.crew.get(by) else { return Ok(None) };
        let reply = self.service.act(who, &ActRequest { reason: reason.map(Into::into), ..ActRequest::one(act, target, None) })?;
        Ok(reply.outcomes.first().filter(|o| o.refusal.is_none()).map(|o| o.id))
    }

    fn start(&mut self, who: Option<PersonId>) -> Result<Option<CaseId>, Failure> {
        let Some(id) = who else { return Ok(None) };
        let person = self.service.db().read(|tx| store::person::get(tx, id))?;
        let Some((person, last_day)) = person.and_then(|p| p.last_day.map(|l| (p, l))) else { return Ok(None) };
        let new = NewCase { exit: person.exit.unwrap_or(ExitKind::Resigned), last_day, notice_on: None };
        Ok(self.act(id.0, "zhang-hr", Act::OffboardingStart { new }, None)?.map(CaseId))
    }

    /// Approved by somebody else, and begun.
    fn open(&mut self, case: CaseId) -> Result<(), Failure> {
        self.act(case.0, "li-hrm", Act::OffboardingApprove, None)?;
        self.act(case.0, "zhang-hr", Act::OffboardingAdvance, None)?;
        Ok(())
    }

    fn items(&self, case: CaseId) -> Result<Vec<(ItemId, ItemKind, ItemState)>, Failure> {
        Ok(self.service.db().read(|tx| store::offboarding::items(tx, case))?.into_iter().map(|i| (i.id, i.kind, i.state)).collect())
    }

    /// One letter is accepted, one came back, one is under review.
    fn handover(&mut self, case: CaseId) -> Result<(), Failure> {
        self.open(case)?;
        let today = self.service.db().read(|tx| Ok::<_, store::StoreError>(self.service.day(tx.now())))?;
        let letters = self.items(case)?.into_iter().filter(|(_, kind, _)| *kind == ItemKind::Customer).map(|(id, ..)| id);
        for (n, id) in letters.take(3).enumerate() {
            let text = format!("客户交接确认函（示例）第 {} 号\n本公司确认客户资料、订单与应收款项已交接清楚。\n", n + 1);
            let hash = hex::encode(Sha256::digest(text.as_bytes()));
            self.service.db().write(|tx| store::blob::put(tx, &hash, text.as_bytes()))?;
            let evidence = Evidence {
                file: Some(FileRef { hash, name: format!("交接确认函-{}.txt", n + 1) }),
                signatory: Some(["王经理", "陈女士", "刘先生"].get(n).copied().unwrap_or("王经理").into()),
                signed_on: Some(today),
                ..Evidence::default()
            };
            self.act(id.0, "zhang-hr", Act::OffboardingSubmit { evidence: Box::new(evidence) }, None)?;
            match n {
                0 => self.act(id.0, "li-hrm", Act::OffboardingReview { hash: None }, None)?,
                1 => self.act(id.0, "li-hrm", Act::OffboardingReturn { why: "缺客户签字，函上只有盖章".into() }, None)?,
                _ => None,
            };
        }
        Ok(())
    }
}
