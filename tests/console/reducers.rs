//! What keys do: model and effects, without a screen.

use crate::app::App;
use tenure::{domain::{act::Act, alert::AlertState}, text::Lang};

#[test]
fn an_alert_is_acknowledged_with_the_version_that_was_seen() {
    let mut app = App::new(Lang::En);
    app.press("g a j a");
    let request = app.acts.last().unwrap();
    assert_eq!(request.act, Act::AlertAck);
    assert_eq!(request.targets[0].version, Some(3));
    assert_eq!(app.company.alerts[1].alert.state, AlertState::Acked);
}
