//! Keys of SSH: whose they are, and when they stop opening the door.

use crate::kit::{Engine, Kit};
use tenure::{
    backend::{ActRequest, Query},
    domain::{
        act::{Act, Entity, RefusalClass},
        operator::Proof,
    },
};

on_all!(
    a_key_is_one_operators_until_it_is_removed,
    a_revoked_operators_keys_do_not_come_back_with_the_name,
    two_keys_of_two_operators_prove_nobody
);

fn print(letter: char) -> String {
    format!("SHA256:{}A", letter.to_string().repeat(42))
}

fn key(name: &str, letter: char) -> Act {
    Act::OperatorKey { name: name.into(), fingerprint: print(letter) }
}

/// Who comes in with keys, or the code of why nobody does.
fn who(kit: &Kit, named: Option<&str>, letters: &str) -> Result<String, String> {
    let keys: Vec<String> = letters.chars().map(print).collect();
    let found = kit.service.identify_key(named, &keys).map_err(|e| e.what.code.into_owned())?;
    assert_eq!(found.proof, Proof::SshKey);
    Ok(found.name)
}

fn refused(kit: &Kit, act: Act) -> (RefusalClass, String) {
    let reply = kit.me().send(ActRequest { act, targets: Vec::new(), key: None, reason: None, written: None }).unwrap();
    let why = reply.outcomes[0].refusal.clone().unwrap();
    (why.class, why.why.code.into_owned())
}

fn a_key_is_one_operators_until_it_is_removed(on: Engine) {
    let kit = Kit::company(on);
    assert_eq!(who(&kit, None, "a").unwrap_err(), "ssh-key-unknown");
    assert_eq!(who(&kit, None, "").unwrap_err(), "ssh-key-unknown");
    let seq = kit.seq();
    kit.me().done(key("Lin", 'a'));
    kit.me().done(key("chen", 'b'));
    let entries = kit.entries(seq);
    assert!(entries.iter().all(|e| e.act == "operator.key" && e.items.len() == 1 && e.items[0].entity == Entity::SshKey), "{entries:?}");
    assert!(entries[0].detail.as_ref().unwrap().contains(&print('a')), "whose key it is can be read in the chain");
    assert_eq!((who(&kit, None, "a").unwrap(), who(&kit, None, "b").unwrap()), ("lin".into(), "chen".into()));

    // What somebody does who came in with it is said to be proven by it.
    let seq = kit.seq();
    let session = kit.service.session(kit.service.identify_key(None, &[print('a')]).unwrap());
    let note = ActRequest::one(Act::AlertAck, kit.alert("10001").alert.id, None);
    crate::kit::ROOMS.block_on(tenure::backend::Backend::act(&session, note)).unwrap();
    assert!(kit.entries(seq).iter().any(|e| e.proof == Proof::SshKey && e.act == "alert.ack"));

    assert_eq!(refused(&kit, key("chen", 'a')), (RefusalClass::Conflict, "refused-key-taken".into()));
    assert_eq!(refused(&kit, key("nobody", 'c')), (RefusalClass::NotFound, "refused-no-operator".into()));
    let odd = Act::OperatorKey { name: "lin".into(), fingerprint: "MD5:00".into() };
    assert_eq!(refused(&kit, odd), (RefusalClass::Usage, "refused-fingerprint".into()));
    assert_eq!(refused(&kit, Act::OperatorUnkey { fingerprint: print('c') }), (RefusalClass::NotFound, "refused-no-key".into()));

    kit.me().done(Act::OperatorUnkey { fingerprint: print('a') });
    let why = crate::kit::ROOMS.block_on(tenure::backend::Backend::query(&session, Query::SshKeys)).unwrap_err();
    assert_eq!(why.what.code, "ssh-key-removed", "who is in with it is out");
    assert_eq!(who(&kit, None, "a").unwrap_err(), "ssh-key-unknown");
    kit.me().done(key("chen", 'a'));
    assert_eq!(who(&kit, None, "a").unwrap(), "chen");
    let keys = ask!(kit.me(), Query::SshKeys => SshKeys);
    let all: Vec<_> = keys.iter().map(|k| (k.name.as_str(), k.removed_at.is_some())).collect();
    assert_eq!(all, [("chen", false), ("chen", false), ("lin", true)], "the removed one stays on the list");
    kit.check();
}

fn a_revoked_operators_keys_do_not_come_back_with_the_name(on: Engine) {
    let kit = Kit::company(on);
    kit.me().done(key("lin", 'a'));
    kit.me().done(key("lin", 'b'));
    let seq = kit.seq();
    kit.me().done(Act::OperatorRevoke { name: "lin".into() });
    let entries = kit.entries(seq);
    assert_eq!(entries.iter().map(|e| e.items.len()).collect::<Vec<_>>(), [3], "the operator and both keys, in one entry");
    assert_eq!(who(&kit, None, "a").unwrap_err(), "ssh-key-unknown");
    assert_eq!(who(&kit, Some("lin"), "a").unwrap_err(), "operator-revoked");
    kit.me().done(Act::OperatorAdd { name: "lin".into(), role: tenure::domain::operator::Role::Triager, person: None, org: None });
    assert_eq!(who(&kit, None, "b").unwrap_err(), "ssh-key-unknown", "they are registered anew or not at all");
    kit.check();
}

fn two_keys_of_two_operators_prove_nobody(on: Engine) {
    let kit = Kit::company(on);
    kit.me().done(key("lin", 'a'));
    kit.me().done(key("chen", 'b'));
    assert_eq!(who(&kit, None, "ab").unwrap_err(), "ssh-key-of-another");
    // The administrator's command names one operator, the list another.
    assert_eq!(who(&kit, Some("lin"), "b").unwrap_err(), "ssh-key-of-another");
    assert_eq!(who(&kit, Some("lin"), "a").unwrap(), "lin");
    assert_eq!(who(&kit, Some("lin"), "z").unwrap(), "lin", "a key that is on no list: the command tied to it says whose it is");
    assert_eq!(who(&kit, Some("nobody"), "a").unwrap_err(), "operator-unknown");
    kit.check();
}
