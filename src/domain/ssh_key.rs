//! Keys of SSH: how an operator proves who they are on a shared host. Only fingerprints are kept: what proves a key is shown to sshd alone.

use super::{
    act::{Refusal, RefusalClass},
    ids::{OperatorId, SshKeyId},
    sentence::Sentence,
};
use base64::{Engine, engine::general_purpose};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A key that was registered for an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SshKey {
    pub id: SshKeyId,
    pub operator: OperatorId,
    /// Name of its operator.
    pub name: String,
    /// As `ssh-keygen -l` prints it: `SHA256:` and 43 characters. Of all keys that were not removed, one has it.
    pub fingerprint: String,
    pub created_at: Timestamp,
    pub removed_at: Option<Timestamp>,
    pub version: i64,
}

impl SshKey {
    /// A new one.
    pub fn register(id: SshKeyId, operator: OperatorId, name: &str, fingerprint: &str, now: Timestamp) -> Self {
        Self { id, operator, name: name.into(), fingerprint: fingerprint.into(), created_at: now, removed_at: None, version: 1 }
    }

    /// The key after it was removed.
    ///
    /// # Errors
    /// It was removed before.
    pub fn remove(&self, now: Timestamp) -> Result<Self, Refusal> {
        match self.removed_at {
            Some(_) => Err(Refusal::new(RefusalClass::Policy, Sentence::new("refused-no-change"))),
            None => Ok(Self { removed_at: Some(now), version: self.version + 1, ..self.clone() }),
        }
    }
}

const HASH: &str = "SHA256:";

/// Whether a text is a fingerprint as OpenSSH prints it.
pub fn is_fingerprint(text: &str) -> bool {
    let hash = text.strip_prefix(HASH).and_then(|b64| general_purpose::STANDARD_NO_PAD.decode(b64).ok());
    hash.is_some_and(|bytes| bytes.len() == 32)
}

/// Fingerprint of a line of a public key file, of `authorized_keys`, or of what sshd tells of a login (`publickey TYPE BASE64`); `None`
/// for whatever is no such line. A certificate is not a key: it has none.
pub fn fingerprint(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    words.windows(2).find_map(|pair| {
        let [kind, body] = pair else { return None };
        let blob = general_purpose::STANDARD.decode(body).ok()?;
        // The blob says of itself what the word before it says (RFC 4253, 6.6).
        let (length, rest) = blob.split_first_chunk::<4>()?;
        let inner = rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        let is_key = inner == kind.as_bytes() && !kind.contains("-cert-");
        is_key.then(|| format!("{HASH}{}", general_purpose::STANDARD_NO_PAD.encode(Sha256::digest(&blob))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `ssh-keygen -l -f` of this key prints this fingerprint.
    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJpE1EH1NX3+6sUAbDv6bCN4f1Bwsa8L6R4739TFFbEZ";
    const FINGERPRINT: &str = "SHA256:4ubT5mMivkzoNM1yd1NJc2JvqoIMJ0YUx9AAyeKff/I";

    #[test]
    fn the_fingerprint_is_that_of_ssh_keygen() {
        for line in [
            KEY.to_owned(),
            format!("{KEY} lin@laptop"),
            format!("publickey {KEY}"),
            format!("restrict,pty,command=\"tenure --forced --as lin\" {KEY} lin"),
        ] {
            assert_eq!(fingerprint(&line).as_deref(), Some(FINGERPRINT), "{line}");
        }
        assert!(is_fingerprint(FINGERPRINT));
    }

    #[test]
    fn what_is_no_key_has_none() {
        let other = KEY.replace("ssh-ed25519", "ssh-rsa");
        for line in ["", "password", "publickey", "publickey ssh-ed25519", "publickey ssh-ed25519 AAAA", &other] {
            assert_eq!(fingerprint(line), None, "{line}");
        }
        for text in ["", "SHA256:", "MD5:aa", &FINGERPRINT[1..], &FINGERPRINT[..FINGERPRINT.len() - 1], &format!("{FINGERPRINT}=")] {
            assert!(!is_fingerprint(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_panic(line in "\\PC{0,80}") {
            let _ = (fingerprint(&line), is_fingerprint(&line));
        }
    }
}
