//! `tenure doctor`: what is wrong or unprotected, said plainly.

use super::{Out, Stop, out::Tone};
use crate::domain::sentence::Sentence;

/// Prints findings (fine or not, and what); exit 1 when any is not fine.
pub fn print(out: &mut Out, findings: &[(bool, Sentence)]) -> Result<u8, Stop> {
    let ok = findings.iter().all(|f| f.0);
    if out.json {
        let rows: Vec<_> = findings
            .iter()
            .map(|(ok, what)| serde_json::json!({"ok": ok, "code": what.code, "args": what.args, "text": out.text(what)}))
            .collect();
        out.json(&serde_json::json!({"ok": ok, "findings": rows}))?;
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
