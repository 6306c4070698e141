//! Certificates: the home's own authority where it names one, else the system's. Nothing switches the checks off.

use super::spec::TargetSpec;
use crate::domain::sentence::Sentence;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use std::{path::Path, sync::Arc};

fn roots(name: &str, ca: Option<&Path>, home: &Path) -> Result<RootCertStore, Sentence> {
    let mut store = RootCertStore::empty();
    if let Some(file) = ca {
        let path = home.join(file);
        let bad = |detail: String| Sentence::new("target-ca").with("target", name).with("file", path.display()).with("detail", detail);
        for cert in CertificateDer::pem_file_iter(&path).map_err(|e| bad(e.to_string()))? {
            store.add(cert.map_err(|e| bad(e.to_string()))?).map_err(|e| bad(e.to_string()))?;
        }
        if store.is_empty() {
            return Err(bad("-----BEGIN CERTIFICATE-----".into()));
        }
        return Ok(store);
    }
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if store.is_empty() { Err(Sentence::new("target-roots").with("target", name)) } else { Ok(store) }
}

/// TLS 1.2 and 1.3 by ring. A target that is spoken to in plain text trusts nobody: should TLS come up, it fails.
pub(super) fn config(spec: &TargetSpec, home: &Path, used: bool) -> Result<Arc<ClientConfig>, Sentence> {
    config_of(&spec.name, spec.ca.as_deref(), home, used)
}

/// The same for what is no target.
pub(in crate::connect) fn config_of(name: &str, ca: Option<&Path>, home: &Path, used: bool) -> Result<Arc<ClientConfig>, Sentence> {
    let broken = |e: rustls::Error| Sentence::new("target-tls").with("target", name).with("detail", e);
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(broken)?;
    let roots = if used { roots(name, ca, home)? } else { RootCertStore::empty() };
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

/// Whether a URL may carry a credential: with TLS, or to this machine.
pub(in crate::connect) fn private(url: &reqwest::Url, starttls: bool) -> bool {
    let here = match url.host() {
        Some(host) => matches!(host.to_string().as_str(), "localhost" | "[::1]") || host.to_string().starts_with("127."),
        None => false,
    };
    matches!(url.scheme(), "https" | "ldaps") || starttls || here
}
