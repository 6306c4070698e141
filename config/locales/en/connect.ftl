# Files
file-read = { $file } could not be read to its end: { $detail }.
file-utf16 = { $file } is UTF-16. Save it as UTF-8 (in a spreadsheet: "CSV UTF-8") and import it again.
file-empty = { $file } is empty.
file-json-array = { $file } is one JSON array. Write one object per line (NDJSON) and import it again.
file-header = The first line of { $file } cannot be read as column names.
file-columns-missing = { $file } has no column { $missing }. Wanted: { $wanted }. Found: { $found }. Rename the columns or give a mapping file.
file-column-twice = { $file } has two columns named { $column }; it is not clear which one to take.

# Mapping files
map-syntax = The mapping file is wrong in line { $line }: { $detail }
map-empty = The mapping file has no section; write [employee], [[signal]], [exit], [customer], [order] or [receivable].
map-no-section = The mapping has no section for { $kind }.
map-source = Line { $line }: the source needs a name.
map-encoding = Line { $line }: the encoding is "utf-8" or "gb18030".
map-delimiter = Line { $line }: the delimiter is one ASCII character.
map-one-source = Line { $line }: { $field } needs exactly one of column, const and template.
map-template = Line { $line }: the template of { $field } needs a column in braces, as in "IBM-{ "{" }EmployeeNumber{ "}" }".
map-formats-unfit = Line { $line }: { $field } is no date; it takes no formats.
map-scale-unfit = Line { $line }: { $field } is no number; it takes no scale.
map-format = Line { $line }: { $format } is no date format for { $field }; year, month and day are needed, as in %m/%d/%Y.
map-format-clash = Line { $line }: { $a } and { $b } read the same text of { $field } as different dates; keep one.
map-value = Line { $line }: { $field } cannot be "{ $value }".
map-when = Line { $line }: when needs exactly one of is and not.

# Rows
row-long = The row is longer than { $most } bytes.
row-quote-open = A quote is opened in this row and never closed; what follows it was not read.
row-not-text = The row is not readable text in the encoding of the file.
row-nul = The row holds NUL bytes; the file is damaged, or it is not a text file.
row-ragged = The row has { $found } cells, the header has { $wanted }.
row-json = The row is no JSON object (at character { $at }).
row-nested = The value is a list or an object; a single value is needed.
row-json-twice = The key stands twice in the row.
row-inexact = The number is too large to be read exactly; write it as text, in quotes.
row-unsplit = The row could not be split into columns; correct it in the file and import the file again.
row-missing = { $field } is missing.
row-too-long = { $field } is longer than { $most } characters.
row-unmapped = The mapping does not say what this value ({ $shape }) of { $field } means.
row-word = The value ({ $shape }) is none of the known values of { $field }.
row-number = The value ({ $shape }) of { $field } is no finite number.
row-date = The value ({ $shape }) of { $field } fits no date format.
row-date-range = { $field } lies before 1900 or after 2199.
row-future = { $field } lies in the future.
row-last-day-before-start = The last day is before the first.
row-departed-without-last-day = Departed, but without a last day.
row-live-after-last-day = Still employed by the state, but the last day has passed.
