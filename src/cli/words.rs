//! Enumerations as arguments: the same names as in the database and in JSON, listed in the help.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::{error::Error, str::FromStr};
use strum::IntoEnumIterator;

/// A parser that takes exactly the names of `T`.
pub fn one_of<T>() -> impl TypedValueParser<Value = T>
where
    T: IntoEnumIterator + FromStr + Clone + Send + Sync + 'static,
    &'static str: From<T>,
    <T as FromStr>::Err: Error + Send + Sync + 'static,
{
    PossibleValuesParser::new(T::iter().map(<&'static str>::from)).try_map(|s| s.parse::<T>())
}
