# Freezing accounts: plans, orders, steps, gaps

# How far a freeze goes
level-restrict = L1 restrict
level-suspend = L2 suspend
level-delete = L3 delete
direction-freeze = freeze
direction-thaw = thaw
mode-planned = planned
mode-immediate = immediate
mode-emergency = emergency

# States of an order
freeze-state-pending-approval = waits for approval
freeze-state-approved = approved
freeze-state-executing = executing
freeze-state-complete = complete
thaw-state-complete = thaw complete
freeze-state-partial = partial
freeze-state-failed = failed
freeze-state-verified = verified
freeze-state-drifted = drifted
freeze-state-thawing = thawing
freeze-state-thawed = thawed
freeze-state-cancelled = cancelled
freeze-state-expired = expired

# Steps and their states
step-restrict = restrict
step-block-sign-in = block sign-in
step-revoke-sessions = revoke sessions
step-reset-secret = reset secret
step-kill-live = end live sessions
step-revoke-keys = revoke keys
step-disable-app = disable app
step-lock-device = lock device
step-transfer-owner = transfer ownership
step-rotate-shared = rotate shared secrets
step-delete = delete account
step-release = lift restriction
step-unblock = allow sign-in
step-verify = verify
step-state-pending = pending
step-state-sent = sent
step-state-unknown = UNKNOWN
step-state-confirmed = confirmed
step-state-rejected = REFUSED
step-state-async = in progress there
step-state-waived = by hand
step-how-reversible = can be taken back
step-how-one-way = cannot be taken back
step-how-destroys = destroys data
step-how-read = reads only

# Why a step is where it is
step-not-seen = The target said yes, and the read-back does not show it. It is tried again.
step-no-read-back = The target said yes; whether it happened cannot be read back. A second person waives it with evidence.
step-unread = The target could not be read back: whether it happened is unknown. It is looked at again.
step-unread-why = The target could not be read back: whether it happened is unknown. It is looked at again. { $why }
step-had-not-happened = It had not happened: it is sent again.
step-lost = Its answer was lost and the read-back does not tell. The same call does no harm twice: it is sent again.
step-late = Our own deadline passed before it was sent. Nothing was sent.
step-drifted = It was undone behind us.
step-no-target = There is no target { $target } in tenure.toml any more. Put it back, or waive the step.

# Kinds of targets
target-kind-scim = SCIM
target-kind-ldap = LDAP
target-kind-active-directory = Active Directory
target-kind-http = HTTP
target-kind-command = command
target-ok = answers
target-down = DOWN
target-clock-ahead = { $target }: its clock is { $seconds } s ahead of this machine's. Kerberos refuses sign-ins from 300 s on, and what this target dates is off by as much. Set both clocks by NTP.
target-clock-behind = { $target }: its clock is { $seconds } s behind this machine's. Kerberos refuses sign-ins from 300 s on, and what this target dates is off by as much. Set both clocks by NTP.
write-right-proven = write: proven
write-right-unproven = write: unproven
write-right-refused = write: REFUSED
lockout-proven = lockout: proven
lockout-unproven = lockout: unproven
lockout-failed = lockout: FAILS
protection-service = a service account
protection-break-glass = a break-glass account
protection-last-admin = the last administrator
account-enabled = active
account-disabled = disabled
unknown = unknown

# Gaps: what a target cannot do
gap-apps = sessions of applications behind it go on
gap-sessions = open sessions go on
gap-restrict = cannot restrict without suspending
gap-sign-in = cannot block or allow a sign-in
gap-delete = cannot delete
gap-unread = could not be read: not covered
gap-appeared = account appeared after approval: nothing was run on it
gap-read-back = a step cannot be read back
gap-open = Gap { $n }  { $target }: { $what }, at most { $bound }
gap-waived = Gap { $n }  { $target }: { $what }, at most { $bound }, waived by { $by }
gap-over = Gap { $n }  { $target }: { $what }; none was left at { $at }

# A plan
plan-head = { $direction } { $level }: { $name }, { $number }, { $post }, { $org }, { $state }
plan-when-at = { $mode }, at { $at } ({ $zone })
plan-when-now = { $mode }, runs at once
plan-changed = What differs from the plan you saw:
plan-changed-none = Its steps are the same: something about the person was changed.
plan-blocked = It cannot be requested:
plan-target = { $target } ({ $kind }, { $place })
plan-account = {"  "}{ $login } ({ $display }), { $enabled }, last sign-in { $seen }
plan-step = {"    "}{ $step }: { $how }
plan-cannot = {"    "}it cannot: { $kinds }
plan-owns-unread = {"    "}what others lose with it (groups, jobs, shared boxes) is not read here
plan-no-account = {"  "}no account of this person
plan-residual = Access may go on for at most: { $bound }
plan-approvals = Approvals before it runs: { $n }
plan-hash = Plan { $hash }

# What blocks a plan, and what to know
freeze-unread = { $target } could not be read. It is not covered until it can:
freeze-stand-in = { $target } cannot be reached; { $by } can block meanwhile. If it stays away while the order runs, a block there is asked for, and somebody approves it.
freeze-ambiguous = { $target }: { $account } may be somebody else's: several accounts match, or two people have its address. Link the right one by hand: tenure freeze link.
freeze-protected = { $target }: { $account } is { $why }. It is not frozen without a named exception.
freeze-excepted = { $target }: { $account } is { $why } and is frozen all the same, as named.
order-own = Your word is on this order already. For somebody else: { $keys }
freeze-oneself = { $account } is your own account. Somebody else must do this.
freeze-owns = { $target }: with { $account } others lose { $what }.
freeze-homonyms = { $n ->
    [one] One more person is called { $name }.
   *[other] { $n } more people are called { $name }.
 } Look at the number.
freeze-destroys = { $target }: { $step } on { $account } destroys data.
freeze-one-way = { $target }: { $step } on { $account } cannot be taken back.
freeze-busy = Another order ({ $order }, { $state }) works on the same accounts. Watch that one.
freeze-no-time = A planned order needs a time.
freeze-time-past = { $at } has passed. Choose a later time, or freeze at once.
freeze-erased = This person was erased.
freeze-thaw-departed = The person has left: nothing is given back. Somebody who returns gets a new employment and new access.
freeze-thaw-residual = Old sessions may live for { $bound } more. Thawing now would revive them: wait, or see them ended.
freeze-thaw-sessions = Sessions of { $account } are open on { $target }: giving the sign-in back would revive them. End them first.
freeze-not-back = { $target }: { $step } on { $account } does not come back: set it anew by hand.
freeze-thaw-wider = Order { $order } took these accounts and more. Thaw that one: it gives back both.
freeze-thaw-unknown = Whether old sessions live is unknown. A second person waives the gap with evidence first.
freeze-delete-first-suspend = Accounts are deleted only after a suspension was verified.
freeze-delete-early = The retention time runs until { $at }.
freeze-no-targets = No target is declared in tenure.toml.
freeze-no-steps = No target of this person can do anything of this level. Choose another level.
freeze-no-accounts = No account of this person was found on any target that could be read.

# An order
order-asked = Asked by { $by }, { $at }: { $reason }
order-ticket = Ticket { $ticket }
order-note = { $at }  { $by }: { $text }
order-wrong-person = Somebody else was meant: an apology is owed within a working day of the thaw.
order-approved-by = Approved by { $by }, { $at }
order-approvals-open = { $n ->
    [one] One more approval is needed.
   *[other] { $n } more approvals are needed.
 }
order-confirmed-by = Confirmed by { $by }, { $at }
order-confirm-due = A second person confirms it by { $at }.
order-denied = Denied by { $by }.
order-stopped = Stopped by { $by } after the steps on their way.
order-late = Its time had passed when it was approved: it runs at once.
order-spell-changed = The employment changed after the plan was made: nothing was sent. Plan again.
order-job-failed = Its work failed again and again and was set aside. The daily round tries it anew; to do so now: tenure job retry. The errors: tenure job list
order-thaw-asked = A thaw was asked for: this order waits. Resume it if the thaw comes to nothing.
order-outdated = The employment changed after the plan was made: at its hour nothing will be sent. Cancel it and plan again.
order-higher-asked = An order that takes more was asked for: this one waits. Resume it if the other comes to nothing.
order-stays = The person stays, and is frozen. Thaw what was frozen.
order-withdrawn = The person stays: nothing more is sent. Thaw what was frozen.
order-left = The person has left meanwhile: nothing more is given back.
order-spell-ended = The employment this was made for has ended: nothing more is sent. Stop it and plan again.
order-drifted = Access came back behind us. Look at the HR record or the sync that gave it, then resume the order.
order-stands-in = In the place of { $targets }, which cannot be reached: only this is blocked. Nothing of it is taken back by itself.
order-meanwhile = { $target } cannot be reached; { $by } can block meanwhile: order { $order }
order-meanwhile-over = { $target } is done. Order { $order }, which blocks on { $by } in its place, may be thawed.
order-drifted-record = Access came back behind us. The HR record of { $number } (source { $source }, key { $key }, file { $file }, stated on { $on }) says: { $state }. Have it mended there, or the sync gives access back again. Then resume the order, or approve the new plan.
order-drifted-behind = Access came back behind us, though the HR record of { $number } (source { $source }, key { $key }, file { $file }, stated on { $on }) says: { $state }. Look for who enabled the account, or which sync reads an older record. Then resume the order, or approve the new plan.
order-resumed-instead = The drifted order was resumed: this one in its place is not needed.
order-progress = { $done }/{ $all } steps
order-progress-unknown = { $done }/{ $all } steps, { $unknown } UNKNOWN

# Refusals
refused-freeze-state = The order does not allow this: it is { $state } since { $at }, by { $by }.
refused-freeze-confirm = What was typed is not the last four of the number and the initial. Nothing was done.
refused-plan-hash = The plan is another one now ({ $hash }). Look at it and decide again.
refused-emergency-ticket = An emergency freeze needs the number of its ticket.
refused-nothing-to-confirm = There is nothing to confirm on this order.
refused-nothing-to-resume = Nothing waits on this order.
refused-own-waiver = Nobody waives a step of an order they requested. Ask somebody else.
refused-no-step = The order has no step or gap { $n }.
refused-step-state = A step that is confirmed, waived or on its way cannot be waived.
refused-thaw-deleted = A deleted account cannot be given back.
refused-no-link = There is no such link.
refused-no-target = There is no target { $target }. tenure freeze targets lists them.
refused-linked = { $account } is linked to somebody already. Unlink it there first.
refused-link-in-hand = An order for somebody else works on { $account }. Stop that order first.
refused-erase-freeze = A freeze order of this person still runs. Let it end, or cancel it.

# Acts, as a list and a timeline name them
act-freeze-request = request a freeze
act-freeze-approve = approve the freeze
act-freeze-deny = deny the freeze
act-freeze-confirm = confirm the freeze
act-freeze-cancel = cancel the freeze
act-freeze-stop = stop the freeze
act-freeze-resume = resume the freeze
act-freeze-waive = waive a step
act-freeze-note = note
act-freeze-verify = verify the freeze
act-freeze-thaw = request a thaw
act-thaw-approve = approve the thaw
act-thaw-deny = deny the thaw
act-thaw-confirm = confirm the thaw
act-thaw-cancel = cancel the thaw
act-thaw-stop = stop the thaw
act-thaw-resume = resume the thaw
act-thaw-verify = verify the thaw
act-freeze-link = link an account
act-freeze-unlink = unlink an account
act-freeze-change = change the order
act-freeze-expire = let the freeze expire
act-freeze-start = start the freeze
act-freeze-outdated = the freeze is void at its hour
act-freeze-set-aside = set the freeze aside
act-freeze-covered = close a gap of the freeze
act-freeze-stand-in = ask for a block elsewhere
act-freeze-void = void the freeze
act-freeze-send = send steps
act-freeze-settle = settle steps
act-freeze-verified = look again
act-freeze-drift = find drift
act-freeze-thawing = begin the thaw
act-freeze-thawed = end the thaw
act-freeze-drill = drill break-glass
drill-head = Drill of break-glass on { $at } by { $by }; the next is due on { $due }.
drill-reserve = The reserve on the disk is whole: a break-glass freeze can be written down when the disk is full.
drill-reserve-broken = The reserve on the disk is missing or not whole. Make room on the disk: the next write takes it again.
drill-reserve-server = The data is on a server: whether its disk has room is for the server to say.
drill-write = The store took this drill in the way in which it takes a break-glass freeze.
drill-target = { $target } answers, and we may write there.
drill-target-unproven = { $target } answers; whether we may write there shows only at the first write.
drill-target-refused = { $target } answers and refuses our writes: nothing of it could be frozen.
drill-target-down = { $target } does not answer: nothing of it could be frozen.
drill-no-targets = No target is declared: nothing could be frozen. Declare one in tenure.toml.
drill-lane = Work is taken up: nothing has waited for longer than ten minutes.
drill-lane-behind = { $n } jobs have waited since { $at }: no worker runs. Start one: tenure worker
drill-lane-aside = { $n } jobs of freezes were set aside with an error. See tenure job list, then tenure job retry.
drill-reviewers = { $n } others could review it: { $names }
drill-nobody = Nobody else could review it. Add a second operator: tenure operator add

# Reads, as the access log names them
query-freezes = freeze orders
query-freeze = a freeze order
query-freeze-plan = the plan of a freeze
query-thaw-plan = the plan of a thaw

# Saved views of the orders
freeze-view-open = open
freeze-view-frozen = frozen now
freeze-view-all = all

# Heads of the command line
cli-head-account = Account
cli-head-hash = Plan
cli-head-level = Level
cli-head-place = Where
cli-head-residual = Residual access
cli-head-step = Step
cli-head-steps = Steps
cli-head-target = Target
cli-head-took = Took
cli-head-write = Write
cli-head-lockout = Off locks out
cli-no-last-day = This person has no last day. Give a time with --at.
entity-freeze = freeze order

target-spec-next = Mend the table in tenure.toml; tenure config check names every mistake.

# The console
tab-freezes = Freeze
empty-freezes = No freeze orders in this view. F plans one; Tab shows the other views.
empty-order = No order is chosen. Choose one in Freeze (gf) and press Enter.
col-order = Order
col-steps = Steps
col-when = When
col-requester = By
residual-unknown = residual UNKNOWN
residual-zero = residual 0
residual-left = residual { $left }
step-again = { $left }: { $why }
how-suspend-immediate = L2 suspend now
how-restrict-immediate = L1 restrict now
how-suspend-planned = L2 at a time
how-suspend-emergency = L2 emergency
how-delete-immediate = L3 delete now
run-at-key = t: another time
run-at-typing = Enter: plan for this time, Esc: leave it
plan-title = Plan of a freeze
thaw-title = Plan of a thaw
plan-reading = Reading the targets...
field-run-at = Runs at
field-ticket = Ticket
freeze-reason-last-day = last working day
freeze-reason-cause = for cause, not yet told
freeze-reason-abandoned = left without notice
freeze-reason-data = may be taking company data
freeze-reason-hijacked = account may be hijacked
field-confirm = Type it
field-confirm-hint = last 4 of the number + initial, like 0417Z
field-evidence = Evidence
find-title = Whose accounts?
find-label = Number or name:
find-nobody = Nobody is found for { $text }. The whole number, name or sort name is wanted.
find-several = { $n } people are called so. Look at the number.
form-freeze = Ask for the freeze
form-thaw = Ask for the thaw
form-waive-step = Taken care of by hand
freeze-facts = { $number }, { $steps } steps, approvals first: { $n }
fault-confirm = Type the last four of the number and the initial.
hint-freeze-plan = Enter Ask  Tab Level, time  t Time  j/k Scroll  q Back
hint-thaw-plan = Enter Ask  j/k Scroll  q Back
hint-find = Enter Find, take  Up/Down Choose  Esc Back
pick-waiting-title = Orders wait for their hour
pick-running-title = An order is under way
pick-detach = Leave the console; the order goes on
running-here = This console runs the orders. Once it is left nobody goes on, until a console or `tenure worker` runs on this home: { $n ->
    [one] one step stays pending.
   *[other] { $n } steps stay pending.
 }
waiting-here = This console runs the orders. Once it is left nobody begins them, until a console or `tenure worker` runs on this home: { $n ->
    [one] one order waits for its hour, { $at }.
   *[other] { $n } orders wait for their hour, the first for { $at }.
 }
pick-detach-here = Leave the console; the order waits
pick-stay = Stay
pick-stop = Stop the order after the steps on their way
reader-step = Step
reader-gap = Gap
step-head = { $n }  { $target }  { $login } ({ $account }): { $step }, { $state }
step-tries = Tries: { $n }, key { $key }
step-sent = Sent { $at }
step-confirmed = Confirmed { $at }
step-waived = By hand, { $by }, { $at }: { $evidence }
cmd-go-freezes = Go to freeze
cmd-go-freezes-short = Freeze
cmd-go-freezes-help = Freeze orders: what waits, runs or has stuck
cmd-freeze-plan = Plan a freeze
cmd-freeze-plan-short = Plan
cmd-freeze-plan-help = Read all accounts of the person and show what a freeze would do
cmd-freeze-approve = Approve the freeze
cmd-freeze-approve-short = Approve
cmd-freeze-approve-help = Say yes to exactly this plan
cmd-freeze-confirm = Confirm the freeze
cmd-freeze-confirm-short = Confirm
cmd-freeze-confirm-help = The second person's word after an immediate freeze
cmd-freeze-resume = Resume the order
cmd-freeze-resume-short = Resume
cmd-freeze-resume-help = Go on after a stop, a refusal or a drift
cmd-freeze-stop = Stop the order
cmd-freeze-stop-short = Stop
cmd-freeze-stop-help = Stop after the steps that are on their way
cmd-freeze-verify = Verify the freeze
cmd-freeze-verify-short = Verify
cmd-freeze-verify-help = Read everything back now
cmd-freeze-thaw = Plan a thaw
cmd-freeze-thaw-short = Thaw
cmd-freeze-thaw-help = Show what would be given back
cmd-freeze-cancel = Cancel the order
cmd-freeze-cancel-short = Cancel
cmd-freeze-cancel-help = Take the order back before it runs
cmd-freeze-waive = Waive a step
cmd-freeze-waive-short = By hand
cmd-freeze-waive-help = The step or gap was taken care of by hand; evidence is wanted
cmd-freeze-note = Write a note
cmd-freeze-note-short = Note
cmd-freeze-note-help = Write down what whoever comes next should know
scope-freeze = on freeze orders
scope-order = on a freeze order
