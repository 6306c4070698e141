//! `postgres://` URLs: libpq's words as far as the driver knows them, and those about certificates, which it does not.

use crate::store::{Result, StoreError};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use std::sync::Arc;
use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Reads a URL. Without `sslmode` a server on this machine is spoken to in plain text, any other by TLS. Where TLS is used the certificate is
/// always checked, with the name in it (libpq's `verify-full`), by the authorities in `sslrootcert` or the system's. `sslmode=disable` is
/// for networks that are private by other means.
pub(super) fn parse(text: &str) -> Result<(Config, Option<MakeRustlsConnect>)> {
    let bad = |detail: String| StoreError::Url(detail);
    let (plain, query) = text.split_once('?').unwrap_or((text, ""));
    let (mut mode, mut roots, mut rest) = (None, None, Vec::new());
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", m)) => mode = Some(m),
            Some(("sslrootcert", f)) => {
                roots = Some(percent_encoding::percent_decode_str(f).decode_utf8().map_err(|e| bad(e.to_string()))?.into_owned());
            }
            _ => rest.push(pair),
        }
    }
    let url = if rest.is_empty() { plain.to_owned() } else { format!("{plain}?{}", rest.join("&")) };
    let mut config: Config = url.parse().map_err(|e: tokio_postgres::Error| bad(StoreError::from(e).to_string()))?;
    config.application_name("tenure");
    let here = config.get_hosts().iter().all(|h| match h {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name == "::1" || name.starts_with("127."),
    });
    let plain = match mode {
        Some("disable") => true,
        Some("require" | "verify-ca" | "verify-full") => false,
        // What a server may decline is no protection.
        Some("allow" | "prefer") | None => here,
        Some(other) => return Err(bad(format!("sslmode={other}"))),
    };
    if plain {
        config.ssl_mode(SslMode::Disable);
        return Ok((config, None));
    }
    config.ssl_mode(SslMode::Require);
    Ok((config, Some(MakeRustlsConnect::new(tls(roots.as_deref())?))))
}

/// A host as a person knows it.
pub(super) fn host(host: &Host) -> String {
    match host {
        Host::Unix(path) => path.display().to_string(),
        Host::Tcp(name) => name.clone(),
    }
}

/// TLS 1.2 and 1.3 by ring.
fn tls(file: Option<&str>) -> Result<ClientConfig> {
    let bad = |detail: String| StoreError::Url(detail);
    let mut roots = RootCertStore::empty();
    match file {
        Some(file) => {
            let bad = |e: String| StoreError::Url(format!("sslrootcert={file}: {e}"));
            for cert in CertificateDer::pem_file_iter(file).map_err(|e| bad(e.to_string()))? {
                roots.add(cert.map_err(|e| bad(e.to_string()))?).map_err(|e| bad(e.to_string()))?;
            }
        }
        None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
    }
    if roots.is_empty() {
        return Err(bad("no certificate authority is known: name one with sslrootcert=FILE".into()));
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|e| bad(e.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_in_plain_text_unasked() {
        let tls = |url: &str| parse(url).map(|(_, tls)| tls.is_some());
        assert!(!tls("postgres://a@localhost/b").unwrap());
        assert!(!tls("postgres://a@%2Frun%2Fpostgresql/b").unwrap());
        assert!(!tls("postgres://a@127.0.0.1:5433/b?sslmode=prefer").unwrap());
        assert!(!tls("postgres://a@db.example.com/b?sslmode=disable").unwrap());
        // Two hosts, of which one is elsewhere.
        let roots = "sslrootcert=/nowhere.pem";
        for url in
            ["postgres://a@db.example.com/b", "postgres://a@localhost,db.example.com/b", "postgres://a@localhost/b?sslmode=verify-full"]
        {
            let url = format!("{url}{}{roots}", if url.contains('?') { '&' } else { '?' });
            assert!(matches!(tls(&url), Err(StoreError::Url(why)) if why.contains("/nowhere.pem")), "{url}");
        }
        assert!(matches!(tls("postgres://a@localhost/b?sslmode=maybe"), Err(StoreError::Url(_))));
        assert!(matches!(tls("postgres://a@localhost/b?colour=red"), Err(StoreError::Url(_))));
    }
}
