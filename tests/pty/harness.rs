//! Sample homes, the console in a terminal, and the command line beside it.

use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
    sync::OnceLock,
    time::Duration,
};
use tempfile::TempDir;
use termlens::{Key, Screen, Terminal};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tenure");

/// How long a test waits for something to be seen before it fails; no test takes this long.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A home of a test's own.
pub struct Home(TempDir);

impl Home {
    /// A copy of the sample company, which is made once a run: 200 people, seed 1, up to now.
    pub fn sample() -> Self {
        static SAMPLE: OnceLock<Home> = OnceLock::new();
        let sample = SAMPLE.get_or_init(|| {
            let home = Self::empty();
            home.must(&["demo", "--no-console", "--employees", "200", "--seed", "1"]);
            home
        });
        let copy = Self::empty();
        copy_folder(sample.path(), copy.path());
        copy
    }

    /// A folder with nothing but the one setting that would make a test ask for the hour: no night begins here.
    pub fn empty() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        home.config("[console]\nlocked = \"\"\n");
        home
    }

    /// Writes the home's configuration.
    pub fn config(&self, text: &str) {
        fs::write(self.path().join("tenure.toml"), text).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A command line on this home, in an environment with nothing else in it.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(args).env_clear().env("HOME", self.path()).env("TENURE_HOME", self.path()).env("LANG", "C.UTF-8");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command line to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// The same, when it has to succeed.
    pub fn must(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success(), "tenure {args:?}: {}\n{out}\n{err}", output.status);
        out
    }

    /// The same, with `--json`.
    pub fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.must(&[args, &["--json"]].concat())).unwrap()
    }

    /// Open alerts, in the order of the queue.
    pub fn alerts(&self) -> Vec<Value> {
        self.json(&["alert", "list"]).as_array().unwrap().clone()
    }

    /// The open alert of a person.
    pub fn alert_of(&self, number: &str) -> Value {
        let alerts = self.alerts();
        let found = alerts.iter().find(|alert| alert["employee"]["number"] == number);
        found.unwrap_or_else(|| panic!("no open alert of {number}: {alerts:#?}")).clone()
    }

    /// Entries of a chain that verifies.
    pub fn entries(&self) -> u64 {
        let verified = self.json(&["audit", "verify"]);
        assert_eq!(verified["ok"], true, "{verified:#}");
        verified["entries"].as_u64().unwrap()
    }

    /// The console on this home at 80x24, in Chinese or English, with more arguments and variables.
    pub fn console(&self, lang: &str, args: &[&str], vars: &[(&str, &str)]) -> Console {
        let mut builder = Terminal::builder().size(80, 24).timeout(PATIENCE).env_clear();
        let home = self.path().to_str().unwrap();
        for (name, value) in [("HOME", home), ("TENURE_HOME", home), ("LANG", "C.UTF-8"), ("TERM", "xterm-256color")].iter().chain(vars) {
            builder = builder.env(name, value);
        }
        Console(builder.args(["--lang", lang]).args(args).spawn(PROGRAM).unwrap())
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The console in a terminal. Whatever fails shows the screen.
pub struct Console(pub Terminal);

impl Console {
    /// Waits until a text is on screen.
    #[track_caller]
    pub fn sees(&mut self, text: &str) -> &mut Self {
        self.until(&format!("{text:?} is seen"), |screen| screen.contains(text))
    }

    /// Waits until the row of somebody says something.
    #[track_caller]
    pub fn sees_in_row(&mut self, who: &str, text: &str) -> &mut Self {
        let says = |screen: &Screen| screen.text().lines().any(|row| row.contains(who) && row.contains(text));
        self.until(&format!("the row of {who} says {text:?}"), says)
    }

    /// Waits until something holds for the screen.
    #[track_caller]
    pub fn until(&mut self, what: &str, holds: impl FnMut(&Screen) -> bool) -> &mut Self {
        if let Err(error) = self.0.wait_until(holds) {
            panic!("until {what}: {error}");
        }
        self
    }

    /// Presses keys: `g a`, `enter`, `ctrl-d`.
    #[track_caller]
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ') {
            let key = match key {
                "enter" => Key::Enter,
                "esc" => Key::Esc,
                "tab" => Key::Tab,
                "space" => Key::Char(' '),
                "down" => Key::Down,
                "pgdn" => Key::PageDown,
                _ => match key.strip_prefix("ctrl-") {
                    Some(letter) => Key::Ctrl(letter.chars().next().unwrap()),
                    None => {
                        self.0.send_str(key).unwrap();
                        continue;
                    }
                },
            };
            self.0.send(key).unwrap();
        }
        self
    }

    /// Types a text, spaces and all.
    pub fn types(&mut self, text: &str) -> &mut Self {
        self.0.send_str(text).unwrap();
        self
    }

    /// The screen once it has held still.
    pub fn screen(&mut self) -> Screen {
        self.0.wait_stable(Duration::from_millis(200)).unwrap()
    }

    /// Employee number of the person that keys act on, which `y` sends to the clipboard. Something else must have been copied in
    /// between, or nothing.
    #[track_caller]
    pub fn chosen(&mut self) -> String {
        let number = |screen: &Screen| screen.clipboard().and_then(|clipboard| clipboard.text().map(str::to_owned));
        self.press("y").until("a number is copied", |screen| number(screen).is_some());
        number(&self.screen()).unwrap()
    }

    /// Waits for the end, with the terminal as it was.
    #[track_caller]
    pub fn ends(mut self) -> u32 {
        let (code, screen) = self.end();
        assert!(screen.text().trim().is_empty(), "nothing is left on the operator's screen:\n{screen}");
        code
    }

    /// The same where something is said at the end.
    #[track_caller]
    pub fn ends_saying(mut self, text: &str) -> u32 {
        let (code, screen) = self.end();
        assert!(screen.contains(text), "{screen}");
        code
    }

    #[track_caller]
    fn end(&mut self) -> (u32, Screen) {
        let status = self.0.wait_exit().unwrap_or_else(|error| panic!("{error}"));
        let screen = self.0.screen();
        assert!(is_restored(&screen), "{screen}");
        (status.code().unwrap_or_else(|| panic!("{status}")), screen)
    }
}

/// Nothing of the console's modes is left on.
pub fn is_restored(screen: &Screen) -> bool {
    !screen.alternate_screen() && screen.cursor_visible() && !screen.bracketed_paste() && !screen.focus_events()
}
