//! The palette and the key help: the same rows, one to run and one to read.

use crate::console::{
    command::{COMMANDS, Command, enabled::enabled},
    look::Meaning,
    model::overlay::{Keys, Palette},
    update::overlay::palette::matches,
    view::{paint::Paint, table::widest},
};
use ratatui::layout::Rect;

pub fn draw(p: &mut Paint<'_>, palette: &Palette, body: Rect) {
    let x = p.run(body.x, body.y, body.right(), ":", Meaning::Key);
    p.input(x, body.y, body.width.saturating_sub(1), &palette.query, true);
    let found = matches(p.m, palette.query.text());
    rows(p, Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body }, &found, Some(palette.at), 0);
}

pub fn draw_keys(p: &mut Paint<'_>, keys: &Keys, body: Rect) {
    let label = p.m.t("keys-search");
    let x = p.run(body.x, body.y, body.right(), &format!("{label} "), Meaning::Key);
    p.input(x, body.y, body.right().saturating_sub(x), &keys.query, true);
    let found = matches(p.m, keys.query.text());
    rows(p, Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body }, &found, None, keys.top);
}

fn rows(p: &mut Paint<'_>, area: Rect, found: &[&'static Command], at: Option<usize>, top: usize) {
    let m = p.m;
    if found.is_empty() {
        let what = m.t("palette-nothing");
        p.put(area.x + 2, area.y, area.width, &what, Meaning::Muted);
        return;
    }
    let room = usize::from(area.height).max(1);
    let top = at.map_or(top.min(found.len().saturating_sub(room)), |at| (at + 1).saturating_sub(room));
    // Of all commands, so that the columns stay where they are while a query is typed.
    let titles: Vec<String> = COMMANDS.iter().map(|c| m.t(&c.title())).collect();
    let title_w = widest(&titles) + 1;
    for (y, (i, c)) in (area.y..area.bottom()).zip(found.iter().enumerate().skip(top)) {
        let here = at == Some(i);
        p.put(area.x, y, 1, if here { p.sym.cursor } else { " " }, Meaning::Selection);
        let mut keys = String::new();
        // A command of another pane shows the key that it has there.
        let own = [c.scope];
        let scopes = if m.scopes().contains(&c.scope) { m.scopes() } else { &own };
        for key in m.keys.all_keys_of(scopes, c.id).iter().map(|k| k.shown()) {
            if keys.len() + key.len() < 10 {
                keys.push_str(&key);
                keys.push(' ');
            }
        }
        p.put(area.x + 2, y, 10, &keys, Meaning::Key);
        let off = enabled(m, c.id).err();
        let meaning = match (here, &off) {
            (true, _) => Meaning::Selection,
            (false, Some(_)) => Meaning::Muted,
            (false, None) => Meaning::Base,
        };
        let title = m.t(&c.title());
        p.put(area.x + 13, y, title_w, &title, meaning);
        // A command that cannot be used stays in its place and says why.
        let (text, meaning) = match &off {
            Some(why) => (format!("{} {}", p.sym.alarm, m.say(why)), Meaning::Warn),
            None => (m.t(&c.help()), Meaning::Muted),
        };
        let x = area.x + 14 + title_w;
        p.put(x, y, area.right().saturating_sub(x), &text, meaning);
    }
}
