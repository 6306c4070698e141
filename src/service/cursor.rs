//! Where a page of a list starts and ends. A cursor is the place of the row before it, `key.id`; the id alone says the same.

use crate::{
    backend::{Failure, FailureKind, Page, query::Slice},
    domain::sentence::Sentence,
    store::{StoreError, Tx},
};
use uuid::Uuid;

/// The failure for a cursor that is none.
pub(super) fn bad_cursor() -> Failure {
    Failure::new(FailureKind::Usage, Sentence::new("cursor-bad"))
}

/// The place that a slice starts after. `key_of` finds the key of a row that is named by its id alone.
pub(super) fn place(
    tx: &mut Tx,
    slice: &Slice,
    key_of: impl FnOnce(&mut Tx, Uuid) -> Result<Option<String>, StoreError>,
) -> Result<Option<(String, Uuid)>, Failure> {
    let Some(cursor) = slice.after.as_deref() else { return Ok(None) };
    if let Ok(id) = cursor.parse() {
        let none = || Failure::new(FailureKind::NotFound, Sentence::new("cursor-no-row").with("id", cursor));
        return Ok(Some((key_of(tx, id)?.ok_or_else(none)?, id)));
    }
    // A key may have dots of its own.
    let (key, id) = cursor.rsplit_once('.').ok_or_else(bad_cursor)?;
    Ok(Some((key.to_owned(), id.parse().map_err(|_| bad_cursor())?)))
}

/// [`place`] where the key is an instant in µs.
pub(super) fn timed(
    tx: &mut Tx,
    slice: &Slice,
    key_of: impl FnOnce(&mut Tx, Uuid) -> Result<Option<i64>, StoreError>,
) -> Result<Option<(i64, Uuid)>, Failure> {
    let place = place(tx, slice, |tx, id| Ok(key_of(tx, id)?.map(|at| at.to_string())))?;
    place.map(|(at, id)| Ok((at.parse().map_err(|_| bad_cursor())?, id))).transpose()
}

/// Cuts a list that was read one row too long to its page.
pub(super) fn page<T>(mut rows: Vec<T>, slice: &Slice, key: impl Fn(&T) -> String) -> Page<T> {
    let limit = slice.limit.clamp(1, 500) as usize;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = more.then(|| rows.last().map(&key)).flatten();
    Page { rows, next }
}

/// Rows to read: one more than a page has, to know whether more follow.
pub(super) fn limit(slice: &Slice) -> i64 {
    i64::from(slice.limit.clamp(1, 500)) + 1
}
