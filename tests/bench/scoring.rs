//! Scores with reasons, stored: everybody, and the one in a hundred whose evidence changed.

use crate::{Bench, import::connect, rate, row, seconds, timed};
use std::path::Path;
use tenure::{
    service::{self, Options, Service},
    store,
};

pub fn run(bench: &Bench, sample: &Path) {
    let home = bench.copy(sample, "scoring");
    connect(&home, &service::home::database(&home)).execute_batch("delete from scores; delete from current_scores").unwrap();
    let service = Service::open(Options { create: false, ..Options::new(&home) }).unwrap();
    service.db().write(store::score::mark_all).unwrap();
    let (scored, full) = timed(|| service.score_waiting().unwrap());
    let people = usize::try_from(scored.weighed).unwrap();
    row(&format!("full scoring of {people} people, {} stored", scored.stored), seconds(full), &rate(people, full));

    service.db().write(store::score::mark_all).unwrap();
    let (_, again) = timed(|| service.score_waiting().unwrap());
    row(
        "weighing everybody again, nothing changed",
        seconds(again),
        &format!("{:.2} of the full run", again.as_secs_f64() / full.as_secs_f64()),
    );

    let some = connect(&home, &service::home::database(&home))
        .execute(
            "insert or ignore into dirty (spell) select spell from current_scores order by spell limit ?1",
            [i64::from(bench.employees / 100)],
        )
        .unwrap();
    let (_, part) = timed(|| service.score_waiting().unwrap());
    let share = format!("{:.4} of the full run", part.as_secs_f64() / full.as_secs_f64());
    row(&format!("incremental scoring of {some} people"), seconds(part), &share);
}
