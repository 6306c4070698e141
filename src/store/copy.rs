//! A company from one database into another: every table row by row, and what each side holds.

use super::{Cell, Result, Row, Tx, Val, migrate};
use crate::vals;
use sha2::{Digest, Sha256};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Int,
    Real,
    Text,
    Blob,
}

/// A table as the migrations made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    pub columns: Vec<(&'static str, Kind)>,
}

/// How many rows, and a digest of them all in whatever order they come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub rows: u64,
    /// The sum of the rows' hashes, a number of 256 bits: a row twice is not a row that is not there.
    sum: [u64; 4],
}

impl Tally {
    fn add(&mut self, row: &[Val]) {
        let mut hash = Sha256::new();
        for v in row {
            let (tag, number, bytes): (u8, [u8; 8], &[u8]) = match v {
                Val::Null => (0, [0; 8], &[]),
                Val::Int(n) => (1, n.to_be_bytes(), &[]),
                // Minus zero is zero: SQLite keeps it so.
                Val::Real(n) => (2, (n + 0.0).to_be_bytes(), &[]),
                Val::Text(s) => (3, (s.len() as u64).to_be_bytes(), s.as_bytes()),
                Val::Blob(b) => (4, (b.len() as u64).to_be_bytes(), b),
            };
            hash.update([tag]);
            hash.update(number);
            hash.update(bytes);
        }
        let hash = hash.finalize();
        let mut carry = 0;
        for (sum, word) in self.sum.iter_mut().rev().zip(hash.as_slice().rchunks_exact(8)) {
            let word = word.iter().fold(0, |n, b| (n << 8) | u128::from(*b));
            let all = u128::from(*sum) + word + carry;
            *sum = all as u64;
            carry = all >> 64;
        }
        self.rows += 1;
    }

    /// The digest, hexadecimal.
    pub fn digest(&self) -> String {
        hex::encode(self.sum.map(u64::to_be_bytes).concat())
    }
}

/// Rows that go over at a time, and about how many bytes.
const ROWS: usize = 5_000;
const BYTES: usize = 8 << 20;

impl Table {
    fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
    }

    fn rows(&self, tx: &mut Tx, mut f: impl FnMut(Vec<Val>) -> Result<()>) -> Result<()> {
        // The wrapping key is sealed for each place alone.
        let but = if self.name == "meta" { " where key <> 'wrap'" } else { "" };
        tx.stream(&format!("select {} from {}{but}", self.names(), self.name), |r| f(self.row(r)?))
    }

    fn row(&self, r: &Row) -> Result<Vec<Val>> {
        fn val<T: Into<Val>>(r: &Row, i: usize) -> Result<Val>
        where
            Option<T>: Cell,
        {
            Ok(r.get::<Option<T>>(i)?.into())
        }
        let one = |(i, (_, kind)): (usize, &(_, Kind))| match kind {
            Kind::Int => val::<i64>(r, i),
            Kind::Real => val::<f64>(r, i),
            Kind::Text => val::<String>(r, i),
            Kind::Blob => val::<Vec<u8>>(r, i),
        };
        self.columns.iter().enumerate().map(one).collect()
    }

    /// What a database holds of it.
    pub fn tally(&self, tx: &mut Tx) -> Result<Tally> {
        let mut tally = Tally::default();
        self.rows(tx, |row| {
            tally.add(&row);
            Ok(())
        })?;
        Ok(tally)
    }

    /// Copies its rows; what was read. `on` is called now and then.
    pub fn copy(&self, from: &mut Tx, into: &mut Tx, on: &mut dyn FnMut() -> Result<()>) -> Result<Tally> {
        let numbers: Vec<String> = (1..=self.columns.len()).map(|n| format!("${n}")).collect();
        // Numbers that a server gives out by itself are brought along.
        let given = if self.name == "feed" { into.numbering() } else { "" };
        let insert = format!("insert into {} ({}){given} values ({})", self.name, self.names(), numbers.join(", "));
        let (mut tally, mut waiting, mut bytes) = (Tally::default(), Vec::new(), 0);
        self.rows(from, |row| {
            tally.add(&row);
            bytes += row.iter().map(|v| if let Val::Blob(b) = v { b.len() } else { 32 }).sum::<usize>();
            waiting.push(row);
            if waiting.len() < ROWS && bytes < BYTES {
                return Ok(());
            }
            bytes = 0;
            into.bulk(&insert, waiting.drain(..))?;
            on()
        })?;
        into.bulk(&insert, waiting.into_iter())?;
        Ok(tally)
    }
}

/// Goes on numbering the feed where it ended, on an engine that does not see to that by itself.
pub fn number(tx: &mut Tx) -> Result<()> {
    if tx.numbering().is_empty() {
        return Ok(());
    }
    tx.each("select setval(pg_get_serial_sequence('feed', 'seq'), max(seq)) from feed having count(*) > 0", vals![], |_| Ok(()))
}

/// Every table that migrations made.
pub fn tables() -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let column = |text: &'static str| {
        let mut words = text.split_whitespace();
        let name = words.next()?;
        let kind = match words.next()?.trim_end_matches([')', ';']) {
            "integer" => Kind::Int,
            "real" => Kind::Real,
            "text" => Kind::Text,
            "blob" => Kind::Blob,
            _ => return None,
        };
        Some((name, kind))
    };
    for line in migrate::texts().flat_map(str::lines) {
        if let Some((name, rest)) = line.strip_prefix("create table ").and_then(|l| l.split_once(" (")) {
            tables.push(Table { name, columns: rest.split(", ").filter_map(column).collect() });
        } else if let Some((name, rest)) = line.strip_prefix("alter table ").and_then(|l| l.split_once(" add column ")) {
            let added = tables.iter_mut().find(|t| t.name == name).zip(column(rest));
            if let Some((table, column)) = added {
                table.columns.push(column);
            }
        } else if let Some(name) = line.strip_prefix("drop table ") {
            tables.retain(|t| t.name != name.trim_end_matches(';'));
        } else if let Some((old, new)) = line.strip_prefix("alter table ").and_then(|l| l.split_once(" rename to ")) {
            tables.iter_mut().filter(|t| t.name == old).for_each(|t| t.name = new.trim_end_matches(';'));
        }
    }
    tables
}
