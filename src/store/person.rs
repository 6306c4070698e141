//! People and spells.

use super::{Result, Row, Tx, Val, listed};
use crate::{
    domain::{
        act::Entity,
        freeze::grounds::Record,
        ids::{PersonId, SpellId},
        person::{EraseFacts, Person, PersonRef},
        row::{Filter, PersonRow, Within},
        score::Band,
    },
    vals,
};
use jiff::civil::Date;
use uuid::Uuid;

/// Columns of a [`PersonRef`], for `persons p join spells s`.
pub const REF: &str = "p.id, s.number, p.name, p.sort_name, s.org, s.post, s.critical, s.impact, s.state";

/// Reads a [`PersonRef`] from column `i` on.
pub fn map_ref(r: &Row, i: usize) -> Result<PersonRef> {
    Ok(PersonRef {
        id: r.get(i)?,
        number: r.get(i + 1)?,
        name: r.get(i + 2)?,
        sort_name: r.get(i + 3)?,
        org: r.get(i + 4)?,
        post: r.get(i + 5)?,
        critical: r.get(i + 6)?,
        impact: r.get(i + 7)?,
        state: r.get(i + 8)?,
    })
}

/// The columns of [`map_ref`] are this many.
pub const REF_LEN: usize = 9;

const PERSON: &str = "p.id, p.spell, s.number, p.name, p.sort_name, s.org, s.post, s.critical, s.impact, s.manager, s.state, s.started, \
                      s.last_day, s.exit, p.version, p.erased, p.email";

/// One person with the shown spell.
pub fn get(tx: &mut Tx, id: PersonId) -> Result<Option<Person>> {
    tx.one(&format!("select {PERSON} from persons p join spells s on s.id = p.spell where p.id = $1"), vals![id], |r| {
        Ok(Person {
            id: r.get(0)?,
            spell: r.get(1)?,
            number: r.get(2)?,
            name: r.get(3)?,
            sort_name: r.get(4)?,
            org: r.get(5)?,
            post: r.get(6)?,
            critical: r.get(7)?,
            impact: r.get(8)?,
            manager: r.get(9)?,
            state: r.get(10)?,
            started: r.get(11)?,
            last_day: r.get(12)?,
            exit: r.get(13)?,
            version: r.get(14)?,
            erased: r.get(15)?,
            email: r.get(16)?,
        })
    })
}

/// The short form of some people.
pub fn refs(tx: &mut Tx, ids: &[PersonId]) -> Result<Vec<PersonRef>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (list, params) = listed(ids.iter().copied());
    tx.all(&format!("select {REF} from persons p join spells s on s.id = p.spell where p.id in ({list}) order by p.id"), &params, |r| {
        map_ref(r, 0)
    })
}

/// Everyone whom a text may mean: exact number first, else exact name or sort name; the live ones before the departed.
pub fn find(tx: &mut Tx, text: &str, limit: i64) -> Result<Vec<PersonRef>> {
    if let Ok(id) = text.parse::<Uuid>() {
        return refs(tx, &[PersonId(id)]);
    }
    let by_number = tx.all(
        &format!("select {REF} from spells s join persons p on s.person = p.id where s.number = $1 and p.spell = s.id and p.erased = 0 order by s.live desc, p.id limit $2"),
        vals![text, limit],
        |r| map_ref(r, 0),
    )?;
    if !by_number.is_empty() {
        // A number is unique among live spells; an old spell's number never hides the person who has it now.
        let live: Vec<_> = by_number.iter().filter(|p| p.state.is_live()).cloned().collect();
        return Ok(if live.is_empty() { by_number } else { live });
    }
    tx.all(
        &format!(
            "select {REF} from persons p join spells s on s.id = p.spell where (p.name = $1 or p.sort_name = $2) and p.erased = 0 order by p.id limit $3"
        ),
        vals![text, text.to_lowercase(), limit],
        |r| map_ref(r, 0),
    )
}

/// Everyone with an e-mail, in any case of letters, the live ones first. Two are none to match by.
pub fn by_email(tx: &mut Tx, email: &str) -> Result<Vec<PersonRef>> {
    tx.all(
        &format!(
            "select {REF} from persons p join spells s on s.id = p.spell where p.email = $1 and p.erased = 0 order by s.live desc, p.id limit 20"
        ),
        vals![email.trim().to_lowercase()],
        |r| map_ref(r, 0),
    )
}

/// Whether one of these numbers or addresses is of somebody else who works here.
pub fn others_known_by(tx: &mut Tx, but: PersonId, marks: &[String]) -> Result<bool> {
    for mark in marks {
        if by_email(tx, mark)?.iter().any(|o| o.id != but && o.state.is_live()) {
            return Ok(true);
        }
        let sql = "select count(*) from spells s join persons p on p.id = s.person where s.number = $1 and s.live = 1 and p.erased = 0 and p.id <> $2";
        if tx.count(sql, vals![mark.trim(), but])? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Others with the same name.
pub fn homonyms(tx: &mut Tx, id: PersonId, name: &str) -> Result<Vec<PersonRef>> {
    tx.all(
        &format!("select {REF} from persons p join spells s on s.id = p.spell where p.name = $1 and p.id <> $2 and p.erased = 0 order by p.id limit 10"),
        vals![name, id],
        |r| map_ref(r, 0),
    )
}

/// Earlier spells of a person, newest first.
pub fn earlier(tx: &mut Tx, id: PersonId, shown: SpellId) -> Result<Vec<(Date, Option<Date>, String)>> {
    tx.all("select started, last_day, post from spells where person = $1 and id <> $2 order by started desc", vals![id, shown], |r| {
        Ok((r.get(0)?, r.get(1)?, r.get(2)?))
    })
}

/// Id and name of the live person with an employee number.
pub fn name_of_number(tx: &mut Tx, number: &str) -> Result<Option<(PersonId, String)>> {
    tx.one(
        "select p.id, p.name from spells s join persons p on p.id = s.person where s.number = $1 order by s.live desc limit 1",
        vals![number],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// What the record of a spell says, and who said it last.
pub fn record(tx: &mut Tx, spell: SpellId) -> Result<Option<Record>> {
    tx.one(
        "select s.number, p.source, p.source_key, (select i.file from imports i where i.source = p.source and i.state = 'published' \
         and i.kind in ('employees', 'exits') order by i.at desc, i.id desc limit 1), s.stated_on, s.state \
         from spells s join persons p on p.id = s.person where s.id = $1 and p.erased = 0",
        vals![spell],
        |r| Ok(Record { number: r.get(0)?, source: r.get(1)?, key: r.get(2)?, file: r.get(3)?, stated_on: r.get(4)?, state: r.get(5)? }),
    )
}

/// Where a page starts: the sort name and id of the row before it.
pub type After = Option<(String, PersonId)>;

/// Builds `and …` conditions over `persons p join spells s`, appending to `params`.
pub fn conditions(filter: &Filter, params: &mut Vec<Val>) -> String {
    let mut sql = String::new();
    if let Some(text) = filter.text.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
        // Prefixes, as ranges: both engines answer them from an index whatever the collation.
        let low = text.to_lowercase();
        params.push(Val::from(text));
        params.push(Val::from(end_of(text)));
        params.push(Val::from(low.as_str()));
        params.push(Val::from(end_of(&low)));
        let n = params.len();
        sql.push_str(&format!(
            " and ((p.name >= ${a} and p.name < ${b}) or (p.sort_name >= ${c} and p.sort_name < ${d}) or (s.number >= ${a} and s.number < ${b}))",
            a = n - 3,
            b = n - 2,
            c = n - 1,
            d = n
        ));
    }
    if let Some(v) = filter.critical {
        params.push(v.into());
        sql.push_str(&format!(" and s.critical = ${}", params.len()));
    }
    if let Some(v) = filter.impact {
        params.push(v.into());
        sql.push_str(&format!(" and s.impact = ${}", params.len()));
    }
    if let Some(v) = filter.org.as_deref() {
        // A path is a prefix; a bare name is any unit of the path.
        if v.starts_with('/') {
            params.push(Val::from(v));
            params.push(Val::from(format!("{v}/")));
            params.push(Val::from(format!("{v}0")));
            let n = params.len();
            sql.push_str(&format!(" and (s.org = ${} or (s.org >= ${} and s.org < ${}))", n - 2, n - 1, n));
        } else {
            // `%` and `_` are no part of a unit's name here; a filter of nothing else fits nobody.
            let unit = v.replace(['%', '_'], "");
            params.push(Val::from(if unit.is_empty() { String::new() } else { format!("%/{unit}%") }));
            sql.push_str(&format!(" and s.org like ${}", params.len()));
        }
    }
    sql.push_str(&bound(&filter.within, params));
    sql
}

/// The `and …` condition over `persons p join spells s` that a row is one of those the asker's role reaches.
pub fn bound(within: &Within, params: &mut Vec<Val>) -> String {
    match within {
        Within::Everybody => String::new(),
        Within::Nobody => " and 1 = 0".into(),
        Within::Org(path) => {
            params.extend([Val::from(path), Val::from(format!("{path}/")), Val::from(format!("{path}0"))]);
            let n = params.len();
            format!(" and (s.org = ${} or (s.org >= ${} and s.org < ${n}))", n - 2, n - 1)
        }
        Within::Own(me) => {
            params.push(Val::from(*me));
            let n = params.len();
            format!(" and (p.id = ${n} or s.manager in (select w.number from spells w where w.person = ${n} and w.live = 1))")
        }
    }
}

/// The same for a column that names a person.
pub fn bound_in(column: &str, within: &Within, params: &mut Vec<Val>) -> String {
    match within {
        Within::Everybody => String::new(),
        _ => format!(" and {column} in (select p.id from persons p join spells s on s.id = p.spell where 1 = 1{})", bound(within, params)),
    }
}

/// Whether the asker's role reaches a person.
pub fn reaches(tx: &mut Tx, within: &Within, id: PersonId) -> Result<bool> {
    if *within == Within::Everybody {
        return Ok(true);
    }
    let mut params = vec![Val::from(id)];
    let bound = bound(within, &mut params);
    Ok(tx.count(&format!("select count(*) from persons p join spells s on s.id = p.spell where p.id = $1{bound}"), &params)? > 0)
}

/// The first text after every text with this prefix.
pub(super) fn end_of(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

/// Whom something is about.
pub fn of_subject(tx: &mut Tx, entity: Entity, id: uuid::Uuid) -> Result<Option<PersonId>> {
    let table = match entity {
        Entity::Person => return Ok(Some(PersonId(id))),
        Entity::Alert => "alerts",
        Entity::Plan => "plans",
        Entity::Approval => "approvals",
        Entity::Offboarding => "cases",
        Entity::HandoverItem => "handover_items",
        Entity::Duty => "duties",
        Entity::Freeze => "freezes",
        Entity::Contest => "contests",
        _ => return Ok(None),
    };
    Ok(tx.one(&format!("select person from {table} where id = $1"), vals![id], |r| r.get::<Option<PersonId>>(0))?.flatten())
}

/// People by sort name, departed ones too.
pub fn page(tx: &mut Tx, filter: &Filter, after: &After, limit: i64) -> Result<Vec<PersonRow>> {
    let mut params = Vec::new();
    let mut sql = format!(
        "select {REF}, c.score, c.band, {} from persons p join spells s on s.id = p.spell left join current_scores c on c.spell = p.spell where p.erased = 0",
        super::contest::contested("p.spell")
    );
    sql.push_str(&conditions(filter, &mut params));
    if let Some(band) = filter.band {
        params.push(band.into());
        sql.push_str(&format!(" and c.band = ${}", params.len()));
    }
    if let Some((name, id)) = after {
        params.push(Val::from(name));
        params.push(Val::from(*id));
        let n = params.len();
        sql.push_str(&format!(" and (p.sort_name, p.id) > (${}, ${})", n - 1, n));
    }
    params.push(limit.into());
    sql.push_str(&format!(" order by p.sort_name, p.id limit ${}", params.len()));
    tx.all(&sql, &params, |r| {
        Ok(PersonRow {
            person: map_ref(r, 0)?,
            score: r.get(REF_LEN)?,
            band: r.get::<Option<Band>>(REF_LEN + 1)?,
            contested: r.get(REF_LEN + 2)?,
        })
    })
}

/// Corrects a sort name; an import no longer overwrites it.
pub fn set_sort_name(tx: &mut Tx, id: PersonId, sort_name: &str, version: i64) -> Result<()> {
    tx.exec("update persons set sort_name = $2, sort_fixed = 1, version = $3 where id = $1", vals![id, sort_name, version])?;
    Ok(())
}

/// Erases a person: the key, the names, the signals, every free text. The chains keep their bytes.
pub fn erase(tx: &mut Tx, id: PersonId) -> Result<()> {
    let now = tx.now();
    tx.exec("delete from contests where person = $1", vals![id])?;
    tx.exec("delete from person_keys where person = $1", vals![id])?;
    tx.exec(
        "update persons set name = '', sort_name = '', email = null, source_key = $2, erased = 1, version = version + 1, stated_hash = $3 \
         where id = $1",
        vals![id, format!("erased {}", id.0), Vec::new()],
    )?;
    tx.exec(
        "delete from events where event_key in (select event_key from signals where spell in (select id from spells where person = $1))",
        vals![id],
    )?;
    let gone = tx.exec("delete from signals where spell in (select id from spells where person = $1)", vals![id])?;
    super::import::count(tx, "signals", -i64::try_from(gone).unwrap_or(0))?;
    super::import::count(tx, "people", -1)?;
    tx.exec("delete from scores where spell in (select id from spells where person = $1)", vals![id])?;
    tx.exec("delete from current_scores where spell in (select id from spells where person = $1)", vals![id])?;
    for number in tx.all("select number from spells where person = $1 and number <> ''", vals![id], |r| r.get::<String>(0))? {
        // Whom they led says nothing of them any more. No change of those that an order of theirs would have to be planned anew for.
        tx.exec("update spells set manager = null where manager = $1", vals![number])?;
    }
    // The hash of what a file said of them could be guessed at.
    tx.exec(
        "update spells set number = '', org = '/', post = '', manager = null, live = 0, version = version + 1, stated_hash = $2 where person = $1",
        vals![id, Vec::new()],
    )?;
    tx.exec("update talks set who = '', needs = '', next_step = '' where person = $1", vals![id])?;
    tx.exec("delete from notes where person = $1", vals![id])?;
    tx.exec("update plans set text = '', cost_fen = null where person = $1", vals![id])?;
    tx.exec(
        "update alerts set open = 0, state = 'closed_exit', outcome = 'undecided', closed_at = $2, touched_by = null, touched_at = $2, \
         touched_act = 'person.erase', version = version + 1 where person = $1 and open = 1",
        vals![id, now],
    )?;
    super::offboarding::erase(tx, id)?;
    // What was asked for is in the chain; what it was about was sealed with the key that is gone.
    tx.exec("delete from approvals where person = $1", vals![id])?;
    Ok(())
}

/// What still hangs on somebody's name.
pub fn erase_facts(tx: &mut Tx, id: PersonId) -> Result<EraseFacts> {
    Ok(EraseFacts {
        freeze: super::freeze::of_person(tx, id)?.iter().any(|r| r.order.state.is_live()),
        case: super::offboarding::open_of(tx, id)?,
        owns: super::customer::count_held(tx, id)?,
        takes: super::customer::count_coming(tx, id)?,
        collects: super::customer::count_collected(tx, id)?,
    })
}

/// What names a person: where it stands they are meant.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// Employee numbers, the key in the source, accounts.
    ids: Vec<String>,
    /// Name, sort name and e-mail.
    names: Vec<String>,
}

impl Marks {
    /// Whether a text is one of their numbers.
    pub fn is(&self, text: &str) -> bool {
        self.ids.iter().any(|id| id == text)
    }

    /// Whether a text names them: it is one of their numbers, or their name is in it.
    pub fn stand_in(&self, text: &str) -> bool {
        self.is(text) || self.name_in(text)
    }

    /// Whether their name is in a text.
    pub fn name_in(&self, text: &str) -> bool {
        self.names.iter().any(|n| text.contains(n.as_str()))
    }

    /// Whether some string of a JSON text is one of their numbers.
    pub fn id_in_json(&self, text: &str) -> bool {
        self.ids.iter().any(|id| serde_json::to_string(id).is_ok_and(|quoted| text.contains(&quoted)))
    }
}

/// What names a person, as long as the database knows it.
pub fn marks(tx: &mut Tx, id: PersonId) -> Result<Marks> {
    let mut marks = Marks::default();
    tx.each("select name, sort_name, email, source_key from persons where id = $1", vals![id], |r| {
        marks.names.extend([r.get::<Option<String>>(0)?, r.get(1)?, r.get(2)?].into_iter().flatten());
        marks.ids.push(r.get(3)?);
        Ok(())
    })?;
    let mut more = |sql: &str| tx.all(sql, vals![id], |r| r.get::<String>(0));
    marks.ids.extend(more("select number from spells where person = $1")?);
    for column in ["login", "account"] {
        marks
            .ids
            .extend(more(&format!("select distinct t.{column} from freeze_steps t join freezes f on f.id = t.ord where f.person = $1"))?);
    }
    marks.ids.extend(more("select account from target_links where person = $1")?);
    marks.ids.retain(|t| !t.is_empty());
    // One letter is in every other word.
    marks.names.retain(|t| t.chars().count() > 1);
    Ok(marks)
}

/// All that names some people, with whether it is the name itself: numbers of all their employments, their operators, and the accounts that
/// orders and links name.
pub fn named_by(tx: &mut Tx, ids: &[PersonId]) -> Result<Vec<(PersonId, String, bool)>> {
    let mut out = Vec::new();
    for some in ids.chunks(500) {
        let (list, params) = listed(some.iter().copied());
        let each = [
            "p.id, 'name', p.name from persons p where p.id",
            "p.id, '', p.sort_name from persons p where p.id",
            "p.id, '', p.email from persons p where p.email is not null and p.id",
            "s.person, '', s.number from spells s where s.person",
            "o.person, '', o.name from operators o where o.person",
            "f.person, '', t.login from freezes f join freeze_steps t on t.ord = f.id where f.person",
            "f.person, '', t.account from freezes f join freeze_steps t on t.ord = f.id where f.person",
            "l.person, '', l.account from target_links l where l.person",
        ];
        let sql = each.map(|one| format!("select {one} in ({list})")).join(" union ");
        out.extend(tx.all(&sql, &params, |r| Ok((r.get(0)?, r.get(2)?, r.get::<String>(1)? == "name")))?);
    }
    Ok(out)
}

/// Everybody who was erased.
pub fn erased(tx: &mut Tx) -> Result<Vec<PersonId>> {
    tx.all("select id from persons where erased = 1", &[], |r| r.get(0))
}

/// Who of some is not erased here.
pub fn unerased(tx: &mut Tx, ids: &[PersonId]) -> Result<Vec<PersonId>> {
    let mut out = Vec::new();
    for some in ids.chunks(500) {
        let (list, params) = listed(some.iter().copied());
        let sql = format!("select id from persons where id in ({list}) and erased = 0");
        out.extend(tx.all(&sql, &params, |r| r.get::<PersonId>(0))?);
    }
    Ok(out)
}
