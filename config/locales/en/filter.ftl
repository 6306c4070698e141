filter-unknown-key = There is no filter key "{ $key }". Keys: { $known }. To search for the text itself, put it in quotes.
filter-bad-value = "{ $value }" is no value of { $key }. Values: { $known }.
filter-empty-value = { $key } needs a value after the colon.
filter-key-twice = { $key } is given twice; a filter takes one value a key.
