//! A home folder: where it is, how it is opened, who opens it.

use super::{Config, IdMaker, Service, erase, freeze::Targets, keys, models::Models};
use crate::{
    backend::{Failure, FailureKind},
    connect::targets::{self, Target},
    domain::{
        act::Entity,
        audit::{Entry, Item},
        ids::OperatorId,
        operator::{Identity, Operator, Proof, Role},
        sentence::Sentence,
        signal::SignalKind,
    },
    store::{
        self, Db,
        audit::Chain,
        postgres::PgDb,
        sqlite::{Clock, SqliteDb},
    },
};
use jiff::Timestamp;
use rand::{RngCore, SeedableRng};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};
use strum::IntoEnumIterator;
use uuid::Builder;

/// How to open a home.
pub struct Options {
    pub dir: PathBuf,
    /// Make the home when it does not exist.
    pub create: bool,
    /// Refuse every act.
    pub read_only: bool,
    /// `postgres://...`: the data is on a server, the folder keeps configuration and key. `None` takes what the configuration says.
    pub server: Option<String>,
    /// Time and ids, for building the sample company; the system's when `None`.
    pub fixed: Option<(Clock, IdMaker)>,
    /// Targets in place of those that the configuration declares: simulators of faults that no real server can be made to show.
    pub targets: Option<Vec<Arc<dyn Target>>>,
}

impl Options {
    /// A home to use, made if need be.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), create: true, read_only: false, server: None, fixed: None, targets: None }
    }
}

/// Makes UUIDv7s that rise within a millisecond too (RFC 9562, 6.2, method 1): rows that are made together then lie together, which is
/// what makes a large import quick.
pub fn id_maker(mut rng: impl RngCore + Send + 'static) -> IdMaker {
    let (mut last, mut counter) = (0, 0u32);
    Arc::new(Mutex::new(move |at: Timestamp| {
        let ms = u64::try_from(at.as_millisecond()).unwrap_or(0);
        counter = if ms == last { counter.wrapping_add(1) } else { rng.next_u32() >> 8 };
        last = ms;
        let mut bytes = [0; 10];
        rng.fill_bytes(&mut bytes);
        // 26 bits of counter around the bits that version and variant take.
        let [a, b, c, d, ..] = &mut bytes;
        [*a, *b, *c, *d] = [(counter >> 22) as u8 & 0x0F, (counter >> 14) as u8, (counter >> 8) as u8 & 0x3F, counter as u8];
        Builder::from_unix_timestamp_millis(ms, &bytes).into_uuid()
    }))
}

/// Name of the database file in a home.
pub fn database(dir: &Path) -> PathBuf {
    dir.join("tenure.db")
}

/// Folder of a home: given, else the user's data folder.
pub fn locate(explicit: Option<PathBuf>) -> Result<PathBuf, Failure> {
    if let Some(dir) = explicit {
        return Ok(dir);
    }
    directories::ProjectDirs::from("org", "tenure", "tenure")
        .map(|d| d.data_dir().to_path_buf())
        .ok_or_else(|| Failure::new(FailureKind::Usage, Sentence::new("home-unknown")).next(Sentence::new("home-unknown-next")))
}

/// Folder of the sample company when no home is named.
pub fn sample_dir(explicit: Option<PathBuf>) -> Result<PathBuf, Failure> {
    Ok(match explicit {
        Some(dir) => dir,
        None => locate(None)?.with_file_name("tenure-demo"),
    })
}

/// Network file systems lose SQLite's locks: statfs types of NFS, SMB, CIFS, SMB2 and AFS. 9P and FUSE are left out: containers use both
/// for local disks.
const NETWORK: &[i64] = &[0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x5346_414F];

pub(super) fn refuse_network(dir: &Path) -> Result<(), Failure> {
    #[allow(clippy::unnecessary_cast)]
    let network = rustix::fs::statfs(dir).is_ok_and(|s| NETWORK.contains(&((s.f_type as i64) & 0xFFFF_FFFF)));
    if network {
        return Err(Failure::new(FailureKind::Failed, Sentence::new("home-network").with("dir", dir.display()))
            .next(Sentence::new("home-network-next")));
    }
    Ok(())
}

/// The database on a server, with the password of the home's configuration.
pub(super) fn server(dir: &Path, config: &Config, url: &str, clock: Option<Clock>) -> Result<Db, Failure> {
    let password = match &config.database.password {
        Some(source) => Some(source.read_now("database", dir).map_err(|why| Failure::new(FailureKind::Usage, why))?),
        None => None,
    };
    Ok(Db::Postgres(PgDb::open(url, password.as_ref().map(|p| p.as_str()), clock, Some(dir))?.into()))
}

impl Service {
    /// Opens a home: configuration, key, database, schema.
    ///
    /// # Errors
    /// A wrong key, a file that is not a database, a newer schema, a network file system, a bad configuration: each says what to do.
    pub fn open(options: Options) -> Result<Arc<Self>, Failure> {
        let dir = options.dir;
        let io = |e: std::io::Error| {
            Failure::new(FailureKind::Failed, Sentence::new("home-io").with("dir", dir.display()).with("detail", e))
                .next(Sentence::new("home-io-next"))
        };
        if options.create {
            fs::create_dir_all(&dir).map_err(io)?;
        }
        if !dir.is_dir() {
            return Err(Failure::new(FailureKind::NotFound, Sentence::new("home-missing").with("dir", dir.display()))
                .next(Sentence::new("home-missing-next")));
        }
        refuse_network(&dir)?;
        let config = Config::load(&dir)?;
        let models = Models::load(&dir)?;
        let targets = Targets::new(match options.targets {
            Some(targets) => targets,
            None => targets::open(&config.targets, &dir)
                .map_err(|why| Failure::new(FailureKind::Usage, why).next(Sentence::new("target-spec-next")))?,
        })?;
        let template = super::offboarding::template(&dir, &config.offboarding.template)?;
        let roles = super::roles::load(&dir)?;
        let (clock, ids): (Option<Clock>, IdMaker) = match options.fixed {
            Some((clock, ids)) => (Some(clock), ids),
            None => (None, id_maker(rand_chacha::ChaCha8Rng::from_rng(&mut rand::rng()))),
        };
        let read_only = options.read_only;
        let made = |db, vault| {
            let zone = config.time_zone();
            Arc::new(Self { dir: dir.clone(), db, zone, vault, models, template, roles, targets, ids, read_only, config: config.clone() })
        };
        if let Some(url) = options.server.or_else(|| Some(config.database.url.clone()).filter(|url| !url.is_empty())) {
            let (db, vault) = Self::open_server(&dir, &config, &url, clock, options.create)?;
            erase::replay(&db, &dir, &vault)?;
            let _ = erase::remember(&db, &dir, &vault);
            return Ok(made(db, vault));
        }
        let path = database(&dir);
        // An empty file holds no company, whatever emptied it: it must not pass for one without people.
        let fresh = fs::metadata(&path).map_or(true, |m| m.len() == 0);
        if fresh && !options.create {
            return Err(Failure::new(FailureKind::NotFound, Sentence::new("home-missing").with("dir", dir.display()))
                .next(Sentence::new("home-missing-next")));
        }
        let key_file = keys::file(&dir, &config.key);
        if fresh && keys::is_file(&config.key) && !key_file.exists() {
            keys::write(&key_file, &keys::random_key()?)?;
        }
        let key = keys::load(&dir, &config.key)?;
        let clock = clock.unwrap_or_else(|| Box::new(Timestamp::now));
        let db = match SqliteDb::open(&path, keys::db_key(&key), options.create, clock) {
            Ok(db) => db,
            Err(store::StoreError::WrongKey) => {
                return Self::finish_rotation(&dir, &config).and_then(|()| {
                    // The rotation that was cut short is finished; the key file now fits.
                    Self::open(Options { create: false, read_only: options.read_only, ..Options::new(&dir) })
                });
            }
            Err(e) => return Err(e.into()),
        };
        let db = Db::Sqlite(Box::new(db));
        store::migrate::migrate(&db)?;
        let vault = Self::prepare(&db, None)?;
        // Before anybody reads it. A list that cannot be written is no reason not to open: `doctor` says so.
        erase::replay(&db, &dir, &vault)?;
        let _ = erase::remember(&db, &dir, &vault);
        Ok(made(db, vault))
    }

    /// A company on a server. Its rows are not encrypted by the file: the keys of people lie sealed under the home's.
    fn open_server(dir: &Path, config: &Config, url: &str, clock: Option<Clock>, create: bool) -> Result<(Db, keys::Vault), Failure> {
        let db = server(dir, config, url, clock)?;
        if !create && !store::migrate::is_made(&db)? {
            return Err(Failure::new(FailureKind::NotFound, Sentence::new("home-server-empty")).next(Sentence::new("home-missing-next")));
        }
        store::migrate::migrate(&db)?;
        // Only the first home of a company makes a key. Whoever comes later brings the same one.
        let used = db.read(|tx| store::operator::meta(tx, "wrap"))?.is_some();
        let key_file = keys::file(dir, &config.key);
        if !used && keys::is_file(&config.key) && !key_file.exists() {
            keys::write(&key_file, &keys::random_key()?)?;
        }
        let key = keys::load(dir, &config.key)?;
        let vault = Self::prepare(&db, Some(&key))?;
        Ok((db, vault))
    }

    fn finish_rotation(dir: &Path, config: &Config) -> Result<(), Failure> {
        let file = keys::file(dir, &config.key);
        let next = file.with_extension("next");
        let wrong = || super::failure(store::StoreError::WrongKey);
        let key = fs::read_to_string(&next).ok().and_then(|t| keys::parse(&t)).ok_or_else(wrong)?;
        SqliteDb::open(&database(dir), keys::db_key(&key), false, Box::new(Timestamp::now)).map_err(|_| wrong())?;
        fs::rename(&next, &file).map_err(|_| wrong())
    }

    /// Heads of the chains, switches of the signal kinds, and the wrapping key: made once.
    pub(super) fn prepare(db: &Db, under: Option<&keys::Key>) -> Result<keys::Vault, Failure> {
        let ready = db.read(|tx| store::operator::meta(tx, "wrap"))?.is_some();
        let vault = if ready {
            db.read(|tx| keys::Vault::open(tx, under))?
        } else {
            db.write(|tx| {
                store::audit::begin(tx)?;
                for kind in SignalKind::iter() {
                    store::signal::put_kind(tx, &kind.default_policy())?;
                }
                keys::Vault::open(tx, under)
            })?
        };
        vault.give(db);
        store::older::seal(db)?;
        Ok(vault)
    }

    /// Settles for a small cache: what a console needs, whose jobs are short.
    pub fn lean(&self) -> Result<(), Failure> {
        match &self.db {
            Db::Sqlite(db) => Ok(db.lean()?),
            Db::Postgres(_) => Ok(()),
        }
    }

    /// Who is acting: the operator that `--as` names, else the operating system's user, who becomes the owner of a home that has none yet.
    pub fn identify(&self, as_name: Option<&str>) -> Result<Identity, Failure> {
        let known = |o: Operator, proof| {
            if let Some(why) = o.shut_out() {
                return Err(super::session::shut_out(why));
            }
            Ok(Identity { operator: o.id, name: o.name, role: o.role, proof, key: None })
        };
        if let Some(name) = as_name {
            return match self.db.read(|tx| store::operator::by_name(tx, name))? {
                Some(o) => known(o, Proof::Asserted),
                None => Err(Failure::new(FailureKind::NotFound, Sentence::new("operator-unknown").with("name", name))
                    .next(Sentence::new("operator-unknown-next").with("name", name))),
            };
        }
        let name = os_user();
        if let Some(o) = self.db.read(|tx| store::operator::by_name(tx, &name))? {
            return known(o, Proof::OsUser);
        }
        let made = self.db.write(|tx| -> Result<Operator, Failure> {
            tx.lock()?;
            if let Some(o) = store::operator::by_name(tx, &name)? {
                return Ok(o);
            }
            if store::operator::all(tx)?.iter().any(|o| o.role == Role::Owner && o.is_active()) {
                return Err(Failure::new(FailureKind::NotFound, Sentence::new("operator-unknown").with("name", &name))
                    .next(Sentence::new("operator-unknown-next").with("name", &name)));
            }
            let now = tx.now();
            let o = Operator::new(OperatorId(self.new_id(now)), name.clone(), Role::Owner, None, now);
            store::operator::put(tx, &o)?;
            let who = Identity { operator: o.id, name: o.name.clone(), role: o.role, proof: Proof::OsUser, key: None };
            let item = Item { entity: Entity::Operator, id: o.id.0, person: None, before: None, after: Some(1), sealed: None };
            store::audit::append(
                tx,
                Chain::Acts,
                Entry {
                    detail: Some(serde_json::json!({"name": o.name, "role": o.role}).to_string()),
                    ..Entry::new(now, Some(&who), "operator.add", vec![item])
                },
            )?;
            Ok(o)
        })?;
        known(made, Proof::OsUser)
    }
}

/// Login name of the process's user: from the password database, never from the environment of the session.
fn os_user() -> String {
    let uid = rustix::process::geteuid().as_raw();
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_lowercase())
    });
    name.unwrap_or_else(|| format!("uid-{uid}"))
}
