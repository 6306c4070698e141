//! A certificate that was good when an order was planned and is not when it runs: orders on a real SCIM server behind TLS, by the real
//! program.

use crate::{
    kit::tls::Authority,
    orders::{Line, block, is_done, target},
};
use serde_json::Value;

const HERE: &str = "127.0.0.1";

/// A line behind TLS, on which the program trusts one authority.
fn secure(people: usize, authority: &Authority) -> Line {
    let line = Line::new(people);
    line.proxy.present(&authority.certificate(HERE));
    let url = line.proxy.url(line.peer.word("url")).replace("http://", "https://");
    let more = format!("timeout = \"2s\"\nsession_max = \"0s\"\nca = {:?}", authority.ca());
    line.company.targets(&target(&line.company, &url, line.peer.word("token"), &more));
    line
}

#[test]
fn over_a_certificate_that_went_bad_nothing_is_sent_and_with_a_good_one_the_order_goes_on_by_itself() {
    let (ours, other, impostor) = (Authority::new("ours"), Authority::new("another"), Authority::new("ours"));
    let good = ours.certificate(HERE);
    let bad = [
        ("of another authority", other.certificate(HERE), "UnknownIssuer"),
        ("of another authority of the same name", impostor.certificate(HERE), "BadSignature"),
        ("that ran out", ours.expired(HERE), "expired"),
        ("of another host", ours.certificate("127.0.0.2"), "not valid for name"),
    ];
    let line = secure(bad.len(), &ours);
    let _worker = line.company.worker();
    for (n, (what, certificate, why)) in bad.iter().enumerate() {
        let number = (30_000 + n).to_string();
        let id = line.idp.add(&format!("user{n}"), &number);
        let (order, hash) = line.company.planned(&number);
        line.proxy.present(certificate);
        let (came, log) = (line.proxy.seen("*"), line.peer.log().len());
        line.company.ok(&["freeze", "approve", &order, "--hash", &hash, "--as", "lin"]);
        let never = |o: &Value| assert!(!is_done(o), "{what}: falsely complete: {o:#}");
        let stuck = line.company.until(&order, "partial", &never, &|o| o["state"] == "partial");
        let reason = |o: &Value| o["code"] == "target-unreachable" && o["args"]["detail"].as_str().is_some_and(|d| d.contains(why));
        let told = line.company.until(&order, why, &never, &|o| reason(&block(o)["error"]));
        assert!(stuck["residual_seconds"].is_null(), "{what}: {stuck:#}");
        for lang in ["en", "zh-CN"] {
            let said = line.company.ok(&["freeze", "show", &order, "--lang", lang]);
            assert!(said.contains(why) && !said.contains('⟨'), "{what}: {said} {told:#}");
        }
        // Tried again, and never so much as a token went over.
        let tries = line.proxy.connections();
        line.company.until(&order, "tried again", &never, &|_| line.proxy.connections() > tries);
        assert_eq!((line.proxy.seen("*"), line.peer.log().len()), (came, log), "{what}");
        assert!(line.idp.active(&id), "{what}");

        line.proxy.present(&good);
        let honest = |o: &Value| assert!(!is_done(o) || !line.idp.active(&id), "{what}: falsely complete: {o:#}");
        line.company.until(&order, "verified", &honest, &|o| o["state"] == "verified");
        assert_eq!((line.idp.active(&id), line.writes(&id)), (false, 1), "{what}");
    }
    line.company.sound();
}

#[test]
fn a_certificate_that_goes_bad_while_an_order_runs_leaves_it_unknown_until_it_can_be_read_back() {
    let (ours, other) = (Authority::new("ours"), Authority::new("another"));
    let line = secure(0, &ours);
    let id = line.idp.add("zhang.wei", "20001");
    let (order, hash) = line.company.planned("20001");
    // The write goes out on a good connection; every one after it is another's.
    line.proxy.present_at("PATCH", &other.certificate(HERE));
    line.company.ok(&["freeze", "approve", &order, "--hash", &hash, "--as", "lin"]);
    let _worker = line.company.worker();
    let never = |o: &Value| assert!(!is_done(o), "falsely complete: {o:#}");
    let stuck = line.company.until(&order, "partial", &never, &|o| o["state"] == "partial" && block(o)["state"] == "unknown");
    assert!(stuck["residual_seconds"].is_null() && !line.idp.active(&id), "it had happened: {stuck:#}");
    let (came, tries) = (line.proxy.seen("*"), line.proxy.connections());
    line.company.until(&order, "looked at again", &never, &|_| line.proxy.connections() > tries);
    assert_eq!(line.proxy.seen("*"), came, "nothing is said on them");
    line.proxy.present(&ours.certificate(HERE));
    let done = line.company.until_state(&order, "verified");
    assert_eq!((line.writes(&id), &block(&done)["state"]), (1, &Value::from("confirmed")));
    line.company.sound();
}
