# 失败与拒绝：发生了什么，下一步怎么办
failed-internal = 出现内部错误：{ $detail }。未作任何更改。请运行 `tenure doctor`，或附上本文报告问题。
refused-conflict = 未执行：{ $by } 已先行处理（{ $act }，{ $at }）。现为「{ $state }」，版本 { $version }，您看到的是版本 { $seen }。请查看后再决定。
refused-alert-state = 该预警当前不允许此操作：已由 { $by } 于 { $at } 变为「{ $state }」。
refused-plan-state = 该方案当前不允许此操作：状态为「{ $state }」。
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
act-operator-revoke = 停用操作员
act-person-sort-name = 更正排序名
act-person-erase = 删除个人信息
act-import-publish = 发布导入
act-import-discard = 放弃导入
act-quarantine-retry = 重试隔离行

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

purpose-retention = 人才保留
