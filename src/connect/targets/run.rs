//! Runs a program without a shell, in a cleared environment and a process group of its own, for a bounded time and a bounded output.

use rustix::process::{Pid, Signal, kill_process_group};
use std::{io, process::Stdio};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
    time::Instant,
};
use zeroize::Zeroizing;

/// More output than this is cut: `getent passwd` of 50,000 accounts is 4 MiB.
const MOST: u64 = 16 * 1024 * 1024;
/// Where programs are looked for.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a program did.
pub(super) struct Done {
    /// `None`: ended by a signal.
    pub(super) code: Option<i32>,
    pub(super) out: Zeroizing<String>,
    pub(super) err: String,
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub(super) enum Undone {
    /// It never ran.
    #[error("{0}")]
    NotStarted(io::Error),
    /// Ran out of time and was killed, with all that it had started.
    #[error("timed out")]
    Late,
    #[error("{0}")]
    Broken(io::Error),
}

/// Ends a process group when it is dropped before the program has ended by itself.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

async fn all(from: Option<impl AsyncRead + Unpin>) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(Vec::new());
    if let Some(from) = from {
        from.take(MOST).read_to_end(&mut out).await?;
    }
    Ok(out)
}

/// Runs a program until it ends or the time is over. Of our environment it gets the variables of `keep` and nothing else.
pub(super) async fn run(argv: &[String], until: Instant, keep: &[&str]) -> Result<Done, Undone> {
    let [program, args @ ..] = argv else {
        return Err(Undone::NotStarted(io::Error::new(io::ErrorKind::InvalidInput, "no program")));
    };
    let mut command = Command::new(program);
    command.args(args).env_clear().env("PATH", PATH).env("LC_ALL", "C").process_group(0);
    command.envs(keep.iter().filter_map(|k| std::env::var_os(k).map(|v| (k, v))));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(Undone::NotStarted)?;
    let mut group = Group(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw));
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let work = async {
        let (out, err) = tokio::try_join!(all(out), all(err))?;
        Ok::<_, io::Error>((child.wait().await?, out, err))
    };
    let (status, out, err) = tokio::time::timeout_at(until, work).await.map_err(|_| Undone::Late)?.map_err(Undone::Broken)?;
    group.0 = None;
    let out = Zeroizing::new(String::from_utf8_lossy(&out).into_owned());
    Ok(Done { code: status.code(), out, err: String::from_utf8_lossy(&err).into_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn argv(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    fn within(seconds: u64) -> Instant {
        Instant::now() + Duration::from_secs(seconds)
    }

    #[tokio::test]
    async fn no_shell_reads_the_arguments_and_no_variable_leaks() {
        let done = run(&argv(&["printf", "%s|", "$HOME;id", "`id`"]), within(20), &[]).await.unwrap();
        assert_eq!((done.code, done.out.as_str()), (Some(0), "$HOME;id|`id`|"));
        let done = run(&argv(&["env"]), within(20), &["HOME"]).await.unwrap();
        let names: Vec<_> = done.out.lines().filter_map(|l| l.split('=').next()).collect();
        assert!(names.iter().all(|n| ["PATH", "LC_ALL", "HOME"].contains(n)), "{names:?}");
    }

    #[tokio::test]
    async fn a_program_that_is_late_dies_with_its_children() {
        let mark = format!("{}.5", 40_000 + std::process::id());
        let late =
            run(&argv(&["sh", "-c", &format!("sleep {mark} & sleep {mark}")]), Instant::now() + Duration::from_millis(300), &[]).await;
        assert!(matches!(late, Err(Undone::Late)));
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        loop {
            let alive = std::process::Command::new("pgrep").args(["-f", &format!("^sleep {mark}")]).output().unwrap();
            if alive.stdout.is_empty() {
                break;
            }
            assert!(std::time::Instant::now() < deadline, "the children live on");
            std::thread::yield_now();
        }
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_was_not_started() {
        assert!(matches!(run(&argv(&["/nonexistent/x"]), within(5), &[]).await, Err(Undone::NotStarted(_))));
        assert!(matches!(run(&[], within(5), &[]).await, Err(Undone::NotStarted(_))));
    }
}
