//! Certificates: an authority of a test's own, and what it gives out.

use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use std::{fs, path::PathBuf, process::Command, sync::Arc};
use tempfile::TempDir;

const KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

pub struct Authority(TempDir);

impl Authority {
    pub fn new(name: &str) -> Self {
        let authority = Self(tempfile::tempdir().unwrap());
        let subject = format!("/CN={name}");
        let usage = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"];
        let out = [authority.path("ca.key"), authority.path("ca.pem")];
        openssl(&[&["req", "-x509"][..], &KEY, &["-days", "2", "-subj", &subject, "-keyout", &out[0], "-out", &out[1]], &usage].concat());
        authority
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// The file that `ca` names.
    pub fn ca(&self) -> String {
        self.path("ca.pem")
    }

    /// A certificate for an address that is good.
    pub fn certificate(&self, address: &str) -> Arc<ServerConfig> {
        self.issue(address, "21200101000000Z")
    }

    /// One that ran out.
    pub fn expired(&self, address: &str) -> Arc<ServerConfig> {
        self.issue(address, "20210101000000Z")
    }

    fn issue(&self, address: &str, until: &str) -> Arc<ServerConfig> {
        let [key, request, cert] = ["key.pem", "request.pem", "cert.pem"].map(|n| self.path(n));
        openssl(&[&["req"][..], &KEY, &["-subj", "/CN=server", "-keyout", &key, "-out", &request]].concat());
        let (dir, config) = (self.0.path().display(), self.path("ca.conf"));
        fs::write(self.path("index.txt"), "").unwrap();
        let text = format!(
            "[ca]\ndefault_ca=own\n[own]\ndatabase={dir}/index.txt\nnew_certs_dir={dir}\ncertificate={dir}/ca.pem\nprivate_key={dir}/ca.key\n\
             rand_serial=yes\ndefault_md=sha256\npolicy=any\nx509_extensions=leaf\n[any]\ncommonName=supplied\n\
             [leaf]\nsubjectAltName=IP:{address}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n"
        );
        fs::write(&config, text).unwrap();
        let dates = ["-startdate", "20200101000000Z", "-enddate", until];
        openssl(&[&["ca", "-batch", "-notext", "-config", &config, "-in", &request, "-out", &cert][..], &dates].concat());
        let chain: Vec<_> = CertificateDer::pem_file_iter(PathBuf::from(cert)).unwrap().map(Result::unwrap).collect();
        let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        Arc::new(builder.with_single_cert(chain, PrivateKeyDer::from_pem_file(key).unwrap()).unwrap())
    }
}

fn openssl(args: &[&str]) {
    let out = Command::new("openssl").args(args).output().expect("openssl runs: install openssl");
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
}
