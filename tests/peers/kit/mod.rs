//! Real servers and a proxy that fails on purpose, for every test that needs them: `#[path = "../peers/kit/mod.rs"] mod kit;`.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod cluster;
pub mod company;
pub mod desk;
pub mod proxy;
pub mod relay;
pub mod scim;
pub mod switches;
pub mod tls;
pub mod wire;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use tenure::connect::targets::{self, Target, TargetSpec};

/// How long a state is waited for before a test fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A server of tests/peers. It ends with this process, however that ends.
pub struct Peer {
    words: BTreeMap<String, String>,
    held: Child,
}

impl Peer {
    /// Starts a script and waits until it says where the server is.
    pub fn start(script: &str, args: &[&str]) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(script);
        let mut command = Command::new(&path);
        let mut held = command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a script of tests/peers starts");
        let mut line = String::new();
        BufReader::new(held.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let words: BTreeMap<_, _> = line.split_whitespace().filter_map(|w| w.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect();
        assert!(!words.is_empty(), "tests/peers/{script} did not start (see above); tests/run installs what it needs");
        Self { words, held }
    }

    /// A word of its line.
    pub fn word(&self, key: &str) -> &str {
        self.words.get(key).unwrap_or_else(|| panic!("the peer does not say {key}"))
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.word("log")).unwrap()
    }

    /// Ends it and waits until it is gone.
    pub fn stop(&mut self) {
        drop(self.held.stdin.take());
        self.held.wait().unwrap();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A folder for secrets, as a home is.
pub struct Home(tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Keeps a secret in a file; what a spec says of it.
    pub fn secret(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.path().join(name);
        fs::write(&path, format!("{text}\n")).unwrap();
        format!("{{ file = {:?} }}", path.display().to_string())
    }

    /// Opens the one target of a text like that of `tenure.toml`.
    pub fn open(&self, text: &str) -> Arc<dyn Target> {
        self.try_open(text).unwrap_or_else(|e| panic!("{e:?}"))
    }

    pub fn try_open(&self, text: &str) -> Result<Arc<dyn Target>, tenure::domain::sentence::Sentence> {
        #[derive(serde::Deserialize)]
        struct File {
            targets: Vec<TargetSpec>,
        }
        let file: File = toml::from_str(&format!("[[targets]]\n{text}")).unwrap();
        targets::open(&file.targets, self.path()).map(|mut all| all.remove(0))
    }
}

/// Waits until a state is there.
pub async fn until<F: Future<Output = bool>>(what: &str, mut state: impl FnMut() -> F) {
    let deadline = Instant::now() + PATIENCE;
    while !state().await {
        assert!(Instant::now() < deadline, "never came: {what}");
        tokio::task::yield_now().await;
    }
}

/// TLS that trusts one authority.
pub fn trust(ca: &str) -> Arc<rustls::ClientConfig> {
    use rustls_pki_types::{CertificateDer, pem::PemObject};
    let mut roots = rustls::RootCertStore::empty();
    for cert in CertificateDer::pem_file_iter(ca).unwrap() {
        roots.add(cert.unwrap()).unwrap();
    }
    let builder = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    Arc::new(builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots).with_no_client_auth())
}
