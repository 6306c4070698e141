# 评分、特征、信号种类，以及模型文件或输入可能出现的问题。

band-low = 低
band-medium = 中
band-medium-high = 中高
band-high = 高

feature-resume-updates-90d = 近90天简历更新
feature-attendance-growth = 迟到与请假环比
feature-performance-drop = 绩效下降幅度
feature-performance-falling-quarters = 绩效连续下降季度数
feature-pay-gap = 薪酬低于市场
feature-call-volume-gap = 通话量低于本人均值
feature-stress-level = 压力自评
feature-target-misses-60d = 近60天未达标次数
feature-mentor-rating-gap = 导师评价低于合格线

signal-kind-resume-update = 简历更新
signal-kind-job-seek-activity = 求职活跃
signal-kind-late = 迟到
signal-kind-leave = 请假
signal-kind-attendance-growth = 考勤异常率
signal-kind-perf-score = 绩效
signal-kind-perf-streak = 连续下降
signal-kind-pay-gap = 薪酬差距
signal-kind-raise-request = 调薪申请
signal-kind-team-keyword = 团队反馈关键词
signal-kind-survey-intent = 离职倾向调查
signal-kind-promotion-stall = 晋升停滞
signal-kind-project-delay = 项目延迟
signal-kind-patent-contribution = 专利贡献
signal-kind-target-miss = 未达标
signal-kind-call-volume = 通话量
signal-kind-stress = 压力评分
signal-kind-mentor-rating = 导师评价
signal-kind-access-anomaly = 数据访问异常
signal-kind-location = 拜访定位
signal-kind-promotion = 晋升
signal-kind-satisfaction = 满意度

model-not-toml = { $file } 第 { $line } 行：无法按模型文件读取：{ $detail }。请改正该行后重试。
model-unknown-field = { $file } 第 { $line } 行：模型没有字段「{ $field }」。请对照自带的 seed.toml 检查拼写。
model-missing-field = { $file } 第 { $line } 行：缺少字段「{ $field }」。请在此处补上。
model-unknown-kind = { $file } 第 { $line } 行：没有名为「{ $kind }」的信号种类。可用 `tenure signal kinds` 查看全部。
model-kind-twice = { $file } 第 { $line } 行：信号种类「{ $kind }」重复。请删去一个。
model-no-kinds = { $file } 第 { $line } 行：特征「{ $feature }」没有读取任何信号种类。请至少写一个。
model-unknown-how = { $file } 第 { $line } 行：「{ $how }」不是特征的计算方式。可用：count、growth、drop、falling、gap、mean_gap、latest、sum、mean。
model-feature-count = { $file } 第 { $line } 行：一个模型应有 1 至 { $max } 个特征。
model-feature-twice = { $file } 第 { $line } 行：上文已有特征「{ $feature }」。请另取名称。
model-bad-name = { $file } 第 { $line } 行：「{ $field }」须为 1 至 64 个小写字母、数字或「_」「-」「.」。
model-not-finite = { $file } 第 { $line } 行：「{ $field }」须为有限的数值。
model-negative = { $file } 第 { $line } 行：「{ $field }」不得为负：风险增加不得使评分降低。
model-out-of-range = { $file } 第 { $line } 行：「{ $field }」须在 { $from } 与 { $to } 之间。
model-saturate-pair = { $file } 第 { $line } 行：saturate_from 与 saturate_at 须成对出现，要么都写，要么都不写。
model-saturate-needs-growth = { $file } 第 { $line } 行：saturate_from 与 saturate_at 只用于 growth。
model-step-alone = { $file } 第 { $line } 行：step 不能与 floor、scale 或 cap 同用。请去掉其中之一。

model-input-unknown = 模型 { $model } 没有输入项「{ $feature }」。可用的输入项：{ $known }。
model-input-not-finite = 「{ $feature }」须为有限的数值；未知时请不要填写。
model-input-negative = 「{ $feature }」不得为负。比例请写成 0.15 的形式，未知的项不要填写。
model-input-too-large = 「{ $feature }」过大，不像是次数或比例。
