//! What was typed when a console lost its terminal, between the console and the home.

use tenure::{backend::Failure, console::model::overlay::Draft, domain::operator::Identity, service::Service};
use uuid::Uuid;

/// What is kept of an operator, and which rows it came from. A text that an older program wrote otherwise is none.
pub fn take(service: &Service, who: &Identity) -> Result<(Vec<Uuid>, Vec<Draft>), Failure> {
    let (taken, texts): (Vec<_>, Vec<_>) = service.drafts(who)?.into_iter().unzip();
    Ok((taken, texts.iter().flat_map(|text| serde_json::from_slice::<Vec<Draft>>(text).unwrap_or_default()).collect()))
}

/// Keeps what was typed and not sent, in the place of what was taken.
pub fn keep(service: &Service, who: &Identity, taken: &[Uuid], drafts: &[Draft]) -> Result<(), Failure> {
    let texts = if drafts.is_empty() { None } else { Some(serde_json::to_vec(drafts).map_err(Failure::broken)?) };
    service.keep_drafts(who, taken, texts.as_deref())
}
