//! Seals the rows of a home that is older than the seal.
//!
//! A page of rows a transaction, under the lock of the chain, so that no act is overwritten; killed in between it goes on at the next opening.
//! Until it is done both kinds of rows are read. Rows of people who were erased hold nothing any more and make no key.

use super::{
    Db, Result, Row, StoreError, Tx, Val,
    copy::Kind,
    import::said,
    plan::offer,
    seal::{BYTES, TEXT},
    signal::{sealed_kinds, stored},
};
use crate::{
    domain::{ids::PersonId, sentence::Sentence, signal::SignalKind},
    vals,
};

/// Rows in one transaction.
const PAGE: i64 = 400;
/// Files may be large.
const FILES: i64 = 8;

/// Fields of a table.
struct Old {
    table: &'static str,
    key: &'static [(&'static str, Kind)],
    /// Whose a row is, as SQL; `null` is the home's.
    person: &'static str,
    /// All of one kind.
    fields: &'static [&'static str],
    kind: Kind,
}

const ID: &[(&str, Kind)] = &[("id", Kind::Blob)];

const fn texts(table: &'static str, person: &'static str, fields: &'static [&'static str]) -> Old {
    Old { table, key: ID, person, fields, kind: Kind::Text }
}

const OLD: &[Old] = &[
    texts("notes", "person", &["text"]),
    texts("talks", "person", &["who", "needs", "next_step"]),
    texts("approvals", "person", &["act"]),
    texts("handover_items", "person", &["why"]),
    texts("duties", "person", &["file_name", "note"]),
    texts("freezes", "person", &["body"]),
    texts("customers", "null", &["contact"]),
    Old {
        table: "handover_versions",
        key: &[("item", Kind::Blob), ("n", Kind::Int)],
        person: "person",
        fields: &["body", "verdict"],
        kind: Kind::Text,
    },
    Old {
        table: "freeze_steps",
        key: &[("ord", Kind::Blob), ("n", Kind::Int)],
        person: "(select f.person from freezes f where f.id = freeze_steps.ord)",
        fields: &["before", "error", "evidence"],
        kind: Kind::Text,
    },
    Old {
        table: "idempotency",
        key: &[("operator", Kind::Blob), ("key", Kind::Text)],
        person: "null",
        fields: &["answer"],
        kind: Kind::Text,
    },
    Old {
        table: "scores",
        key: &[("spell", Kind::Blob), ("computed_at", Kind::Int), ("id", Kind::Blob)],
        person: "(select s.person from spells s where s.id = scores.spell)",
        fields: &["body"],
        kind: Kind::Blob,
    },
    Old { table: "import_chunks", key: &[("import", Kind::Blob), ("n", Kind::Int)], person: "null", fields: &["bytes"], kind: Kind::Blob },
    Old { table: "blobs", key: &[("hash", Kind::Text)], person: "null", fields: &["bytes"], kind: Kind::Blob },
];

/// Seals what is still to be sealed; nothing in a home where nothing is.
pub fn seal(db: &Db) -> Result<()> {
    if db.read(|tx| super::operator::meta(tx, "seal"))?.is_none() {
        return Ok(());
    }
    for old in OLD {
        let mut last = Vec::new();
        while let Some(next) = db.write(|tx| page(tx, old, &last))? {
            last = next;
        }
    }
    while db.write(plans)? {}
    while db.write(quarantine)? {}
    let mut last = vec![Val::Blob(Vec::new()), i64::MIN.into(), Val::Blob(Vec::new())];
    while let Some(next) = db.write(|tx| signals(tx, &last))? {
        last = next;
    }
    db.write(|tx| tx.exec("delete from meta where key = 'seal'", &[])).map(|_| ())
}

/// Reads a key.
fn key(r: &Row, key: &[(&str, Kind)]) -> Result<Vec<Val>> {
    let one = |(i, (_, kind)): (usize, &(&str, Kind))| {
        Ok(match kind {
            Kind::Int => r.get::<i64>(i)?.into(),
            Kind::Real => r.get::<f64>(i)?.into(),
            Kind::Text => r.get::<String>(i)?.into(),
            Kind::Blob => r.get::<Vec<u8>>(i)?.into(),
        })
    };
    key.iter().enumerate().map(one).collect()
}

/// Seals a page of rows; the key of the last one, `None` when there are no more.
fn page(tx: &mut Tx, old: &Old, last: &[Val]) -> Result<Option<Vec<Val>>> {
    tx.lock()?;
    let Old { table, person, fields, .. } = old;
    let names: Vec<String> = old.key.iter().map(|(n, _)| format!("{table}.{n}")).collect();
    let keys = names.join(", ");
    let plain: Vec<String> = fields.iter().map(|f| open_field(table, f, old.kind)).collect();
    let own = if *person == "null" {
        String::new()
    } else {
        format!(" and ({person} is null or {person} in (select id from persons where erased = 0))")
    };
    let from = if last.is_empty() {
        String::new()
    } else {
        let marks: Vec<String> = (1..=last.len()).map(|n| format!("${n}")).collect();
        format!(" and ({keys}) > ({})", marks.join(", "))
    };
    let sql = format!(
        "select {keys}, {}, {} from {table} where ({}){own}{from} order by {keys} limit {}",
        if *person == "null" { "null" } else { person },
        fields.iter().map(|f| format!("{table}.{f}")).collect::<Vec<_>>().join(", "),
        plain.join(" or "),
        if *table == "blobs" { FILES } else { PAGE },
    );
    let n = old.key.len();
    let rows = tx.all(&sql, last, |r| {
        let person: Option<PersonId> = if *person == "null" { None } else { r.get(n)? };
        let held: Vec<Val> = (0..fields.len())
            .map(|i| {
                Ok(match old.kind {
                    Kind::Blob => r.get::<Option<Vec<u8>>>(n + 1 + i)?.into(),
                    _ => r.get::<Option<String>>(n + 1 + i)?.into(),
                })
            })
            .collect::<Result<_>>()?;
        Ok((key(r, old.key)?, person, held))
    })?;
    tx.hold_keys(rows.iter().filter_map(|(_, person, _)| *person))?;
    let sets: Vec<String> = fields.iter().enumerate().map(|(i, f)| format!("{f} = ${}", n + 1 + i)).collect();
    let by: Vec<String> = old.key.iter().enumerate().map(|(i, (name, _))| format!("{name} = ${}", i + 1)).collect();
    let update = format!("update {table} set {} where {}", sets.join(", "), by.join(" and "));
    let mut next = None;
    for (key, person, held) in rows {
        let mut params = key.clone();
        for v in held {
            params.push(match (v, person) {
                (Val::Text(t), Some(p)) if !t.starts_with(TEXT) => tx.seal(p, &t)?.into(),
                (Val::Text(t), None) if !t.starts_with(TEXT) => tx.seal_home(&t)?.into(),
                (Val::Blob(b), Some(p)) if !b.starts_with(BYTES) => tx.seal_bytes(p, &b)?.into(),
                (Val::Blob(b), None) if !b.starts_with(BYTES) => tx.seal_home_bytes(&b)?.into(),
                (v, _) => v,
            });
        }
        tx.exec(&update, &params)?;
        next = Some(key);
    }
    Ok(next)
}

/// Whether a field holds something that is not sealed, as SQL.
fn open_field(table: &str, field: &str, kind: Kind) -> String {
    match kind {
        // Bytes are looked at where they are read.
        Kind::Blob => format!("{table}.{field} is not null"),
        _ => format!("(coalesce({table}.{field}, '') <> '' and substr({table}.{field}, 1, {}) <> '{TEXT}')", TEXT.len()),
    }
}

fn plans(tx: &mut Tx) -> Result<bool> {
    tx.lock()?;
    let sql = format!(
        "select id, person, text, cost_fen from plans where ({} or cost_fen is not null) and person in (select id from persons where erased = 0) \
         limit {PAGE}",
        open_field("plans", "text", Kind::Text)
    );
    let rows = tx.all(&sql, &[], |r| Ok((r.get::<Vec<u8>>(0)?, r.get::<PersonId>(1)?, r.get::<String>(2)?, r.get::<Option<i64>>(3)?)))?;
    for (id, person, text, cost) in &rows {
        let sealed = tx.seal(*person, &offer(text, *cost)?)?;
        tx.exec("update plans set text = $2, cost_fen = null where id = $1", vals![id.clone(), sealed])?;
    }
    Ok(!rows.is_empty())
}

fn quarantine(tx: &mut Tx) -> Result<bool> {
    tx.lock()?;
    let sql = format!("select id, why, raw from quarantine where {} limit {PAGE}", open_field("quarantine", "raw", Kind::Text));
    let rows = tx.all(&sql, &[], |r| Ok((r.get::<Vec<u8>>(0)?, r.get::<String>(1)?, r.get::<String>(2)?)))?;
    for (id, why, raw) in &rows {
        let why: Sentence = serde_json::from_str(why).map_err(|_| StoreError::Column(1))?;
        let sealed = tx.seal_home(&said(&why, raw)?)?;
        let code = serde_json::to_string(&Sentence { args: Default::default(), ..why }).map_err(|_| StoreError::Column(1))?;
        tx.exec("update quarantine set why = $2, raw = $3 where id = $1", vals![id.clone(), code, sealed])?;
    }
    Ok(!rows.is_empty())
}

fn signals(tx: &mut Tx, last: &[Val]) -> Result<Option<Vec<Val>>> {
    tx.lock()?;
    let sql = format!(
        "select g.spell, g.observed_at, g.event_key, g.kind, g.value, g.baseline, g.note, s.person from signals g join spells s on s.id = g.spell \
         where ({} or (g.kind in ({}) and (g.value is not null or g.baseline is not null))) \
         and (g.spell, g.observed_at, g.event_key) > ($1, $2, $3) order by g.spell, g.observed_at, g.event_key limit {PAGE}",
        open_field("g", "note", Kind::Text),
        sealed_kinds()
    );
    let rows = tx.all(&sql, last, |r| {
        let key = key(r, &[("spell", Kind::Blob), ("observed_at", Kind::Int), ("event_key", Kind::Blob)])?;
        Ok((key, r.get::<SignalKind>(3)?, (r.get(4)?, r.get(5)?, r.get(6)?), r.get::<PersonId>(7)?))
    })?;
    tx.hold_keys(rows.iter().map(|(.., person)| *person))?;
    let mut next = None;
    for (key, kind, old, person) in rows {
        let (value, baseline, note) = stored(tx, person, kind, old)?;
        let params = [key.clone(), vec![value.into(), baseline.into(), note.into()]].concat();
        tx.exec(
            "update signals set value = $4, baseline = $5, note = $6 where spell = $1 and observed_at = $2 and event_key = $3",
            &params,
        )?;
        next = Some(key);
    }
    Ok(next)
}
