//! The four pictures of a list that is not simply there: loading, empty, failed; stale rows stay, dimmed.

use super::paint::Paint;
use crate::{
    backend::Failure,
    console::{
        look::Meaning,
        model::{
            dataset::Dataset,
            list::{List, Row},
        },
    },
};
use ratatui::layout::Rect;

/// Draws the picture of a list without rows; true when that is all there is to draw. Dims the brush for stale rows.
pub fn list<T: Row>(p: &mut Paint<'_>, area: Rect, list: &List<T>, empty: &str) -> bool {
    match &list.data {
        Dataset::NotAsked | Dataset::Loading => loading(p, area),
        Dataset::Failed(why) => failed(p, area, why),
        Dataset::Ready { value, .. } | Dataset::Stale { value, .. } if value.rows.is_empty() => {
            let what = p.m.t(empty);
            middle(p, area, &what, None, Meaning::Muted);
        }
        Dataset::Stale { .. } => {
            p.stale = true;
            return false;
        }
        Dataset::Ready { .. } => {
            p.stale = p.m.is_stale();
            return false;
        }
    }
    true
}

/// Something was asked for.
pub fn loading(p: &mut Paint<'_>, area: Rect) {
    let what = p.m.t("state-loading");
    middle(p, area, &what, None, Meaning::Muted);
}

/// It could not be had: what happened, what to do.
pub fn failed(p: &mut Paint<'_>, area: Rect, why: &Failure) {
    let what = p.m.say(&why.what);
    let next = why.next.as_ref().map_or_else(|| p.m.t("state-failed-next"), |n| p.m.say(n));
    middle(p, area, &what, Some(&next), Meaning::Warn);
}

fn middle(p: &mut Paint<'_>, area: Rect, what: &str, next: Option<&str>, meaning: Meaning) {
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(4).min(76), ..area };
    let y = area.y + area.height.min(8) / 4;
    let y = p.wrap(inner, y, what, meaning);
    if let Some(next) = next {
        p.wrap(inner, y + 1, next, Meaning::Muted);
    }
}
