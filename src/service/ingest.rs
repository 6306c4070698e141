//! The ingest door: batches of signals from other systems go the way of every import, and their answer is kept as an act's is.

use super::{Service, config::Sender};
use crate::{
    backend::{
        Failure, FailureKind, Preview, Put,
        ingest::{Aside, Batch, Ingested, Knock, MOST_SIGNALS, WINDOW},
        table,
    },
    domain::{
        act::Entity,
        audit::{Entry, Item},
        ids::{ImportId, OperatorId},
        operator::Identity,
        sentence::Sentence,
        token::Scope,
    },
    store::{self, StoreError, Tx, audit::Chain},
};
use jiff::SignedDuration;
use ring::hmac;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::{io::Cursor, time::Duration, time::Instant};

/// How long the sender waits for its batch to be published, and after which a worker takes it up.
const PATIENCE: Duration = Duration::from_secs(45);
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Longest name of a batch.
const MOST_KEY: usize = 150;

fn refused(code: &'static str) -> Failure {
    Failure::new(FailureKind::Refused, Sentence::new(code))
}

fn usage(what: Sentence) -> Failure {
    Failure::new(FailureKind::Usage, what)
}

/// What a sender hears whose signature is none of ours; it does not say why.
fn unsigned() -> Failure {
    refused("ingest-unsigned").next(Sentence::new("ingest-unsigned-next"))
}

/// The parts of `t=SECONDS,v1=HEX[,v1=HEX]`.
fn parts(header: &str) -> Option<(i64, Vec<Vec<u8>>)> {
    let (mut at, mut macs) = (None, Vec::new());
    for part in header.split(',') {
        match part.trim().split_once('=')? {
            ("t", seconds) if at.is_none() => at = Some(seconds.parse().ok()?),
            ("v1", mac) => macs.push(hex::decode(mac).ok()?),
            _ => {}
        }
    }
    Some((at?, macs))
}

/// A batch as the import reads it: an object a line.
fn lines(body: &[u8]) -> Result<Vec<u8>, Failure> {
    let (mut out, mut n) = (Vec::with_capacity(body.len()), 0);
    match body.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'[') => {
            // As it was written, so that the import sees what was sent: a key twice, a number that no float holds.
            let all: Vec<&RawValue> = serde_json::from_slice(body)
                .map_err(|e| usage(Sentence::new("ingest-json").with("line", e.line()).with("column", e.column())))?;
            for object in all {
                out.extend(object.get().bytes().map(|b| if matches!(b, b'\n' | b'\r') { b' ' } else { b }));
                out.push(b'\n');
                n += 1;
            }
        }
        Some(b'{') => {
            out.extend_from_slice(body);
            n = body.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty()).count();
        }
        _ => {}
    }
    match n {
        0 => Err(usage(Sentence::new("ingest-empty"))),
        n if n > MOST_SIGNALS => Err(usage(Sentence::new("ingest-many").with("n", n).with("most", MOST_SIGNALS))),
        // The first byte decides what a file is.
        _ if out.first() != Some(&b'{') && !out.trim_ascii_start().starts_with(b"{") => Err(usage(Sentence::new("ingest-objects"))),
        _ => Ok(out),
    }
}

impl Service {
    /// Takes a batch of signals once: the same batch again gives the same answer.
    ///
    /// # Errors
    /// Who may not send, a body that is no batch. Signals that cannot be taken are no error: they are in quarantine, with their reasons.
    pub fn ingest(&self, batch: &Batch) -> Result<Ingested, Failure> {
        let sender = self.config.ingest.iter().find(|s| s.source == batch.source);
        let who = self.knocks(sender, batch)?;
        let Some(sender) = sender else {
            return Err(Failure::new(FailureKind::NotFound, Sentence::new("ingest-no-source").with("source", &batch.source)));
        };
        if self.read_only {
            return Err(refused("read-only").next(Sentence::new("read-only-next")));
        }
        let hash = Sha256::digest(&batch.body).to_vec();
        let name = batch.key.clone().unwrap_or_else(|| hex::encode(&hash));
        if name.is_empty() || name.len() > MOST_KEY {
            return Err(usage(Sentence::new("act-key")));
        }
        let by = who.as_ref().map_or(OperatorId::MACHINE, |w| w.operator);
        let key = format!("ingest {} {name}", sender.source);
        if let Some(known) = self.db.read(|tx| stored(tx, by, &key, &hash))? {
            return Ok(known);
        }

        let put = Put::Import {
            kind: "signals".into(),
            map: sender.map.clone(),
            file: sender.source.clone(),
            bytes: None,
            preview: Preview::Also,
        };
        let staged = self.stage_of(&put, Some(&sender.source), Box::new(Cursor::new(lines(&batch.body)?)), Box::new(|_| {}))?;
        let id = staged.id.ok_or_else(|| Failure::broken("nothing was staged"))?;
        self.db.write(|tx| self.begin_ingest(tx, id, who.as_ref(), &hash, &sender.source))?;
        let began = Instant::now();
        self.publish(id, &|| began.elapsed() < PATIENCE)?;

        self.db.write(|tx| -> Result<Ingested, Failure> {
            tx.lock()?;
            if let Some(first) = stored(tx, by, &key, &hash)? {
                // The same batch came twice at once: of its signals each was taken once.
                return Ok(first);
            }
            let import = store::import::get(tx, id)?.filter(|i| i.state == "published");
            // A worker goes on with it; what the sender says again is then known.
            let slow = || Failure::new(FailureKind::Unknown, Sentence::new("ingest-slow")).next(Sentence::new("ingest-slow-next"));
            let import = import.ok_or_else(slow)?;
            store::job::drop_pending(tx, "import", &id.to_string())?;
            let why = staged.sample.iter().map(|b| Aside { row: b.origin.row, column: b.column.clone(), why: b.why.clone() }).collect();
            let answer = Ingested {
                source: sender.source.clone(),
                batch: name,
                import: id,
                accepted: import.added,
                same: import.same,
                quarantined: import.refused,
                why,
                replayed: false,
            };
            store::idempotency::put(tx, by, &key, &hash, &serde_json::to_string(&answer).map_err(Failure::broken)?)?;
            Ok(answer)
        })
    }

    /// What can be said before there is a body: nobody fills this server who could not send to it.
    ///
    /// # Errors
    /// Who may not send. A signature is only looked at for what it would be over.
    pub fn knock(&self, source: &str, knock: &Knock) -> Result<(), Failure> {
        let sender = self.config.ingest.iter().find(|s| s.source == source);
        match knock {
            Knock::Token(token) => self.sends(sender, token).map(|_| ()),
            Knock::Signature(header) => {
                let known = sender.is_some_and(|s| s.secret.is_some()) && parts(header).is_some();
                if known { Ok(()) } else { Err(unsigned()) }
            }
        }
    }

    /// The operator who sends with a token.
    fn sends(&self, sender: Option<&Sender>, token: &str) -> Result<Identity, Failure> {
        let (who, scope) = self.authenticate(token)?;
        let named = |s: &Sender| s.operators.is_empty() || s.operators.iter().any(|o| o.eq_ignore_ascii_case(&who.name));
        if scope != Scope::Ingest {
            return Err(refused("token-no-ingest").next(Sentence::new("token-no-ingest-next")));
        }
        if !sender.is_none_or(named) {
            return Err(refused("ingest-not-yours"));
        }
        // A source that names its senders vouches for them; of anybody else the role must have it.
        if sender.is_none_or(|s| s.operators.is_empty()) {
            self.db.read(|tx| self.view(tx, &who, table::IMPORT).map(|_| ()))?;
        }
        Ok(who)
    }

    /// Who sends: an operator with a token, or the source itself.
    fn knocks(&self, sender: Option<&Sender>, batch: &Batch) -> Result<Option<Identity>, Failure> {
        match &batch.knock {
            Knock::Token(token) => self.sends(sender, token).map(Some),
            Knock::Signature(header) => {
                // A source that is none of ours and one without a secret sound like a wrong signature.
                let source = sender.and_then(|s| s.secret.as_ref()).ok_or_else(unsigned)?;
                let (at, macs) = parts(header).ok_or_else(unsigned)?;
                let secret = source.read_now(&batch.source, &self.dir).map_err(|why| Failure::new(FailureKind::Failed, why))?;
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
                let said = [at.to_string().as_bytes(), b".", &batch.body].concat();
                if !macs.iter().any(|mac| hmac::verify(&key, &said, mac).is_ok()) {
                    return Err(unsigned());
                }
                let now = self.db.read(|tx| Ok::<_, StoreError>(tx.now()))?;
                if at.abs_diff(now.as_second()) > WINDOW.unsigned_abs() {
                    let what = Sentence::new("ingest-clock").with("now", now).with("seconds", WINDOW);
                    return Err(Failure::new(FailureKind::Refused, what).next(Sentence::new("ingest-clock-next")));
                }
                Ok(None)
            }
        }
    }

    /// A staged batch becomes one that is published: with its entry, and with a job that finishes it should this process end.
    fn begin_ingest(&self, tx: &mut Tx, id: ImportId, who: Option<&Identity>, hash: &[u8], source: &str) -> Result<(), Failure> {
        tx.lock()?;
        if let Some(who) = who {
            self.check_operator(tx, who)?;
        }
        let mut import = store::import::get(tx, id)?.ok_or_else(|| Failure::broken("a staged batch is missing"))?;
        import.state = "publishing".into();
        store::import::put(tx, &import)?;
        let at = tx.now();
        self.queue(tx, "import", &id.to_string(), at + LEASE, "")?;
        let item = Item { entity: Entity::Import, id: id.0, person: None, before: None, after: None, sealed: None };
        let detail = serde_json::json!({ "source": source }).to_string();
        let (count, digest) = (Some(import.rows + import.bad), Some(hex::encode(hash)));
        store::audit::append(
            tx,
            Chain::Acts,
            Entry { count, digest, detail: Some(detail), ..Entry::new(at, who, "signal.ingest", vec![item]) },
        )?;
        Ok(())
    }
}

/// The answer that a batch got before.
fn stored(tx: &mut Tx, by: OperatorId, key: &str, hash: &[u8]) -> Result<Option<Ingested>, Failure> {
    let Some((known, answer)) = store::idempotency::find(tx, by, key)? else { return Ok(None) };
    if known != hash {
        return Err(refused("act-key-reused").next(Sentence::new("act-key-reused-next")));
    }
    let first: Ingested = serde_json::from_str(&answer).map_err(|_| Failure::broken("a stored answer cannot be read"))?;
    Ok(Some(Ingested { replayed: true, ..first }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_and_lines_are_the_same_batch() {
        let told = |body: &str| lines(body.as_bytes()).map(|b| String::from_utf8(b).unwrap()).map_err(|e| e.what.code.to_string());
        assert_eq!(told("[{\"a\": 1,\n \"a\": 2}, {\"b\": 1e400}]").unwrap(), "{\"a\": 1,  \"a\": 2}\n{\"b\": 1e400}\n");
        assert_eq!(told("\n {\"a\":1}\n\n{\"b\":2}").unwrap().trim_start(), "{\"a\":1}\n\n{\"b\":2}");
        for (body, code) in [
            ("", "ingest-empty"),
            (" [] ", "ingest-empty"),
            ("event,number\n1,2", "ingest-empty"),
            ("[{}", "ingest-json"),
            ("[1, 2]", "ingest-objects"),
            (&format!("[{}{{}}]", "{},".repeat(MOST_SIGNALS)), "ingest-many"),
        ] {
            assert_eq!(told(body), Err(code.into()), "{body}");
        }
    }

    #[test]
    fn a_signature_is_a_time_and_one_mac_or_more() {
        assert_eq!(parts("t=12, v1=00ff,v1=01,v0=zz"), Some((12, vec![vec![0, 255], vec![1]])));
        for bad in ["", "t=12", "v1=00"] {
            assert!(parts(bad).is_none_or(|(_, macs)| macs.is_empty()), "{bad}");
        }
        assert_eq!(parts("t=x,v1=00"), None);
        assert_eq!(parts("t=1,v1=zz"), None);
    }
}
