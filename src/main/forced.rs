//! A session of SSH whose command the host has fixed (config/deploy/shared-host.md). Who it is comes from the key alone, and nothing that
//! the client sends says anything.

use jiff::tz::TimeZone;
use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use std::{
    env,
    ffi::{OsStr, OsString},
    fs::File,
    io,
    os::unix::process::CommandExt,
    path::Path,
    process::Command,
    sync::Arc,
};
use tenure::{
    backend::{Failure, FailureKind},
    cli::Out,
    domain::{operator::Identity, sentence::Sentence, ssh_key},
    service::Service,
    text::Texts,
};

/// What of the environment is looked at: what the client's terminal is and speaks, what sshd says, and the account's own.
const KEPT: &[&str] =
    &["COLORTERM", "HOME", "LANG", "LOGNAME", "NO_COLOR", "PATH", "SSH_CONNECTION", "SSH_TTY", "SSH_USER_AUTH", "TERM", "USER"];

/// Where sshd writes down, for each login, what proved it (`ExposeAuthInfo`).
const TOLD: &str = "/tmp/sshauth.";

fn kept(name: &OsStr) -> bool {
    name.to_str().is_some_and(|n| KEPT.contains(&n) || n.starts_with("LC_"))
}

/// Whether the command line says that it is such a session. Then the program is started again without what the client sent, before
/// anything reads it.
///
/// # Errors
/// The client asked for a command, a copy or a subsystem: nothing is run.
pub fn enter() -> Result<bool, Failure> {
    // Set by sshd in place of a command that it did not run. Whoever wrote the command that it ran instead may have left out the flag.
    if env::var_os("SSH_ORIGINAL_COMMAND").is_some() {
        return Err(Failure::new(FailureKind::Usage, Sentence::new("forced-command")).next(Sentence::new("forced-command-next")));
    }
    if !env::args_os().skip(1).any(|a| a == OsStr::new("--forced")) {
        return Ok(false);
    }
    let (keep, drop): (Vec<_>, Vec<_>) = env::vars_os().partition(|(name, _)| kept(name));
    if drop.is_empty() {
        return Ok(true);
    }
    let program = env::current_exe().map_err(Failure::broken)?;
    Err(Failure::broken(Command::new(program).args(env::args_os().skip(1)).env_clear().envs(keep).exec()))
}

/// Says why there is no session.
pub fn refuse(why: &Failure) -> u8 {
    Out::stdout(Arc::new(Texts::new(&[])), super::env_lang(), TimeZone::UTC, false).fail(&why.clone().into())
}

/// Who logged in.
///
/// # Errors
/// It is no login by SSH, no key proved it, or the key is nobody's.
pub fn identify(service: &Service, named: Option<&str>) -> Result<Identity, Failure> {
    let no = |code| Failure::new(FailureKind::Refused, Sentence::new(code)).next(Sentence::new("forced-next"));
    if env::var_os("SSH_CONNECTION").is_none() {
        return Err(no("forced-no-login"));
    }
    let told = env::var_os("SSH_USER_AUTH").map(|path| told(&path)).transpose();
    let keys = match told.map_err(|_| no("forced-auth-file"))? {
        // A login without a key proves nobody, whatever the command says.
        Some(lines) if !lines.iter().any(|l| l.starts_with("publickey ")) => return Err(no("forced-no-key")),
        Some(lines) => lines.iter().filter_map(|l| ssh_key::fingerprint(l)).collect(),
        None if named.is_none() => return Err(no("forced-no-auth-info")),
        None => Vec::new(),
    };
    service.identify_key(named, &keys)
}

/// What sshd wrote down. It makes the file as the session's user, for nobody else; a client that could name another one has no such file.
fn told(path: &OsString) -> io::Result<Vec<String>> {
    let name = path.to_str().and_then(|p| p.strip_prefix(TOLD));
    if name.is_none_or(|name| name.contains('/')) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let fd = open(Path::new(path), OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())?;
    let about = fstat(&fd)?;
    let own = about.st_uid == rustix::process::geteuid().as_raw() && about.st_mode & 0o077 == 0;
    if !own || FileType::from_raw_mode(about.st_mode) != FileType::RegularFile {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(io::read_to_string(File::from(fd))?.lines().map(str::to_owned).collect())
}
