# 冻结账号:计划、冻结单、步骤、缺口

# 冻结到什么程度
level-restrict = L1 限制
level-suspend = L2 停用
level-delete = L3 注销
direction-freeze = 冻结
direction-thaw = 解冻
mode-planned = 定时
mode-immediate = 立即
mode-emergency = 应急

# 冻结单的状态
freeze-state-pending-approval = 待审批
freeze-state-approved = 已批准
freeze-state-executing = 执行中
freeze-state-complete = 已冻结
thaw-state-complete = 已解冻
freeze-state-partial = 部分完成
freeze-state-failed = 失败
freeze-state-verified = 已核实
freeze-state-drifted = 状态漂移
freeze-state-thawing = 解冻中
freeze-state-thawed = 已解冻
freeze-state-cancelled = 已取消
freeze-state-expired = 已过期

# 步骤及其状态
step-restrict = 限制
step-block-sign-in = 阻止登录
step-revoke-sessions = 吊销会话
step-reset-secret = 重置密码
step-kill-live = 结束在线会话
step-revoke-keys = 吊销密钥
step-disable-app = 停用应用
step-lock-device = 锁定设备
step-transfer-owner = 转移所有权
step-rotate-shared = 更换共享密码
step-delete = 注销账号
step-release = 解除限制
step-unblock = 恢复登录
step-verify = 核实
step-state-pending = 待执行
step-state-sent = 已发送
step-state-unknown = 结果未知
step-state-confirmed = 已确认
step-state-rejected = 被拒
step-state-async = 对方处理中
step-state-waived = 人工处理
step-how-reversible = 可撤销
step-how-one-way = 不可撤销
step-how-destroys = 会销毁数据
step-how-read = 只读取

# 步骤为何停在此处
step-not-seen = 对方答复成功，但回读没有看到。将重试。
step-no-read-back = 对方答复成功，但无法回读。需由第二人附证据处理。
step-unread = 无法回读，结果未知。稍后再看。
step-had-not-happened = 此前没有生效，重新发送。
step-lost = 答复丢失，回读也看不出。重复发送无害，重新发送。
step-late = 发送前已超过我方时限，没有发送。
step-drifted = 被他方撤销了。
step-no-target = tenure.toml 中已没有目标 { $target }。请恢复配置，或由第二人人工处理。

# 目标的种类
target-kind-scim = SCIM
target-kind-ldap = LDAP
target-kind-active-directory = Active Directory
target-kind-http = HTTP
target-kind-command = 命令
target-ok = 正常
target-down = 不通
target-clock-ahead = { $target }：其时钟比本机快 { $seconds } 秒。相差达 300 秒时 Kerberos 会拒绝登录，该系统记录的时间也会有同样的偏差；请用 NTP 校准两边的时钟。
target-clock-behind = { $target }：其时钟比本机慢 { $seconds } 秒。相差达 300 秒时 Kerberos 会拒绝登录，该系统记录的时间也会有同样的偏差；请用 NTP 校准两边的时钟。
write-right-proven = 写权限：已证实
write-right-unproven = 写权限：未证实
write-right-refused = 写权限：被拒
protection-service = 服务账号
protection-break-glass = 应急账号
protection-last-admin = 最后一个管理员
account-enabled = 可用
account-disabled = 已停用
unknown = 未知

# 缺口:目标做不到的事
gap-apps = 其后的应用仍保留各自的会话
gap-sessions = 已打开的会话仍可继续
gap-restrict = 不能只限制而不停用
gap-sign-in = 不能阻止或恢复登录
gap-delete = 不能注销
gap-unread = 读取不到：未覆盖
gap-appeared = 批准后才出现的账号：未执行任何操作
gap-read-back = 有步骤无法回读
gap-open = 缺口 { $n }  { $target }：{ $what }，最多 { $bound }
gap-waived = 缺口 { $n }  { $target }：{ $what }，最多 { $bound }，由 { $by } 人工处理
gap-over = 缺口 { $n }  { $target }：{ $what }；{ $at } 时已无一存留

# 计划
plan-head = { $direction } { $level }：{ $name }，{ $number }，{ $post }，{ $org }，{ $state }
plan-when-at = { $mode }，于 { $at }（{ $zone }）
plan-when-now = { $mode }，马上执行
plan-blocked = 不能提交：
plan-target = { $target }（{ $kind }，{ $place }）
plan-account = {"  "}{ $login }（{ $display }），{ $enabled }，最后登录 { $seen }
plan-step = {"    "}{ $step }：{ $how }
plan-cannot = {"    "}不支持：{ $kinds }
plan-owns-unread = {"    "}账号名下的资源（群组、任务、共享邮箱）此处读取不到
plan-no-account = {"  "}此人没有账号
plan-residual = 残余访问时间最多：{ $bound }
plan-approvals = 执行前需要审批：{ $n }
plan-hash = 计划 { $hash }

# 计划的阻碍与须知
freeze-unread = 读取不到 { $target }，恢复之前不算覆盖：
freeze-ambiguous = { $target }：{ $account } 可能属于他人：有多个匹配账号，或两人共用其邮箱。请人工关联正确的账号：tenure freeze link。
freeze-protected = { $target }：{ $account } 是{ $why }。没有指名的例外不能冻结。
freeze-excepted = { $target }：{ $account } 是{ $why }，按指名仍予冻结。
freeze-oneself = { $account } 是您自己的账号。请由他人操作。
freeze-owns = { $target }：{ $account } 冻结后他人将失去 { $what }。
freeze-homonyms = 另有 { $n } 人同名 { $name }。请看工号。
freeze-destroys = { $target }：对 { $account } { $step } 会销毁数据。
freeze-one-way = { $target }：对 { $account } { $step } 不可撤销。
freeze-busy = 另一张冻结单（{ $order }，{ $state }）正在处理同样的账号。请关注那一张。
freeze-no-time = 定时冻结需要时间。
freeze-time-past = { $at } 已经过去。请改时间，或立即冻结。
freeze-erased = 此人的数据已删除。
freeze-thaw-departed = 此人已离职，不再恢复。再入职者另开任职和权限。
freeze-thaw-residual = 旧会话还可能存活 { $seconds } 秒。现在解冻会让它们复活：请等待，或先结束它们。
freeze-thaw-sessions = { $target } 上的 { $account } 仍有会话在线：恢复登录会使其继续有效。请先结束会话。
freeze-not-back = { $target }：{ $account } 的「{ $step }」不会随解冻恢复，需人工重新设置。
freeze-thaw-wider = 冻结单 { $order } 冻结了这些账号以及更多账号。请解冻该单，两者会一并恢复。
freeze-thaw-unknown = 旧会话是否存活未知。先由第二人附证据处理该缺口。
freeze-delete-first-suspend = 停用核实之后才能注销。
freeze-delete-early = 保留期到 { $at } 为止。
freeze-no-targets = tenure.toml 中没有声明目标。
freeze-no-steps = 此人的目标都做不到这一级别。请选其他级别。
freeze-no-accounts = 在能读取的目标上没有找到此人的账号。

# 冻结单
order-asked = { $by } 于 { $at } 申请：{ $reason }
order-ticket = 工单 { $ticket }
order-note = { $at }  { $by }：{ $text }
order-approved-by = { $by } 于 { $at } 批准
order-approvals-open = 还需 { $n } 人批准。
order-confirmed-by = { $by } 于 { $at } 复核
order-confirm-due = 须由第二人在 { $at } 前复核。
order-denied = 被 { $by } 否决。
order-stopped = { $by } 让它在当前步骤之后停下。
order-late = 批准时已过时间，马上执行。
order-spell-changed = 计划之后任职有变动：没有发送任何操作。请重新计划。
order-job-failed = 本单的作业多次失败，已搁置。每日例行作业会重试；要立即重试：tenure job retry。错误详见 tenure job list
order-thaw-asked = 已申请解冻，本单暂停。若解冻未执行，可恢复本单。
order-outdated = 计划之后任职有变动：到时不会发送任何操作。请撤销后重新计划。
order-higher-asked = 已申请更高级别的冻结，本单暂停。若该冻结未执行，可恢复本单。
order-stays = 本人留任，账号仍处于冻结状态。请发起解冻。
order-withdrawn = 离职已撤回，本人留任：不再发送任何操作。已冻结的请发起解冻。
order-left = 本人已在此期间离职：不再恢复任何权限。
order-spell-ended = 本单所依据的任职已结束：不再发送任何操作。请停止后重新计划。
order-drifted = 权限被他方恢复。请检查人事记录或同步，再继续此单。
order-progress = { $done }/{ $all } 步
order-progress-unknown = { $done }/{ $all } 步，{ $unknown } 步结果未知

# 拒绝
refused-freeze-state = 冻结单不允许此操作：{ $by } 于 { $at } 起为 { $state }。
refused-freeze-confirm = 输入的不是工号后四位加首字母。没有执行。
refused-plan-hash = 计划已经不同（{ $hash }）。请看过再决定。
refused-emergency-ticket = 应急冻结需要填写工单号。
refused-nothing-to-confirm = 此单没有需要复核的内容。
refused-nothing-to-resume = 此单没有等待的步骤。
refused-own-waiver = 申请人不能自己人工处理步骤。请他人处理。
refused-no-step = 此单没有编号 { $n } 的步骤或缺口。
refused-step-state = 已确认、已处理或发送中的步骤不能人工处理。
refused-thaw-deleted = 已注销的账号不能恢复。
refused-no-link = 没有这个关联。
refused-no-target = 没有目标 { $target }。tenure freeze targets 可列出。
refused-linked = { $account } 已关联到他人。请先在那里解除。
refused-link-in-hand = 他人的冻结单正在处理 { $account }。请先停止那一张。
refused-erase-freeze = 此人的冻结单还在执行。请等它结束或取消。

# 操作,列表和时间线中的名称
act-freeze-request = 申请冻结
act-freeze-approve = 批准冻结
act-freeze-deny = 否决冻结
act-freeze-confirm = 复核冻结
act-freeze-cancel = 取消冻结
act-freeze-stop = 停下冻结
act-freeze-resume = 继续冻结
act-freeze-waive = 人工处理步骤
act-freeze-note = 备注
act-freeze-verify = 核实冻结
act-freeze-thaw = 申请解冻
act-thaw-approve = 批准解冻
act-thaw-deny = 否决解冻
act-thaw-confirm = 复核解冻
act-thaw-cancel = 取消解冻
act-thaw-stop = 停下解冻
act-thaw-resume = 继续解冻
act-thaw-verify = 核实解冻
act-freeze-link = 关联账号
act-freeze-unlink = 解除关联
act-freeze-change = 修改冻结单
act-freeze-expire = 冻结单过期
act-freeze-start = 开始冻结
act-freeze-outdated = 冻结到时将作废
act-freeze-set-aside = 冻结搁置
act-freeze-covered = 补齐冻结缺口
act-freeze-void = 冻结作废
act-freeze-send = 发送步骤
act-freeze-settle = 步骤结果
act-freeze-verified = 再次核实
act-freeze-drift = 发现漂移
act-freeze-thawing = 开始解冻
act-freeze-thawed = 解冻完成

# 访问记录中的读取
query-freezes = 冻结单列表
query-freeze = 冻结单
query-freeze-plan = 冻结计划
query-thaw-plan = 解冻计划

# 冻结单的视图
freeze-view-open = 未了结
freeze-view-frozen = 冻结中
freeze-view-all = 全部

# 命令行的表头
cli-head-account = 账号
cli-head-hash = 计划
cli-head-level = 级别
cli-head-place = 位置
cli-head-residual = 残余访问时间
cli-head-step = 步骤
cli-head-steps = 步骤
cli-head-target = 目标
cli-head-took = 耗时
cli-head-write = 写权限
cli-no-last-day = 此人没有最后工作日。请用 --at 给出时间。
entity-freeze = 冻结单

target-spec-next = 请修正 tenure.toml 中的这张表；tenure config check 会列出所有错误。

# 界面
tab-freezes = 冻结
empty-freezes = 此视图没有冻结单。F 制定计划；Tab 切换视图。
empty-order = 没有选择冻结单。在冻结（gf）中选择并按回车。
col-order = 冻结单
col-steps = 步骤
col-when = 时间
col-requester = 申请人
residual-unknown = 残余未知
residual-zero = 残余 0
residual-left = 残余 { $left }
step-again = { $left }：{ $why }
how-suspend-immediate = L2 停用 立即
how-restrict-immediate = L1 限制 立即
how-suspend-planned = L2 停用 定时
how-suspend-emergency = L2 停用 应急
how-delete-immediate = L3 注销 立即
run-at-key = 按 t 修改时间
run-at-typing = Enter 按此时间制定，Esc 不改
plan-title = 冻结计划
thaw-title = 解冻计划
plan-reading = 正在读取各目标
field-run-at = 执行时间
field-ticket = 工单
field-confirm = 请输入
field-confirm-hint = 工号后四位加首字母，如 0417Z
field-evidence = 证据
find-title = 冻结谁的账号?
find-label = 工号或姓名：
find-nobody = 没有找到 { $text }。请输入完整的工号、姓名或拼音。
find-several = 有 { $n } 人同名，请看工号。
form-freeze = 申请冻结
form-thaw = 申请解冻
form-waive-step = 人工处理
freeze-facts = { $number }，{ $steps } 步，须先审批：{ $n } 人
fault-confirm = 请输入工号后四位加首字母。
hint-freeze-plan = Enter 申请  Tab 级别和时间  t 时间  j/k 滚动  q 返回
hint-find = Enter 查找、选定  上下 选择  Esc 返回
pick-running-title = 冻结单正在执行
pick-detach = 离开界面，冻结单继续执行
running-here = 冻结单由本界面执行。离开后，在有控制台或 tenure worker 打开此数据目录之前无人继续，{ $n } 个步骤会停在待执行。
pick-detach-here = 离开界面，冻结单暂停等待
pick-stay = 留在界面
pick-stop = 当前步骤之后停下
reader-step = 步骤
reader-gap = 缺口
step-head = { $n }  { $target }  { $login }（{ $account }）：{ $step }，{ $state }
step-tries = 尝试 { $n } 次，键 { $key }
step-sent = 发送于 { $at }
step-confirmed = 确认于 { $at }
step-waived = 人工处理，{ $by }，{ $at }：{ $evidence }
cmd-go-freezes = 转到冻结
cmd-go-freezes-short = 冻结
cmd-go-freezes-help = 冻结单：等待、执行或卡住的
cmd-freeze-plan = 制定冻结计划
cmd-freeze-plan-short = 计划
cmd-freeze-plan-help = 读取此人的全部账号，显示冻结会做什么
cmd-freeze-approve = 批准冻结
cmd-freeze-approve-short = 批准
cmd-freeze-approve-help = 批准的正是这份计划
cmd-freeze-confirm = 复核冻结
cmd-freeze-confirm-short = 复核
cmd-freeze-confirm-help = 立即冻结之后由第二人复核
cmd-freeze-resume = 继续冻结单
cmd-freeze-resume-short = 继续
cmd-freeze-resume-help = 停下、被拒或漂移之后继续
cmd-freeze-stop = 停下冻结单
cmd-freeze-stop-short = 停下
cmd-freeze-stop-help = 当前步骤之后停下
cmd-freeze-verify = 核实冻结
cmd-freeze-verify-short = 核实
cmd-freeze-verify-help = 现在全部回读
cmd-freeze-thaw = 制定解冻计划
cmd-freeze-thaw-short = 解冻
cmd-freeze-thaw-help = 显示将恢复什么
cmd-freeze-cancel = 取消冻结单
cmd-freeze-cancel-short = 取消
cmd-freeze-cancel-help = 执行之前收回
cmd-freeze-waive = 人工处理步骤
cmd-freeze-waive-short = 人工
cmd-freeze-waive-help = 步骤或缺口已人工处理，需要证据
cmd-freeze-note = 写备注
cmd-freeze-note-short = 备注
cmd-freeze-note-help = 写下接班的人需要知道的
scope-freeze = 在冻结单上
scope-order = 在单张冻结单上
