//! Sinks: where signed heads of the chains are kept out of the reach of whoever holds the database. A file, syslog, or an HTTP server.

use super::targets::{SecretSource, tls, web};
use crate::domain::sentence::Sentence;
use jiff::Timestamp;
use reqwest::{Client, Url, header, redirect::Policy};
use serde::{Deserialize, Serialize};
use std::{
    fs::OpenOptions,
    io::{self, Read, Seek, SeekFrom, Write},
    net::{TcpStream, ToSocketAddrs, UdpSocket},
    os::unix::{fs::OpenOptionsExt, net::UnixDatagram},
    path::{Path, PathBuf},
    time::Duration,
};

/// How long a sink may take: nothing waits for it but the next anchor.
const PATIENCE: Duration = Duration::from_secs(10);
/// `log audit` and `notice` (RFC 5424, 6.2.1).
const PRIORITY: u32 = 13 * 8 + 5;

/// One sink of `[audit] anchors`: a name, and exactly one of `file`, `syslog` and `http`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SinkSpec {
    /// Shown where it fails: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// A line each, appended and synced; relative to the home.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// `unix:/dev/log`, `udp://HOST:PORT` or `tcp://HOST:PORT` (RFC 5424; over TCP with RFC 6587's octet counts).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub syslog: Option<String>,
    /// A line is posted as JSON; any 2xx is a yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<String>,
    /// Bearer token of `http`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<SecretSource>,
    /// PEM file of the authority of `http`, in place of the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
}

enum Syslog<'a> {
    Unix(&'a Path),
    Udp(&'a str),
    Tcp(&'a str),
}

fn syslog(to: &str) -> Option<Syslog<'_>> {
    let place = |at: &str| at.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if let Some(path) = to.strip_prefix("unix:") {
        return Path::new(path).is_absolute().then(|| Syslog::Unix(Path::new(path)));
    }
    match to.split_once("://")? {
        ("udp", at) if place(at) => Some(Syslog::Udp(at)),
        ("tcp", at) if place(at) => Some(Syslog::Tcp(at)),
        _ => None,
    }
}

/// A URL to which a line may be posted: without a secret in it, and with TLS where it leaves this machine.
fn url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let fits = matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty() && url.password().is_none();
    (fits && tls::private(&url, false)).then_some(url)
}

impl SinkSpec {
    /// What makes no sense, for a person who edits the file.
    pub fn mistake(&self) -> Option<&'static str> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.name.is_empty() || self.name.len() > 40 || !self.name.chars().all(plain) {
            return Some("name: 1 to 40 letters, digits, -, _ and .");
        }
        match (&self.file, &self.syslog, &self.http) {
            (Some(_), None, None) => {}
            (None, Some(to), None) if syslog(to).is_some() => {}
            (None, Some(_), None) => return Some("syslog: unix:/PATH, udp://HOST:PORT or tcp://HOST:PORT"),
            (None, None, Some(to)) if url(to).is_some() => {}
            (None, None, Some(_)) => return Some("http: https://HOST/PATH (http:// on this machine only), without a user"),
            _ => return Some("one of file, syslog and http"),
        }
        if self.http.is_none() && (self.token.is_some() || self.ca.is_some()) {
            return Some("token, ca: only with http");
        }
        self.token.as_ref().is_some_and(|t| !t.is_one()).then_some("token: one of env, file, command or credential")
    }

    /// Where it writes, for people.
    pub fn place(&self) -> String {
        let file = self.file.as_ref().map(|f| f.display().to_string());
        file.or_else(|| self.syslog.clone()).or_else(|| self.http.clone()).unwrap_or_default()
    }

    /// Hands a line over; blocks for 10 s at most.
    ///
    /// # Errors
    /// It was not taken. Syslog over datagrams does not say more than that it was sent.
    pub fn write(&self, home: &Path, line: &str, at: Timestamp) -> Result<(), Sentence> {
        let failed = |e: io::Error| Sentence::new("anchor-sink-io").with("sink", &self.name).with("detail", e);
        if let Some(file) = &self.file {
            return append(&home.join(file), line).map_err(failed);
        }
        if let Some(to) = self.syslog.as_deref().and_then(syslog) {
            return log(&to, line, at).map_err(failed);
        }
        let rooms = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        rooms.block_on(self.post(home, line))
    }

    async fn post(&self, home: &Path, line: &str) -> Result<(), Sentence> {
        let failed = |detail: String| Sentence::new("anchor-sink-io").with("sink", &self.name).with("detail", detail);
        let url = self.http.as_deref().and_then(url).ok_or_else(|| failed("http".into()))?;
        let tls = tls::config_of(&self.name, self.ca.as_deref(), home, url.scheme() == "https")?;
        let client = Client::builder().no_proxy().redirect(Policy::none()).referer(false).timeout(PATIENCE);
        let client = client.user_agent(concat!("tenure/", env!("CARGO_PKG_VERSION"))).tls_backend_preconfigured((*tls).clone());
        let mut request = client.build().map_err(|e| failed(web::chain(&e)))?.post(url);
        if let Some(token) = &self.token {
            let token = token.read(&self.name, home).await?;
            request = request.bearer_auth(token.trim());
        }
        let request = request.header(header::CONTENT_TYPE, "application/json").body(line.to_owned());
        let answer = request.send().await.map_err(|e| failed(web::chain(&e.without_url())))?;
        match answer.status() {
            s if s.is_success() => Ok(()),
            s => Err(Sentence::new("anchor-sink-status").with("sink", &self.name).with("status", s.as_u16())),
        }
    }
}

/// Appends and syncs. What a crash left of a line stays, and is told as what it is: the file may be one that can only grow.
fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).read(true).create(true).mode(0o640).open(path)?;
    let mut last = [b'\n'];
    if file.metadata()?.is_file() && file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    let begin = if last == [b'\n'] { "" } else { "\n" };
    file.write_all(format!("{begin}{line}\n").as_bytes())?;
    if file.metadata()?.is_file() { file.sync_all() } else { Ok(()) }
}

fn log(to: &Syslog<'_>, line: &str, at: Timestamp) -> io::Result<()> {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim();
    let host = if host.is_empty() || host.contains(' ') { "-" } else { host };
    let message = format!("<{PRIORITY}>1 {at} {host} tenure {} anchor - {line}", std::process::id());
    let nobody = || io::Error::new(io::ErrorKind::NotFound, "the name is nobody's");
    match to {
        Syslog::Unix(path) => UnixDatagram::unbound()?.send_to(message.as_bytes(), path).map(|_| ()),
        Syslog::Udp(place) => {
            let place = place.to_socket_addrs()?.next().ok_or_else(nobody)?;
            let own = if place.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
            let socket = UdpSocket::bind(own)?;
            socket.connect(place)?;
            socket.send(message.as_bytes()).map(|_| ())
        }
        Syslog::Tcp(place) => {
            let place = place.to_socket_addrs()?.next().ok_or_else(nobody)?;
            let mut stream = TcpStream::connect_timeout(&place, PATIENCE)?;
            stream.set_write_timeout(Some(PATIENCE))?;
            stream.write_all(format!("{} {message}", message.len()).as_bytes())?;
            stream.flush()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_is_one_place_with_a_name() {
        let sink = |text: &str| toml::from_str::<SinkSpec>(text).unwrap().mistake().is_none();
        for good in [
            "name = \"worm\"\nfile = \"/mnt/worm/anchors\"",
            "name = \"log\"\nsyslog = \"unix:/dev/log\"",
            "name = \"log\"\nsyslog = \"udp://[::1]:514\"",
            "name = \"log\"\nsyslog = \"tcp://loghost:601\"",
            "name = \"far\"\nhttp = \"https://audit.example.com/in\"\ntoken = { env = \"T\" }",
            "name = \"near\"\nhttp = \"http://127.0.0.1:8080/in\"",
        ] {
            assert!(sink(good), "{good}");
        }
        for bad in [
            "file = \"a\"",
            "name = \"a b\"\nfile = \"a\"",
            "name = \"a\"",
            "name = \"a\"\nfile = \"a\"\nsyslog = \"unix:/dev/log\"",
            "name = \"a\"\nsyslog = \"unix:log\"",
            "name = \"a\"\nsyslog = \"udp://loghost\"",
            "name = \"a\"\nhttp = \"http://audit.example.com/in\"",
            "name = \"a\"\nhttp = \"https://me:secret@audit.example.com/in\"",
            "name = \"a\"\nfile = \"a\"\ntoken = { env = \"T\" }",
        ] {
            assert!(!sink(bad), "{bad}");
        }
    }

    #[test]
    fn what_a_crash_left_of_a_line_does_not_swallow_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("anchors");
        append(&path, "one").unwrap();
        std::fs::write(&path, "one\ntw").unwrap();
        append(&path, "three").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntw\nthree\n");
    }
}
