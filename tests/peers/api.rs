//! The OpenAPI document, held against a server by a program that believes what it reads there: schemathesis makes requests of it, sound and
//! unsound ones, and compares the answers with what was declared.

use crate::kit::company::Company;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A company that is served by a process of its own, and a token for it.
struct Served {
    child: Child,
    url: String,
    token: String,
}

impl Served {
    fn new(company: &Company) -> Self {
        let token = company.json(&["operator", "token", "lin", "--days", "1"])["token"].as_str().unwrap().to_owned();
        let mut serve = company.command(&["serve", "--listen", "127.0.0.1:0", "--no-worker", "--json"]);
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        Self { child, url: told["url"].as_str().unwrap().to_owned(), token }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn installed(program: &str) -> PathBuf {
    let peers = std::env::var_os("TENURE_PEERS").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers"), PathBuf::from);
    let program = peers.join("schemathesis/bin").join(program);
    assert!(program.is_file(), "no {}: run tests/peers/install", program.display());
    program
}

/// Nothing breaks, and nothing is answered that the document does not declare: status, kind of content, shape, and who is let in.
#[test]
fn the_api_is_what_its_document_says() {
    let company = Company::new(20, "");
    let served = Served::new(&company);
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth,\
                  negative_data_rejection,unsupported_method";
    let o = Command::new(installed("schemathesis"))
        .args(["run", &format!("{}/openapi.json", served.url), "--header", &format!("Authorization: Bearer {}", served.token)])
        .args([
            "--checks",
            checks,
            "--phases",
            "coverage,fuzzing",
            "--max-examples",
            "3",
            "--seed",
            "20260101",
            "--generation-deterministic",
        ])
        // Waits by its nature; the contract suite has it.
        .args(["--exclude-path", "/v1/changes", "--workers", "2", "--suppress-health-check", "all", "--no-color"])
        .current_dir(company.dir())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&o.stdout);
    assert!(o.status.success(), "{said}{}", String::from_utf8_lossy(&o.stderr));
    // All of them but the one that is left out, and without a `$ref` that leads nowhere.
    let (tested, all) = said.lines().find_map(|l| l.trim().strip_prefix("Selected: ")?.split_once('/')).unwrap_or_else(|| panic!("{said}"));
    assert_eq!(tested.parse::<usize>().unwrap() + 1, all.parse::<usize>().unwrap(), "{said}");
    assert!(said.contains(&format!("Tested: {tested}")) && !said.contains("nresolvable"), "{said}");
    company.sound();
}
