//! What the proxy and the relay share: a port that can be closed, faults that wait for requests of their kind, and what came.

use std::{
    collections::VecDeque,
    io,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Instant,
};

/// Something that happens behind our back.
type Act = Box<dyn FnOnce() + Send>;
/// What is done with a connection that came.
type Session = Arc<dyn Fn(&TcpStream) -> io::Result<()> + Send + Sync>;

struct State<F> {
    /// Faults that wait for a request of their kind, first come first served.
    faults: VecDeque<(String, F)>,
    /// Faults of every request of a kind.
    always: Vec<(String, F)>,
    /// What is done just before the next request of a kind reaches the server.
    meanwhile: VecDeque<(String, Act)>,
    /// Requests, as they came.
    seen: Vec<String>,
    connections: usize,
    released: bool,
    open: bool,
    down: bool,
}

/// The switches, as the threads that stand in the line know them. A request is a word and what it is about: `PATCH /v2/Users/1`, `modify dn`.
pub struct Switches<F> {
    state: Mutex<State<F>>,
    changed: Condvar,
}

impl<F: Clone> Switches<F> {
    fn with<T>(&self, f: impl FnOnce(&mut State<F>) -> T) -> T {
        f(&mut self.state.lock().unwrap())
    }

    /// What goes wrong with a request that came.
    pub fn fault(&self, request: &str) -> Option<F> {
        self.with(|s| {
            s.seen.push(request.into());
            let at = s.faults.iter().position(|(kind, _)| is(kind, request));
            let once = at.and_then(|at| s.faults.remove(at)).map(|(_, f)| f);
            once.or_else(|| s.always.iter().find(|(kind, _)| is(kind, request)).map(|(_, f)| f.clone()))
        })
    }

    /// Does what was to be done just before a request reaches the server.
    pub fn before(&self, request: &str) {
        let act = self.with(|s| s.meanwhile.iter().position(|(kind, _)| is(kind, request)).and_then(|at| s.meanwhile.remove(at)));
        if let Some((_, act)) = act {
            act();
        }
    }

    /// Returns once everybody is let go.
    pub fn hold(&self) -> io::Result<()> {
        let mut held = self.state.lock().unwrap();
        while !held.released {
            held = self.changed.wait(held).unwrap();
        }
        Ok(())
    }
}

/// A port of ours. Dropping it releases what is held and closes it.
pub struct Line<F: Clone + Send + 'static> {
    pub addr: SocketAddr,
    switches: Arc<Switches<F>>,
    session: Session,
}

impl<F: Clone + Send + 'static> Line<F> {
    /// Each connection has a thread; it is closed when its session ends.
    pub fn open<S>(session: impl FnOnce(Arc<Switches<F>>) -> S) -> Self
    where
        S: Fn(&TcpStream) -> io::Result<()> + Send + Sync + 'static,
    {
        let state = State {
            faults: VecDeque::new(),
            always: Vec::new(),
            meanwhile: VecDeque::new(),
            seen: Vec::new(),
            connections: 0,
            released: false,
            open: false,
            down: false,
        };
        let switches = Arc::new(Switches { state: Mutex::new(state), changed: Condvar::new() });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Self { addr: listener.local_addr().unwrap(), session: Arc::new(session(switches.clone())), switches };
        line.serve(listener);
        line
    }

    fn serve(&self, listener: TcpListener) {
        self.switches.with(|s| (s.open, s.down) = (true, false));
        let (switches, session) = (self.switches.clone(), self.session.clone());
        thread::spawn(move || {
            for client in listener.incoming() {
                if switches.with(|s| s.down) {
                    break;
                }
                let (Ok(client), session) = (client, session.clone()) else { continue };
                switches.with(|s| s.connections += 1);
                thread::spawn(move || {
                    // A client that went away is one of the things that are tested.
                    let _ = session(&client);
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
            drop(listener);
            switches.with(|s| s.open = false);
            switches.changed.notify_all();
        });
    }

    /// The next request of a kind fails so: its word, its word and what it is about, or `*` for any.
    pub fn next(&self, kind: &str, fault: F) {
        self.switches.with(|s| s.faults.push_back((kind.into(), fault)));
    }

    /// Every request of a kind fails so, until [`Line::calm`].
    pub fn always(&self, kind: &str, fault: F) {
        self.switches.with(|s| s.always.push((kind.into(), fault)));
    }

    /// Does something between our read and our write: just before the next request of a kind reaches the server.
    pub fn meanwhile(&self, kind: &str, act: impl FnOnce() + Send + 'static) {
        self.switches.with(|s| s.meanwhile.push_back((kind.into(), Box::new(act))));
    }

    /// Forgets faults that no request has met.
    pub fn calm(&self) {
        self.switches.with(|s| {
            s.faults.clear();
            s.always.clear();
        });
    }

    /// Lets go of every request that is stalled, and of those that come.
    pub fn release(&self) {
        self.switches.with(|s| s.released = true);
        self.switches.changed.notify_all();
    }

    /// Refuses connections until [`Line::up`].
    pub fn down(&self) {
        self.switches.with(|s| s.down = true);
        drop(TcpStream::connect(self.addr));
        let mut state = self.switches.state.lock().unwrap();
        while state.open {
            state = self.switches.changed.wait(state).unwrap();
        }
    }

    /// Listens again, on the same port.
    pub fn up(&self) {
        self.serve(TcpListener::bind(self.addr).unwrap());
    }

    /// Requests of a kind that came, whatever became of them.
    pub fn seen(&self, kind: &str) -> usize {
        self.switches.with(|s| s.seen.iter().filter(|r| is(kind, r)).count())
    }

    /// Waits until so many requests of a kind have come.
    pub fn until_seen(&self, kind: &str, n: usize) {
        let deadline = Instant::now() + super::PATIENCE;
        while self.seen(kind) < n {
            assert!(Instant::now() < deadline, "never came: {n} times {kind}, only {}", self.seen(kind));
            thread::yield_now();
        }
    }

    /// Connections that came, whatever was said on them.
    pub fn connections(&self) -> usize {
        self.switches.with(|s| s.connections)
    }
}

impl<F: Clone + Send + 'static> Drop for Line<F> {
    fn drop(&mut self) {
        self.release();
        if self.switches.with(|s| s.open) {
            self.down();
        }
    }
}

/// Whether a request is of a kind.
fn is(kind: &str, request: &str) -> bool {
    kind == "*" || request == kind || request.split_once(' ').is_some_and(|(word, _)| word == kind)
}
