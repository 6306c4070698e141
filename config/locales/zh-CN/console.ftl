# 原样显示的文字
just-text = { $text }

# 页眉、标签、状态行
header-locked = 只读
header-locked-own = 只读，按 { $key } 解除
header-made = 示例数据
link-opening = 连接中
link-up = 实时
link-lost = 陈旧 { $age }
link-clock-behind = 实时；本机时钟慢 { $seconds } 秒
link-clock-ahead = 实时；本机时钟快 { $seconds } 秒
link-again = 已重连 { $tries } 次：{ $why }
tab-today = 今日
tab-alerts = 预警
tab-people = 员工
tab-person = 个人
tab-plans = 挽留
tab-audit = 审计
too-small = 窗口为 { $aw }x{ $ah }，至少需要 { $w }x{ $h }。请放大窗口，或按 Q 退出。
status-filter = 筛选：{ $text }
status-marked = 已标记 { $n } 条
status-marked-loaded = 已标记 { $n } 条；后面还有，按 G 继续加载
status-unsettled = { $n } 项操作结果未知，正在核实（{ $left }）
plans-tab = 方案
approvals-tab = 审批
audit-acts = 操作
audit-access = 查阅

# 对话框中的按键
hint-confirm = y 是   n 否   Tab 切换   Enter 选定   Esc 否
hint-pick = Enter 选定   j k 移动   Esc q 关闭
hint-form = Ctrl-D 提交   Tab 下一项   Esc 关闭并保留草稿
hint-palette = Enter 执行   上下键 移动   Esc 关闭
hint-keys = 输入即查找   上下键 滚动   Esc q 关闭
hint-filter = Enter 筛选   留空显示全部   Esc 关闭
hint-filter-alerts = Enter 筛选   留空显示全部   Esc 关闭   例：等级:高 负责人:li-hrm
hint-filter-people = Enter 筛选   留空显示全部   Esc 关闭   姓名、工号或 组织:销售部
hint-reader = j k 空格 滚动   Esc q 关闭
hint-reader-item = j k 空格 滚动   Tab 上一版   Shift-Tab 下一版   Esc q 关闭
hint-what-if = Enter 计算   上下键 换项   Esc q 关闭
hint-import = Enter 导入   Tab 下一项   Esc 关闭
hint-import-going = Esc q 关闭，导入继续进行
hint-import-done = Enter 打开   i 再导入一个   Esc q 关闭

# 提示
notice-first-pane = 已是首个页面，按 q 退出。
notice-input-method = 输入法已打开，请切换到英文（Shift 或 Ctrl-空格）再按键。
notice-no-key = { $keys } 在此无作用，按 ? 查看按键。
notice-paste-ignored = 已忽略粘贴：此处没有输入框。
notice-copied = 工号 { $number } 已送到终端剪贴板
notice-lost-marks = { $n } 条标记行已离开列表
notice-no-other-kind = 该方向没有其他类别
notice-draft-kept = 已关闭，草稿已保留，再按同一键即可恢复。
notice-locked = 已锁定，按 L 解除。
notice-unlocked = 已解除锁定
notice-verifying = 正在校验两条链...
notice-verified = 两条链校验通过：{ $n } 条，链尾 { $head }
notice-chain-broken = 链「{ $chain }」在第 { $seq } 条损坏：{ $fault }。请告知隐私官，并运行 tenure audit verify。
notice-link-back = 数据已恢复实时
notice-done = 已完成：{ $act }，{ $who }
notice-done-version = 已完成：{ $act }，{ $who }（v{ $version }）
notice-done-all = 已完成：{ $act }，共 { $n } 条
notice-done-all-for = 已完成：{ $act }，共 { $n } 条，{ $to }
notice-done-part = { $act }：{ $ok } 条完成，{ $moved } 条期间已变化，{ $other } 条被拒
notice-asked-approval = 已提交审批：{ $act }，{ $who }。他人批准前不会有变化。
notice-unknown = 结果未知：{ $act }。正以同一标识核实，不会重复执行。
notice-settled = 已核实，操作已完成：{ $act }，{ $who }（v{ $version }）

# 列表没有内容时
state-loading = 读取中...
state-failed-next = 会自动重试；Ctrl-R 立即重试，按键照常可用。
empty-alerts = 此视图没有预警，按 Tab 查看其他视图。
empty-filtered = 没有符合筛选的内容，按 Esc 清除，按 / 修改。
empty-people = 还没有员工，请导入：tenure import employees 文件
empty-plans = 还没有挽留方案，在预警上按 P 拟定。
empty-approvals = 没有待审批事项。
empty-audit = 还没有记录。
empty-today = 没有紧急事项，按 ga 查看全部预警。
empty-timeline = 没有这一类内容，按 Tab 查看其他类别。
empty-chart = 评分不足两个，暂无走势图
empty-person = 尚未选择员工，请在预警（ga）或员工（gp）中选择后按 Enter。

# 列名
col-name = 姓名
col-number = 工号
col-score = 评分
col-due = 时限
col-state = 状态
col-owner = 负责人
col-impact = 影响
col-post = 岗位
col-last = 最近记录
col-spell = 任职
col-org = 部门
col-template = 方案
col-cost = 费用
col-outcome = 结果
col-changed = 更新
col-proposer = 提出人
col-expires = 到期
col-what = 内容
col-seq = 序号
col-at = 时间
col-operator = 操作员
col-subject = 对象

# 单元格用的短词
short-band-low = 低
short-band-medium = 中
short-band-medium-high = 中高
short-band-high = 高
short-kind-handover-overdue = 交接逾期
short-kind-duty-overdue = 法定逾期
short-kind-freeze-drift = 冻结漂移
short-kind-post-freeze-activity = 冻后活动
short-kind-connector-down = 接口中断
short-kind-freeze-unconfirmed = 待复核
short-kind-break-glass = 应急授权
short-kind-freeze-stopped = 冻结中止
short-level-1 = HR经理
short-level-2 = HR总监
short-level-3 = 集团
short-state-new = 新
short-state-acked = 已认领
short-state-in-progress = 处理中
short-state-snoozed = 已暂缓
short-state-dismissed = 已忽略
short-state-resolved = 已解决
short-state-closed-exit = 已离职
state-acting = 提交中
state-unknown = 未知?
due-sample = 沟通剩 2天23时
due-talk = 沟通{ $left }
due-ack = 认领{ $left }
due-snoozed = 恢复{ $left }
due-talked = { $ago }已沟通
ago = { $age }前
fact-line = { $label }：{ $value }

# 今日
today-overdue = 沟通逾期
today-due = 24时内到期
today-unacked = 未认领
today-stale = 未跟进
today-open = 未关闭
today-high = 高风险
today-approvals = 待审批
today-plans = 方案
today-duties-late = 法定逾期
today-duties = 法定3日内
today-returned = 交接退回
today-unconfirmed = 冻结待复核
today-drifted = 冻结漂移
today-partial = 冻结未完成
today-break-glass = 30日应急
today-drill = 应急待演练
today-quarantine = 隔离 { $n } 行：tenure quarantine list
today-jobs = { $n } 项任务失败：tenure job list
today-urgent = 最紧急
first-title = 这里还没有数据，从哪里开始？
first-sample = 先看看示例公司（2,000 人，均为虚构）
first-import = 从文件导入自己的员工
first-leave = 退出
first-then = 在命令行中也可以：tenure demo；或 tenure import employees 文件.csv，之后同样导入 signals 与 exits。tenure import --help 列出所需的列，--dry-run 先看会改变什么。
load-title = 导入文件
load-kind = 内容
load-kind-employees = 员工
load-kind-signals = 信号
load-kind-exits = 离职
load-file = 文件
load-map = 映射
load-columns-employees = 表格须有 number、name、org、post、started 列；可另有 person、manager、state、last_day 等列。
load-columns-signals = 表格须有 event、number、kind、observed_at 列；可另有 known_at、value、baseline、note 列。
load-columns-exits = 表格须有 number、last_day、exit 列。
load-map-hint = CSV 或 NDJSON，UTF-8 或 GB18030。列名不同时请指定映射：ibm-attrition、mfg-10-years，或自己的映射文件。
load-safe = 无法导入的行会连同原因另行保留；同一文件重复导入不会改变任何内容。
load-reading = 读取
load-loading = 导入
load-left = 剩余 { $left }
load-rows = { $rows } 行，每秒 { $rate } 行
load-done = 已导入：新增或更新 { $added }，已有 { $same }，未导入 { $bad }。
load-kept = 已另行保留：tenure quarantine list 查看，tenure quarantine retry 重新导入。
load-bad-row = 第 { $row } 行，{ $column }：{ $reason }
load-next = 按 Enter 查看现有数据；按 i 再导入一个文件。
notice-import-goes-on = 文件仍在导入。
notice-import-done = 文件已导入：新增或更新 { $added }，未导入 { $bad }。
reader-missing = 尚未就绪
gate-misses = { $code } { $gate }：
fault-no-file = 请填写文件。
off-no-sample = 示例公司只能在本机生成：请退出后运行 tenure demo。
off-sample-used = 这里已有人使用过。要在此生成示例公司，请退出后运行 tenure demo。

# 宽屏右侧的详情
fact-kind = 类型
fact-score = 评分
fact-post = 岗位
fact-org = 部门
fact-critical = 核心岗
fact-impact = 影响
fact-state = 状态
fact-clock = 时限
fact-owner = 负责人
fact-level = 层级
fact-raised = 发出
fact-raised-value = { $ago }，第 { $n } 轮，{ $events } 次事件
fact-talks = 沟通
fact-touched = 变更
fact-touched-value = { $act }，{ $by }，{ $ago }（v{ $version }）
fact-last = 最近

# 个人
card-last-day = 最后工作日 { $day }
card-impact = 影响{ $impact }
card-manager = 经理 { $name }
card-since = { $day } 入职
card-earlier = 曾任职 { $n } 次（{ $day } 起）
card-missing = 缺失：{ $features }
card-model = 模型 { $model } { $version }，截至 { $day }
card-no-score = 尚无评分
card-alert = 预警 { $state }
card-owner = 负责人 { $name }
card-level = 已升级至{ $level }
card-pending = 待审批
card-no-alert = 没有未关闭的预警
card-homonyms = 同名另有 { $n } 人：{ $others }
timeline-title = 时间线：{ $kind }
timeline-all = 全部
chart-legend = 分界：4 中  7 中高  8 高

# 审批
approval-snooze = 暂缓至 { $until }
approval-asks = { $who } 申请：{ $act }（{ $at }）

# 选择
pick-owner = { $name }（{ $role }）
pick-owner-title = 新负责人
pick-template-title = 选择方案
pick-report-title = 选择报告
pick-decision-title = 是否批准
pick-hr-warning = HR 离职预警报告（仅限 HR）
pick-manager-summary = 部门负责人情况摘要（不含简历信号和原始数据）
pick-leave = 暂不处理
and-more = { $who } 等，另有 { $n } 人

# 表单
form-talk = 记录沟通
form-note = 备注
form-snooze = 暂缓
form-dismiss = 忽略
form-resolve = 解决
form-reopen = 重新打开
form-plan = 挽留方案
form-deny = 否决
form-outcome = 方案结果
field-when = 时间
field-who = 沟通人
field-channel = 方式
field-needs = 需求
field-next-step = 下一步
field-note = 备注
field-until = 截至
field-reason = 原因
field-dismiss-reason = 忽略原因
field-outcome = 结果
field-refusal = 拒绝沟通说明
field-days = 时点
field-plan-outcome = 结果
field-template = 模板
field-plan = 方案
field-cost = 费用（元）
field-cost-hint = 如 12000 或 12000.50，没有则留空
field-until-hint = 24h、3d 或 2026-11-22 09:05
days-90 = 90 天
days-180 = 180 天
fault-when = 「{ $text }」不是时间，请写成 2026-11-22 09:05。
fault-until = 「{ $text }」不是时间，请写成 24h、3d 或 2026-11-22 09:05。
fault-cost = 「{ $text }」不是金额，请写成 12000 或 12000.50。
fault-number = 「{ $text }」不是数字

# 确认
confirm-ask =
    { $n ->
        [1] { $act }？
       *[other] { $act } { $n } 条预警？
    }
confirm-ask-items =
    { $n ->
        [1] { $act }？
       *[other] { $act } { $n } 个交接事项？
    }
confirm-ask-customers =
    { $n ->
        [1] { $act }？
       *[other] { $act }：{ $n } 个？
    }
confirm-version = v{ $version }
confirm-more = 第 { $from }-{ $to } 条，共 { $n } 条，j k 滚动
confirm-no = 否
confirm-yes = 是
confirm-quit = 要退出吗？
confirm-quit-jobs = { $n } 项操作仍在进行，会继续执行，但此处看不到结果。
confirm-quit-drafts = { $n } 份草稿尚未提交，退出后会丢失。

# 阅读
reader-report = 报告
reader-made = 生成于 { $at }
reader-explain = 评分解释
reader-explain-of = { $who }：截至 { $day } 的评分
reader-plan = 挽留方案：{ $who }
reader-entry = 第 { $seq } 条
reader-outcomes = 逐条结果
reader-faults = 请修正以下文件，其余设置已生效
outcome-done = 完成
explain-score = { $score }（{ $band }），概率 { $p }
explain-factors = 推高评分的因素
explain-more = 另有 { $n } 条
explain-sum = 起点 { $intercept }，因素合计 { $sum }，总计 { $logit }（对数几率）
explain-missing = 缺失（按无计）
explain-unweighed = 已看到、未计入（近 180 天）
explain-model = 模型
explain-hash = 输入 { $hash }
explain-valid = 最迟 { $day } 重新计算（届时有证据移出窗口）
plan-approver = 批准人
plan-delivered = 兑现
entry-act = 操作
entry-purpose = 目的
entry-count = 行数
entry-chain = 链
entry-hash = 哈希 { $hash }
entry-prev = 前一条 { $hash }
keys-search = 按键，查找：
palette-nothing = 没有符合的命令

# 假设
what-if-title = 假设：{ $who }
what-if-now = 现在
what-if-then = 之后
what-if-missing = 缺失
what-if-note = 不会保存。用小数表示：0.15 即 15%。留空按缺失计算。

# 因素的短名称
short-feature-resume-updates-90d = 简历
short-feature-attendance-growth = 考勤
short-feature-performance-drop = 绩效
short-feature-performance-falling-quarters = 连续下降
short-feature-pay-gap = 薪酬
short-feature-call-volume-gap = 通话量
short-feature-stress-level = 压力
short-feature-target-misses-60d = 未达标
short-feature-mentor-rating-gap = 导师评价
footer-explain = 解释
footer-decide = 审批

# 离职办理
tab-offboarding = 离职
empty-board = 此视图没有离职单，按 Tab 查看其他视图；在个人页按 X 发起离职。
empty-case = 此处没有事项，按 Tab 查看其他页。
stage-submitted = 提交
stage-handover = 交接
stage-review = 审核
stage-clearance = 手续
stage-archive = 归档
stage-count = { $stage } { $n }
board-due = 截止 { $day }
col-handed = 完成
col-customers = 客户
col-handover-due = 交接截止
col-last-day = 最后工作日
col-next-duty = 下一法定事项
col-item = 事项
col-reviewer = 审核人
col-evidence = 凭证
col-about = 说明
col-duty = 法定事项
col-day = 截止
col-gate = 关卡
col-missing = 缺项
case-tab-items = 交接事项
case-tab-duties = 法定事项
case-tab-gates = 关卡与缺项
case-items = 完成 { $done }/{ $all }
case-due = 截止 { $day }
case-held = 客户 { $n }，应收 { $owed }
case-freeze = 冻结 { $state }
case-gates-hold = 全部关卡已满足。
case-gate-holds = 已满足：{ $gate }
case-file = 文件
case-hash = SHA-256
case-location = 位置
case-waived-by = 豁免人
case-ledger = 台账
case-ledger-value = 客户 { $customers }，未完成订单 { $orders }，应收 { $owed }
case-version = 第 { $n } 版（共 { $all } 版），{ $by } 于 { $at } 提交
case-versions = 其他版本（按 Tab 查看上一版）
case-no-version = 尚未提交。
case-no-file = 无文件
case-size = 大小
case-bytes = { $n } 字节
case-content = 文件内容
case-content-empty = 文件是空的。
case-content-binary = 不是文本文件，无法在此显示。取出文件：tenure offboarding file { $hash } --out FILE
case-content-cut = 后面还有。取出完整文件：tenure offboarding file { $hash } --out FILE
case-content-again = 按 Ctrl-R 重新读取。
short-duty-certificate = 证明
short-duty-file-transfer = 档案
short-duty-social-insurance = 社保
short-duty-final-pay = 工资
short-duty-compensation = 补偿
short-duty-keep-contract = 合同
short-duty-thaw = 解冻
short-duty-last-day = 末日
pick-reviewer-title = 由谁审核？
pick-transfer-title = 转移进行中
find-taker-title = 由谁接替？
find-collector-title = 应收款由谁收取？
find-unit = 以下为本部门同事；输入姓名或工号可查找全公司。
find-nobody-begins = 没有姓名、拼音或工号以 { $text } 开头的员工。
find-more = 只列出前 { $n } 人，请多输入几个字。
find-cannot = { $state }，不能接收
field-taker = 接替人
field-collector = 收款人
pick-pool = 放入公海
pick-transfer-on = 推进一步
pick-transfer-agreed = 推进一步，客户已书面同意
pick-transfer-declined = 客户拒绝
pick-transfer-failed = 放弃转移
form-start = 发起离职
form-withdraw = 撤回离职
form-abandon = 登记自离
form-hand-in = 提交交接事项
form-return = 退回
form-waive = 申请豁免（需他人批准）
form-block = 标记卡住
form-correct = 开更正
form-duty = 标记法定事项已办
field-exit = 离职方式
field-last-day = 最后工作日
field-notice-on = 提出日期
field-done-on = 办理日期
field-file = 文件
field-signatory = 签字人
field-signed-on = 签字日期
field-customer-refusal = 拒绝记录
field-place = 地点
field-customers = 客户数
field-orders = 订单数
field-receivables = 应收（元）
field-file-hint = 本机文件路径
field-last-day-hint = 2026-11-30
field-customer-refusal-hint = 客户拒签时填写
fault-date = 「{ $text }」不是日期，请写成 2026-11-30。
fault-file = 无法读取 { $file }：{ $error }
fault-file-missing = 本机没有文件 { $file }。
fault-file-denied = 您没有读取 { $file } 的权限。
fault-not-a-file = { $file } 不是文件。
