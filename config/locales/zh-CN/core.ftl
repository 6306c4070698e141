# 各处通用的词
core-yes = 是
core-no = 否
core-none = 无
core-unknown = 未知
core-all = 全部
