# 客户：归属、交接与应收
notice-no-customer = 已标记 { $all } 项，其中 { $n } 项不涉及仍在名下的客户，未包含在内。

act-customer-transfer = 提出接替人
act-customer-advance = 推进交接
act-customer-decline = 记录客户拒绝
act-customer-pool = 放入公海
act-customer-fail = 放弃交接
act-customer-collect = 指定收款人
act-customer-change = 更改客户
entity-customer = 客户
entity-contest = 申诉
query-customers = 客户列表
query-customer = 客户卡片
query-find-customer = 客户查找
audit-read-customers = { $by } 查阅{ $act }（{ $count } 个客户）

# 交接状态
transfer-state-proposed = 已提出
transfer-state-requested = 已发起
transfer-state-pending = 待接替
transfer-state-transferred = 已接替
transfer-state-declined = 客户拒绝
transfer-state-pooled = 已入公海
transfer-state-failed = 已放弃

# 客户归属
custody-owned = 有负责人
custody-pool = 在公海

# 订单状态
order-state-open = 未完成
order-state-shipped = 已发货
order-state-completed = 已完成
order-state-cancelled = 已取消

# 客户列表的视图
customer-view-all = 全部
customer-view-pool = 公海
customer-view-leaving = 负责人离职中
customer-view-moving = 交接中

# 拒绝
refused-no-taker = 没有该工号或编号的人员，请指定在职人员。
refused-taker-leaving = { $number } 正在离职或已离职，不能接收客户。请另指定人员。
refused-taker-not-in-post = { $number } 目前不在岗，请另指定人员。
refused-transfer-self = 该客户已由其负责，请另指定人员。
refused-transfer-open = 该客户已有交接在进行（{ $state }，由 { $by } 提出）。请先推进或放弃。
refused-transfer-early = 客户在 { $at } 之前仍可拒绝。请等待，或注明客户已书面同意。
refused-transfer-overtaken = 提出交接后客户负责人已变更。请放弃此次交接后重新提出。
refused-no-transfer = 没有进行中的交接：客户现为「{ $state }」。请先提出交接。
refused-decline-unasked = 尚未征询客户。请先推进交接，或放弃。
refused-no-collector = 该客户尚有应收款，请指定收款人。
refused-already-pool = 该客户已在公海。
refused-collector-owned = 客户的应收款由负责人收取；只有公海客户才指定收款人。

# 文件中的行
row-money = { $field } 的值（{ $shape }）不是以元计、最多两位小数的金额。
row-negative = { $field } 为负数。
row-email = { $field } 的值（{ $shape }）不是电子邮箱地址。
row-until-before-from = 归属的最后一日早于第一日。
import-unknown-customer = 没有编号为 { $number } 的客户。
import-ambiguous-customer = 有多个来源的客户使用编号 { $number }。
import-ownership-overlap = 自 { $from } 起客户 { $number } 将有两个负责人：另一段归属始于 { $other }。
import-owner-leaving = 客户 { $number } 已在此交接，不能再归属正在离职的人员。

# 命令行
cli-head-collector = 收款人
cli-head-contact = 联系方式
cli-head-customer-name = 客户名称
cli-head-customer-number = 客户编号
cli-head-email = 邮箱
cli-head-open-orders = 未完成订单
cli-head-order-amount = 金额
cli-head-owed = 应收
cli-head-since = 自
cli-head-until = 至
cli-head-pending-until = 可拒绝至
cli-head-transfer = 交接
cli-head-to = 接替人
cli-head-placed = 下单日
cli-head-due-on = 到期日
cli-customer-orders = 订单
cli-customer-receivables = 应收款
cli-customer-ownerships = 历任负责人
cli-customer-transfers = 交接记录
cli-no-customer = 没有编号或标识为「{ $text }」的客户。
cli-no-customer-next = 可用 `tenure customer list` 查看。
cli-customer-ambiguous = 有多个来源的客户使用编号 { $text }：{ $ids }。
cli-customer-ambiguous-next = 请用标识指定其中一个。
cli-demo-customers = 正在载入客户
cli-import-changed-custody = 新增或变更的客户、订单、应收款
