# HR early-warning report [AC-2]: HR only
report-hr-title = Early warning of leaving: { $name } { $number }
report-hr-subject = Who and when
report-hr-factors = Risk factors
report-hr-factor = { $feature }: { $value } (adds { $contribution })
report-hr-needs = Likely needs (to be asked about, not assumed)
report-hr-strategy = How to talk
report-hr-missing = Missing inputs (count as nothing)
report-hr-missing-line = { $feature }
report-hr-unweighed = Seen, not weighed (last 180 days)
report-hr-unweighed-line = { $kind }: { $count }
report-hr-footer-title = Keep in mind
report-hr-footer = A score never decides by itself. It says where to look first; the talk and the decision are a person's.

# Manager summary [AC-3]: no résumé signal, no raw data
report-manager-title = Employee summary: { $name } { $number }
report-manager-situation = Situation
report-manager-person = { $name } ({ $number }), { $post }, may need attention now: concern { $band }, impact of a loss { $impact }. Please find out how things are.
report-manager-talk-title = What to do
report-manager-talk = Talk with the employee within 3 days, at the latest by { $due }.
report-manager-templates = Templates for a retention plan
report-manager-privacy-title = Keep in mind
report-manager-privacy = Keep this to yourself. Do not mention a score or a system in the talk, and draw no conclusion from this summary alone.

# Both
report-person = { $name } ({ $number }), { $post }, { $org }. Score { $score } ({ $band }), model { $model }, as of { $asof }.
report-talk-due = The talk is due by { $due }.

report-contested-title = Contested
report-contested = The person contests this score, and nobody has answered yet: nothing is to be decided by it.

# Effect of alerts [EF-2, EF-4]
effect-title = Alerts and departures, { $from } to { $to }
effect-precision = Came true
effect-recall = Told of before
effect-young = Too young
effect-young-count = { $count ->
        [one] 1 alert
       *[other] { $count } alerts
    }
effect-waiting = Not counted yet
effect-waiting-count = what changed about { $count ->
        [one] 1 person
       *[other] { $count } people
    } since the worker ran
effect-share = { $of } of { $n }, between { $low } and { $high } with 95 % confidence
effect-few = of { $n }; of fewer than { $fewest } it is not said: it would tell about each of them
effect-none = nothing to count
effect-days = The first day, { $from }, is after the last, { $to }.
effect-how = Came true: alerts whose person gave notice, left by choice or said so within { $within } days. Told of before: leavers by choice with an alert { $ahead } days earlier. Nobody was chosen by lot: this shows no cause.
