//! `tenure doctor`: what is wrong or unprotected, said plainly.

use super::{Out, Stop, out::Tone};
use crate::domain::sentence::Sentence;

/// Prints findings (fine or not, and what); exit 1 when any is not fine.
pub fn print(out: &mut Out, findings: &[(bool, Sentence)]) -> Result<u8, Stop> {
    print_with(out, findings, serde_json::json!({}))
}

/// The same with more fields of the document.
pub(super) fn print_with(out: &mut Out, findings: &[(bool, Sentence)], mut document: serde_json::Value) -> Result<u8, Stop> {
    let ok = findings.iter().all(|f| f.0);
    if out.json {
        let rows: Vec<_> = findings
            .iter()
            .map(|(ok, what)| serde_json::json!({"ok": ok, "code": what.code, "args": what.args, "text": out.text(what)}))
            .collect();
        if let Some(fields) = document.as_object_mut() {
            fields.insert("ok".into(), ok.into());
            fields.insert("findings".into(), rows.into());
        }
        out.json(&document)?;
    } else {
        for (ok, what) in findings {
            let (key, tone) = if *ok { ("cli-ok", Tone::Plain) } else { ("cli-bad", Tone::Alarm) };
            let mark = out.word(key);
            let line = format!("{}  {}", out.paint(tone, &mark), out.text(what));
            out.line(&line)?;
        }
    }
    out.flush()?;
    Ok(u8::from(!ok))
}
