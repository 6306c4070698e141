# 失败与拒绝：发生了什么，下一步怎么办
failed-internal = 出现内部错误：{ $detail }。未作任何更改。请运行 `tenure doctor`，或附上本文报告问题。
refused-conflict = 未执行：{ $by } 已先行处理（{ $act }，{ $at }）。现为「{ $state }」，版本 { $version }，您看到的是版本 { $seen }。请查看后再决定。
refused-alert-state = 该预警当前不允许此操作：已由 { $by } 于 { $at } 变为「{ $state }」。
refused-plan-state = 该方案当前不允许此操作：状态为「{ $state }」。
refused-token-days = 令牌的有效期为 1 到 { $most } 天。
refused-token-hash = 令牌的哈希是 SHA-256：64 位小写十六进制。
refused-token-again = 这个令牌已经存在，请重新生成。
refused-fingerprint = 指纹的格式为 SHA256:...，即 `ssh-keygen -l -f 文件` 的输出。
refused-key-taken = 该密钥已登记在 { $name } 名下，请先解除登记：tenure operator unkey。
refused-no-key = 没有登记这个密钥。可用 `tenure operator keys` 查看已登记的密钥。
refused-no-operator = 没有这个名称的有效操作员。可用 `tenure operator list` 查看。
refused-already-owner = 该操作员已是此预警的负责人。
refused-snooze-past = 暂缓的截止时间必须晚于现在，请重新选择。
refused-approval-pending = 此项已有审批在等待，请等待或联系审批人。
refused-top-level = 该预警已升级到最高一级（集团高层）。
refused-empty-text = 内容为空，请至少写几个字。
refused-talk-future = 沟通时间不能晚于现在，请填写实际沟通的时间。
refused-no-talk = 没有沟通记录，不能标记为已解决。请先记录沟通，或记录员工拒绝沟通的情况。
refused-departed = 员工已离职，此预警不能重新打开。
refused-other-open = 该员工已有一条同类预警在处理，请处理那一条。
refused-wrong-target = 此操作不适用于所选对象。
refused-approval-closed = 该审批{ $state }（{ $by }，{ $at }）。
refused-approval-expired = 该审批已过期，请重新提交。
refused-own-approval = 提出人不能审批自己的申请，请由他人审批。
refused-two-hats = 提出人与您是同一人的不同账号，请由他人审批。
refused-scope = 您的角色（{ $role }）管不到该对象，请由其所属部门的人员处理。
refused-reveal-minutes = 身份揭示时长须在 1 至 { $most } 分钟之间。
refused-operator-org = 该角色只管一个部门，请写出部门路径：--org /集团/华东；全公司写 --org /。
refused-subject-changed = 待审批的内容在提交后已发生变化，请查看后重新提交。
refused-negative-cost = 费用不能为负数。
refused-outcome-days = 结果只能在第 90 天或第 180 天记录。
refused-outcome-early = 还不到记录该结果的时间，请在 { $at } 之后记录。

# 无人操作时的执行者
machine = 系统

# 操作名称
act-alert-ack = 认领
act-alert-assign = 指派
act-alert-snooze = 暂缓
act-alert-escalate = 升级
act-alert-note = 备注
act-alert-dismiss = 忽略
act-alert-talk = 记录沟通
act-alert-resolve = 解决
act-alert-reopen = 重新打开
act-alert-raise = 发出预警
act-alert-close-exit = 离职关闭
act-alert-wake = 暂缓到期
act-plan-create = 拟定方案
act-plan-submit = 提交方案
act-plan-reject = 驳回方案
act-plan-cancel = 取消方案
act-plan-advance = 推进方案
act-plan-outcome = 记录结果
act-plan-change = 更改方案
act-approval-grant = 批准
act-approval-deny = 否决
act-signal-enable = 启用信号类型
act-signal-disable = 停用信号类型
act-operator-add = 添加操作员
act-operator-role = 变更操作员角色
act-token-add = 签发令牌
act-token-revoke = 撤销令牌
act-operator-key = 登记 SSH 密钥
act-operator-unkey = 解除 SSH 密钥登记
act-operator-revoke = 停用操作员
act-operator-link = 将操作员绑定到员工
act-operator-restore = 恢复操作员
act-operator-end = 操作员本人账号被冻结，权限终止
act-alert-release = 认领人权限终止，预警退回队列
act-offboarding-release = 审核人权限终止，交接事项待重新指派
act-person-sort-name = 更正排序名
act-person-reveal = 揭示身份
act-person-erase = 删除个人信息
act-person-erase-again = 恢复备份后再次删除个人信息
act-import-publish = 发布导入
act-import-discard = 放弃导入
act-quarantine-retry = 重试隔离行
act-score-contest = 对评分提出申诉
act-score-answer = 答复评分申诉
contest-state-open = 待答复
contest-state-upheld = 维持
contest-state-corrected = 已更正
contest-state-withdrawn = 已撤回评分
contest-open = 本人申诉中，尚未答复
act-signal-ingest = 接收系统上报的信号
act-audit-anchor = 写入审计锚点

# 预警状态
alert-state-new = 新
alert-state-acked = 已认领
alert-state-in-progress = 处理中
alert-state-snoozed = 已暂缓
alert-state-dismissed = 已忽略
alert-state-resolved = 已解决
alert-state-closed-exit = 已离职

# 预警类型
alert-kind-attrition-risk = 离职预警

# 预警队列的视图
alert-view-open = 待处理
alert-view-mine = 我负责的
alert-view-unacked = 未认领
alert-view-stale = 认领后未跟进
alert-view-snoozed = 已暂缓
alert-view-closed = 已关闭
alert-view-all = 全部

# 忽略原因
dismiss-reason-expected = 预期之内
dismiss-reason-stale-data = 数据过期
dismiss-reason-duplicate = 重复
dismiss-reason-wrong-person = 人员有误

# 处理结果
alert-outcome-staying = 愿意留任
alert-outcome-undecided = 尚未决定
alert-outcome-leaving = 决定离开
alert-outcome-refused-talk = 拒绝沟通
alert-outcome-left = 已离职

# 升级层级
escalation-0 = 负责人
escalation-1 = HR经理
escalation-2 = HR总监
escalation-3 = 集团高层

# 沟通方式
channel-in-person = 面谈
channel-phone = 电话
channel-video = 视频

# 方案类型
plan-template-promotion-path = 晋升路径
plan-template-project-authority = 项目权限
plan-template-training = 培训
plan-template-pay = 调薪
plan-template-transfer = 调岗

# 方案状态
plan-state-draft = 草稿
plan-state-submitted = 待审批
plan-state-approved = 已批准
plan-state-in-talk = 沟通中
plan-state-committed = 已承诺
plan-state-delivered = 已兑现
plan-state-closed = 已结束
plan-state-rejected = 已驳回
plan-state-cancelled = 已取消

# 留任结果
plan-outcome-retained = 留任
plan-outcome-left = 已离职
plan-outcome-unknown = 未知

# 审批状态
approval-state-open = 待审批
approval-state-granted = 已批准
approval-state-denied = 已否决
approval-state-expired = 已过期

# 任职状态
spell-state-pre-hire = 待入职
spell-state-probation = 试用期
spell-state-active = 在职
spell-state-notice = 待离职
spell-state-on-leave = 长期休假
spell-state-suspended = 停职
spell-state-departed = 已离职

# 离职类型
exit-kind-resigned = 主动辞职
exit-kind-mutual = 协商解除
exit-kind-dismissed = 辞退
exit-kind-probation-failed = 试用不合格
exit-kind-contract-ended = 合同到期
exit-kind-retired = 退休
exit-kind-abandoned = 自离
exit-kind-died = 死亡

# 核心岗位
critical-post-research = 研发
critical-post-sales = 销售
critical-post-quality = 质量控制

# 流失影响
impact-low = 小
impact-medium = 中
impact-high = 大

# 处理依据
lawful-basis-hr-management = 人力资源管理所必需
lawful-basis-contract = 履行合同
lawful-basis-consent = 个人同意
lawful-basis-legal-duty = 法定义务
lawful-basis-legitimate-interest = 正当利益

# 敏感级别
sensitivity-internal = 内部
sensitivity-confidential = 机密
sensitivity-sensitive = 敏感

# 角色
role-triager = 值班
role-owner = 所有者
role-salesperson = 销售员工
role-sales-manager = 销售经理
role-scope-all = 全公司
role-scope-org = 本部门
role-scope-own = 本人
role-field-identity = 身份
role-field-score = 评分
role-field-resume = 求职动态
role-field-pay = 薪酬
role-field-notes = 备注
role-hrbp = HRBP
role-hr-manager = HR经理
role-hr-director = HR总监
role-line-manager = 部门负责人
role-it-support = IT支持
role-security-approver = 安全审批人
role-privacy-officer = 隐私官
role-sys-admin = 系统管理员
role-auditor = 审计员

# 身份核实方式
proof-asserted = 自称
proof-os-user = 系统用户
proof-ssh-key = SSH 密钥
proof-token = 令牌
proof-machine = 系统

# 对象类型
entity-alert = 预警
entity-plan = 方案
entity-approval = 审批
entity-person = 员工
entity-signal-kind = 信号类型
token-scope-full = 全部
token-scope-read = 仅查询
token-scope-ingest = 仅上报信号
entity-token = 令牌
entity-ssh-key = SSH 密钥
entity-operator = 操作员
entity-import = 导入
entity-job = 任务
entity-home = 数据目录

# 时间线类别
timeline-kind-signal = 信号
timeline-kind-score = 评分
timeline-kind-alert = 预警
timeline-kind-talk = 沟通
timeline-kind-plan = 方案
timeline-kind-act = 操作

# 任务状态
job-state-pending = 等待
job-state-leased = 执行中
job-state-failed = 失败

# 审计条目的问题
chain-fault-gap = 缺少条目
chain-fault-hash = 哈希与内容不符
chain-fault-prev = 与上一条不衔接
chain-fault-bytes = 内容无法读取
chain-fault-head = 链尾与记录不符
chain-fault-columns = 索引列与条目不符

# What an anchor shows
anchor-garbage = 第 { $line } 行不是锚点，或已被改动。
anchor-key = 第 { $line } 行的锚点由另一把密钥签名。
anchor-signature = 第 { $line } 行锚点的签名不符：内容已被改动。
anchor-home = 第 { $line } 行的锚点属于另一个数据目录（{ $home }）。
anchor-back = 第 { $line } 行的锚点（{ $at }）条数少于前一个（{ $before }）：当时使用的已是旧数据库。
anchor-cut = 链「{ $chain }」止于第 { $end } 条，但 { $at } 时已有 { $seq } 条（第 { $line } 行）：链尾被截断，或数据库被换成旧副本。
anchor-older = 两条链都短于 { $at } 时的长度（第 { $line } 行）：操作 { $acts } 条（曾有 { $was } 条），查阅 { $access } 条（曾有 { $looked } 条）。数据库被换成旧副本，或两条链尾均被截断。
anchor-differs = 链「{ $chain }」第 { $seq } 条已不是 { $at } 时的那一条（第 { $line } 行）：审计链被改写。

purpose-retention = 人才保留

# 离职办理：拒绝
refused-case-exists = 该段任职已有离职单，状态为「{ $state }」。
refused-case-state = 该离职单当前不允许此操作：已由 { $by } 于 { $at } 变为「{ $state }」。
refused-case-stays = 人事档案已不再有最后工作日，员工留任。请撤回离职单；若档案有误，请更正后再办理。
refused-duty-stays = 此项会自行结束：请撤回离职单，或通过导入更正人事档案。
refused-erase-case = 此人的离职单尚未结束（{ $state }）。请先归档或撤回。
refused-erase-owner = 此人名下还有 { $count } 个客户。请先转移或转入公海。
refused-erase-taker = 还有 { $count } 个客户待此人接替。请先完成或放弃这些转移。
refused-erase-collector = 此人仍负责公海中 { $count } 个客户的应收款催收。请先另行指定。
refused-last-day-before-start = 最后工作日早于入职日 { $on }。
refused-notice-day = 提出离职的日期不能晚于今天或最后工作日。
refused-other-last-day = 该段任职已于 { $on } 结束，请填写该日期，或通过导入更正记录。
refused-own-case = 发起人和离职员工本人不能同意该离职单，请由他人处理。
refused-stage-shut = 尚不能进行：须先完成「{ $stage }」（{ $item }：{ $state }）。
refused-gate-shut = 尚不能进行：{ $gate }（缺 { $count } 项；第一项：{ $line } { $what }）。
refused-open-items = 还有 { $count } 项未完成，全部通过或豁免后才能归档。
refused-withdraw-departed = 任职已结束，不能撤回离职，只能走离职回退。
refused-abandoned-future = 自离的最后工作日不能晚于今天。
refused-leaver-reviews = 离职员工不能审核、豁免自己的交接事项。
refused-submitter-reviews = 提交人不能审核自己提交的事项，请指定其他审核人。
refused-reviewer-submits = 您是该事项的审核人，请先指定其他审核人再提交。
refused-not-reviewer = 该事项由 { $name } 审核，请先指派给自己，或联系对方。
refused-already-reviewer = 该操作员已是此事项的审核人。
refused-item-state = 该事项当前不允许此操作：状态为「{ $state }」。
refused-item-accepted = 该事项已通过，不能改回；请另开更正。
refused-correct-state = 只有已通过的事项可以更正；当前状态为「{ $state }」。
refused-correcting = 该事项已有一条更正在处理。
refused-accounts-by-order = 账号由冻结单处理，不在此提交；若没有账号，请申请豁免。
refused-no-evidence = 该事项还没有提交任何材料。
refused-other-hash = 文件与您查看的不是同一份，请重新查看后再决定。
refused-file-gone = 该事项的文件已不在库中或已被改动，不能通过。
refused-file-unknown = 库中没有哈希为 { $hash } 的文件，请先上传。
refused-not-export = 只有「数据导出」事项由公司任务执行。
refused-leaver-exports = 数据导出由公司任务执行，离职员工不能自行导出。
refused-signed-future = 签字日期不能晚于今天。
refused-negative-figure = 数字不能为负。
refused-location-off = 本系统未开启位置登记（offboarding.location = off）。
refused-location-consent = 登记位置必须写明地点、同意书所在处和用途。
refused-duty-state = 该法定事项状态已是「{ $state }」。
refused-duty-future = 未发生的事项不能标记为已办。
refused-duty-early = { $on } 之前不能标记。
refused-duty-evidence = 请提供凭证：上传文件，或写明凭证在哪里。
refused-no-talk-wanted = 此类预警需要处理而非沟通，处理完后请标记为已解决。
refused-outcome-kind = 该结果不适用于此类预警。

# 退回原因
return-no-file = 缺少附件。
return-unsigned = 缺客户签字：需写明签字人和签字日期。
return-no-place = 缺少拜访地点。
return-customers = 客户数：填报 { $stated }，台账 { $ledger }。
return-orders = 未完成订单：填报 { $stated }，台账 { $ledger }。
return-receivables = 应收款项：填报 { $stated } 元，台账 { $ledger } 元。
return-empty = 没有提交任何内容。
return-by-hand = { $why }

# 关卡缺项
missing-not-submitted = { $item }：未提交（{ $state }）
short-missing-not-submitted = 未提交：
missing-not-listed = { $customer }：清单生成后才归属离职员工
short-missing-not-listed = 未列入清单：
missing-customer-held = { $customer }：仍归离职员工（转移：{ $state }）
short-missing-customer-held = 仍归离职员工：
missing-customer-pending = { $customer }：仍归离职员工；客户在 { $at } 之前可拒绝
short-missing-customer-pending = 待接替：
missing-customer-due = { $customer }：仍归离职员工；客户可拒绝的期限 { $at } 已过，请向客户或平台核实后登记已接替或已拒绝
short-missing-customer-due = 待接替期限已过，请核实：
missing-customer-declined = { $customer }：客户拒绝接替，请提交拒绝记录或申请豁免
short-missing-customer-declined = 客户拒绝接替：
missing-collector = { $customer }：未指定应收款催收人
short-missing-collector = 未指定催收人：
missing-letter = { $item }：缺客户签字的交接确认函或拒绝记录
short-missing-letter = 缺签字确认函：
missing-not-accepted = { $item }：{ $state }（审核人 { $reviewer }）
short-missing-not-accepted = 未通过审核：
missing-not-returned = { $item }：{ $state }
short-missing-not-returned = 未归还：
missing-no-freeze = 账号：没有冻结单，也没有豁免
short-missing-no-freeze = 没有冻结单
missing-freeze-open = 账号：冻结单尚未完成
short-missing-freeze-open = 冻结单尚未完成
missing-freeze-unknown = 账号：冻结单有步骤结果未知
short-missing-freeze-unknown = 冻结步骤结果未知

# 关卡
gate-g1 = 清单已填
gate-g2 = 客户已交接
gate-g3 = 确认函已签
gate-g4 = 交接已审核
gate-g5 = 资产与数据已归还
gate-g6 = 账号已停用或豁免

# 离职单状态
case-state-submitted = 已提交
case-state-approved = 主管同意
case-state-handover = 交接中
case-state-returned = 已退回
case-state-review = 审核中
case-state-clearance = 手续办理
case-state-ready-to-close = 待归档
case-state-abandoned = 自离
case-state-closed = 已归档
case-state-withdrawn = 已撤回

# 离职看板视图
case-view-open = 办理中
case-view-mine = 待我审核
case-view-overdue = 逾期
case-view-closed = 已结束
case-view-all = 全部

# 交接事项
item-kind-customer-list = 客户清单
item-kind-customer = 客户交接确认函
item-kind-orders = 未完成订单
item-kind-receivables = 应收款项
item-kind-visit = 拜访记录
item-kind-export = 数据导出
item-kind-asset = 资产归还
item-kind-accounts = 账号
item-name = { $kind }：{ $label }
item-name-kind = { $kind }

# 交接事项状态
item-state-todo = 待办
item-state-submitted = 已提交
item-state-under-review = 审核中
item-state-returned = 已退回
item-state-blocked = 卡住
item-state-accepted = 已通过
item-state-waived = 已豁免
evidence-signed = { $name } 于 { $on } 签字
verdict-accepted = { $by } 于 { $at } 通过
verdict-returned = { $by } 于 { $at } 退回：{ $why }

# 法定事项
duty-kind-last-day = 最后工作日
duty-kind-certificate = 离职证明
duty-kind-file-transfer = 档案转移
duty-kind-social-insurance = 社保转移
duty-kind-final-pay = 工资结清
duty-kind-compensation = 经济补偿
duty-kind-keep-contract = 合同保存至
duty-kind-thaw = 账号解冻
duty-kind-stays = 留任待处理
duty-kind-apology = 误冻致歉
act-duty-apology = 误冻须致歉
duty-state-open = 待办
duty-state-done = 已办
duty-state-void = 无需办理
duty-done-by = { $by } 于 { $on } 办理

# 冻结情况
freeze-standing-none = 无冻结单
freeze-standing-open = 未完成
freeze-standing-unknown-steps = 有步骤结果未知
freeze-standing-complete = 已冻结
desk-sales-manager = 销售经理
desk-hr-specialist = HR专员
alert-kind-handover-overdue = 交接逾期
alert-kind-duty-overdue = 法定事项逾期
alert-kind-freeze-drift = 冻结漂移
alert-kind-post-freeze-activity = 冻结后活动
alert-kind-connector-down = 接口中断
alert-kind-freeze-unconfirmed = 冻结未确认
alert-kind-break-glass = 应急授权
alert-kind-freeze-stopped = 冻结中止
alert-outcome-handled = 已处理
alert-outcome-false-alarm = 误报
act-offboarding-start = 发起离职
act-offboarding-approve = 同意离职
act-offboarding-advance = 推进离职办理
act-offboarding-close = 归档
act-offboarding-withdraw = 撤回离职
act-offboarding-abandon = 登记自离
act-offboarding-submit = 提交交接事项
act-offboarding-review = 通过审核
act-offboarding-return = 退回
act-offboarding-waive = 豁免
act-offboarding-block = 标记卡住
act-offboarding-assign = 指定审核人
act-offboarding-correct = 开更正
act-offboarding-export = 执行数据导出
act-offboarding-duty = 标记法定事项
act-offboarding-item = 事项变更
act-offboarding-overdue = 交接或法定事项逾期
act-offboarding-follow = 离职单随人事档案更新
act-evidence-purge = 清理未提交的附件
act-offboarding-exported = 数据导出
entity-offboarding = 离职单
entity-handover-item = 交接事项
entity-duty = 法定事项
