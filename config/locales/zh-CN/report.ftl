# 离职预警报告 [AC-2]：仅供 HR
report-hr-title = 离职预警报告：{ $name } { $number }
report-hr-subject = 对象与时限
report-hr-factors = 风险因素
report-hr-factor = { $feature }：{ $value }（贡献 { $contribution }）
report-hr-needs = 可能的需求（须当面了解，不可臆断）
report-hr-strategy = 沟通策略建议
report-hr-missing = 缺失的数据（不计分）
report-hr-missing-line = { $feature }
report-hr-unweighed = 已获知、未计分（近 180 天）
report-hr-unweighed-line = { $kind }：{ $count } 次
report-hr-footer-title = 请注意
report-hr-footer = 评分本身不作任何决定，只提示应先关注谁；沟通与决定由人作出。

# 员工情况摘要 [AC-3]：不含简历信号和原始数据
report-manager-title = 员工情况摘要：{ $name } { $number }
report-manager-situation = 情况
report-manager-person = { $name }（{ $number }），{ $post }，近期可能需要关注：关注程度{ $band }，离职影响{ $impact }。请了解其实际情况。
report-manager-talk-title = 需要做什么
report-manager-talk = 需在3天内与员工沟通，最迟 { $due }。
report-manager-templates = 挽留方案模板
report-manager-privacy-title = 请注意
report-manager-privacy = 请注意保密。沟通时不要提及评分或系统，也不要仅凭本摘要下结论。

# 通用
report-person = { $name }（{ $number }），{ $post }，{ $org }。评分 { $score }（{ $band }），模型 { $model }，截至 { $asof }。
report-talk-due = 沟通时限：{ $due }。

report-contested-title = 申诉中
report-contested = 本人对该评分提出申诉，尚未答复：不得据此作出任何决定。

# 预警效果 [EF-2, EF-4]
effect-title = 预警与离职，{ $from } 至 { $to }
effect-precision = 预警属实
effect-recall = 事先预警
effect-young = 尚未满期
effect-young-count = { $count } 条预警
effect-waiting = 待统计
effect-waiting-count = { $count } 人有变动，待后台任务统计
effect-share = { $n } 中的 { $of }，95% 置信区间 { $low } 至 { $high }
effect-few = 共 { $n } 人；少于 { $fewest } 人不予显示，以免指向个人
effect-none = 无可统计
effect-days = 起始日 { $from } 晚于结束日 { $to }。
effect-how = 预警属实：{ $within } 天内本人提出离职、主动离开或表明去意的预警。事先预警：主动离职者中，至少提前 { $ahead } 天有预警的人。并非随机分组，不说明因果。
