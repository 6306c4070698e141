filter-unknown-key = 没有名为「{ $key }」的筛选项。可用：{ $known }。若要搜索这段文字本身，请加引号。
filter-bad-value = 「{ $value }」不是{ $key }的可选值。可用：{ $known }。
filter-empty-value = { $key }的冒号后面需要填写值。
filter-key-twice = { $key }重复出现；每个筛选项只能有一个值。
