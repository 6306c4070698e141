# 多久以前
time-now = 刚刚
time-minutes = { $n } 分
time-hours = { $n } 时
time-days = { $n } 天

# 剩余与超时
time-left = 剩 { $time }
time-over = 超时 { $time }
time-span-moment = 不足1分
time-span-minutes = { $n }分
time-span-hours = { $n }时
time-span-days =
    { $hours ->
        [0] { $days }天
       *[other] { $days }天{ $hours }时
    }
