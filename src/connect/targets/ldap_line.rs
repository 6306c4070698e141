//! The line to a directory: TCP, TLS, and a look at every message before the client parses it.
//!
//! The client's parser follows lists in lists by calling itself: a reply of 360 kB that is 60,000 deep overflows the stack of its thread,
//! which ends the process and cannot be caught. So the client is given one end of a pair of sockets; TLS ends here, and behind the other
//! end each message is framed and its length and nesting are bounded before a byte of it goes on.

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use std::{
    io,
    os::unix::net::UnixStream as StdUnixStream,
    sync::{Arc, OnceLock},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpStream, UnixStream},
    time::{Instant, timeout_at},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Lists in lists. An answer of LDAP has five: message, entry, attributes, attribute, values.
pub(super) const DEEPEST: usize = 16;
/// Bytes of one message: a group of 40,000 members.
pub(super) const MOST_MESSAGE: usize = 4 * 1024 * 1024;
/// Bytes of all that is heard on one line; a call has a line of its own.
pub(super) const MOST_HEARD: usize = 16 * 1024 * 1024;

const LIST: u8 = 0x20;
const SEQUENCE: u8 = 0x30;
/// Message 1: the extended request 1.3.6.1.4.1.1466.20037 (RFC 4511, 4.14).
const START_TLS: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
/// How its answer begins behind the length: message 1, an extended response.
const STARTED: [u8; 4] = [2, 1, 1, 0x78];

/// What no directory says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Odd {
    NotLdap,
    /// More than [`DEEPEST`].
    Nested,
    /// More than this many bytes.
    TooLarge(usize),
}

/// Why there is no line, or no more of it.
#[derive(Debug)]
pub(super) enum Broken {
    Io(io::Error),
    Odd(Odd),
    /// StartTLS was refused, with this code.
    NoTls(u8),
}

impl From<io::Error> for Broken {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

impl From<Odd> for Broken {
    fn from(odd: Odd) -> Self {
        Self::Odd(odd)
    }
}

/// Where TLS begins.
pub(super) enum Tls {
    Never,
    AtOnce(Arc<ClientConfig>),
    Asked(Arc<ClientConfig>),
}

/// The client's end of a line, and what is wrong with it once it was cut for that.
pub(super) type Line = (StdUnixStream, Arc<OnceLock<Odd>>);

/// Opens a line that lasts until an instant, or until the client lets go of its end.
pub(super) async fn open(host: &str, port: u16, tls: Tls, until: Instant) -> Result<Line, Broken> {
    let host = host.trim_matches(['[', ']']);
    let mut server = TcpStream::connect((host, port)).await?;
    match tls {
        Tls::Never => attach(server, until),
        Tls::AtOnce(config) => attach(protect(server, host, config).await?, until),
        Tls::Asked(config) => {
            server.write_all(START_TLS).await?;
            // Read without a buffer: what follows it already belongs to TLS.
            let answer = message(&mut server).await?.ok_or(Odd::NotLdap)?;
            match started(&answer).ok_or(Odd::NotLdap)? {
                0 => attach(protect(server, host, config).await?, until),
                code => Err(Broken::NoTls(code)),
            }
        }
    }
}

async fn protect(server: TcpStream, host: &str, config: Arc<ClientConfig>) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    TlsConnector::from(config).connect(name, server).await
}

/// The result code of the answer to StartTLS.
fn started(answer: &[u8]) -> Option<u8> {
    let (skip, ..) = head(answer).ok()??;
    let response = answer.get(skip..)?.strip_prefix(&STARTED[..3])?;
    let (skip, ..) = head(response).ok()??;
    match (response.first() == STARTED.last(), response.get(skip..)?) {
        (true, [0x0a, 1, code, ..]) => Some(*code),
        _ => None,
    }
}

fn attach(server: impl AsyncRead + AsyncWrite + Send + 'static, until: Instant) -> Result<Line, Broken> {
    let (ours, theirs) = UnixStream::pair()?;
    let odd = Arc::new(OnceLock::new());
    let said = odd.clone();
    tokio::spawn(timeout_at(until, async move { relay(server, ours, &said).await }));
    Ok((theirs.into_std()?, odd))
}

/// Until either side ends. What is wrong is said before the client's end closes.
async fn relay(server: impl AsyncRead + AsyncWrite, client: UnixStream, odd: &OnceLock<Odd>) {
    let (from, mut to) = tokio::io::split(server);
    let (mut asked, mut told) = client.into_split();
    let answers = async move {
        let (mut from, mut heard) = (BufReader::new(from), 0);
        loop {
            let next = match message(&mut from).await {
                Ok(Some(next)) if heard + next.len() > MOST_HEARD => Err(Broken::Odd(Odd::TooLarge(MOST_HEARD))),
                next => next,
            };
            match next {
                Ok(Some(bytes)) => {
                    heard += bytes.len();
                    if told.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Err(Broken::Odd(what)) => {
                    let _ = odd.set(what);
                    return;
                }
                _ => return,
            }
        }
    };
    let requests = async {
        let _ = tokio::io::copy(&mut asked, &mut to).await;
        let _ = to.shutdown().await;
    };
    tokio::select! { () = answers => {}, () = requests => {} }
}

/// The next message, whole and found to be one; `None` at the end of the stream.
async fn message(from: &mut (impl AsyncRead + Unpin)) -> Result<Option<Vec<u8>>, Broken> {
    let first = match from.read_u8().await {
        Ok(SEQUENCE) => SEQUENCE,
        Ok(_) => return Err(Odd::NotLdap.into()),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    let mut bytes = vec![first];
    let length = loop {
        bytes.push(from.read_u8().await?);
        if let Some((_, _, length)) = head(&bytes)? {
            break length;
        }
    };
    if length > MOST_MESSAGE {
        return Err(Odd::TooLarge(MOST_MESSAGE).into());
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).await?;
    check(&body)?;
    bytes.extend(body);
    Ok(Some(bytes))
}

/// Bytes that the head of an element takes, whether it is a list, and its length; `None`: not all of the head is there. Tags have one byte
/// and lengths are definite, in LDAP (RFC 4511, 5.1) as in the parser.
fn head(bytes: &[u8]) -> Result<Option<(usize, bool, usize)>, Odd> {
    let [tag, first, rest @ ..] = bytes else { return Ok(None) };
    let list = tag & LIST != 0;
    match first {
        short @ 0..=0x7f => Ok(Some((2, list, usize::from(*short)))),
        0x81..=0x88 => {
            let n = usize::from(first & 0x7f);
            let Some(digits) = rest.get(..n) else { return Ok(None) };
            let length = digits.iter().fold(0, |all: u64, b| all << 8 | u64::from(*b));
            Ok(Some((2 + n, list, usize::try_from(length).map_err(|_| Odd::TooLarge(MOST_MESSAGE))?)))
        }
        _ => Err(Odd::NotLdap),
    }
}

/// Walks through a message's elements without calling itself: each lies within its list, and no list is too deep.
fn check(body: &[u8]) -> Result<(), Odd> {
    // Where the lists that are open end, the message itself first.
    let mut ends = vec![body.len()];
    let mut at = 0;
    while let Some(end) = ends.last().copied() {
        if at == end {
            ends.pop();
            continue;
        }
        let (skip, list, length) = head(body.get(at..end).unwrap_or_default())?.ok_or(Odd::NotLdap)?;
        at += skip;
        let after = at.checked_add(length).filter(|after| *after <= end).ok_or(Odd::NotLdap)?;
        match list {
            true if ends.len() == DEEPEST => return Err(Odd::Nested),
            true => ends.push(after),
            false => at = after,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists in lists, so many deep.
    fn nested(deep: usize) -> Vec<u8> {
        (0..deep).rev().flat_map(|n| [&[SEQUENCE, 0x84][..], &u32::try_from(n * 6).unwrap().to_be_bytes()].concat()).collect()
    }

    async fn read(mut bytes: &[u8]) -> Result<Option<Vec<u8>>, Broken> {
        message(&mut bytes).await
    }

    #[tokio::test]
    async fn a_message_is_bounded_before_it_is_parsed() {
        assert!(read(&nested(DEEPEST)).await.unwrap().is_some());
        assert!(matches!(read(&nested(DEEPEST + 1)).await, Err(Broken::Odd(Odd::Nested))));
        let deep = nested(60_000);
        assert_eq!(deep.len(), 360_000);
        assert!(matches!(read(&deep).await, Err(Broken::Odd(Odd::Nested))));
        // Beside each other they are as many as one likes.
        let flat = [&[SEQUENCE, 0x83, 2, 0, 0][..], &[SEQUENCE, 0].repeat(65_536)].concat();
        assert_eq!(read(&flat).await.unwrap().unwrap(), flat);
        for (what, bytes) in [
            ("no message", &[4, 1, 0][..]),
            ("a length without an end", &[SEQUENCE, 0x80, 2, 1, 1, 0, 0]),
            ("a length of nine bytes", &[SEQUENCE, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            ("longer than its list", &[SEQUENCE, 3, 4, 2, 0]),
            ("a list longer than its list", &[SEQUENCE, 4, SEQUENCE, 3, 4, 0]),
            ("half a head", &[SEQUENCE, 1, 4]),
            ("a length that wraps", &[SEQUENCE, 11, 4, 0x88, 255, 255, 255, 255, 255, 255, 255, 255, 0]),
        ] {
            assert!(matches!(read(bytes).await, Err(Broken::Odd(Odd::NotLdap))), "{what}");
        }
        // Its length alone is enough, and no room is made for it.
        for long in [&[SEQUENCE, 0x84, 0, 64, 0, 1][..], &[SEQUENCE, 0x88, 255, 255, 255, 255, 255, 255, 255, 255]] {
            assert!(matches!(read(long).await, Err(Broken::Odd(Odd::TooLarge(MOST_MESSAGE)))));
        }
        assert!(read(&[]).await.unwrap().is_none());
        assert!(matches!(read(&[SEQUENCE, 2, 4]).await, Err(Broken::Io(_))));
    }

    #[test]
    fn only_a_yes_to_start_tls_is_one() {
        let answer = |body: &[u8]| [&[SEQUENCE, u8::try_from(body.len()).unwrap()], body].concat();
        assert_eq!(started(&answer(&[2, 1, 1, 0x78, 7, 0x0a, 1, 0, 4, 0, 4, 0])), Some(0));
        assert_eq!(started(&answer(&[2, 1, 1, 0x78, 0x84, 0, 0, 0, 7, 0x0a, 1, 2, 4, 0, 4, 0])), Some(2));
        for other in [&[2, 1, 2, 0x78, 3, 0x0a, 1, 0][..], &[2, 1, 1, 0x61, 3, 0x0a, 1, 0], &[2, 1, 1, 0x78, 3, 2, 1, 0], &[]] {
            assert_eq!(started(&answer(other)), None);
        }
    }
}
