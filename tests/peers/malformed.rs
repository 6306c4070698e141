//! Answers that are no LDAP. A real server does not give them: the relay puts them in the place of what a real one said, or a server of
//! our own gives nothing else.

use crate::{
    contract::{call, get, one, subject},
    kit::{
        Home, Peer,
        relay::{Answer, EMPTY, Fault, NO_RESULT, Relay, envelope},
        tls::Authority,
    },
};
use rustls::{ServerConnection, StreamOwned};
use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};
use tenure::domain::target::{Sent, StepKind};

const BASE: &str = "dc=example,dc=test";

const ALL: [(&str, Answer); 13] = [
    ("another protocol", |_| {
        b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html>no such thing here, go away</html>\r\n\r\n".to_vec()
    }),
    ("no message", |_| vec![4, 1, 0]),
    ("a message of nothing", EMPTY),
    ("a message without a number", |_| vec![0x30, 2, 0x67, 0]),
    ("a number that is text", |n| vec![0x30, 5, 4, 1, n, 0x67, 0]),
    ("a result without a code", NO_RESULT),
    ("a result that is no list", |n| envelope(n, &[0x47, 1, 0])),
    ("a code that is text", |n| envelope(n, &[0x67, 3, 4, 1, 0])),
    ("words that are no UTF-8", |n| envelope(n, &[0x67, 8, 0x0a, 1, 0, 4, 1, 0xff, 4, 0])),
    ("lists in lists, 60,000 deep", |_| nested(60_000)),
    ("a message that does not end", |_| vec![0x30, 0x88, 127, 255, 255, 255, 255, 255, 255, 255, 2]),
    ("longer than its list", |n| vec![0x30, 5, 2, 1, n, 0x67, 3]),
    // Then a search that ends well.
    ("an entry without a name", |n| [envelope(n, &[0x64, 0]), envelope(n, &[0x65, 7, 0x0a, 1, 0, 4, 0, 4, 0])].concat()),
];

/// Lists in lists, so many deep: six bytes each.
fn nested(deep: usize) -> Vec<u8> {
    (0..deep).rev().flat_map(|n| [&[0x30, 0x84][..], &u32::try_from(n * 6).unwrap().to_be_bytes()].concat()).collect()
}

/// The parser follows lists in lists by calling itself, and what overflows a stack ends the process: not this one.
#[tokio::test(flavor = "multi_thread")]
async fn a_reply_sixty_thousand_deep_is_a_fault_of_the_target_inside_tls_too() {
    let (listener, authority, home) = (TcpListener::bind("127.0.0.1:0").unwrap(), Authority::new("ours"), Home::new());
    let (port, certificate) = (listener.local_addr().unwrap().port(), authority.certificate("127.0.0.1"));
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut stream = StreamOwned::new(ServerConnection::new(certificate.clone()).unwrap(), client.unwrap());
            // Whatever is asked, and then nothing more until the other side has gone.
            let _ = stream.read(&mut [0; 512]).and_then(|_| stream.write_all(&nested(60_000))).and_then(|()| stream.read(&mut [0; 512]));
        }
    });
    let (secret, ca) = (home.secret("password", "anything"), authority.ca());
    let target = home.open(&format!(
        "name = \"directory\"\nkind = \"ldap\"\nurl = \"ldaps://127.0.0.1:{port}\"\nca = {ca:?}\nbind_dn = \"cn=tenure,{BASE}\"\n\
         password = {secret}\nbase = {BASE:?}\nmatch = \"employee_number = employeeNumber\"\ntimeout = \"10s\""
    ));
    let fault = target.find(&subject("10252", None)).await.unwrap_err();
    assert_eq!((fault.why.code.as_ref(), fault.unauthorised), ("target-nested", false));
    let health = target.check().await;
    assert!(!health.ok && health.why.is_some_and(|why| why.code == "target-nested"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_no_ldap_is_a_fault_of_the_target_and_ends_nothing_of_ours() {
    let peer = Peer::start("slapd", &["clear"]);
    let relay = Relay::before(peer.word("plain"));
    let home = Home::new();
    let secret = home.secret("password", peer.word("password"));
    let target = home.open(&format!(
        "name = \"directory\"\nkind = \"ldap\"\nurl = {:?}\nbind_dn = \"cn=tenure,{BASE}\"\npassword = {secret}\nbase = {BASE:?}\n\
         match = \"employee_number = employeeNumber\"\ntimeout = \"2s\"",
        relay.url()
    ));
    let whom = subject("10252", None);
    let account = one(&*target, &whom).await;
    let writes = || peer.log().matches(" MOD dn=").count();
    let block = call(&account, StepKind::BlockSignIn);
    for (what, answer) in ALL {
        let fault = Fault::Garble(answer);
        let before = writes();
        // Before the write: nothing was sent, and nobody is found or gone.
        for kind in ["bind", "search"] {
            relay.next(kind, fault);
            let e = target.get(&account.id).await.expect_err(what);
            assert!(!e.unauthorised, "{what} to a {kind}: {e:?}");
            relay.next(kind, fault);
            target.find(&whom).await.expect_err(what);
            relay.next(kind, fault);
            let sent = target.send(&block).await;
            assert!(matches!(sent, Sent::NotSent { .. }), "{what} to a {kind}: {sent:?}");
            relay.next(kind, fault);
            assert!(!target.check().await.ok, "{what} to a {kind}");
        }
        assert_eq!(writes(), before, "{what}");
        // After it: the read-back tells.
        relay.next("modify", fault);
        let sent = target.send(&block).await;
        assert!(matches!(sent, Sent::Unknown { .. }), "{what} to a write: {sent:?}");
        assert_eq!((writes(), get(&*target, &account.id).await.seen.enabled), (before + 1, Some(false)), "{what}");
        assert_eq!(target.send(&call(&account, StepKind::Unblock)).await, Sent::Accepted, "{what}");
    }
}
