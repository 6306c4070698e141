# 文件
file-read = 未能读完 { $file }：{ $detail }。
file-utf16 = { $file } 是 UTF-16 编码。请另存为 UTF-8（电子表格软件中选「CSV UTF-8」）后重新导入。
file-empty = { $file } 是空文件。
file-json-array = { $file } 是一个 JSON 数组。请改为每行一个对象（NDJSON）后重新导入。
file-header = { $file } 的首行无法作为列名读取。
file-columns-missing = { $file } 缺少列：{ $missing }。需要：{ $wanted }。文件中有：{ $found }。请修改列名，或指定映射文件。
file-column-twice = { $file } 有两列都叫 { $column }，无法确定取哪一列。

# 映射文件
map-syntax = 映射文件第 { $line } 行有误：{ $detail }
map-empty = 映射文件没有任何段；请写 [employee]、[[signal]]、[exit]、[customer]、[order] 或 [receivable]。
map-no-section = 映射文件没有用于 { $kind } 的段。
map-source = 第 { $line } 行：source 需要填写名称。
map-encoding = 第 { $line } 行：encoding 只能是「utf-8」或「gb18030」。
map-delimiter = 第 { $line } 行：分隔符须为一个 ASCII 字符。
map-one-source = 第 { $line } 行：{ $field } 须在 column、const、template 中恰好选一个。
map-template = 第 { $line } 行：{ $field } 的模板须含花括号中的列名，例如「IBM-{ "{" }EmployeeNumber{ "}" }」。
map-formats-unfit = 第 { $line } 行：{ $field } 不是日期，不能设置 formats。
map-scale-unfit = 第 { $line } 行：{ $field } 不是数值，不能设置 scale。
map-format = 第 { $line } 行：{ $format } 不能作为 { $field } 的日期格式；须含年、月、日，例如 %m/%d/%Y。
map-format-clash = 第 { $line } 行：{ $a } 与 { $b } 会把 { $field } 的同一段文字读成不同日期，请只保留一个。
map-value = 第 { $line } 行：{ $field } 不能取「{ $value }」。
map-when = 第 { $line } 行：when 须在 is 与 not 中恰好选一个。

# 数据行
row-long = 该行超过 { $most } 字节。
row-quote-open = 该行有未闭合的引号，其后的内容没有读取。
row-not-text = 按文件的编码，该行不是可读的文字。
row-nul = 该行含有 NUL 字节；文件已损坏，或不是文本文件。
row-ragged = 该行有 { $found } 个单元格，表头有 { $wanted } 个。
row-json = 该行不是 JSON 对象（第 { $at } 个字符处）。
row-nested = 该值是列表或对象；这里只能是单个值。
row-json-twice = 该键在同一行中出现两次。
row-inexact = 数字过大，无法精确读取；请加引号写成文字。
row-unsplit = 该行无法拆分成列；请在文件中更正后重新导入。
row-missing = 缺少 { $field }。
row-too-long = { $field } 超过 { $most } 个字符。
row-unmapped = 映射文件没有说明 { $field } 的这个值（{ $shape }）是什么意思。
row-word = 该值（{ $shape }）不在 { $field } 的可选值中。
row-number = { $field } 的值（{ $shape }）不是有限的数值。
row-date = { $field } 的值（{ $shape }）不符合任何日期格式。
row-date-range = { $field } 早于 1900 年或晚于 2199 年。
row-future = { $field } 在将来。
row-last-day-before-start = 最后工作日早于入职日期。
row-departed-without-last-day = 状态为已离职，但没有最后工作日。
row-live-after-last-day = 状态仍为在职，但最后工作日已过。
