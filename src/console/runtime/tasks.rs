//! Effects that ask the backend, as tasks that answer with a message.

use super::{
    files::{Files, Shut},
    import::{Wanted, load},
};
use crate::{
    backend::{Backend, Failure, FailureKind, Put},
    console::{
        effect::{Effect, Slot},
        model::{clean, offboarding::Blob},
        msg::Msg,
    },
    domain::{handover::FileRef, sentence::Sentence},
};
use std::{
    collections::BTreeMap,
    io::{BufReader, Read},
    path::Path,
    sync::Arc,
};
use tokio::{
    sync::mpsc::UnboundedSender,
    task::{AbortHandle, JoinHandle},
};

/// The tasks that are under way.
pub struct Tasks {
    backend: Arc<dyn Backend>,
    files: Files,
    out: UnboundedSender<Msg>,
    /// The newest question of each slot; a newer one stops it.
    asked: BTreeMap<Slot, AbortHandle>,
}

impl Tasks {
    pub fn new(backend: Arc<dyn Backend>, files: Files, out: UnboundedSender<Msg>) -> Self {
        Self { backend, files, out, asked: BTreeMap::new() }
    }

    /// Starts an effect; gives back one that is not for the backend.
    pub fn start(&mut self, effect: Effect) -> Option<Effect> {
        let backend = Arc::clone(&self.backend);
        match effect {
            Effect::Query { slot, req, query } => {
                let task = tokio::spawn(async move { backend.query(query).await });
                let abort = task.abort_handle();
                self.answer(task, move |result| Msg::Answer {
                    slot,
                    req,
                    result: result.unwrap_or_else(|| Err(lost(FailureKind::Failed))),
                });
                if let Some(older) = self.asked.insert(slot, abort) {
                    older.abort();
                }
            }
            Effect::Act { job, request } => {
                let task = tokio::spawn(async move { backend.act(request).await });
                // A task that died may have acted before: the outcome is unknown, and is asked for again.
                self.answer(task, move |result| Msg::Acted { job, result: result.unwrap_or_else(|| Err(lost(FailureKind::Unknown))) });
            }
            Effect::Put { job, path } => {
                let files = self.files.clone();
                let task = tokio::spawn(async move { put(backend.as_ref(), &files, &path).await });
                self.answer(task, move |result| Msg::Stored { job, result: result.unwrap_or_else(|| Err(lost(FailureKind::Failed))) });
            }
            Effect::Get { req, hash } => {
                let task = tokio::spawn(async move { get(backend.as_ref(), &hash).await });
                self.answer(task, move |result| Msg::Got { req, result: result.unwrap_or_else(|| Err(lost(FailureKind::Failed))) });
            }
            Effect::Watch { mark } => {
                let task = tokio::spawn(async move { backend.watch(mark).await });
                self.answer(task, move |result| Msg::Watched { result: result.unwrap_or_else(|| Err(lost(FailureKind::Failed))) });
            }
            Effect::Import { req, key, kind, file, map } => {
                let (out, files) = (self.out.clone(), self.files.clone());
                let task = tokio::spawn(async move { load(&*backend, files, Wanted { req, key, kind, file, map }, &out).await });
                // A task that died may have published before.
                self.answer(task, move |result| Msg::Imported { req, result: result.unwrap_or_else(|| Err(lost(FailureKind::Unknown))) });
            }
            other => return Some(other),
        }
        None
    }

    /// Sends what a task answers; a task that was stopped answers nothing.
    fn answer<T: Send + 'static>(&self, task: JoinHandle<T>, msg: impl FnOnce(Option<T>) -> Msg + Send + 'static) {
        let out = self.out.clone();
        tokio::spawn(async move {
            let msg = match task.await {
                Ok(result) => msg(Some(result)),
                Err(stopped) if stopped.is_cancelled() => return,
                Err(_) => msg(None),
            };
            // The console may have been left meanwhile.
            let _ = out.send(msg);
        });
    }
}

/// Puts a file into the store. Putting it twice is putting it once: it is kept under its hash.
async fn put(backend: &dyn Backend, files: &Files, path: &Path) -> Result<FileRef, Failure> {
    let failed = |e: std::io::Error| {
        let what = match e.kind() {
            std::io::ErrorKind::NotFound => Sentence::new("fault-file-missing"),
            std::io::ErrorKind::PermissionDenied => Sentence::new("fault-file-denied"),
            _ => Sentence::new("fault-file").with("error", e),
        };
        Failure::new(FailureKind::Usage, what.with("file", path.display()))
    };
    let file = files.open(path).map_err(|shut| match shut {
        Shut::Outside(why) => Failure::new(FailureKind::Usage, why),
        Shut::Io(e) => failed(e),
    })?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(Failure::new(FailureKind::Usage, Sentence::new("fault-not-a-file").with("file", path.display())));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let staged = backend.put(Put::Evidence { file: name.clone() }, Box::new(BufReader::new(file)), Box::new(|_| {})).await?;
    Ok(FileRef { hash: staged.hash, name })
}

/// Reads a stored file. What is shown of it is made beside the loop: a large one must not hold a key up.
async fn get(backend: &dyn Backend, hash: &str) -> Result<Blob, Failure> {
    let mut bytes = backend.get(hash).await?;
    let shown = tokio::task::spawn_blocking(move || {
        let mut all = Vec::new();
        bytes.read_to_end(&mut all).map(|_| clean::blob(&all))
    });
    let cut = |e| Failure::new(FailureKind::Failed, Sentence::new("evidence-io").with("file", hash).with("detail", e));
    shown.await.map_err(Failure::broken)?.map_err(cut)
}

fn lost(kind: FailureKind) -> Failure {
    Failure::new(kind, Sentence::new("failed-internal").with("detail", "task"))
}
