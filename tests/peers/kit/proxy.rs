//! A proxy between us and a real HTTP server that fails on purpose. It knows requests, so that "after the server had committed" is exact.
//! It speaks TLS once it was given a certificate.

use super::switches::{Line, Switches};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    ops::Deref,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// What happens to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    Pass,
    /// The server gets it and answers; the answer is lost and the connection closed.
    DropReply,
    /// The server never sees it; the connection is closed.
    DropRequest,
    /// The proxy answers itself; the server never sees it. Status line, header lines, body.
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: &'static str },
    /// The server gets it and answers; nothing comes back until the proxy is released.
    Stall,
    /// The server gets it and answers; the answer comes once the proxy is released.
    Late,
    /// The server never sees it and nothing comes back until the proxy is released.
    StallBefore,
    /// The answer a byte at a time, with this pause: milliseconds.
    Drip(u64),
    /// Half of the body, then the connection is closed.
    Truncate,
}

impl Fault {
    pub fn answer(status: u16) -> Self {
        Self::Answer { status, headers: Vec::new(), body: "" }
    }

    pub fn retry(status: u16, after: u32) -> Self {
        Self::Answer { status, headers: vec![("Retry-After", after.to_string())], body: "" }
    }
}

/// What a proxy has besides the switches of every line.
#[derive(Default)]
struct Own {
    /// Method and path of each request that reached the server.
    forwarded: Vec<(String, String)>,
    /// With it the proxy speaks TLS.
    certificate: Option<Arc<ServerConfig>>,
}

/// The proxy: a [`Line`] whose requests are a method and a path.
pub struct Proxy {
    line: Line<Fault>,
    upstream: SocketAddr,
    own: Arc<Mutex<Own>>,
}

impl Deref for Proxy {
    type Target = Line<Fault>;

    fn deref(&self) -> &Self::Target {
        &self.line
    }
}

impl Proxy {
    /// Stands before `host:port` of a URL.
    pub fn before(url: &str) -> Self {
        let upstream = url.split("://").nth(1).unwrap().split('/').next().unwrap().parse().unwrap();
        let own: Arc<Mutex<Own>> = Arc::default();
        let theirs = own.clone();
        let line = Line::open(|switches| move |client: &TcpStream| greet(client, upstream, &switches, &theirs));
        Self { line, upstream, own }
    }

    /// A URL of the server, through the proxy.
    pub fn url(&self, url: &str) -> String {
        url.replace(&self.upstream.to_string(), &self.line.addr.to_string())
    }

    /// Speaks TLS with this certificate from now on.
    pub fn present(&self, certificate: &Arc<ServerConfig>) {
        self.own.lock().unwrap().certificate = Some(certificate.clone());
    }

    /// The same, just before the next request of a method reaches the server: that exchange still ends on its connection.
    pub fn present_at(&self, method: &str, certificate: &Arc<ServerConfig>) {
        let (own, certificate) = (self.own.clone(), certificate.clone());
        self.meanwhile(method, move || own.lock().unwrap().certificate = Some(certificate));
    }

    /// Method and path of each request that reached the server.
    pub fn forwarded(&self) -> Vec<(String, String)> {
        self.own.lock().unwrap().forwarded.clone()
    }

    /// Requests that reached the server and are no reads.
    pub fn writes(&self) -> usize {
        self.forwarded().iter().filter(|(m, _)| m != "GET").count()
    }
}

fn greet(mut client: &TcpStream, upstream: SocketAddr, switches: &Switches<Fault>, own: &Mutex<Own>) -> io::Result<()> {
    let certificate = own.lock().unwrap().certificate.clone();
    let Some(certificate) = certificate else { return session(&mut client, upstream, switches, own) };
    let mut stream = StreamOwned::new(ServerConnection::new(certificate).map_err(io::Error::other)?, client);
    let ended = session(&mut stream, upstream, switches, own);
    stream.conn.send_close_notify();
    stream.flush()?;
    ended
}

/// One request of a connection; it is closed after the answer.
fn session(client: &mut (impl Read + Write), upstream: SocketAddr, switches: &Switches<Fault>, own: &Mutex<Own>) -> io::Result<()> {
    let mut reader = BufReader::new(&mut *client);
    let mut head = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let lower = line.to_ascii_lowercase();
        if let Some(n) = lower.strip_prefix("content-length:") {
            length = n.trim().parse().unwrap_or(0);
        }
        if line == "\r\n" {
            break;
        }
        if !lower.starts_with("connection:") {
            head.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let request = format!("{method} {path}");
    let fault = switches.fault(&request).unwrap_or(Fault::Pass);
    match &fault {
        Fault::DropRequest => return Ok(()),
        Fault::Answer { status, headers, body } => {
            let lines: String = headers.iter().map(|(k, v)| format!("{k}: {v}\r\n")).collect();
            return write!(
                client,
                "HTTP/1.1 {status} Because\r\nContent-Type: application/scim+json\r\n{lines}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
        Fault::StallBefore => return switches.hold(),
        _ => {}
    }
    switches.before(&request);
    let mut server = TcpStream::connect(upstream)?;
    write!(server, "{head}Connection: close\r\n\r\n")?;
    server.write_all(&body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    own.lock().unwrap().forwarded.push((method.into(), path.into()));
    answer_so(client, &answer, &fault, switches)
}

fn answer_so(client: &mut impl Write, answer: &[u8], fault: &Fault, switches: &Switches<Fault>) -> io::Result<()> {
    let body = answer.windows(4).position(|w| w == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    match fault {
        Fault::DropReply => Ok(()),
        Fault::Stall => switches.hold(),
        Fault::Late => {
            switches.hold()?;
            client.write_all(answer)
        }
        Fault::Truncate => client.write_all(&answer[..body + (answer.len() - body) / 2]),
        Fault::Drip(pause) => {
            for byte in answer {
                client.write_all(&[*byte])?;
                thread::sleep(Duration::from_millis(*pause));
            }
            Ok(())
        }
        _ => client.write_all(answer),
    }
}
