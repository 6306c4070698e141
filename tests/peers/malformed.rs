//! Answers that are no LDAP. A real server does not give them: the relay puts them in the place of what a real one said.

use crate::{
    contract::{call, get, one, subject},
    kit::{
        Home, Peer,
        relay::{Answer, EMPTY, Fault, NO_RESULT, Relay, envelope},
    },
};
use tenure::domain::target::{Sent, StepKind};

const BASE: &str = "dc=example,dc=test";

const ALL: [(&str, Answer); 10] = [
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
    // Then a search that ends well.
    ("an entry without a name", |n| [envelope(n, &[0x64, 0]), envelope(n, &[0x65, 7, 0x0a, 1, 0, 4, 0, 4, 0])].concat()),
];

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
