//! The installed scorers: those that ship, each replaced by a file of the same name in the home's `models` folder, and the home's own.

use crate::{
    backend::{Failure, FailureKind, answer::ModelRow},
    domain::{sentence::Sentence, signal::SignalKind},
    risk::{Model, SHIPPED},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Models by id.
pub struct Models(BTreeMap<String, (Model, bool)>);

impl Models {
    /// Reads the shipped models and a home's folder.
    ///
    /// # Errors
    /// A model file that cannot be taken is refused with its line; nothing is scored by half a model.
    pub fn load(dir: &Path) -> Result<Self, Failure> {
        let mut all = BTreeMap::new();
        let mut add = |name: &str, text: &str, own: bool| {
            let model = Model::parse(name, text).map_err(|e| Failure::new(FailureKind::Usage, e.why).next(Sentence::new("model-next")))?;
            all.insert(model.id().to_owned(), (model, own));
            Ok::<(), Failure>(())
        };
        for (name, text) in SHIPPED {
            let own = dir.join("models").join(name);
            if !own.exists() {
                add(name, text, false)?;
            }
        }
        let mut files: Vec<_> = fs::read_dir(dir.join("models")).into_iter().flatten().flatten().map(|f| f.path()).collect();
        files.sort();
        for path in files.iter().filter(|p| p.extension().is_some_and(|e| e == "toml")) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let text = fs::read_to_string(path).map_err(|e| {
                Failure::new(FailureKind::Usage, Sentence::new("config-bad").with("file", path.display()).with("detail", e))
            })?;
            add(&name, &text, true)?;
        }
        Ok(Self(all))
    }

    /// The model of that id.
    pub fn get(&self, id: &str) -> Result<&Model, Failure> {
        self.0.get(id).map(|(m, _)| m).ok_or_else(|| {
            let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
            Failure::new(FailureKind::NotFound, Sentence::new("model-unknown").with("id", id).with("known", known.join(", ")))
        })
    }

    /// Features of any model that look at one of these kinds.
    pub fn features_of(&self, kinds: &[SignalKind]) -> BTreeSet<String> {
        let looks = |m: &Model, f: &str| m.factor_kinds(f).iter().any(|k| kinds.contains(k));
        self.0.values().flat_map(|(m, _)| m.features().filter(|f| looks(m, f)).map(Into::into)).collect()
    }

    /// All models as rows.
    pub fn rows(&self, in_use: &str) -> Vec<ModelRow> {
        self.0
            .values()
            .map(|(m, own)| ModelRow {
                id: m.id().into(),
                version: m.version().into(),
                in_use: m.id() == in_use,
                overridden: *own,
                features: m.features().map(Into::into).collect(),
            })
            .collect()
    }
}
