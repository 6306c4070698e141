//! Carries a file through the door: put, publish, and a look now and then at how far it is.

use super::files::{Files, Shut};
use crate::{
    backend::{ActRequest, Answer, Backend, Failure, FailureKind, Preview, Put, Query, file},
    console::{
        effect::ReqId,
        model::import::{Imported, Part},
        msg::Msg,
    },
    domain::{act::Act, ids::ImportId, sentence::Sentence},
};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::sync::mpsc::UnboundedSender;

/// Ten times a second is as fast as a person reads.
const PAUSE: Duration = Duration::from_millis(100);
/// Longer than a dead worker's lease: after that nobody is loading.
const PATIENCE: Duration = Duration::from_secs(90);

/// A file to load.
pub struct Wanted {
    pub req: ReqId,
    /// Idempotency key of the publishing.
    pub key: String,
    pub kind: &'static str,
    pub file: String,
    pub map: Option<String>,
}

pub async fn load(backend: &dyn Backend, files: Files, wanted: Wanted, out: &UnboundedSender<Msg>) -> Result<Box<Imported>, Failure> {
    let Wanted { req, key, kind, file: name, map } = wanted;
    let path = PathBuf::from(name);
    let shown = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    // A file on a sleeping disk or a pipe may take its time.
    let opened = tokio::task::spawn_blocking(move || {
        let map = map.map(|m| files.mapping(&m).map_err(|shut| failed(Path::new(&m), shut))).transpose()?;
        let file = files.open(&path).map_err(|shut| failed(&path, shut))?;
        Ok::<_, Failure>((file::stream(&path, file)?, map))
    });
    let ((source, bytes), map) = opened.await.map_err(Failure::broken)??;
    let put = Put::Import { kind: kind.into(), map, file: shown, bytes, preview: Preview::No };
    let (tell, mut last) = (out.clone(), None::<Instant>);
    let progress = Box::new(move |p: crate::backend::Progress| {
        if last.is_none_or(|t| t.elapsed() >= PAUSE) {
            last = Some(Instant::now());
            // The console may have been left meanwhile.
            let _ = tell.send(Msg::Importing { req, part: Part { loading: false, rows: p.rows, of: bytes.map(|all| (p.bytes, all)) } });
        }
    });
    let staged = backend.put(put, source, progress).await?;
    let Some(id) = staged.id else { return Err(Failure::broken("nothing was staged")) };
    let reply = backend.act(ActRequest { key: Some(key), ..ActRequest::one(Act::ImportPublish, id, None) }).await?;
    if let Some(refusal) = reply.outcomes.into_iter().find_map(|o| o.refusal) {
        return Err(refusal.into());
    }
    let state = loaded(backend, id, req, out).await?;
    Ok(Box::new(Imported { staged, state }))
}

/// Waits until a worker has loaded it.
async fn loaded(
    backend: &dyn Backend,
    id: ImportId,
    req: ReqId,
    out: &UnboundedSender<Msg>,
) -> Result<crate::backend::answer::ImportState, Failure> {
    let mut moved = (Instant::now(), -1);
    loop {
        let Answer::Import(state) = backend.query(Query::Import { id }).await?.answer else {
            return Err(Failure::broken("another answer"));
        };
        if state.state == "published" {
            return Ok(state);
        }
        if state.done != moved.1 {
            moved = (Instant::now(), state.done);
        } else if moved.0.elapsed() > PATIENCE {
            let what = Sentence::new("cli-import-waits");
            return Err(Failure::new(FailureKind::Unreachable, what).next(Sentence::new("cli-import-waits-next")));
        }
        let (rows, done, all) = (state.rows.unsigned_abs(), state.done.unsigned_abs(), state.chunks.unsigned_abs().max(1));
        let part = Part { loading: true, rows: rows.saturating_mul(done) / all, of: Some((done, all)) };
        let _ = out.send(Msg::Importing { req, part });
        tokio::time::sleep(PAUSE).await;
    }
}

fn failed(path: &Path, shut: Shut) -> Failure {
    match shut {
        Shut::Outside(why) => Failure::new(FailureKind::Usage, why),
        Shut::Io(e) => file::unreadable(path, &e),
    }
}
