//! Reads a file row by row.

use super::{
    ImportKind, Mapping, Moment,
    clean::{clean, is_forbidden},
    csv::Csv,
    decode::{Bytes, Fault, Source, Window},
    emit::Desk,
    maps,
    ndjson::{self, Bad},
    plan::Plan,
    row::{Cells, LONGEST_ROW, Row, Step, Trouble, is_raw_line, object},
};
use crate::domain::{
    import::{BadRow, ImportRow, Origin},
    sentence::Sentence,
};
use jiff::{Timestamp, civil::Date};
use std::sync::Arc;

/// A file being read. Iterate over it, then [`finish`](Reader::finish) it.
pub struct Reader {
    window: Window,
    form: Form,
    plan: Arc<Plan>,
    /// Cell of each wanted column.
    index: Vec<usize>,
    moment: Moment,
    /// Worked out once: today, and the latest instant that is not in the future.
    today: Date,
    latest: Timestamp,
    file: String,
    source: String,
    cells: Cells,
    rows: u64,
    /// Next of the plan's emits for the row in `cells`.
    emit: usize,
    /// What the row in `cells` was refused for last; its other emits do not say it again.
    said: Option<Trouble>,
    fault: Option<Fault>,
}

enum Form {
    Csv { csv: Box<Csv>, header: Vec<String> },
    Ndjson,
}

/// What a file was, once it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// SHA-256 of its bytes, hex.
    pub hash: String,
    pub bytes: u64,
    /// Rows in the file, good or bad.
    pub rows: u64,
}

/// Starts to read a file: finds out its encoding and form, and matches its columns with the mapping (`None`: the standard columns).
///
/// `file` is its name for messages. Errors: unreadable, UTF-16, empty, a mapping without a section for `kind`, columns missing.
pub fn open(kind: ImportKind, map: Option<&Mapping>, file: &str, moment: &Moment, bytes: Source) -> Result<Reader, Sentence> {
    let standard;
    let map = match map {
        Some(m) => m,
        None => {
            standard = maps::standard()?;
            &standard
        }
    };
    let plan = map.plan(kind)?;
    let file = clean(file);
    let mut window = Window::new(Bytes::new(bytes, map.encoding));
    let (first, second) = first_two(&mut window).map_err(|f| sentence(&f, &file))?;
    let mut cells = Cells::default();
    let (form, index) = match (first, second) {
        (None, _) => return Err(Sentence::new("file-empty").with("file", file)),
        (Some(b'['), Some(b'{')) => return Err(Sentence::new("file-json-array").with("file", file)),
        (Some(b'{'), _) => (Form::Ndjson, (0..plan.columns.len()).collect()),
        _ => {
            let csv = Box::new(Csv::new(map.delimiter, LONGEST_ROW));
            match csv.next(&mut window, &mut cells).map_err(|f| sentence(&f, &file))? {
                Some(Step::Row) => {}
                Some(Step::Broken { trouble, .. }) if trouble.why.code == "row-nul" => {
                    return Err(Sentence::new("file-utf16").with("file", file));
                }
                _ => return Err(Sentence::new("file-header").with("file", file)),
            }
            let header: Vec<String> = (0..cells.spans.len()).map(|i| cells.get(i).unwrap_or_default().to_owned()).collect();
            let index = match_columns(&plan, &header, &file)?;
            (Form::Csv { csv, header }, index)
        }
    };
    let Desk { today, latest, .. } = Desk::new(moment);
    Ok(Reader {
        window,
        form,
        emit: plan.emits.len(),
        plan,
        index,
        moment: moment.clone(),
        today,
        latest,
        file,
        source: map.source.clone(),
        cells,
        rows: 0,
        said: None,
        fault: None,
    })
}

/// The first two bytes of content, by which CSV and JSON differ. Blank lines above it are passed over.
fn first_two(w: &mut Window) -> Result<(Option<u8>, Option<u8>), Fault> {
    loop {
        let space = w.rest().iter().take_while(|b| matches!(b, b' ' | b'\n' | b'\r')).count();
        w.take(space);
        let mut rest = w.rest().iter().filter(|b| !b.is_ascii_whitespace());
        let two = (rest.next().copied(), rest.next().copied());
        if two.1.is_some() || w.last || w.rest().len() > LONGEST_ROW {
            return Ok(two);
        }
        w.more()?;
    }
}

/// Where each wanted column is in the header.
fn match_columns(plan: &Plan, header: &[String], file: &str) -> Result<Vec<usize>, Sentence> {
    let mut index = Vec::with_capacity(plan.columns.len());
    let mut missing = Vec::new();
    for c in &plan.columns {
        let mut found = header.iter().enumerate().filter(|(_, h)| **h == c.name).map(|(i, _)| i);
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => return Err(Sentence::new("file-column-twice").with("file", file).with("column", &c.name)),
            (Some(i), None) => index.push(i),
            (None, _) => {
                index.push(usize::MAX);
                if !c.optional {
                    missing.push(c.name.as_str());
                }
            }
        }
    }
    if missing.is_empty() {
        return Ok(index);
    }
    let wanted: Vec<&str> = plan.columns.iter().filter(|c| !c.optional).map(|c| c.name.as_str()).collect();
    Err(Sentence::new("file-columns-missing")
        .with("file", file)
        .with("missing", missing.join(", "))
        .with("wanted", wanted.join(", "))
        .with("found", listed(header)))
}

/// Column names for a message: at most 40, each at most 40 characters.
fn listed(header: &[String]) -> String {
    let mut out: Vec<String> = header.iter().take(40).map(|h| clean(h).chars().take(40).collect()).collect();
    if header.len() > 40 {
        out.push("...".to_owned());
    }
    out.join(", ")
}

fn sentence(fault: &Fault, file: &str) -> Sentence {
    match fault {
        Fault::Io(kind) => Sentence::new("file-read").with("file", file).with("detail", kind),
        Fault::Utf16 => Sentence::new("file-utf16").with("file", file),
    }
}

impl Reader {
    /// Bytes of the file read so far.
    pub fn bytes(&self) -> u64 {
        self.window.count()
    }

    /// Rows of the file read so far, good or bad.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Name under which the ids of these rows are unique.
    pub fn source(&self) -> &str {
        &self.source
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.window.held() + self.cells.text.capacity() + self.cells.spans.capacity() * size_of::<super::row::Span>()
    }

    /// Ends the reading: an error when the file could not be read to its end, else its hash. Rows that were not asked for are hashed,
    /// not counted.
    pub fn finish(self) -> Result<Finished, Sentence> {
        let Self { window, file, rows, fault, .. } = self;
        if let Some(f) = fault {
            return Err(sentence(&f, &file));
        }
        let (hash, bytes) = window.finish().map_err(|f| sentence(&f, &file))?;
        Ok(Finished { hash, bytes, rows })
    }

    /// Reads the next row of the file that is not blank.
    fn advance(&mut self) -> Option<Step> {
        loop {
            let step = match &self.form {
                Form::Csv { csv, .. } => csv.next(&mut self.window, &mut self.cells),
                Form::Ndjson => ndjson::next(&mut self.window, &self.plan.columns, &mut self.cells),
            };
            let step = step.unwrap_or_else(|f| {
                self.fault = Some(f);
                None
            })?;
            self.rows += 1;
            return Some(match (&self.form, step) {
                (Form::Csv { .. }, Step::Row) if self.cells.blank() => continue,
                (Form::Csv { header, .. }, Step::Row) if self.cells.spans.len() != header.len() => {
                    let why = Sentence::new("row-ragged").with("found", self.cells.spans.len()).with("wanted", header.len());
                    Step::broken(why, self.window.taken())
                }
                (_, step) => step,
            });
        }
    }

    fn bad(&self, trouble: Trouble, mut raw: String) -> BadRow {
        raw.retain(|c| !is_forbidden(c));
        BadRow {
            origin: Origin { file: self.file.clone(), row: self.rows },
            column: trouble.column.map(|c| clean(&c)),
            why: trouble.why,
            raw,
        }
    }

    /// The row that was read last, as a JSON object of the file's columns.
    fn raw(&self) -> String {
        match &self.form {
            Form::Csv { header, .. } => object(header.iter().enumerate().map(|(i, h)| (h.as_str(), self.cells.get(i).unwrap_or_default()))),
            Form::Ndjson => String::from_utf8_lossy(self.window.taken()).trim().to_owned(),
        }
    }
}

impl Iterator for Reader {
    type Item = Result<ImportRow, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            while let Some(emit) = self.plan.emits.get(self.emit) {
                self.emit += 1;
                let desk = Desk { moment: &self.moment, today: self.today, latest: self.latest };
                let row = Row { cells: &self.cells, index: &self.index };
                match emit.make(row, &self.plan.columns, &desk) {
                    None => {}
                    Some(Ok(row)) => return Some(Ok(row)),
                    Some(Err(trouble)) if self.said.as_ref() == Some(&trouble) => {}
                    Some(Err(trouble)) => {
                        self.said = Some(trouble.clone());
                        return Some(Err(self.bad(trouble, self.raw())));
                    }
                }
            }
            match self.advance()? {
                Step::Row => {
                    self.emit = 0;
                    self.said = None;
                }
                Step::Broken { trouble, raw } => return Some(Err(self.bad(trouble, raw))),
            }
        }
    }
}

/// Maps a row that was kept in quarantine again; `raw` is [`BadRow::raw`]. What is still wrong comes back as it would from a file.
pub fn map_raw(kind: ImportKind, map: Option<&Mapping>, origin: &Origin, moment: &Moment, raw: &str) -> Vec<Result<ImportRow, BadRow>> {
    let bad = |t: Trouble| BadRow { origin: origin.clone(), column: t.column, why: t.why, raw: raw.to_owned() };
    let refuse = |why| vec![Err(bad(Trouble::row(why)))];
    let plan = match map.map_or_else(|| maps::standard()?.plan(kind), |m| m.plan(kind)) {
        Ok(plan) => plan,
        Err(why) => return refuse(why),
    };
    if is_raw_line(raw) {
        return refuse(Sentence::new("row-unsplit"));
    }
    let mut cells = Cells::default();
    if let Err(Bad::Syntax(t) | Bad::Cell(t)) = ndjson::parse(raw, &plan.columns, &mut cells) {
        return vec![Err(bad(t))];
    }
    let index: Vec<usize> = (0..plan.columns.len()).collect();
    let desk = Desk::new(moment);
    let mut out: Vec<Result<ImportRow, BadRow>> = Vec::new();
    for made in plan.emits.iter().filter_map(|e| e.make(Row { cells: &cells, index: &index }, &plan.columns, &desk)) {
        let made = made.map_err(bad);
        if made.is_ok() || !out.contains(&made) {
            out.push(made);
        }
    }
    out
}
