//! Keys of SSH: registered, removed, and asked about when somebody logs in on a shared host.

use super::{
    Service,
    act::{Decided, Told, refuse},
    session::shut_out,
};
use crate::{
    backend::{ActRequest, Failure, FailureKind},
    domain::{
        act::{Act, Change, Context, Entity, Refusal, RefusalClass},
        audit::Item,
        ids::SshKeyId,
        operator::{Identity, Operator, Proof},
        sentence::Sentence,
        ssh_key::{SshKey, is_fingerprint},
    },
    store::{self, Tx},
};

impl Service {
    /// Who logged in with these keys. `named` is whom the command that the administrator tied to the key says; without it a key must be
    /// registered. Nobody is entered here.
    ///
    /// # Errors
    /// No such operator, one who may not come in any more, a key that nobody registered, keys that are of different operators.
    pub fn identify_key(&self, named: Option<&str>, fingerprints: &[String]) -> Result<Identity, Failure> {
        let (named_one, owners) = self.db.read(|tx| -> Result<_, store::StoreError> {
            let named_one = match named {
                Some(name) => store::operator::by_name(tx, name)?,
                None => None,
            };
            let mut owners = Vec::new();
            for fingerprint in fingerprints {
                if let Some(key) = store::ssh_key::by_fingerprint(tx, fingerprint)? {
                    owners.extend(store::operator::by_id(tx, key.operator)?.map(|o| (o, key.id)));
                }
            }
            Ok((named_one, owners))
        })?;
        let operator = match (named, named_one) {
            (Some(name), None) => {
                return Err(Failure::new(FailureKind::NotFound, Sentence::new("operator-unknown").with("name", name))
                    .next(Sentence::new("operator-unknown-next").with("name", name)));
            }
            (_, Some(o)) => Some(o),
            (None, None) => owners.first().map(|(o, _)| o.clone()),
        };
        let Some(o) = operator else {
            let key = fingerprints.first().map_or("-", String::as_str);
            return Err(Failure::new(FailureKind::Refused, Sentence::new("ssh-key-unknown").with("key", key))
                .next(Sentence::new("ssh-key-unknown-next").with("key", key)));
        };
        if let Some((other, _)) = owners.iter().find(|(other, _)| other.id != o.id) {
            let what = Sentence::new("ssh-key-of-another").with("name", &o.name).with("other", &other.name);
            return Err(Failure::new(FailureKind::Refused, what).next(Sentence::new("ssh-key-of-another-next")));
        }
        match o.shut_out() {
            Some(why) => Err(shut_out(why)),
            None => {
                let key = owners.first().map(|(_, key)| *key);
                Ok(Identity { operator: o.id, name: o.name, role: o.role, proof: Proof::SshKey, key })
            }
        }
    }

    pub(super) fn decide_ssh_key(&self, tx: &mut Tx, request: &ActRequest, cx: &mut Context) -> Told {
        let (Act::OperatorKey { fingerprint, .. } | Act::OperatorUnkey { fingerprint }) = &request.act else {
            return Ok(Err(refuse(RefusalClass::Usage, "refused-wrong-target")));
        };
        if !is_fingerprint(fingerprint) {
            return Ok(Err(refuse(RefusalClass::Usage, "refused-fingerprint")));
        }
        let registered = store::ssh_key::by_fingerprint(tx, fingerprint)?;
        let (key, before) = match (&request.act, registered) {
            (Act::OperatorKey { .. }, Some(k)) => {
                return Ok(Err(Refusal::new(RefusalClass::Conflict, Sentence::new("refused-key-taken").with("name", k.name))));
            }
            (Act::OperatorKey { name, .. }, None) => {
                let operator = store::operator::by_name(tx, &name.to_lowercase())?.filter(Operator::is_active);
                let Some(o) = operator else { return Ok(Err(refuse(RefusalClass::NotFound, "refused-no-operator"))) };
                if !self.may_open(tx, cx, &o)? {
                    return self.ask_about(tx, cx, o.id.0, o.version, request.act.clone());
                }
                (SshKey::register(SshKeyId(cx.id()), o.id, &o.name, fingerprint, cx.now), None)
            }
            (_, Some(k)) => match k.remove(cx.now) {
                Ok(gone) => (gone, Some(k.version)),
                Err(why) => return Ok(Err(why)),
            },
            (_, None) => return Ok(Err(refuse(RefusalClass::NotFound, "refused-no-key"))),
        };
        let version = Some(key.version);
        let item = Item { entity: Entity::SshKey, id: key.id.0, person: None, before, after: version, sealed: None };
        Ok(Ok(Decided { changes: vec![Change::SshKey(key)], items: vec![item], version, pending: None }))
    }

    /// Keys and tokens of an operator who is revoked: they do not come back with the name.
    pub(super) fn shut_doors(&self, tx: &mut Tx, o: &Operator, cx: &Context) -> Result<(Vec<Change>, Vec<Item>), Failure> {
        let mut gone = (Vec::new(), Vec::new());
        let mut shut = |change, entity, id, before, after| {
            gone.0.push(change);
            gone.1.push(Item { entity, id, person: None, before: Some(before), after: Some(after), sealed: None });
        };
        for key in store::ssh_key::of_operator(tx, o.id)? {
            let Ok(removed) = key.remove(cx.now) else { continue };
            let after = removed.version;
            shut(Change::SshKey(removed), Entity::SshKey, key.id.0, key.version, after);
        }
        for token in store::token::of_operator(tx, o.id)? {
            let Ok(revoked) = token.revoke(cx.now) else { continue };
            let after = revoked.version;
            shut(Change::Token(revoked), Entity::Token, token.id.0, token.version, after);
        }
        Ok(gone)
    }
}
