# How long ago
time-now = now
time-minutes = { $n } min
time-hours = { $n } h
time-days = { $n } d

# A clock that runs out, and one that did
time-left = { $time } left
time-over = { $time } over
time-span-moment = <1 min
time-span-minutes = { $n } min
time-span-hours = { $n } h
time-span-days =
    { $hours ->
        [0] { $days } d
       *[other] { $days } d { $hours } h
    }
