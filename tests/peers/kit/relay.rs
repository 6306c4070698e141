//! A relay between us and a real directory, in clear, that fails on purpose. It knows LDAP's messages, so that "after the server had done
//! it" is exact.

use super::switches::{Line, Switches};
use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    ops::Deref,
    sync::{Arc, Mutex},
    thread,
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

/// The relay: a [`Line`] whose requests are `bind`, `search` or `modify` and a distinguished name.
pub struct Relay(Line<Fault>);

impl Deref for Relay {
    type Target = Line<Fault>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Relay {
    /// Stands before a directory: `ldap://host:port`.
    pub fn before(url: &str) -> Self {
        let upstream = url.strip_prefix("ldap://").unwrap().parse().unwrap();
        Self(Line::open(|switches| move |client: &TcpStream| session(client, upstream, &switches)))
    }

    pub fn url(&self) -> String {
        format!("ldap://{}", self.addr)
    }
}

/// One connection: requests here, answers on a thread of their own.
fn session(client: &TcpStream, upstream: SocketAddr, switches: &Arc<Switches<Fault>>) -> io::Result<()> {
    let mut server = TcpStream::connect(upstream)?;
    let waiting: Arc<Mutex<BTreeMap<u8, Fault>>> = Arc::default();
    let (mut back, mut to, faults, held) = (server.try_clone()?, client.try_clone()?, waiting.clone(), switches.clone());
    thread::spawn(move || {
        let _ = answers(&mut back, &mut to, &faults, &held);
        let _ = (to.shutdown(Shutdown::Both), back.shutdown(Shutdown::Both));
    });
    let mut from = client;
    let mut requests = || -> io::Result<()> {
        while let Some(request) = message(&mut from)? {
            let fault = switches.fault(&request.kind).unwrap_or(Fault::Pass);
            match fault {
                Fault::DropRequest => return Ok(()),
                Fault::StallBefore => return switches.hold(),
                fault => drop(waiting.lock().unwrap().insert(request.number, fault)),
            }
            switches.before(&request.kind);
            server.write_all(&request.bytes)?;
        }
        Ok(())
    };
    let ended = requests();
    let _ = server.shutdown(Shutdown::Both);
    ended
}

fn answers(
    server: &mut TcpStream,
    client: &mut TcpStream,
    faults: &Mutex<BTreeMap<u8, Fault>>,
    switches: &Switches<Fault>,
) -> io::Result<()> {
    while let Some(answer) = message(server)? {
        let fault = faults.lock().unwrap().get(&answer.number).copied().unwrap_or(Fault::Pass);
        match fault {
            Fault::DropReply => return Ok(()),
            Fault::Stall => return switches.hold(),
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
