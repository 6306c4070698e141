//! Anchors: signed heads of both chains, kept where the database is not (domain.md 14; 16, 39). Whoever holds the database can write it anew
//! from any entry on, and the chain verifies; what was anchored elsewhere before then no longer fits.
//!
//! A line is the JSON of [`Anchor`], fields in declaration order, no spaces. Other bytes are no anchor, so that an edit of one byte shows.

use super::{
    audit::{Chain, GENESIS},
    sentence::Sentence,
};
use jiff::Timestamp;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::IntoEnumIterator;

/// The format of the lines that are written now.
const FORMAT: u32 = 1;
/// What a signature is over, before the line itself: nothing else that is signed begins so.
const SIGNED: &[u8] = b"tenure-anchor-v1\n";

/// Number and hash (hex) of the last entry of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub seq: i64,
    pub hash: String,
}

/// Both heads at an instant of the store's clock, signed by the home (Ed25519).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// Format of the line: 1.
    pub anchor: u32,
    /// Id of the home, hex: the same for as long as its data lives, wherever it is moved.
    pub home: String,
    pub at: Timestamp,
    pub acts: Head,
    pub access: Head,
    /// Public key, hex.
    pub key: String,
    /// Over the line with an empty signature, hex.
    pub sig: String,
}

/// The public key of a pair, hex.
pub fn public(pair: &Ed25519KeyPair) -> String {
    hex::encode(pair.public_key())
}

impl Anchor {
    /// Signs two heads.
    pub fn sign(home: String, at: Timestamp, acts: Head, access: Head, pair: &Ed25519KeyPair) -> Self {
        let mut made = Self { anchor: FORMAT, home, at, acts, access, key: public(pair), sig: String::new() };
        made.sig = hex::encode(pair.sign(&made.signed()));
        made
    }

    fn signed(&self) -> Vec<u8> {
        let bare = Self { sig: String::new(), ..self.clone() };
        [SIGNED, bare.line().as_bytes()].concat()
    }

    /// The line, without its end.
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a line; `None` for any bytes that [`Anchor::line`] would not have written.
    pub fn read(line: &[u8]) -> Option<Self> {
        let found: Self = serde_json::from_slice(line).ok()?;
        (found.anchor == FORMAT && found.line().as_bytes() == line).then_some(found)
    }

    /// Whether the signature is good by the key that the line itself names.
    pub fn is_whole(&self) -> bool {
        let (Ok(key), Ok(sig)) = (hex::decode(&self.key), hex::decode(&self.sig)) else { return false };
        UnparsedPublicKey::new(&ED25519, key).verify(&self.signed(), &sig).is_ok()
    }

    /// The head of one chain.
    pub fn head(&self, chain: Chain) -> &Head {
        match chain {
            Chain::Acts => &self.acts,
            Chain::Access => &self.access,
        }
    }
}

/// What is wrong with an anchor, or with the chains that it does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// No anchor at all.
    Garbage,
    /// Of another home.
    Home,
    /// Signed by another key than the one that was named.
    Key,
    /// The signature does not fit.
    Signature,
    /// Less than the anchor before it, though later: an older database was in use by then.
    Back,
    /// A chain ends before it.
    Cut,
    /// Both chains end before it: an older database is in use now.
    Older,
    /// The entry of that number has another hash: the chain was written anew.
    Differs,
}

/// A flaw, with the line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Flawed {
    pub line: usize,
    pub flaw: Flaw,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Chain>,
    pub what: Sentence,
}

fn flawed(line: usize, flaw: Flaw, chain: Option<Chain>, code: &'static str) -> Flawed {
    Flawed { line, flaw, chain, what: Sentence::new(code).with("line", line) }
}

/// A file of anchors, held against the chains of a home while they are walked.
pub struct Check {
    /// With their lines.
    anchors: Vec<(usize, Anchor)>,
    flaws: Vec<Flawed>,
    /// Which anchors say something of an entry.
    says: BTreeMap<(Chain, i64), Vec<usize>>,
}

impl Check {
    /// Reads a file: lines that are no good are told now and compared with nothing.
    pub fn new(file: &[u8], home: &str, key: &str) -> Self {
        let (mut anchors, mut flaws) = (Vec::new(), Vec::new());
        let mut lines: Vec<&[u8]> = file.split(|b| *b == b'\n').collect();
        // What follows the last line's end is no line.
        lines.pop_if(|last| last.is_empty());
        for (n, line) in (1..).zip(lines) {
            let Some(a) = Anchor::read(line) else {
                flaws.push(flawed(n, Flaw::Garbage, None, "anchor-garbage"));
                continue;
            };
            if a.home != home {
                let f = flawed(n, Flaw::Home, None, "anchor-home");
                flaws.push(Flawed { what: f.what.with("home", &a.home), ..f });
            } else if !a.key.eq_ignore_ascii_case(key) {
                flaws.push(flawed(n, Flaw::Key, None, "anchor-key"));
            } else if !a.is_whole() {
                flaws.push(flawed(n, Flaw::Signature, None, "anchor-signature"));
            } else {
                anchors.push((n, a));
            }
        }
        for pair in anchors.windows(2) {
            if let [(_, before), (n, after)] = pair
                // Two that wrote at once may stand in the other order.
                && after.at >= before.at
                && Chain::iter().any(|c| after.head(c).seq < before.head(c).seq)
            {
                let f = flawed(*n, Flaw::Back, None, "anchor-back");
                flaws.push(Flawed { what: f.what.with("at", after.at).with("before", before.at), ..f });
            }
        }
        let mut says: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (i, (_, a)) in anchors.iter().enumerate() {
            for chain in Chain::iter() {
                says.entry((chain, a.head(chain).seq)).or_default().push(i);
            }
        }
        let mut check = Self { anchors, flaws, says };
        for chain in Chain::iter() {
            check.entry(chain, 0, &hex::encode(GENESIS));
        }
        check
    }

    /// Compares an entry of a chain, as it was recomputed, with what was anchored of it.
    pub fn entry(&mut self, chain: Chain, seq: i64, hash: &str) {
        for i in self.says.get(&(chain, seq)).into_iter().flatten() {
            let Some((line, a)) = self.anchors.get(*i).filter(|(_, a)| a.head(chain).hash != hash) else { continue };
            let f = flawed(*line, Flaw::Differs, Some(chain), "anchor-differs");
            self.flaws.push(Flawed { what: f.what.with("chain", chain.name()).with("seq", seq).with("at", a.at), ..f });
        }
    }

    /// How many anchors were good, and all that is wrong, by line. `ends`: the last entry of each chain.
    pub fn finish(mut self, acts: i64, access: i64) -> (usize, Vec<Flawed>) {
        for (line, a) in &self.anchors {
            let cut = |chain| match chain {
                Chain::Acts => a.acts.seq > acts,
                Chain::Access => a.access.seq > access,
            };
            let said = |flaw, chain, code| {
                let f = flawed(*line, flaw, chain, code);
                Flawed { what: f.what.with("at", a.at), ..f }
            };
            match (cut(Chain::Acts), cut(Chain::Access)) {
                (true, true) => {
                    let f = said(Flaw::Older, None, "anchor-older");
                    let what = f.what.with("acts", acts).with("was", a.acts.seq).with("access", access).with("looked", a.access.seq);
                    self.flaws.push(Flawed { what, ..f });
                }
                (false, false) => {}
                (one, _) => {
                    let (chain, end) = if one { (Chain::Acts, acts) } else { (Chain::Access, access) };
                    let f = said(Flaw::Cut, Some(chain), "anchor-cut");
                    let what = f.what.with("chain", chain.name()).with("end", end).with("seq", a.head(chain).seq);
                    self.flaws.push(Flawed { what, ..f });
                }
            }
        }
        self.flaws.sort_by_key(|f| (f.line, f.flaw));
        (self.anchors.len(), self.flaws)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn head(seq: i64) -> Head {
        Head { seq, hash: hex::encode([seq as u8; 32]) }
    }

    fn pair(n: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[n; 32]).unwrap()
    }

    fn anchor(minute: i64, acts: i64, access: i64) -> Anchor {
        let at = Timestamp::from_second(1_772_416_800 + 60 * minute).unwrap();
        Anchor::sign("h1".into(), at, head(acts), head(access), &pair(1))
    }

    fn text(anchors: &[Anchor]) -> Vec<u8> {
        anchors.iter().map(|a| a.line() + "\n").collect::<String>().into_bytes()
    }

    /// A walk over chains that are as they were anchored, up to their ends.
    fn held(file: &[u8], acts: i64, access: i64) -> (usize, Vec<Flaw>) {
        let mut check = Check::new(file, "h1", &public(&pair(1)));
        for (chain, end) in [(Chain::Acts, acts), (Chain::Access, access)] {
            (1..=end).for_each(|n| check.entry(chain, n, &head(n).hash));
        }
        let (good, flaws) = check.finish(acts, access);
        (good, flaws.into_iter().map(|f| f.flaw).collect())
    }

    #[test]
    fn what_was_anchored_fits_and_what_was_cut_or_put_back_does_not() {
        let file = text(&[anchor(0, 3, 1), anchor(60, 3, 1), anchor(120, 9, 4)]);
        assert_eq!(held(&file, 12, 4), (3, vec![]));
        assert_eq!(held(&file, 8, 4), (3, vec![Flaw::Cut]));
        assert_eq!(held(&file, 9, 3), (3, vec![Flaw::Cut]));
        assert_eq!(held(&file, 5, 2), (3, vec![Flaw::Older]));
        let back = text(&[anchor(0, 9, 4), anchor(60, 5, 2)]);
        assert_eq!(held(&back, 12, 4), (2, vec![Flaw::Back]));
        let crossed = text(&[anchor(1, 9, 4), anchor(0, 5, 2)]);
        assert_eq!(held(&crossed, 12, 4), (2, vec![]), "two that wrote at once");
    }

    #[test]
    fn whose_it_is_and_who_signed_it_count() {
        let mine = anchor(0, 3, 1);
        let other = Anchor::sign("h2".into(), mine.at, head(3), head(1), &pair(1));
        let forged = Anchor::sign("h1".into(), mine.at, head(2), head(1), &pair(2));
        let torn = Anchor { acts: head(4), ..mine.clone() };
        let mut file = text(&[mine.clone(), other, forged, torn]);
        file.extend(b"\nnot json\n");
        file.extend(mine.line().replace("\"acts\":", "\"acts\": ").as_bytes());
        let all = [Flaw::Home, Flaw::Key, Flaw::Signature, Flaw::Garbage, Flaw::Garbage, Flaw::Garbage];
        assert_eq!(held(&file, 12, 4), (1, all.to_vec()));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn an_edit_of_any_byte_shows(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut file = text(&[anchor(0, 3, 1), anchor(60, 9, 4)]);
            let i = at.index(file.len());
            prop_assume!(file[i] != byte);
            file[i] = byte;
            prop_assert!(!held(&file, 12, 4).1.is_empty());
        }
    }
}
