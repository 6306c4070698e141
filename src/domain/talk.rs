//! Talk records: who talked, when, what the person needs, what happens next [AC-4].

use super::ids::{AlertId, PersonId, TalkId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// How the talk was held.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Channel {
    #[default]
    InPerson,
    Phone,
    Video,
}

/// What an operator writes down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewTalk {
    /// When the talk was held.
    pub at: Timestamp,
    /// Who held it, as written; the operator who records it is in [`Talk::by`].
    pub who: String,
    #[serde(default)]
    pub channel: Channel,
    pub needs: String,
    pub next_step: String,
}

/// A stored talk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Talk {
    pub id: TalkId,
    pub alert: AlertId,
    pub person: PersonId,
    pub by: String,
    pub recorded_at: Timestamp,
    #[serde(flatten)]
    pub talk: NewTalk,
}
