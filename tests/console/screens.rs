//! Every pane and overlay at three sizes in two languages. Look at the files after a change: they are what people see.

use crate::{
    app::{App, options},
    company::Company,
};
use tenure::text::Lang;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (60, 15)];

fn snap(name: &str, app: &App) {
    let tag = if app.m.lang == Lang::En { "en" } else { "zh" };
    let (w, h) = app.m.size;
    insta::with_settings!({snapshot_path => "screens", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(format!("{name}-{w}x{h}-{tag}"), app.snapshot());
    });
}

/// The same keys at every size and in both languages.
fn everywhere(name: &str, keys: &str) {
    for lang in Lang::ALL {
        for (w, h) in SIZES {
            let mut app = App::cold(&options(lang), Company::default());
            app.size(w, h).settle();
            app.press(keys);
            snap(name, &app);
        }
    }
}

#[test]
fn panes() {
    everywhere("today", "");
    everywhere("alerts", "g a");
    everywhere("people", "g p");
    everywhere("person", "g a enter");
    everywhere("plans", "g m");
    everywhere("approvals", "g m tab");
    everywhere("audit", "g u");
}
