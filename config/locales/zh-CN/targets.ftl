# tenure.toml 中的目标
target-spec-missing = 目标 { $target }：{ $kind } 类目标需要 { $key }。
target-spec-unfit = 目标 { $target }：{ $key } 对 { $kind } 类目标没有意义，请删去。
target-spec-value = 目标 { $target }：{ $key } 应为{ $wanted }。
target-spec-twice = 有两个目标都叫 { $target }。请各用各的名称。
target-want-name = 不超过 40 个字母、数字、"-"、"_" 和 "."
target-want-secret = env、file、command、credential 四者之一
target-want-timeout = "1s" 到 "10m" 之间
target-want-duration = "8h"、"30m" 这样的时长
target-want-concurrency = 1 到 64
target-want-rate = 每分钟调用次数，至少为 1
target-want-match = "employee_number = externalId"、"email = mail" 这样的规则，右边是目标自己的字段
target-want-http = https://host/v2 这样的地址，其中不含用户名、密码和查询
target-want-ldap = ldaps://host:636 这样的地址
target-want-value = values 中给出的一段文字；描述需要列表时为一组文字
target-want-description = config/targets 或主目录 targets 文件夹中的文件名，不带 .toml
target-want-stand-in = 其他目标的名称，且这些目标自身不替代别的目标
target-want-probe = 在描述文件没有 [probe] 时留空
target-plain = 目标 { $target }：凭据会明文经过网络。请用 https、ldaps 或 starttls。
target-ca = 目标 { $target }：无法读取 { $file } 中的证书机构：{ $detail }
target-roots = 目标 { $target }：本机不信任任何证书机构。请安装 ca-certificates，或设置 ca。
target-tls = 目标 { $target }：无法启用 TLS：{ $detail }
target-description = 目标 { $target }：targets 中的 { $file } 无法使用：{ $detail }

# 目标的密钥
target-secret-env = { $target }：环境中没有变量 { $what }。
target-secret-file = { $target }：无法从 { $what } 读取密钥。
target-secret-command = { $target }：输出密钥的命令失败：{ $what }。
target-secret-credential = { $target }：没有凭据 { $what }：未设置 $CREDENTIALS_DIRECTORY。
target-secret-empty = { $target }：密钥为空：{ $what }。
target-secret-shape = { $target }：密钥含有不能放入请求头的字符。

# 调用的结果
target-unreachable = 连不上 { $target }：{ $detail }。没有发送。
target-no-answer = { $target } 在 { $seconds } 秒内没有答复。
target-lost = 与 { $target } 的连接中断：{ $detail }。
target-busy = { $target } 暂时排不上新的调用。没有发送。
target-redirect = { $target } 转到了另一地址（{ $to }）。请把该地址写入 tenure.toml；不跟随转向。
target-not-json = { $target } 答复了 { $status }，但不合协议。中间是否有代理或登录页？
target-not-ldap = { $target } 的答复不是 LDAP。该端口上是否是别的服务？
target-too-large = { $target } 的答复超过 { $most } 字节。
target-nested = { $target } 的回答层层嵌套，超过 { $most } 层。正常的目录服务不会这样回答，内容未读取。
target-incomplete = { $target } 只给出了部分名单。不从部分名单中认人；请收窄规则，或提高对方的上限。
target-unauthorised = { $target } 拒绝了我方凭据。换上新凭据之前，其上的账号都不在掌控之中。
target-forbidden = { $target } 不允许我方凭据这样做。
target-no-account = { $target } 上没有这个账号。
target-several = { $target } 上有多个账号用这个名称。请改用其中一个的 id。
target-not-gone = { $target } 称账号已不存在，却仍列出它。不视为已完成。
target-no-value = 该员工没有 { $target } 匹配规则（match）所需的信息，未做查找。请手动关联账号，或附证据做人工处理。
target-gone-unproven = { $target } 称没有这个账号，但无法确认其地址是否仍然有效。不视为已完成；请在它的描述文件中补上 gone_says。
target-no-members = { $target } 不显示管理员组的成员，无法判断谁是最后一名管理员。请在 tenure.toml 中去掉 admins，或授予本账号读取权限。
target-no-endpoint = { $target } 的这个地址上没有用户。请检查 url。
target-no-group = { $target } 上没有这个组。请检查 tenure.toml 中的组。
target-other-account = { $target } 答复的是另一个账号。没有发送。
target-protected = 该账号在 { $target } 上受保护，只有点名列为例外才冻结。
target-cannot = { $target } 做不了这一步。
target-refused = { $target } 拒绝，状态 { $status }。{ $detail }
target-changed = 该账号同时在 { $target } 上被改动。
target-rate = { $target } 拒绝：调用过于频繁。
target-closed = { $target } 暂停服务。
target-fault = { $target } 出错，状态 { $status }。
target-ldap = { $target } 拒绝，LDAP 代码 { $code }。{ $detail }
target-ldap-tls = { $target } 要求加密连接。请用 ldaps 或 starttls。
target-base = { $target } 上没有 { $base }。请检查 base。
target-referral = { $target } 指向另一台服务器。请把可写的那台写入 url。
target-login-shape = { $target }：账号名含有不能放入命令或地址的字符。
target-start = { $target }：无法运行 { $program }：{ $detail }。
target-exit = { $target }：{ $program } 以 { $code } 结束。{ $detail }

# 目标的健康
target-write-unproven = { $target } 有答复。写权限未证实：请指定一个试验账号（canary）。
target-write-refused = { $target } 有答复，但我方无权改动其上的账号。
target-canary-missing = { $target } 有答复，但没有这个试验账号。
target-canary-open = { $target } 有答复。请先把试验账号停用一次：之后再次停用即可证实写权限。
target-canary-unread = { $target } 有答复，但读不出试验账号 { $account } 是否已停用，或其间被他人改动，停用有效性未证实。
target-canary-password = { $target } 有答复，但试验账号 { $account } 在启用时也无法登录，停用有效性未证实。请检查 canary_password。
target-canary-left = { $target }：试验账号 { $account } 未能恢复原状，请到该系统上查看。
target-no-lockout = 试验账号 { $account } 停用后仍能登录 { $target }：在那里冻结的人照样进得去。请联系其管理员，不要依赖这个目标。
