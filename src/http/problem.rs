//! Failures on the wire: problem documents (RFC 9457). Their `failure` member is the whole of it, so that a client shows the sentence in its
//! own reader's language; `title` and `detail` are for whoever reads the document itself.

use crate::{
    backend::{Failure, FailureKind},
    domain::sentence::Sentence,
};
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A problem document.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Problem {
    /// `urn:tenure:CODE`
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    /// The code of the sentence, with its arguments in `failure`.
    code: String,
    pub failure: Failure,
}

/// Codes of the API itself that have a status of their own.
pub(super) const OWN: &[(&str, StatusCode)] = &[
    ("token-unknown", StatusCode::UNAUTHORIZED),
    ("ingest-unsigned", StatusCode::UNAUTHORIZED),
    ("http-method", StatusCode::METHOD_NOT_ALLOWED),
    ("http-slow", StatusCode::REQUEST_TIMEOUT),
    ("http-too-large", StatusCode::PAYLOAD_TOO_LARGE),
    ("http-limit", StatusCode::TOO_MANY_REQUESTS),
];

/// The status of a kind of failure.
fn status(failure: &Failure) -> StatusCode {
    if let Some((_, status)) = OWN.iter().find(|(code, _)| *code == failure.what.code) {
        return *status;
    }
    match failure.kind {
        FailureKind::Failed | FailureKind::Partial => StatusCode::INTERNAL_SERVER_ERROR,
        FailureKind::Usage => StatusCode::BAD_REQUEST,
        FailureKind::Refused => StatusCode::FORBIDDEN,
        FailureKind::Conflict => StatusCode::CONFLICT,
        FailureKind::NotFound => StatusCode::NOT_FOUND,
        FailureKind::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
        FailureKind::Unknown => StatusCode::GATEWAY_TIMEOUT,
    }
}

/// A failure that answers a request.
#[derive(Debug)]
pub(super) struct Failed(pub Failure);

impl From<Failure> for Failed {
    fn from(f: Failure) -> Self {
        Self(f)
    }
}

impl Failed {
    /// A request that makes no sense.
    pub fn usage(detail: impl ToString) -> Self {
        Self(Failure::new(FailureKind::Usage, Sentence::new("http-bad").with("detail", detail)))
    }

    /// A body that does not come.
    pub fn slow() -> Self {
        Self(Failure::new(FailureKind::Unreachable, Sentence::new("http-slow")))
    }

    /// No such route.
    pub fn no_route(path: &str) -> Self {
        Self(Failure::new(FailureKind::NotFound, Sentence::new("http-no-route").with("path", path)))
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = status(&self.0);
        let code = self.0.what.code.to_string();
        let title = status.canonical_reason().unwrap_or_default().to_owned();
        let problem = Problem { kind: format!("urn:tenure:{code}"), title, status: status.as_u16(), code, failure: self.0 };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
