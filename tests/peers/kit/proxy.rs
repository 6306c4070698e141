//! A proxy between us and a real HTTP server that fails on purpose. It knows requests, so that "after the server had committed" is exact.
//! It speaks TLS once it was given a certificate.

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
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

/// Something that happens behind our back.
type Meanwhile = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    /// Faults that wait for a request of their kind, first come first served.
    faults: VecDeque<(String, Fault)>,
    /// Faults of every request of a kind.
    always: Vec<(String, Fault)>,
    /// What is done just before the next request of a method reaches the server.
    meanwhile: VecDeque<(&'static str, Meanwhile)>,
    /// Method and path of each request, as it came.
    seen: Vec<(String, String)>,
    /// Those that reached the server.
    forwarded: Vec<(String, String)>,
    /// With it the proxy speaks TLS.
    certificate: Option<Arc<ServerConfig>>,
    /// Connections that came, whatever was said on them.
    connections: usize,
    released: bool,
    open: bool,
    down: bool,
}

/// The proxy. Dropping it releases what it holds and closes it.
pub struct Proxy {
    addr: SocketAddr,
    upstream: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Proxy {
    /// Stands before `host:port` of a URL.
    pub fn before(url: &str) -> Self {
        let host = url.split("://").nth(1).unwrap().split('/').next().unwrap();
        let state: Arc<(Mutex<State>, Condvar)> = Arc::default();
        let proxy = Self { addr: "127.0.0.1:0".parse().unwrap(), upstream: host.parse().unwrap(), state };
        proxy.listen()
    }

    fn listen(mut self) -> Self {
        let listener = TcpListener::bind(self.addr).unwrap();
        self.addr = listener.local_addr().unwrap();
        self.serve(listener);
        self
    }

    fn serve(&self, listener: TcpListener) {
        self.with(|s| (s.open, s.down) = (true, false));
        let (state, upstream) = (self.state.clone(), self.upstream);
        thread::spawn(move || {
            for client in listener.incoming() {
                if state.0.lock().unwrap().down {
                    break;
                }
                let (Ok(client), state) = (client, state.clone()) else { continue };
                thread::spawn(move || {
                    // A client that went away is one of the things that are tested.
                    let _ = greet(&client, upstream, &state);
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
            drop(listener);
            state.0.lock().unwrap().open = false;
            state.1.notify_all();
        });
    }

    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.state.0.lock().unwrap())
    }

    /// A URL of the server, through the proxy.
    pub fn url(&self, url: &str) -> String {
        url.replace(&self.upstream.to_string(), &self.addr.to_string())
    }

    /// The next request of a kind fails so: a method, a method and a path, or `*` for any.
    pub fn next(&self, kind: &str, fault: Fault) {
        self.with(|s| s.faults.push_back((kind.into(), fault)));
    }

    /// Every request of a kind fails so, until [`Proxy::calm`].
    pub fn always(&self, kind: &str, fault: Fault) {
        self.with(|s| s.always.push((kind.into(), fault)));
    }

    /// Does something between our read and our write: just before the next request of a method reaches the server.
    pub fn meanwhile(&self, method: &'static str, act: impl FnOnce() + Send + 'static) {
        self.with(|s| s.meanwhile.push_back((method, Box::new(act))));
    }

    /// Speaks TLS with this certificate from now on.
    pub fn present(&self, certificate: &Arc<ServerConfig>) {
        self.with(|s| s.certificate = Some(certificate.clone()));
    }

    /// The same, just before the next request of a method reaches the server: that exchange still ends on its connection.
    pub fn present_at(&self, method: &'static str, certificate: &Arc<ServerConfig>) {
        let (state, certificate) = (self.state.clone(), certificate.clone());
        self.meanwhile(method, move || state.0.lock().unwrap().certificate = Some(certificate));
    }

    /// Forgets faults that no request has met.
    pub fn calm(&self) {
        self.with(|s| {
            s.faults.clear();
            s.always.clear();
        });
    }

    /// Lets go of every request that is stalled, and of those that come.
    pub fn release(&self) {
        self.with(|s| s.released = true);
        self.state.1.notify_all();
    }

    /// Refuses connections until [`Proxy::up`].
    pub fn down(&self) {
        self.with(|s| s.down = true);
        drop(TcpStream::connect(self.addr));
        let mut state = self.state.0.lock().unwrap();
        while state.open {
            state = self.state.1.wait(state).unwrap();
        }
    }

    /// Listens again, on the same port.
    pub fn up(&self) {
        self.serve(TcpListener::bind(self.addr).unwrap());
    }

    /// Method and path of each request that reached the server.
    pub fn forwarded(&self) -> Vec<(String, String)> {
        self.with(|s| s.forwarded.clone())
    }

    /// Requests that reached the server and are no reads.
    pub fn writes(&self) -> usize {
        self.with(|s| s.forwarded.iter().filter(|(m, _)| m != "GET").count())
    }

    /// Requests of a kind that came, whatever became of them.
    pub fn seen(&self, kind: &str) -> usize {
        self.with(|s| s.seen.iter().filter(|r| is(kind, r)).count())
    }

    /// Connections that came, whatever was said on them.
    pub fn connections(&self) -> usize {
        self.with(|s| s.connections)
    }

    /// Waits until so many requests of a kind have come.
    pub fn until_seen(&self, kind: &str, n: usize) {
        let deadline = Instant::now() + super::PATIENCE;
        while self.seen(kind) < n {
            assert!(Instant::now() < deadline, "never came: {n} times {kind}, only {}", self.seen(kind));
            thread::yield_now();
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.release();
        if self.with(|s| s.open) {
            self.down();
        }
    }
}

/// Whether a request is of a kind.
fn is(kind: &str, (method, path): &(String, String)) -> bool {
    match kind.split_once(' ') {
        Some((m, p)) => m == method && p == path,
        None => kind == "*" || kind == method,
    }
}

type Shared = Arc<(Mutex<State>, Condvar)>;

fn greet(mut client: &TcpStream, upstream: SocketAddr, state: &Shared) -> io::Result<()> {
    let certificate = {
        let mut state = state.0.lock().unwrap();
        state.connections += 1;
        state.certificate.clone()
    };
    let Some(certificate) = certificate else { return session(&mut client, upstream, state) };
    let mut stream = StreamOwned::new(ServerConnection::new(certificate).map_err(io::Error::other)?, client);
    let ended = session(&mut stream, upstream, state);
    stream.conn.send_close_notify();
    stream.flush()?;
    ended
}

/// One request of a connection; it is closed after the answer.
fn session(client: &mut (impl Read + Write), upstream: SocketAddr, state: &Shared) -> io::Result<()> {
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
    let request = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    let fault = {
        let mut state = state.0.lock().unwrap();
        state.seen.push(request.clone());
        let at = state.faults.iter().position(|(kind, _)| is(kind, &request));
        let once = at.and_then(|at| state.faults.remove(at)).map(|(_, f)| f);
        let always = || state.always.iter().find(|(kind, _)| is(kind, &request)).map(|(_, f)| f.clone());
        once.or_else(always).unwrap_or(Fault::Pass)
    };
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
        Fault::StallBefore => return hold(state),
        _ => {}
    }
    let act = {
        let mut state = state.0.lock().unwrap();
        let at = state.meanwhile.iter().position(|(m, _)| *m == request.0);
        at.and_then(|at| state.meanwhile.remove(at))
    };
    if let Some((_, act)) = act {
        act();
    }
    let mut server = TcpStream::connect(upstream)?;
    write!(server, "{head}Connection: close\r\n\r\n")?;
    server.write_all(&body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    state.0.lock().unwrap().forwarded.push(request);
    answer_so(client, &answer, &fault, state)
}

fn hold(state: &Shared) -> io::Result<()> {
    let mut held = state.0.lock().unwrap();
    while !held.released {
        held = state.1.wait(held).unwrap();
    }
    Ok(())
}

fn answer_so(client: &mut impl Write, answer: &[u8], fault: &Fault, state: &Shared) -> io::Result<()> {
    let body = answer.windows(4).position(|w| w == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    match fault {
        Fault::DropReply => Ok(()),
        Fault::Stall => hold(state),
        Fault::Late => {
            hold(state)?;
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
