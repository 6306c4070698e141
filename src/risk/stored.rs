//! Byte form of an evaluation for storage: deterministic, tagged, a few dozen bytes. It keeps contributions as well as values, so that an
//! old score explains itself after its model file has changed.
//!
//! `tag u8 | score in tenths u8 | features u8 | which are known u32 | (value f64, contribution f64)* | logit f64 | hash 16 |
//! valid_until (year i16, month u8, day u8; zero: none) | kinds u8 | (kind u8, count u32)*`, little-endian.

use super::{Evaluation, model::logistic};
use crate::domain::{score::Band, signal::SignalKind};
use jiff::civil::Date;

const TAG: u8 = 1;
const MAX_FEATURES: usize = 32;

impl Evaluation {
    /// The bytes that [`Evaluation::from_bytes`] reads back unchanged.
    pub fn to_bytes(&self) -> Vec<u8> {
        let known = self.values.iter().take(MAX_FEATURES).enumerate().filter(|(_, v)| v.is_some()).fold(0_u32, |set, (i, _)| set | 1 << i);
        let mut out = Vec::with_capacity(36 + 16 * known.count_ones() as usize + 5 * self.unweighed.len());
        out.extend([TAG, (self.score * 10.0).round() as u8, self.values.len().min(MAX_FEATURES) as u8]);
        out.extend(known.to_le_bytes());
        for (value, contribution) in self.values.iter().zip(&self.contributions).take(MAX_FEATURES) {
            if let Some(value) = value {
                out.extend(value.to_le_bytes());
                out.extend(contribution.to_le_bytes());
            }
        }
        out.extend(self.logit.to_le_bytes());
        out.extend(self.inputs_hash);
        let date = self.valid_until.map_or((0, 0, 0), |d| (d.year(), d.month(), d.day()));
        out.extend(date.0.to_le_bytes());
        out.extend([date.1 as u8, date.2 as u8]);
        out.push(self.unweighed.len() as u8);
        for &(kind, count) in &self.unweighed {
            out.push(kind as u8);
            out.extend(count.to_le_bytes());
        }
        out
    }

    /// Reads stored bytes; `None` when they are not an evaluation, whatever they are.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut read = Reader(bytes);
        let [tag, tenths, features] = read.take()?;
        if tag != TAG || tenths > 100 || usize::from(features) > MAX_FEATURES {
            return None;
        }
        let known = u32::from_le_bytes(read.take()?);
        if u64::from(known) >> features != 0 {
            return None;
        }
        let (mut values, mut contributions) = (Vec::with_capacity(features.into()), Vec::with_capacity(features.into()));
        for i in 0..features {
            let is_known = known & (1 << i) != 0;
            values.push(if is_known { Some(read.number()?) } else { None });
            contributions.push(if is_known { read.number()? } else { 0.0 });
        }
        let logit = read.number()?;
        let inputs_hash = read.take()?;
        let (year, [month, day]) = (i16::from_le_bytes(read.take()?), read.take()?);
        let valid_until = match (year, month, day) {
            (0, 0, 0) => None,
            _ => Some(Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?),
        };
        let [kinds] = read.take()?;
        let mut unweighed: Vec<(SignalKind, u32)> = Vec::with_capacity(kinds.into());
        for _ in 0..kinds {
            let [kind] = read.take()?;
            let kind = SignalKind::from_repr(kind.into())?;
            if unweighed.last().is_some_and(|(last, _)| *last >= kind) {
                return None;
            }
            unweighed.push((kind, u32::from_le_bytes(read.take()?)));
        }
        let score = f64::from(tenths) / 10.0;
        let (probability, _) = logistic(logit);
        read.0.is_empty().then_some(Self {
            values,
            contributions,
            logit,
            probability,
            score,
            band: Band::of(score),
            unweighed,
            valid_until,
            inputs_hash,
        })
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn number(&mut self) -> Option<f64> {
        Some(f64::from_le_bytes(self.take()?)).filter(|v| v.is_finite())
    }
}
