//! A console by hand: keys in, effects answered one at a time, screens out as text.

use crate::company::{Company, now, who};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ratatui::{buffer::Buffer, layout::Rect};
use sha2::{Digest, Sha256};
use std::{
    collections::VecDeque,
    sync::{Arc, OnceLock},
};
use tenure::{
    backend::{ActRequest, Changed, Failure, FailureKind, Watched},
    console::{
        command::key::{Chord, Key},
        effect::Effect,
        model::{Model, clean},
        msg::Msg,
        runtime::Options,
        update,
        view::{self, Meta},
    },
    domain::{handover::FileRef, sentence::Sentence},
    text::{Lang, Texts},
};
use unicode_width::UnicodeWidthStr;

pub fn texts() -> Arc<Texts> {
    static TEXTS: OnceLock<Arc<Texts>> = OnceLock::new();
    Arc::clone(TEXTS.get_or_init(|| Arc::new(Texts::new(&[]))))
}

pub fn options(lang: Lang) -> Options {
    Options { zone: TimeZone::get("Asia/Shanghai").unwrap(), ..Options::new(lang, texts()) }
}

pub struct App {
    pub m: Model,
    pub company: Company,
    pub now: Timestamp,
    stamp: u64,
    /// Effects that nobody answered yet, oldest first.
    pub waiting: VecDeque<Effect>,
    /// Everything that was sent as an act.
    pub acts: Vec<ActRequest>,
    pub copied: Vec<String>,
    pub left: bool,
}

impl App {
    /// A console at its first frame, with nothing answered.
    pub fn cold(options: &Options, company: Company) -> Self {
        let mut app = Self {
            m: Model::new(who(), options, "test".into(), now()),
            company,
            now: now(),
            stamp: 0,
            waiting: VecDeque::new(),
            acts: vec![],
            copied: vec![],
            left: false,
        };
        let effects = update::start(&mut app.m);
        app.take(effects);
        app
    }

    /// A console that has its answers.
    pub fn new(lang: Lang) -> Self {
        Self::with(&options(lang), Company::default())
    }

    pub fn with(options: &Options, company: Company) -> Self {
        let mut app = Self::cold(options, company);
        app.settle();
        app
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for e in effects {
            match e {
                Effect::Copy(text) => self.copied.push(text),
                Effect::Repaint => {}
                Effect::Quit | Effect::HangUp => self.left = true,
                Effect::Act { ref request, .. } => {
                    self.acts.push(request.clone());
                    self.waiting.push_back(e);
                }
                e => self.waiting.push_back(e),
            }
        }
    }

    pub fn send(&mut self, msg: Msg) {
        let effects = update::update(&mut self.m, msg, self.now);
        self.take(effects);
    }

    /// A frame is on screen.
    pub fn drawn(&mut self) {
        self.stamp += 1;
        let at = self.stamp;
        self.send(Msg::Drawn { at });
    }

    pub fn key(&mut self, key: Key) {
        self.stamp += 1;
        let at = self.stamp;
        self.send(Msg::Key { key, at });
    }

    /// Keys as a user presses them: `g a enter`, each after the frame of the one before. Text in quotes is typed.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for word in keys.split(' ').filter(|w| !w.is_empty()) {
            if let Some(text) = word.strip_prefix('"') {
                for c in text.trim_end_matches('"').chars() {
                    self.key(Key::char(if c == '_' { ' ' } else { c }));
                    self.drawn();
                }
                continue;
            }
            for key in word.parse::<Chord>().unwrap_or_else(|e| panic!("{e}")).0 {
                self.key(key);
                self.drawn();
            }
            self.settle();
        }
        self
    }

    pub fn paste(&mut self, text: &str) {
        self.stamp += 1;
        let at = self.stamp;
        self.send(Msg::Paste { text: text.into(), at });
    }

    /// Answers the oldest effect; false when there is none that can be answered.
    pub fn step(&mut self) -> bool {
        // A file is answered by the test that loads it.
        let waits = |e: &Effect| matches!(e, Effect::Import { .. }) || matches!(e, Effect::Watch { mark } if *mark > 0);
        let Some(at) = self.waiting.iter().position(|e| !waits(e)) else { return false };
        let effect = self.waiting.remove(at).unwrap();
        self.reply(effect);
        true
    }

    pub fn reply(&mut self, effect: Effect) {
        match effect {
            Effect::Query { slot, req, query } => {
                let result = self.company.answer(&query);
                self.send(Msg::Answer { slot, req, result });
            }
            Effect::Act { job, request } => {
                let result = self.company.act(&request);
                self.send(Msg::Acted { job, result });
            }
            Effect::Put { job, path } => {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                self.send(Msg::Stored { job, result: Ok(FileRef { hash: "5f".repeat(32), name }) });
            }
            Effect::Get { req, hash } => {
                let result = self.company.file(&hash).map(|bytes| clean::blob(&bytes));
                self.send(Msg::Got { req, result });
            }
            Effect::Watch { .. } => self.send(Msg::Watched { result: Ok(Watched { mark: 1, changed: vec![] }) }),
            _ => {}
        }
    }

    /// Answers everything but the long poll.
    pub fn settle(&mut self) {
        while self.step() {}
        self.drawn();
    }

    /// Fails the oldest effect.
    pub fn fail(&mut self, kind: FailureKind) {
        let why = Failure::new(kind, Sentence::new("failed-internal").with("detail", "test"));
        match self.waiting.pop_front() {
            Some(Effect::Query { slot, req, .. }) => self.send(Msg::Answer { slot, req, result: Err(why) }),
            Some(Effect::Act { job, .. }) => self.send(Msg::Acted { job, result: Err(why) }),
            Some(Effect::Get { req, .. }) => self.send(Msg::Got { req, result: Err(why) }),
            Some(Effect::Watch { .. }) => self.send(Msg::Watched { result: Err(why) }),
            _ => {}
        }
    }

    /// Somebody else changed something.
    pub fn changed(&mut self, what: &str) {
        let at = self.waiting.iter().position(|e| matches!(e, Effect::Watch { .. })).expect("a long poll");
        self.waiting.remove(at);
        let changed = vec![Changed { what: what.into(), id: None }];
        self.send(Msg::Watched { result: Ok(Watched { mark: 2, changed }) });
    }

    /// The link is lost: the long poll fails.
    pub fn lose(&mut self) {
        let at = self.waiting.iter().position(|e| matches!(e, Effect::Watch { .. })).expect("a long poll");
        self.waiting.remove(at);
        let why = Failure::new(FailureKind::Unreachable, Sentence::new("failed-internal").with("detail", "no route"));
        self.send(Msg::Watched { result: Err(why) });
    }

    pub fn later(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
        self.company.now = self.now;
        self.send(Msg::Wake);
    }

    pub fn size(&mut self, cols: u16, rows: u16) -> &mut Self {
        self.send(Msg::Resize { cols, rows });
        self
    }

    pub fn draw(&self) -> (Buffer, Meta) {
        let area = Rect::new(0, 0, self.m.size.0, self.m.size.1);
        let mut buf = Buffer::empty(area);
        let meta = view::draw(&self.m, area, &mut buf);
        (buf, meta)
    }

    pub fn screen(&self) -> String {
        print(&self.draw().0)
    }

    /// Text and, below it, a hash of the styles, so that a change of look is seen without a page of codes.
    pub fn snapshot(&self) -> String {
        let (buf, meta) = self.draw();
        let mut styles = Sha256::new();
        for cell in buf.content() {
            styles.update(format!("{:?}{:?}{:?}", cell.fg, cell.bg, cell.modifier));
        }
        let cursor = meta.cursor.map(|c| format!(" cursor {},{}", c.x, c.y)).unwrap_or_default();
        format!("{}\nstyles {}{cursor}", print(&buf), &hex::encode(styles.finalize())[..12])
    }
}

/// Cells as a terminal shows them: what a wide character covers is not printed.
pub fn print(buf: &Buffer) -> String {
    let w = usize::from(buf.area.width);
    let mut lines = Vec::new();
    for row in buf.content().chunks(w.max(1)) {
        let mut line = String::new();
        let mut skip = 0;
        for cell in row {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            line.push_str(cell.symbol());
            skip = cell.symbol().width().saturating_sub(1);
        }
        assert!(line.width() <= w, "a row overflows: {line:?}");
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}
