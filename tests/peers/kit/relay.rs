//! A relay between us and a real directory, in clear, that fails on purpose. It knows LDAP's messages, so that "after the server had done
//! it" is exact.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Instant,
};

/// What happens to one request.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Nothing.
    Pass,
    /// The server gets it and answers; the answer is lost and the connection closed.
    DropReply,
    /// The server never sees it; the connection is closed.
    DropRequest,
    /// The server gets it and answers; nothing comes back until the relay is released.
    Stall,
    /// The server never sees it and nothing comes back until the relay is released.
    StallBefore,
    /// The server gets it and answers; what comes back is this.
    Garble(Answer),
}

/// Makes an answer from the number of its message.
pub type Answer = fn(u8) -> Vec<u8>;
/// A message of nothing.
pub const EMPTY: Answer = |_| vec![0x30, 0];
/// A result of nothing.
pub const NO_RESULT: Answer = |n| envelope(n, &[0x67, 0]);

/// A message around an operation.
pub fn envelope(number: u8, op: &[u8]) -> Vec<u8> {
    let length = u8::try_from(3 + op.len()).unwrap();
    [&[0x30, length, 2, 1, number], op].concat()
}

/// A message: its number, what it is, and its bytes. A request is `bind`, `search` or `modify` and a distinguished name.
struct Message {
    number: u8,
    kind: String,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct State {
    faults: VecDeque<(String, Fault)>,
    always: Vec<(String, Fault)>,
    /// Requests, as they came.
    seen: Vec<String>,
    released: bool,
    open: bool,
    down: bool,
}

type Shared = Arc<(Mutex<State>, Condvar)>;

/// The relay. Dropping it releases what it holds and closes it.
pub struct Relay {
    addr: SocketAddr,
    upstream: SocketAddr,
    state: Shared,
}

impl Relay {
    /// Stands before a directory: `ldap://host:port`.
    pub fn before(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let upstream = url.strip_prefix("ldap://").unwrap().parse().unwrap();
        let relay = Self { addr: listener.local_addr().unwrap(), upstream, state: Arc::default() };
        relay.serve(listener);
        relay
    }

    pub fn url(&self) -> String {
        format!("ldap://{}", self.addr)
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
                    let _ = session(&client, upstream, &state);
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

    /// The next request of a kind fails so: `bind`, `search`, `modify`, or one of these and a name.
    pub fn next(&self, kind: &str, fault: Fault) {
        self.with(|s| s.faults.push_back((kind.into(), fault)));
    }

    /// Every request of a kind fails so, until [`Relay::calm`].
    pub fn always(&self, kind: &str, fault: Fault) {
        self.with(|s| s.always.push((kind.into(), fault)));
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

    /// Refuses connections until [`Relay::up`].
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

    /// Requests of a kind that came, whatever became of them.
    pub fn seen(&self, kind: &str) -> usize {
        self.with(|s| s.seen.iter().filter(|k| is(kind, k)).count())
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

impl Drop for Relay {
    fn drop(&mut self) {
        self.release();
        if self.with(|s| s.open) {
            self.down();
        }
    }
}

fn is(kind: &str, request: &str) -> bool {
    request == kind || request.split_once(' ').is_some_and(|(word, _)| word == kind)
}

fn hold(state: &Shared) -> io::Result<()> {
    let mut held = state.0.lock().unwrap();
    while !held.released {
        held = state.1.wait(held).unwrap();
    }
    Ok(())
}

/// One connection: requests here, answers on a thread of their own.
fn session(client: &TcpStream, upstream: SocketAddr, state: &Shared) -> io::Result<()> {
    let mut server = TcpStream::connect(upstream)?;
    let waiting: Arc<Mutex<BTreeMap<u8, Fault>>> = Arc::default();
    let (mut back, mut to, faults, held) = (server.try_clone()?, client.try_clone()?, waiting.clone(), state.clone());
    thread::spawn(move || {
        let _ = answers(&mut back, &mut to, &faults, &held);
        let _ = (to.shutdown(Shutdown::Both), back.shutdown(Shutdown::Both));
    });
    let mut from = client;
    let mut requests = || -> io::Result<()> {
        while let Some(request) = message(&mut from)? {
            let fault = {
                let mut state = state.0.lock().unwrap();
                state.seen.push(request.kind.clone());
                let at = state.faults.iter().position(|(kind, _)| is(kind, &request.kind));
                let once = at.and_then(|at| state.faults.remove(at)).map(|(_, f)| f);
                let always = || state.always.iter().find(|(kind, _)| is(kind, &request.kind)).map(|(_, f)| *f);
                once.or_else(always).unwrap_or(Fault::Pass)
            };
            match fault {
                Fault::DropRequest => return Ok(()),
                Fault::StallBefore => return hold(state),
                fault => drop(waiting.lock().unwrap().insert(request.number, fault)),
            }
            server.write_all(&request.bytes)?;
        }
        Ok(())
    };
    let ended = requests();
    let _ = server.shutdown(Shutdown::Both);
    ended
}

fn answers(server: &mut TcpStream, client: &mut TcpStream, faults: &Mutex<BTreeMap<u8, Fault>>, state: &Shared) -> io::Result<()> {
    while let Some(answer) = message(server)? {
        let fault = faults.lock().unwrap().get(&answer.number).copied().unwrap_or(Fault::Pass);
        match fault {
            Fault::DropReply => return Ok(()),
            Fault::Stall => return hold(state),
            Fault::Garble(bytes) => client.write_all(&bytes(answer.number))?,
            _ => client.write_all(&answer.bytes)?,
        }
    }
    Ok(())
}

/// `None` at the end of the stream.
fn message(from: &mut impl Read) -> io::Result<Option<Message>> {
    let mut bytes = vec![0; 2];
    match from.read(&mut bytes[..1])? {
        0 => return Ok(None),
        _ => from.read_exact(&mut bytes[1..])?,
    }
    let long = if bytes[1] < 128 { 0 } else { usize::from(bytes[1] - 128) };
    bytes.resize(2 + long, 0);
    from.read_exact(&mut bytes[2..])?;
    let (_, length) = length(&bytes[1..]);
    let head = bytes.len();
    bytes.resize(head + length, 0);
    from.read_exact(&mut bytes[head..])?;
    // INTEGER of one byte: a connection has fewer than 128 messages here.
    let (number, op) = (bytes[head + 2], bytes[head + 3]);
    assert_eq!(bytes[head..head + 2], [2, 1], "a message of LDAP");
    let (skip, _) = self::length(&bytes[head + 4..]);
    let body = &bytes[head + 4 + skip..];
    let kind = match op {
        // After the version.
        0x60 => format!("bind {}", text(&body[3..])),
        0x63 => format!("search {}", text(body)),
        0x66 => format!("modify {}", text(body)),
        other => format!("{other:#x}"),
    };
    Ok(Some(Message { number, kind, bytes }))
}

/// Bytes that a length takes, and the length.
fn length(bytes: &[u8]) -> (usize, usize) {
    match bytes[0] {
        short @ 0..128 => (1, usize::from(short)),
        long => {
            let n = usize::from(long - 128);
            (1 + n, bytes[1..=n].iter().fold(0, |all, b| all << 8 | usize::from(*b)))
        }
    }
}

/// An OCTET STRING.
fn text(bytes: &[u8]) -> String {
    let (skip, length) = length(&bytes[1..]);
    String::from_utf8_lossy(&bytes[1 + skip..1 + skip + length]).into_owned()
}
