//! What offboarding and freezing ask for, as counts of the first screen.

use super::{Result, Tx, person::bound_in};
use crate::{
    domain::row::{Owed, Within},
    vals,
};
use jiff::{SignedDuration, ToSpan, civil::Date};

/// Days for which a duty counts as due soon.
const SOON: i64 = 3;

/// Days over which break-glass is counted.
pub const GLASS_DAYS: i64 = 30;

/// All of them in two statements. The employment that ends and the contract that is kept ask nobody for anything.
pub fn owed(tx: &mut Tx, today: Date, cases: &Within, freezes: &Within) -> Result<Owed> {
    let soon = today.checked_add(SOON.days()).unwrap_or(today);
    let mut params = vals![today, soon].to_vec();
    let case = bound_in("k.person", cases, &mut params);
    let duty = bound_in("person", cases, &mut params);
    let frozen = bound_in("person", freezes, &mut params);
    let found = tx.one(
        &format!(
            "select i.n, d.late, d.owed - d.late, f.alone, f.drifted, f.part from \
         (select count(*) as n from cases k join handover_items t on t.case_id = k.id where k.open = 1 and t.state = 'returned'{case}) i, \
         (select count(*) as owed, coalesce(sum(case when due_on < $1 then 1 else 0 end), 0) as late from duties \
          where state = 'open' and due_on <= $2 and kind not in ('last_day', 'keep_contract'){duty}) d, \
         (select (select count(*) from freezes where confirm_due is not null{frozen}) as alone, \
          (select count(*) from freezes where state = 'drifted'{frozen}) as drifted, \
          (select count(*) from freezes where state in ('partial', 'failed'){frozen}) as part) f"
        ),
        &params,
        |r| {
            Ok(Owed {
                items_returned: r.get(0)?,
                duties_overdue: r.get(1)?,
                duties_due: r.get(2)?,
                freezes_unconfirmed: r.get(3)?,
                freezes_drifted: r.get(4)?,
                freezes_partial: r.get(5)?,
                ..Owed::default()
            })
        },
    )?;
    let month = tx.now() - SignedDuration::from_hours(24 * GLASS_DAYS);
    let break_glass = if *freezes == Within::Everybody { super::freeze::break_glass(tx, month)? } else { 0 };
    Ok(Owed { break_glass, ..found.unwrap_or_default() })
}
