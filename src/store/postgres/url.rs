//! `postgres://` URLs: libpq's words as far as the driver knows them, and those about certificates, which it does not.

use crate::store::{Result, StoreError};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use std::{sync::Arc, time::Duration};
use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Reads a URL. Without `sslmode` a server on this machine is spoken to in plain text, any other by TLS. Where TLS is used the certificate is
/// always checked, with the name in it (libpq's `verify-full`), by the authorities in `sslrootcert` or the system's. `sslmode=disable` is
/// for networks that are private by other means. One configuration a host, in their order; a password given here takes the place of the URL's.
pub(super) fn parse(text: &str, password: Option<&str>) -> Result<(Vec<Config>, Option<MakeRustlsConnect>)> {
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
    if let Some(password) = password {
        config.password(password);
    }
    // What a network forgets is noticed: a listener says nothing of its own accord.
    if !rest.iter().any(|pair| pair.starts_with("keepalives_idle=")) {
        config.keepalives_idle(Duration::from_secs(30));
    }
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
        return Ok((each(&config)?, None));
    }
    config.ssl_mode(SslMode::Require);
    Ok((each(&config)?, Some(MakeRustlsConnect::new(tls(roots.as_deref())?))))
}

/// The same for each host alone.
fn each(all: &Config) -> Result<Vec<Config>> {
    let (hosts, addresses, ports) = (all.get_hosts(), all.get_hostaddrs(), all.get_ports());
    let count = hosts.len().max(addresses.len());
    let fits = |n: usize| n == 0 || n == count;
    if count == 0 || !fits(hosts.len()) || !fits(addresses.len()) || !(fits(ports.len()) || ports.len() == 1) {
        return Err(StoreError::Url("hosts, addresses and ports are not as many".into()));
    }
    let one = |n: usize| {
        let mut c = Config::new();
        match hosts.get(n) {
            Some(Host::Tcp(name)) => drop(c.host(name)),
            Some(Host::Unix(path)) => drop(c.host_path(path)),
            None => {}
        }
        addresses.get(n).map(|a| c.hostaddr(*a));
        ports.get(n).or(ports.first()).map(|p| c.port(*p));
        all.get_user().map(|u| c.user(u));
        all.get_password().map(|p| c.password(p));
        all.get_dbname().map(|d| c.dbname(d));
        all.get_options().map(|o| c.options(o));
        all.get_application_name().map(|a| c.application_name(a));
        all.get_connect_timeout().map(|t| c.connect_timeout(*t));
        all.get_tcp_user_timeout().map(|t| c.tcp_user_timeout(*t));
        all.get_keepalives_interval().map(|t| c.keepalives_interval(t));
        all.get_keepalives_retries().map(|n| c.keepalives_retries(n));
        c.keepalives(all.get_keepalives()).keepalives_idle(all.get_keepalives_idle());
        c.ssl_mode(all.get_ssl_mode()).ssl_negotiation(all.get_ssl_negotiation()).channel_binding(all.get_channel_binding());
        c.target_session_attrs(all.get_target_session_attrs());
        c
    };
    Ok((0..count).map(one).collect())
}

/// The host of a configuration as a person knows it.
pub(super) fn host(config: &Config) -> String {
    match (config.get_hosts().first(), config.get_hostaddrs().first()) {
        (Some(Host::Unix(path)), _) => path.display().to_string(),
        (Some(Host::Tcp(name)), _) => name.clone(),
        (None, address) => address.map_or_else(String::new, ToString::to_string),
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
        let tls = |url: &str| parse(url, None).map(|(_, tls)| tls.is_some());
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

    #[test]
    fn each_host_has_a_configuration_of_its_own() {
        let (all, _) =
            parse("postgres://a:old@localhost:1,127.0.0.1:2/b?target_session_attrs=read-write&connect_timeout=3", Some("new")).unwrap();
        let seen: Vec<_> = all.iter().map(|c| (host(c), c.get_ports(), c.get_password(), c.get_dbname())).collect();
        let (ours, name) = (Some("new".as_bytes()), Some("b"));
        assert_eq!(seen, [("localhost".into(), &[1][..], ours, name), ("127.0.0.1".into(), &[2][..], ours, name)]);
        assert!(all.iter().all(|c| c.get_connect_timeout() == Some(&Duration::from_secs(3))));
        let attrs: Vec<_> = all.iter().map(Config::get_target_session_attrs).collect();
        assert_eq!(attrs, [tokio_postgres::config::TargetSessionAttrs::ReadWrite; 2]);
        let (all, _) = parse("postgres://a@x,y:1/b?sslmode=disable", None).unwrap();
        assert_eq!(all.iter().map(|c| c.get_ports()).collect::<Vec<_>>(), [&[5432][..], &[1]]);
    }
}
