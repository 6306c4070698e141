//! A cable between a client and a server of any protocol: bytes pass, stop on their way, or the connection is torn. It can be long, and it
//! counts.

use super::switches::Line;
use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

#[derive(Default)]
struct State {
    held: bool,
    next: u64,
    /// Both ends of each connection.
    open: BTreeMap<u64, [TcpStream; 2]>,
}

/// What has passed since the cable was laid.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passed {
    pub connections: u64,
    /// Times that a client spoke after it had listened, which is how often it waited for the other end.
    pub turns: u64,
    pub up: u64,
    pub down: u64,
}

impl Passed {
    pub fn since(self, before: Self) -> Self {
        Self {
            connections: self.connections - before.connections,
            turns: self.turns - before.turns,
            up: self.up - before.up,
            down: self.down - before.down,
        }
    }
}

#[derive(Default)]
struct Cable {
    /// One way.
    delay: Duration,
    state: Mutex<State>,
    changed: Condvar,
    connections: AtomicU64,
    turns: AtomicU64,
    bytes: [AtomicU64; 2],
}

/// The cable. Dropping it lets go of what is held.
pub struct Wire {
    line: Line<()>,
    cable: Arc<Cable>,
}

impl Wire {
    /// Lies before `host:port`.
    pub fn before(address: &str) -> Self {
        Self::long(address, Duration::ZERO)
    }

    /// The same, and a byte takes so long to come to the other end.
    pub fn long(address: &str, delay: Duration) -> Self {
        let (upstream, cable): (SocketAddr, _) = (address.parse().unwrap(), Arc::new(Cable { delay, ..Cable::default() }));
        let of = cable.clone();
        Self { line: Line::open(|_| move |client: &TcpStream| session(client, upstream, &of)), cable }
    }

    pub fn port(&self) -> u16 {
        self.line.addr.port()
    }

    /// Nothing passes any more, in either direction, and neither end is told.
    pub fn hold(&self) {
        self.cable.state.lock().unwrap().held = true;
    }

    pub fn go_on(&self) {
        self.cable.state.lock().unwrap().held = false;
        self.cable.changed.notify_all();
    }

    /// Ends every connection, whatever is on its way; gives how many there were.
    pub fn tear(&self) -> usize {
        let state = self.cable.state.lock().unwrap();
        state.open.values().flatten().for_each(|end| drop(end.shutdown(Shutdown::Both)));
        state.open.len()
    }

    pub fn passed(&self) -> Passed {
        let of = |n: &AtomicU64| n.load(Ordering::SeqCst);
        let c = &self.cable;
        Passed { connections: of(&c.connections), turns: of(&c.turns), up: of(&c.bytes[0]), down: of(&c.bytes[1]) }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.go_on();
        self.tear();
    }
}

fn session(client: &TcpStream, upstream: SocketAddr, cable: &Arc<Cable>) -> io::Result<()> {
    let server = TcpStream::connect(upstream)?;
    // What is small is sent at once, as both ends do.
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let ends = [client.try_clone()?, server.try_clone()?];
    let number = {
        let mut state = cable.state.lock().unwrap();
        state.next += 1;
        let number = state.next;
        state.open.insert(number, ends);
        number
    };
    cable.connections.fetch_add(1, Ordering::SeqCst);
    let spoke = Arc::new(AtomicBool::new(false));
    let ways = [(client.try_clone()?, server.try_clone()?, 0), (server, client.try_clone()?, 1)];
    let pumps = ways.map(|(from, to, way)| {
        let (cable, spoke) = (cable.clone(), spoke.clone());
        thread::spawn(move || pump(from, to, way, &cable, &spoke))
    });
    for pump in pumps {
        let _ = pump.join();
    }
    cable.state.lock().unwrap().open.remove(&number);
    Ok(())
}

/// One direction, until either end has no more to say or the connection is torn.
fn pump(mut from: TcpStream, mut to: TcpStream, way: usize, cable: &Arc<Cable>, spoke: &AtomicBool) {
    let (put, take) = mpsc::channel::<(Instant, Vec<u8>)>();
    let of = cable.clone();
    let writer = thread::spawn(move || {
        for (due, bytes) in take {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            of.pass();
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        of.pass();
        let _ = to.shutdown(Shutdown::Write);
    });
    let mut chunk = vec![0; 65_536];
    while let Ok(n) = from.read(&mut chunk)
        && n > 0
    {
        cable.bytes[way].fetch_add(n as u64, Ordering::SeqCst);
        if spoke.swap(way == 0, Ordering::SeqCst) != (way == 0) && way == 0 {
            cable.turns.fetch_add(1, Ordering::SeqCst);
        }
        if put.send((Instant::now() + cable.delay, chunk[..n].to_vec())).is_err() {
            break;
        }
    }
    drop(put);
    let _ = writer.join();
}

impl Cable {
    /// Returns once nothing is held.
    fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        while state.held {
            state = self.changed.wait(state).unwrap();
        }
    }
}
