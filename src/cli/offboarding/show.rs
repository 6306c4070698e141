//! One case in words.

use crate::{
    backend::answer::OffboardingCard,
    cli::{
        Out, Stop,
        out::{Tone, safe},
    },
    domain::{
        duty::{Duty, DutyState},
        handover::{HandoverItem, ItemState},
        sentence::Sentence,
    },
    text,
};

pub(super) fn print(out: &mut Out, card: &OffboardingCard) -> Result<u8, Stop> {
    if out.json {
        out.json(card)?;
        out.flush()?;
        return Ok(0);
    }
    let (row, c) = (&card.row, &card.row.case);
    out.fields(&[
        ("cli-head-id", c.id.to_string()),
        ("cli-head-version", c.version.to_string()),
        ("cli-head-name", format!("{} {}", row.employee.number, row.employee.name)),
        ("cli-head-org", row.employee.org.clone()),
        ("cli-head-post", row.employee.post.clone()),
        ("cli-head-state", out.name("case-state", c.state)),
        ("cli-head-employment", out.name("spell-state", card.leaver.state)),
        ("cli-head-exit", out.name("exit-kind", c.exit)),
        ("cli-head-last-day", c.last_day.to_string()),
        ("cli-head-handover-due", c.handover_due.to_string()),
        ("cli-head-proposer", c.starter_name.clone()),
        ("cli-head-approver", c.approver_name.clone().unwrap_or_default()),
        ("cli-head-freeze", out.name("freeze-standing", row.freeze)),
        ("cli-head-addendum", c.addendum_of.map_or_else(String::new, |id| id.to_string())),
    ])?;
    if card.facts().stays() {
        let line = out.word("cli-case-stays");
        let line = out.paint(Tone::Alarm, &line);
        out.line(&line)?;
    }
    head(out, "cli-gates")?;
    for g in &card.gates {
        let (mark, tone) = if g.holds { ("cli-gate-holds", Tone::Plain) } else { ("cli-gate-shut", Tone::Warn) };
        let line = format!("{}  {}  {}", g.gate.to_string().to_uppercase(), out.word(&format!("gate-{}", g.gate)), out.word(mark));
        let line = out.paint(tone, &line);
        out.line(&line)?;
        for m in &g.missing {
            let line = format!("    - {}", out.text(m));
            out.line(&line)?;
        }
    }
    head(out, "cli-items")?;
    for i in &card.items {
        item(out, i)?;
    }
    head(out, "cli-duties")?;
    for d in &card.duties {
        duty(out, d, card)?;
    }
    out.flush()?;
    Ok(0)
}

fn head(out: &mut Out, key: &str) -> Result<(), Stop> {
    let head = out.word(key);
    let head = out.paint(Tone::Strong, &head);
    out.line("")?;
    out.line(&head)?;
    Ok(())
}

fn item(out: &mut Out, i: &HandoverItem) -> Result<(), Stop> {
    let what = out.text(&i.name());
    let reviewer = i.reviewer_name.as_deref().unwrap_or("-");
    let line = format!("{}  {}  {}  {}", i.id, out.name("item-state", i.state), safe(&what), safe(reviewer));
    let line = if i.state == ItemState::Returned { out.paint(Tone::Warn, &line) } else { line };
    out.line(&line)?;
    if let Some(why) = &i.why {
        let line = format!("    {}", safe(why));
        out.line(&line)?;
    }
    for v in &i.evidence {
        let file = v.evidence.file.as_ref().map_or_else(String::new, |f| format!("{} {}", safe(&f.name), f.hash));
        let signed = match (&v.evidence.signatory, v.evidence.signed_on) {
            (Some(name), Some(on)) => out.text(&Sentence::new("evidence-signed").with("name", name).with("on", on)),
            _ => String::new(),
        };
        let refusal = v.evidence.refusal.clone().unwrap_or_default();
        let parts = [format!("v{}", v.n), out.when(v.at), safe(&v.by), file, signed, safe(&refusal)];
        let line = format!("    {}", parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("  "));
        out.line(&line)?;
        if let Some(verdict) = &v.verdict {
            let by = verdict.by.clone().unwrap_or_else(|| "@machine".into());
            let code = if verdict.accepted { "verdict-accepted" } else { "verdict-returned" };
            let why = verdict.why.as_ref().map(|w| out.text(w)).unwrap_or_default();
            let line = format!("      {}", out.text(&Sentence::new(code).with("by", by).with("at", verdict.at).with("why", why)));
            out.line(&line)?;
        }
    }
    Ok(())
}

fn duty(out: &mut Out, d: &Duty, card: &OffboardingCard) -> Result<(), Stop> {
    let late = d.state == DutyState::Open && d.due_on < card.today;
    let done = match (&d.done_by, d.done_on) {
        (Some(by), Some(on)) => out.text(&Sentence::new("duty-done-by").with("by", by).with("on", on)),
        _ => String::new(),
    };
    let file = d.file.as_ref().map_or_else(String::new, |f| format!("{} {}", safe(&f.name), f.hash));
    let parts = [
        d.due_on.to_string(),
        text::fit(&out.name("duty-kind", d.kind), 26),
        out.name("duty-state", d.state),
        done,
        file,
        safe(d.note.as_deref().unwrap_or_default()),
    ];
    let line = parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("  ");
    let line = if late { out.paint(Tone::Alarm, &line) } else { line };
    out.line(&line)?;
    Ok(())
}
