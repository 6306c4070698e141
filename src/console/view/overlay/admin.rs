//! A line of the admin pane in full.

use super::item::Lines;
use crate::{
    console::{
        look::Meaning,
        model::{
            Model,
            admin::{AdminLine, AdminView},
        },
        view::{
            admin::{fact, operator_state, token_state},
            overlay::find::named,
            paint::Paint,
        },
    },
    domain::{freeze::lines::bound, operator::Operator, token::Token},
    text::stamp,
};

/// What is known about the line.
pub fn lines(p: &mut Paint<'_>, view: &AdminView) -> Lines {
    let m = p.m;
    let mut out = Lines::new();
    let add = |out: &mut Lines, key: &str, value: String| {
        let value = if value.is_empty() { "-".into() } else { value };
        out.push((0, m.tf("fact-line", &[("label", &m.t(key)), ("value", &value)]), Meaning::Base));
    };
    match &view.line {
        AdminLine::Operator(o) => operator(m, &mut out, view, o, add),
        AdminLine::Token(t) => {
            add(&mut out, "col-operator", t.name.clone());
            out.extend(token(m, t));
            add(&mut out, "entity-token", t.id.to_string());
        }
        AdminLine::Role(r) => {
            add(&mut out, "col-role", m.word("role", r.role));
            add(&mut out, "col-holders", r.operators.to_string());
            for g in &r.grants {
                let hidden: Vec<String> = g.hides.iter().map(|f| m.word("role-field", f)).collect();
                add(&mut out, "col-may", g.of.join(" "));
                add(&mut out, "col-about", m.word("role-scope", g.scope));
                add(&mut out, "col-hidden", hidden.join(" "));
            }
        }
        AdminLine::Target(t) => {
            add(&mut out, "col-kind", m.word("target-kind", t.kind));
            add(&mut out, "col-place", t.place.clone());
            add(&mut out, "col-steps", t.steps.iter().map(|s| m.word("step", s)).collect::<Vec<_>>().join(", "));
            add(&mut out, "col-session", t.session_max.map_or_else(|| m.t("unknown"), |s| bound(Some(s))));
            match m.admin.health_of(&t.name) {
                None => out.push((0, m.t("health-unasked"), Meaning::Muted)),
                Some(h) => {
                    let (key, meaning) = if h.ok { ("target-ok", Meaning::Good) } else { ("target-down", Meaning::Danger) };
                    out.push((0, format!("{}  {} ms", m.t(key), h.took_ms), meaning));
                    out.push((0, m.word("write-right", h.write), Meaning::Base));
                    out.push((0, m.word("lockout", h.lockout), Meaning::Base));
                    out.extend(h.why.iter().map(|w| (0, m.say(w), Meaning::Warn)));
                    if let Some(at) = m.admin.health.data.at() {
                        add(&mut out, "col-at", stamp(at, &m.zone));
                    }
                }
            }
        }
        AdminLine::Kind(k) => {
            add(&mut out, "col-switch", m.t(if k.enabled { "cli-on" } else { "cli-off" }));
            add(&mut out, "col-basis", k.basis.map(|b| m.word("lawful-basis", b)).unwrap_or_default());
            add(&mut out, "col-purpose", m.word("purpose", &k.purpose));
            add(&mut out, "cli-head-sensitivity", m.word("sensitivity", k.sensitivity));
            add(&mut out, "col-keep", m.tf("admin-days", &[("n", &k.keep_days.to_string())]));
        }
        AdminLine::Job(j) => {
            add(&mut out, "col-state", m.word("job-state", &j.state));
            add(&mut out, "col-due", stamp(j.due_at, &m.zone));
            add(&mut out, "col-tries", j.attempts.to_string());
            add(&mut out, "col-what", j.key.clone());
            if let Some(error) = &j.error {
                out.push((0, error.clone(), Meaning::Warn));
            }
        }
        AdminLine::Fact(f) => {
            let (text, meaning) = fact(p, *f);
            out.push((0, text, meaning));
        }
    }
    out
}

fn operator(m: &Model, out: &mut Lines, view: &AdminView, o: &Operator, add: impl Fn(&mut Lines, &str, String)) {
    let (state, meaning) = operator_state(m, o);
    add(out, "col-role", m.word("role", o.role));
    out.push((0, m.tf("fact-line", &[("label", &m.t("col-state")), ("value", &state)]), meaning));
    add(out, "col-issued", stamp(o.created_at, &m.zone));
    let ended = o.revoked_at.or(o.ended_at);
    if let Some(at) = ended {
        add(out, "col-ended", stamp(at, &m.zone));
    }
    let login = match (o.person, view.who.data.value()) {
        (None, _) => m.t("admin-nobody"),
        (Some(_), Some(found)) => found.first().map_or_else(|| m.t("unknown"), |who| named(m, who)),
        (Some(_), None) => m.t("state-loading"),
    };
    add(out, "col-login", login);
    let all = m.admin.tokens.data.value();
    let own: Vec<&Token> = all.into_iter().flatten().filter(|t| t.operator == o.id).collect();
    out.push((0, String::new(), Meaning::Base));
    out.push((0, m.t("col-tokens"), Meaning::Title));
    if own.is_empty() {
        out.push((2, "-".into(), Meaning::Muted));
    }
    for t in own {
        let (state, meaning) = token_state(m, t);
        out.push((2, format!("{}  {}  {}", stamp(t.expires_at, &m.zone), m.word("token-scope", t.scope), state), meaning));
    }
}

fn token(m: &Model, t: &Token) -> Lines {
    let (state, meaning) = token_state(m, t);
    let line = |key: &str, value: &str, meaning| (0, m.tf("fact-line", &[("label", &m.t(key)), ("value", value)]), meaning);
    let mut out = vec![
        line("col-scope", &m.word("token-scope", t.scope), Meaning::Base),
        line("col-state", &state, meaning),
        line("col-issued", &stamp(t.created_at, &m.zone), Meaning::Base),
        line("col-expires", &stamp(t.expires_at, &m.zone), Meaning::Base),
    ];
    if let Some(at) = t.revoked_at {
        out.push(line("col-ended", &stamp(at, &m.zone), Meaning::Base));
    }
    out
}
