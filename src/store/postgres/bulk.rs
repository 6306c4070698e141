//! Many rows by COPY.

use super::PgEngine;
use crate::store::{Result, Val};
use futures_util::pin_mut;
use tokio_postgres::{
    binary_copy::BinaryCopyInWriter,
    types::{ToSql, Type},
};

/// `insert into TABLE (COLUMNS) values ($1, $2, ...) REST` as a COPY into a table of the transaction's own and one statement from there.
pub(super) struct Copied<'s> {
    table: &'s str,
    columns: &'s str,
    rest: &'s str,
}

impl<'s> Copied<'s> {
    pub fn of(sql: &'s str) -> Option<Self> {
        let (table, more) = sql.strip_prefix("insert into ")?.split_once(" (")?;
        let (columns, more) = more.split_once(") values (")?;
        let (values, rest) = more.split_once(')')?;
        // Each column is a parameter of its own, in this order.
        let plain = values.split(", ").zip(1..).all(|(v, n)| v.strip_prefix('$') == Some(n.to_string().as_str()));
        (plain && values.split(", ").count() == columns.split(", ").count()).then_some(Self { table, columns, rest })
    }

    pub fn fill(&self, engine: &PgEngine, rows: &mut dyn Iterator<Item = Vec<Val>>) -> Result<u64> {
        let Self { table, columns, rest } = self;
        let made = format!("create temp table bulk on commit drop as select {columns} from {table} with no data");
        engine.wait(engine.link.batch_execute(&made))?;
        engine.wait(async {
            let statement = engine.link.prepare(&format!("select {columns} from bulk")).await?;
            let types: Vec<Type> = statement.columns().iter().map(|c| c.type_().clone()).collect();
            // Its name is free again before the transaction ends: behind a pooler the next one may have another client.
            drop(statement);
            let sink = engine.link.copy_in(&format!("copy bulk ({columns}) from stdin binary")).await?;
            let writer = BinaryCopyInWriter::new(sink, &types);
            pin_mut!(writer);
            for row in rows {
                let row: Vec<&(dyn ToSql + Sync)> = row.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
                writer.as_mut().write(&row).await?;
            }
            writer.finish().await
        })?;
        let moved =
            engine.wait(engine.link.execute_typed(&format!("insert into {table} ({columns}) select {columns} from bulk{rest}"), &[]))?;
        engine.wait(engine.link.batch_execute("drop table bulk"))?;
        Ok(moved)
    }
}
