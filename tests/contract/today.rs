//! What offboarding and freezing ask for, as the first screen counts it.

use crate::{
    freezes::{pass, request, state, wish},
    kit::{Engine, Kit},
    offboarding::{card, company, item, submit, under_way},
    sim::{Fault, Sim},
};
use tenure::{
    backend::{Query, answer::Today},
    domain::{
        act::Act,
        freeze::{Level, OrderState},
        handover::{Evidence, ItemKind, ItemState},
    },
};

on_all!(what_offboarding_asks_for_is_counted, what_freezing_asks_for_is_counted);

fn today(kit: &Kit) -> Today {
    *ask!(kit.me(), Query::Today => Today)
}

fn what_offboarding_asks_for_is_counted(on: Engine) {
    let kit = company(on);
    let offboarding = |t: &Today| (t.owed.items_returned, t.owed.duties_overdue, t.owed.duties_due);
    assert_eq!(offboarding(&today(&kit)), (0, 0, 0));
    // Certificate and final pay are due on the last day, the rest fifteen days later or never late.
    let c = under_way(&kit, "10002", 3);
    assert_eq!(offboarding(&today(&kit)), (0, 0, 2));
    let chen = kit.hand("chen");
    let letter = item(&c, ItemKind::Customer);
    chen.on(Act::OffboardingSubmit { evidence: Box::new(Evidence::default()) }, letter.id, None);
    assert_eq!(item(&card(&kit, c.row.case.id), ItemKind::Customer).state, ItemState::Returned);
    assert_eq!(offboarding(&today(&kit)), (1, 0, 2));
    submit(&kit, &chen, &letter);
    assert_eq!(offboarding(&today(&kit)), (0, 0, 2), "what was handed in again is not back any more");
    kit.time.hours(4 * 24);
    assert_eq!(offboarding(&today(&kit)), (0, 2, 0));
    chen.on(Act::OffboardingWithdraw, c.row.case.id, None);
    assert_eq!(offboarding(&today(&kit)), (0, 0, 0), "nothing is owed to who stays");
}

fn what_freezing_asks_for_is_counted(on: Engine) {
    let sim = Sim::new("idp");
    let kit = crate::freezes::company(on, &[&sim]);
    let freezing = |t: &Today| (t.owed.freezes_unconfirmed, t.owed.freezes_drifted, t.owed.freezes_partial);
    assert_eq!(freezing(&today(&kit)), (0, 0, 0));
    let id = request(&kit, &kit.hand("chen"), "20001", wish(Level::Suspend));
    kit.drain();
    assert_eq!(freezing(&today(&kit)), (1, 0, 0));
    kit.hand("lin").on(Act::FreezeConfirm, id, None);
    assert_eq!(freezing(&today(&kit)), (0, 0, 0));
    sim.edit("u20001", |k| k.enabled = true);
    kit.time.hours(2);
    pass(&kit, 1);
    assert_eq!(freezing(&today(&kit)), (0, 1, 0));
    // The batch limit looks back a day.
    kit.time.hours(25);
    sim.fail(&[Fault::Refused]);
    let id = request(&kit, &kit.hand("chen"), "20002", wish(Level::Suspend));
    pass(&kit, 1);
    assert!(matches!(state(&kit, id), OrderState::Partial | OrderState::Failed));
    assert_eq!(freezing(&today(&kit)), (1, 1, 1));
}
