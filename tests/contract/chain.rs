//! The chains (domain.md 16, 39): they verify, and any byte, row or end that was touched shows, at the entry that was touched.

use crate::kit::{Engine, Kit, runner};
use proptest::prelude::*;
use std::thread;
use tenure::{
    backend::Query,
    domain::{act::Act, audit::Broken},
    store::{StoreError, Tx, Val},
    vals,
};

on_both!(every_tampering_shows, many_writers_make_one_chain);

/// What a hand with the database's key can do to a chain.
#[derive(Clone, Copy, Debug)]
enum Hack {
    Byte(usize),
    Hash(usize),
    At,
    ActName,
    Operator,
    Delete,
    /// Swap the contents of a row with another's.
    Swap(prop::sample::Index),
    /// Cut the end off.
    Truncate,
    HeadSeq,
    HeadHash(usize),
    /// Move the rows after it down by one, to close a gap.
    DeleteAndClose,
}

fn hack() -> impl Strategy<Value = Hack> {
    prop_oneof![
        8 => any::<usize>().prop_map(Hack::Byte),
        2 => any::<usize>().prop_map(Hack::Hash),
        1 => Just(Hack::At),
        1 => Just(Hack::ActName),
        1 => Just(Hack::Operator),
        2 => Just(Hack::Delete),
        3 => any::<prop::sample::Index>().prop_map(Hack::Swap),
        2 => Just(Hack::Truncate),
        1 => Just(Hack::HeadSeq),
        1 => any::<usize>().prop_map(Hack::HeadHash),
        2 => Just(Hack::DeleteAndClose),
    ]
}

type Stored = (i64, Vec<u8>, Vec<u8>, i64, String, String);

fn rows(tx: &mut Tx, table: &str) -> Result<Vec<Stored>, StoreError> {
    tx.all(&format!("select seq, bytes, hash, at, act, operator_name from {table} order by seq"), &[], |r| {
        Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?))
    })
}

fn write(tx: &mut Tx, table: &str, rows: &[Stored]) -> Result<(), StoreError> {
    tx.exec(&format!("delete from {table}"), &[])?;
    let all = rows.iter().cloned().map(|r| -> Vec<Val> { vec![r.0.into(), r.1.into(), r.2.into(), r.3.into(), r.4.into(), r.5.into()] });
    tx.bulk(&format!("insert into {table} (seq, bytes, hash, at, act, operator_name) values ($1, $2, $3, $4, $5, $6)"), all)?;
    Ok(())
}

fn flip(bytes: &mut [u8], at: usize) {
    let n = bytes.len();
    bytes[at % n] ^= 1 << (at / n % 8);
}

/// Does it; answers the first entry at which it may show. The head row is given back through `head`.
fn tamper(all: &mut Vec<Stored>, head: &mut (i64, Vec<u8>), i: usize, hack: Hack) -> Option<i64> {
    let seq = all[i].0;
    match hack {
        Hack::Byte(at) => flip(&mut all[i].1, at),
        Hack::Hash(at) => flip(&mut all[i].2, at),
        Hack::At => all[i].3 += 1,
        Hack::ActName => all[i].4.push('x'),
        Hack::Operator => all[i].5.push('x'),
        Hack::Delete => drop(all.remove(i)),
        Hack::Swap(other) => {
            let j = other.index(all.len());
            if i == j {
                return None;
            }
            let (a, b) = (all[i].0, all[j].0);
            all.swap(i, j);
            (all[i].0, all[j].0) = (a, b);
            return Some(a.min(b));
        }
        Hack::Truncate => all.truncate(i),
        Hack::HeadSeq => {
            head.0 += 1;
            return Some(all.len() as i64 + 1);
        }
        Hack::HeadHash(at) => {
            flip(&mut head.1, at);
            return Some(all.len() as i64 + 1);
        }
        Hack::DeleteAndClose => {
            all.remove(i);
            for r in all.iter_mut().skip(i) {
                r.0 -= 1;
            }
        }
    }
    Some(seq)
}

fn every_tampering_shows(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    for number in ["10001", "10002", "10003"] {
        let id = kit.alert(number).alert.id;
        lin.on(Act::AlertAck, id, None);
        for n in 0..3 {
            chen.on(Act::AlertNote { text: format!("第{n}次沟通") }, id, None);
            // Each is in the access chain before it answers.
            chen.ask(Query::Alert { id });
        }
    }
    let whole = kit.verified();
    assert!(whole.ok && whole.entries > 20 && whole.access_entries >= 9, "{whole:?}");

    let cases = (any::<bool>(), any::<prop::sample::Index>(), hack());
    runner(on, 300, 60)
        .run(&cases, |(acts, row, hack)| {
            let (table, chain) = if acts { ("audit", "acts") } else { ("access", "access") };
            let read_head =
                |tx: &mut Tx| tx.one("select seq, hash from heads where chain = $1", vals![chain], |r| Ok((r.get(0)?, r.get(1)?)));
            let write_head = |tx: &mut Tx, h: &(i64, Vec<u8>)| {
                tx.exec("update heads set seq = $2, hash = $3 where chain = $1", vals![chain, h.0, h.1.as_slice()]).map(|_| ())
            };
            let (sound, head) = kit.read(|tx| Ok((rows(tx, table)?, read_head(tx)?.unwrap())));
            let (mut bad, mut moved): (Vec<Stored>, (i64, Vec<u8>)) = (sound.clone(), head.clone());
            let Some(first) = tamper(&mut bad, &mut moved, row.index(sound.len()), hack) else { return Ok(()) };
            kit.tamper(|tx| {
                write(tx, table, &bad)?;
                write_head(tx, &moved)
            });
            let found = kit.verified();
            kit.tamper(|tx| {
                write(tx, table, &sound)?;
                write_head(tx, &head)
            });
            prop_assert!(!found.ok, "not noticed");
            let (where_, Broken { seq, fault }) = found.broken.unwrap();
            prop_assert_eq!((where_.as_str(), seq), (chain, first), "{}", fault);
            prop_assert_eq!(kit.verified(), whole.clone());
            Ok(())
        })
        .unwrap();
    kit.check();
}

/// Acts and reads from several processes at once: no entry is lost, and nobody is turned away.
fn many_writers_make_one_chain(on: Engine) {
    let kit = Kit::company(on);
    let id = kit.alert("10001").alert.id;
    let (seq, reads) = (kit.seq(), kit.read_seq());
    let homes: Vec<_> = (0..4).map(|_| kit.again(false)).collect();
    thread::scope(|s| {
        for (n, home) in homes.iter().enumerate() {
            s.spawn(move || {
                let hand = Kit::hand_in(home, ["chen", "lin"][n % 2]);
                for k in 0..8 {
                    hand.on(Act::AlertNote { text: format!("{n}.{k}") }, id, None);
                    hand.ask(Query::Alert { id });
                }
            });
        }
    });
    assert_eq!((kit.seq() - seq, kit.read_seq() - reads), (32, 32));
    let card = ask!(kit.me(), Query::Alert { id } => Alert);
    assert_eq!(card.notes.len(), 32);
    kit.check();
}
