//! Tokens: issued, revoked, and asked about at every request of the HTTP API.

use super::{
    Service,
    act::{Decided, Told, refuse},
};
use crate::{
    backend::{ActRequest, Failure, FailureKind},
    domain::{
        act::{Act, Change, Context, Entity, Refusal, RefusalClass},
        audit::Item,
        ids::TokenId,
        operator::{Identity, Operator, Proof},
        sentence::Sentence,
        token::{Scope, Token, is_hash},
    },
    store::{self, Tx},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What the API says to whoever it does not know; it does not say why.
fn unknown() -> Failure {
    Failure::new(FailureKind::Refused, Sentence::new("token-unknown")).next(Sentence::new("token-unknown-next"))
}

impl Service {
    /// Who a token is of, and what it may be used for.
    ///
    /// # Errors
    /// No such token, one that is over or revoked, or of an operator who was revoked: all the same sentence.
    pub fn authenticate(&self, token: &str) -> Result<(Identity, Scope), Failure> {
        // Looked for by its hash: how long that takes says nothing about tokens that are there.
        let hash = hex::encode(Sha256::digest(token.as_bytes()));
        let (known, operator, now) = self.db.read(|tx| -> Result<_, store::StoreError> {
            let known = store::token::by_hash(tx, &hash)?;
            let operator = match &known {
                Some(t) => store::operator::by_id(tx, t.operator)?,
                None => None,
            };
            Ok((known, operator, tx.now()))
        })?;
        match (known, operator) {
            (Some(t), Some(o)) if t.is_good(now) && o.is_active() => {
                Ok((Identity { operator: o.id, name: o.name, role: o.role, proof: Proof::Token, key: None }, t.scope))
            }
            _ => Err(unknown()),
        }
    }

    pub(super) fn decide_token(&self, tx: &mut Tx, request: &ActRequest, target: Uuid, cx: &mut Context) -> Told {
        let (change, before) = match &request.act {
            Act::TokenAdd { name, hash, scope, days } => {
                let operator = store::operator::by_name(tx, &name.to_lowercase())?.filter(Operator::is_active);
                let Some(o) = operator else { return Ok(Err(refuse(RefusalClass::NotFound, "refused-no-operator"))) };
                if !is_hash(hash) {
                    return Ok(Err(refuse(RefusalClass::Usage, "refused-token-hash")));
                }
                if store::token::by_hash(tx, hash)?.is_some() {
                    return Ok(Err(refuse(RefusalClass::Conflict, "refused-token-again")));
                }
                if !self.may_open(tx, cx, &o)? {
                    return self.ask_about(tx, cx, o.id.0, o.version, request.act.clone());
                }
                match Token::issue(TokenId(cx.id()), o.id, &o.name, *scope, *days, cx.now) {
                    Ok(token) => (Change::TokenAdd { token, hash: hash.clone() }, None),
                    Err(why) => return Ok(Err(why)),
                }
            }
            _ => {
                let Some(t) = store::token::get(tx, TokenId(target))? else {
                    return Ok(Err(Refusal::new(RefusalClass::NotFound, Sentence::new("refused-not-found").with("id", target))));
                };
                match t.revoke(cx.now) {
                    Ok(after) => (Change::Token(after), Some(t.version)),
                    Err(why) => return Ok(Err(why)),
                }
            }
        };
        let (Change::TokenAdd { token, .. } | Change::Token(token)) = &change else { return Err(Failure::broken("no change of a token")) };
        let (id, after) = (token.id.0, Some(token.version));
        let item = Item { entity: Entity::Token, id, person: None, before, after, sealed: None };
        Ok(Ok(Decided { changes: vec![change], items: vec![item], version: after, pending: None }))
    }
}
