# 不合理或不被允许的请求
act-no-target = 此操作需要指定对象。
act-no-target-wanted = 此操作不接受对象。
act-too-many = 一次请求的对象过多。
act-too-many-next = 最多 { $most } 个，请分次操作。
act-too-long = 文字过长。
act-too-long-next = 最多 { $most } 个字符。
act-reason = 此操作需要填写原因。
act-reason-next = 请说明原因（命令行用 --reason）。
act-key = 幂等键为空或超过 200 字节。
act-key-reused = 该幂等键已用于另一请求。
act-key-reused-next = 新的请求请使用新的幂等键。
read-only = 当前为只读模式，未执行任何操作。
read-only-next = 如需操作，请不带 --read-only 重新启动。
cursor-bad = 列表位置无法识别。
cursor-no-row = 列表中没有编号为 { $id } 的行。
not-found = 找不到该{ $what }。
refused-not-found = 该记录不存在。
refused-person-changed = 该员工资料已变更（当前版本 { $version }，您看到的是 { $seen }）。
refused-sort-name = 排序名须为拉丁字母，最多 100 个字符。
refused-no-change = 没有任何变化。
refused-operator-name = 操作员名称只能包含字母、数字和 - _ . @，最多 64 个字符。
refused-operator-exists = 操作员 { $name } 已存在。
refused-revoke-self = 不能撤销自己。
refused-operator-self = 不能绑定或恢复自己的操作员身份，请由其他操作员处理。
refused-import-state = 该导入的状态已是 { $state }。
refused-import-exits = 该文件将使超过 { $share }% 的在职人员离职：已隔离，未作任何更改。请核对文件，或调高 limits.max_exit_share。
operator-unknown = 没有名为 { $name } 的操作员。
operator-unknown-next = 请先添加：tenure operator add { $name } --role hrbp
token-unknown = 服务器不认识这个令牌，或它已过期、被撤销。
token-unknown-next = 请管理员重新签发：tenure operator token 名称。
token-reads-only = 这个令牌只能查询。
token-reads-only-next = 请使用范围为 full 的令牌。
operator-revoked = 操作员 { $name } 已被撤销。
operator-ended = { $name } 本人的账号已被冻结，操作权限随之终止。
operator-ended-next = 如有误，请由其他操作员解冻其账号，或执行：tenure operator restore { $name }

# 导入时无法接受的行
import-kind = 无法导入 { $kind }：只能是 employees、signals、exits、customers、orders 或 receivables。
import-kind-off = 信号类别「{ $kind }」未启用：请先登记合法依据并启用，再重试。
import-unknown-number = 没有工号为 { $number } 的员工。
import-ambiguous-number = 当日有多人使用工号 { $number }。
import-outside-employment = { $number } 在 { $on } 不在职。
import-event-changed = 同一事件编号此前已导入且内容不同；保留先导入的内容。
import-ends-before-start = 最后工作日早于入职日。
import-no-last-day = 已离职但没有最后工作日。
import-exits-over-limit = 该文件会使过多人员同时离职：请核对后调高 limits.max_exit_share 再重试。
import-overlap = { $number } 还有一段未结束的任职。
import-number-taken = 工号 { $number } 已被另一在职员工使用。
map-unknown = 没有名为 { $name } 的映射；可用：{ $known }。
map-next = 请修正映射文件后重新导入；未作任何更改。
model-next = 请修正数据目录 models 下的文件，或删除它以使用自带模型。
model-unknown = 没有名为 { $id } 的模型；可用：{ $known }。

# 数据目录、密钥与数据库
home-unknown = 该用户没有数据目录。
home-unknown-next = 请用 --home DIR 或 TENURE_HOME 指定。
home-io = 目录 { $dir } 无法使用：{ $detail }
home-io-next = 请检查其所有者、权限和磁盘空间。
home-missing = { $dir } 中没有 tenure 数据。
home-missing-next = 请先导入数据，或用 tenure demo 查看示例公司。
home-network = { $dir } 位于网络文件系统，锁不可靠。
home-network-next = 请使用本地磁盘。
config-bad = { $file } 无法读取：{ $detail }
config-bad-next = 请修正该文件；tenure config show 可列出所有设置及默认值。
key-file-missing = 无法读取密钥文件：{ $what }
key-file-write = 无法写入密钥文件：{ $what }
key-env-missing = 未设置存放密钥的环境变量 { $what }。
key-command-failed = 取密钥的命令失败：{ $what }
key-malformed = { $what } 中的密钥不是 64 位十六进制数。
key-wrong = 密钥与该数据不符（{ $what }）。
key-next = 没有正确的密钥就无法读取数据；请放回属于该数据目录的密钥文件。
key-not-a-file = 密钥不来自文件，无法在此更换。
key-not-a-file-next = 请在密钥所在处更换。
home-server-empty = 服务器上的数据库里还没有公司数据。
http-bad = 请求不成立：{ $detail }
http-no-route = 接口中没有 { $path }。
http-url = 服务器地址不可用。
http-url-next = 写法如 https://主机/；只有访问本机时才可用 http://，否则令牌会在途中被读到。
http-tls = 无法建立 TLS：{ $detail }
http-unreachable = 无法连接服务器：{ $detail }
http-unreachable-next = 请检查网络和地址后重试。
http-unknown = 服务器没有回应，是否完成尚不清楚（{ $detail }）
http-unknown-next = 请先看现在的数据。用同一个键再发同一个请求不会做两遍。
http-strange = 回应的不是服务器，状态 { $status }：{ $detail }
http-token = 没有可用于服务器的令牌。
http-token-next = 请设置 TENURE_TOKEN，或用 --token-file 指定文件。管理员可签发：tenure operator token 名称。
http-token-file = 无法读取令牌文件 { $file }：{ $detail }
store-wrong-key = 密钥无法打开数据库。
store-wrong-key-next = 请放回属于该数据目录的密钥文件；tenure config path 会显示查找位置。
store-busy = 数据库被另一程序长时间占用。
store-busy-next = 未作任何更改。请重试；tenure doctor 可检查数据目录。
store-disk = 数据库无法写入：{ $detail }
store-disk-next = 未作任何更改。请检查磁盘空间和目录权限后重试。
store-unreachable = 无法连接数据库：{ $detail }
store-unreachable-next = 请检查路径或网络后重试。
store-untrusted = 无法与数据库建立受保护的连接：{ $detail }
store-untrusted-next = 地址中的主机名须写在服务器证书里，签发机构须在 sslrootcert 指定的文件里；sslmode=disable 不加保护，只可用于专用网络。
store-moved = 数据库文件在使用中被移走或替换，未作任何更改。
store-moved-next = 请重新启动，以使用现在的文件。
store-unknown = 数据库没有确认提交，是否完成尚不清楚（{ $detail }）
store-unknown-next = 请先看现在的数据。用同一个键再发同一个请求不会做两遍。
store-behind = 数据库里缺少审计链的第 { $seq } 条，而本机见过它已确认：这是较旧的副本，或是刚醒来的旧主库。不会向它写入任何内容。
store-behind-next = 请找到有这一条的服务器。若是有意恢复的旧库，请删除主目录里的 head-* 文件。
store-url = 数据库地址不可用：{ $detail }
store-url-next = 写法如 postgres://用户@主机/数据库?sslmode=verify-full&sslrootcert=文件；口令放在 PGPASSFILE 或凭据里。
store-schema = 数据库与本程序版本不符：{ $detail }
store-schema-next = 请使用写入它的程序版本或更新的版本。

# 备份
backup-io = 无法写入 { $file }：{ $detail }
backup-io-next = 请检查目录和磁盘空间。
backup-exists = { $file } 已存在，未写入。
backup-missing = 没有文件 { $file }。
backup-not-here = 此操作仅适用于文件形式的数据。
backup-unreadable = 无法用当前密钥打开 { $file }。
backup-unreadable-next = 它可能属于其他数据目录或旧密钥；未作任何更改。
backup-broken = { $file } 已损坏：校验未通过。
backup-broken-next = 请改用其他备份；未作任何更改。

# 迁移到别处
migrate-used = { $place } 里已有数据，没有向那里复制任何内容。
migrate-used-next = 请指定空的数据库或另一个目录。此前未完成的迁移不会留下任何东西。
migrate-differs = 表 { $table } 核对不一致：送出 { $sent } 行，读回 { $there } 行。复制的内容未保留。
migrate-differs-next = 请查看服务器自己的日志后重试；公司数据仍在原处。
migrate-chain = 链 { $chain } 在第 { $seq } 条处断裂。复制的内容未保留。
migrate-chain-next = 详情见 tenure audit verify；请先恢复能通过校验的备份，再迁移。

# 示例公司
demo-not-made = { $dir } 中是真实数据：不会在此建立示例公司。
demo-not-made-next = 请用 --home 指定空目录，或不指定。
demo-exists = { $dir } 中已有示例公司。
demo-exists-next = 可直接使用，或用 --reset 重建。

# 诊断
doctor-key-mode = 密钥文件 { $file } 仅所有者可读。
doctor-key-open = 密钥文件 { $file } 对他人开放（权限 { $mode }）：请 chmod 600。
doctor-key-beside = 密钥与数据库放在一起（{ $file }）。这能保护备份或被单独拿走的数据库文件，但挡不住能读取本目录的人，也挡不住整盘被盗。可在 tenure.toml 的 [key] 中改放别处。
doctor-server = 数据在服务器上：{ $server }
doctor-server-disk = 除按人加密的文字外，姓名与数字在服务器上是明文：请确认服务器磁盘已加密。
doctor-pages = 数据库各页完好。
doctor-pages-broken = 数据库有 { $count } 处损坏：请恢复备份。
doctor-chain = 两条审计链校验通过：操作 { $entries } 条，读取 { $reads } 条。
doctor-chain-broken = 审计链 { $chain } 在第 { $seq } 条处断裂。
doctor-jobs-failed = 有 { $count } 个任务被搁置：请用 tenure job list 查看，再 tenure job retry。
doctor-quarantine = 有 { $count } 行导入数据被隔离：请用 tenure quarantine list 查看。
doctor-no-backup = 还没有每日备份：tenure worker 会自动备份，也可用 tenure backup FILE。
doctor-drill = 上次应急授权演练：{ $at }；下次应在 { $due } 前进行。
doctor-drill-due = 上次应急授权演练在 { $at }，每 31 天应演练一次。请执行：tenure freeze drill
doctor-drill-never = 从未演练过应急授权。请执行：tenure freeze drill
doctor-drill-faults = { $at } 的应急授权演练发现 { $n } 个问题。请查看：tenure freeze drill --last
doctor-break-glass = 近 30 天共有 { $n } 次应急冻结。
doctor-wrong-person = 近 30 天有 { $n } 次冻结错了人。

# 时间线与审计
timeline-signal = { $kind }（来源 { $source }）
timeline-signal-value = { $kind } { $value }（来源 { $source }）
timeline-signal-from-to = { $kind } { $value }，对比 { $baseline }（来源 { $source }）
timeline-score = 评分 { $score }（{ $band }），截至 { $asof }，模型 { $model } { $version }
timeline-act = { $by }：{ $act }
audit-act = { $by }：{ $act }
audit-read = { $by } 查阅{ $act }（{ $count } 人）
act-risk-score = 评分
act-signal-expire = 清除过期信号
act-approval-expire = 审批过期
act-employment-end = 任职到期结束
act-import-published = 导入完成
entity-blob = 文件

# 访问记录中的查询
query-today = 今日
query-alerts = 预警队列
query-alert = 预警
query-people = 人员列表
query-find = 查找
query-person = 员工卡片
query-timeline = 时间线
query-score-series = 评分曲线
query-explain = 评分说明
query-what-if = 假设分析
query-plans = 挽留方案列表
query-plan = 挽留方案
query-approvals = 审批
query-alert-report = 报告
query-quarantine = 隔离区
query-audit = 审计
query-access = 访问记录
query-evidence = 信号明细
template-next = 请修改家目录 offboarding 文件夹中的文件，或删除它以使用自带模板。
evidence-io = 无法读取 { $file }：{ $detail }
evidence-empty = { $file } 是空文件，未保存。
evidence-large = { $file } 超过 { $most } MB，未保存。
evidence-changed = 库中的文件与哈希 { $hash } 不符，已被改动，请从备份恢复。
query-offboardings = 离职看板
query-offboarding = 离职单
query-duties = 待履行事项
query-offboarding-export = 交接数据导出
query-evidence-file = 凭证文件
