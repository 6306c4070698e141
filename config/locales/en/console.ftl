# A text that is shown as it is
just-text = { $text }

# Header, tabs, status line
header-locked = LOCKED
header-locked-own = LOCKED: { $key } unlocks
header-locked-by = LOCKED ({ $by })
header-locked-by-own = LOCKED ({ $by }): { $key } unlocks
locked-by-flag = --read-only
locked-by-profile = profile
locked-by-role = role
locked-by-night = night
locked-by-key = key
header-made = MADE DATA
link-opening = opening
link-up = live
link-lost = STALE { $age }
link-clock-behind = live; this clock { $seconds } s behind
link-clock-ahead = live; this clock { $seconds } s ahead
link-again = Attempt { $tries }: { $why }
tab-today = Today
tab-alerts = Alerts
tab-people = People
tab-person = Person
tab-plans = Retain
tab-approvals = Sign
tab-audit = Audit
too-small = The window is { $aw }x{ $ah }; tenure needs at least { $w }x{ $h }. Make it larger, or Q to leave.
status-filter = filter: { $text }
status-marked = { $n } marked
status-marked-loaded = { $n } marked; the list goes on, G loads more
status-unsettled = Acts with unknown outcome: { $n }. Looking again, { $left }
plans-tab = plans
approvals-tab = { $n } wait for a second person, { $own } asked by you
audit-acts = acts
audit-access = reads

# What keys do in a dialog
hint-confirm = y Yes   n No   Tab other answer   Enter the marked answer   Esc No
hint-pick = Enter choose   j k move   Esc q close
hint-form = Ctrl-D send   Tab next field   Esc close, the text is kept
hint-palette = Enter run   Up Down move   Esc close
hint-keys = type to search   Up Down scroll   Esc q close
hint-filter = Enter filter   empty shows all   Esc close
hint-filter-alerts = Enter filter   empty shows all   Esc close   like: band:high owner:lin
hint-filter-people = Enter filter   empty shows all   Esc close   name, number or org:sales
hint-reader = j k Space scroll   Esc q close
hint-reader-approval = a approve   d deny   j k Space scroll   Esc q close
hint-reader-contest = A answer   j k Space scroll   Esc q close
hint-reader-item = j k Space scroll   Tab older version   Shift-Tab newer   Esc q close
hint-what-if = Enter compute   Up Down field   Esc q close
hint-import = Enter load   Tab next field   Esc close
hint-import-going = Esc q close, loading goes on
hint-import-done = Enter open   i another file   Esc q close

# Notices
notice-first-pane = This is the first pane. q leaves.
notice-input-method = An input method is on. Switch it off (Shift or Ctrl-Space) to use keys.
notice-no-key = { $keys } does nothing here. ? shows the keys.
notice-paste-ignored = The paste was ignored: nothing is being typed here.
notice-copied = { $number } was sent to the terminal's clipboard
notice-lost-marks = Marked rows that left the list: { $n }
notice-no-other-kind = There is no line of another kind that way
notice-draft-kept = Closed. What was typed is kept and comes back with the same key.
notice-locked = LOCKED. L unlocks.
notice-unlocked = Unlocked
notice-verifying = Verifying both chains...
notice-verified = Both chains verify: { $n } entries, head { $head }
notice-chain-broken = The chain "{ $chain }" is broken at entry { $seq }: { $fault }. Tell the privacy officer; run tenure audit verify.
notice-link-back = The data is live again
notice-done = Done: { $act }, { $who }
notice-done-version = Done: { $act }, { $who } (v{ $version })
notice-done-all = Done: { $act }, all { $n }
notice-done-all-for = Done: { $act }, all { $n }, { $to }
notice-done-part = { $act }: { $ok } done, { $moved } changed meanwhile, { $other } refused
notice-asked-approval = Asked for approval: { $act }, { $who }. Nothing changes until somebody else grants it.
notice-unknown = Unknown whether it was done: { $act }. Looking again with the same key; it is never done twice.
notice-settled = Checked, it is done: { $act }, { $who } (v{ $version })

# Lists that have nothing to show
state-loading = Loading...
state-failed-next = It is tried again by itself. Ctrl-R tries now; the keys still work.
empty-alerts = No alerts in this view. Tab shows the other views.
empty-filtered = Nothing fits the filter. Esc clears it, / changes it.
empty-people = Nobody is here yet. Load people with: tenure import employees FILE
empty-plans = No retention plans yet. P on an alert drafts one.
empty-approvals = No approvals wait.
empty-audit = No entries yet.
empty-today = Nothing urgent. ga shows all alerts.
empty-timeline = Nothing of this kind. Tab shows the other kinds.
empty-chart = Fewer than two scores: no chart yet
empty-person = No person is chosen. Choose one in Alerts (ga) or People (gp) and press Enter.

# Column heads
col-name = Name
col-number = Number
col-score = Score
col-due = Clock
col-state = State
col-owner = Owner
col-impact = Impact
col-post = Post
col-last = Last word
col-spell = Status
col-org = Unit
col-template = Plan
col-cost = Cost
col-outcome = Outcome
col-changed = Changed
col-proposer = By
col-expires = Expires
col-what = What
col-seq = Entry
col-at = Time
col-operator = Operator
col-subject = About

# Short words for cells
short-band-low = low
short-band-medium = mid
short-band-medium-high = mid+
short-band-high = high
short-kind-handover-overdue = handover
short-kind-duty-overdue = duty
short-kind-freeze-drift = drift
short-kind-post-freeze-activity = activity
short-kind-connector-down = target
short-kind-freeze-unconfirmed = confirm
short-kind-break-glass = glass
short-kind-freeze-stopped = stopped
short-level-1 = HR mgr
short-level-2 = HR dir
short-level-3 = group
short-state-new = new
short-state-acked = acked
short-state-in-progress = working
short-state-snoozed = snoozed
short-state-dismissed = dismissed
short-state-resolved = resolved
short-state-closed-exit = left
state-acting = acting..
state-unknown = unknown?
due-sample = talk 2 d 23 h left
due-talk = talk { $left }
due-ack = ack { $left }
due-snoozed = wakes { $left }
due-talked = talked { $ago }
ago = { $age } ago
fact-line = { $label }: { $value }

# Today
today-overdue = overdue
today-due = due in 24h
today-unacked = unacked
today-stale = stale acks
today-open = open
today-high = high
today-approvals = to approve
today-plans = retention
today-duties-late = duty late
today-duties = duty in 3d
today-returned = items back
today-unconfirmed = to confirm
today-drifted = drift
today-partial = stuck freeze
today-break-glass = break-glass
today-drill = drill due
today-quarantine = { $n } rows in quarantine: tenure quarantine list
today-jobs = { $n } jobs failed: tenure job list
today-anchors = anchors fail since { $since }
today-anchors-never = no anchor was written yet
today-contests = { $n ->
        [one] 1 contest
       *[other] { $n } contests
    } to answer
today-contests-late = { $n ->
        [one] 1 contest
       *[other] { $n } contests
    } overdue
today-urgent = Most urgent
first-title = This home is empty. How do you want to begin?
first-sample = Look around in a made-up company of 2,000 people
first-import = Load people of your own from a file
first-leave = Leave
first-then = The same from a shell: tenure demo, and tenure import employees FILE.csv, then signals and exits. tenure import --help shows the columns, and --dry-run what would change.
load-title = Load a file
load-kind = What it holds
load-kind-employees = people
load-kind-signals = signals
load-kind-exits = departures
load-file = File
load-map = Mapping
load-columns-employees = A table with the columns number, name, org, post and started; also person, manager, state, last_day and more.
load-columns-signals = A table with the columns event, number, kind and observed_at; also known_at, value, baseline and note.
load-columns-exits = A table with the columns number, last_day and exit.
load-map-hint = CSV or NDJSON, UTF-8 or GB18030. For other columns name a mapping: ibm-attrition, mfg-10-years, or a file of your own.
load-safe = Rows that cannot be taken are kept aside with their reason; loading the same file again changes nothing.
load-reading = Reading
load-loading = Loading
load-left = { $left } left
load-rows = { $rows } rows, { $rate } a second
load-done = Loaded: { $added } new or changed, { $same } already known, { $bad } not taken.
load-kept = They are kept: tenure quarantine list, then tenure quarantine retry.
load-bad-row = row { $row }, { $column }: { $reason }
load-next = Enter opens what is here now; i loads another file.
notice-import-goes-on = The file goes on loading.
notice-import-done = The file is loaded: { $added } new or changed, { $bad } not taken.
reader-missing = Not ready
gate-misses = { $code } { $gate }:
fault-no-file = Name a file.
off-no-sample = The sample company can only be made on this machine: leave and run tenure demo.
off-sample-used = Somebody has worked in this home already. To make the sample company in its place, leave and run tenure demo.

# Facts of a row, for wide screens
fact-kind = About
fact-score = Score
fact-contest = Contest
reader-contest = Contest of the score of { $who }
field-said = They say
field-recorded = Recorded
field-due = Answer due
field-contest-answer = Decision
field-answer = Answer
fact-post = Post
fact-org = Unit
fact-critical = Core post
fact-impact = Impact
fact-state = State
fact-clock = Clock
fact-owner = Owner
fact-level = Level
fact-raised = Raised
fact-raised-value = { $ago }, generation { $n }, events { $events }
fact-talks = Talks
fact-touched = Changed
fact-touched-value = { $act }, { $by }, { $ago } (v{ $version })
fact-last = Last word

# Person
card-last-day = last day { $day }
card-impact = impact { $impact }
card-manager = manager { $name }
card-since = since { $day }
card-earlier = employed before: { $n } (from { $day })
card-missing = missing: { $features }
card-model = model { $model } { $version }, as of { $day }
card-no-score = No score yet
card-contested = contested, answer due { $day }
card-score-withdrawn = withdrawn after a contest
card-alert = Alert { $state }
card-owner = owner { $name }
card-level = escalated to { $level }
card-pending = approval waits
card-no-alert = No open alert
card-homonyms = { $n } more with this name: { $others }
timeline-title = Timeline: { $kind }
timeline-all = all
chart-legend = lines: 4 medium  7 medium-high  8 high

# Approvals
col-standing = For you
col-asked = Asked
standing-open = to sign
standing-own = own
standing-role = not yours
standing-changed = changed
standing-expired = expired
field-talk-due = Talk due
reader-approval = Approval: { $who }
approval-steps = Steps: { $n }
approval-snooze = snooze until { $until }
approval-asks = { $who } asks for: { $act } ({ $at })

# Choices
pick-owner = { $name } ({ $role })
pick-owner-title = New owner
pick-template-title = Which plan?
pick-report-title = Which report?
pick-hr-warning = HR early-warning report (HR only)
pick-manager-summary = Manager summary (no résumé signal, no raw data)
pick-leave = Leave it for now
and-more = { $who } and { $n } more

# Forms
form-talk = Record talk
form-note = Note
form-snooze = Snooze
form-dismiss = Dismiss
form-resolve = Resolve
form-reopen = Reopen
form-reveal = Reveal who it is for 30 minutes
form-plan = Retention plan
form-deny = Deny
form-outcome = Outcome of the plan
field-when = When
field-who = Who talked
field-channel = How
field-needs = Needs
field-next-step = Next step
field-note = Note
field-until = Until
field-reason = Reason
field-dismiss-reason = Why
field-outcome = Outcome
field-refusal = Refusal to talk
field-days = After
field-plan-outcome = Outcome
field-template = Template
field-plan = Plan
field-cost = Cost in yuan
field-cost-hint = 12000 or 12000.50; empty: none
field-until-hint = 24h, 3d or 2026-11-22 09:05
days-90 = 90 days
days-180 = 180 days
fault-when = "{ $text }" is no time. Write it like 2026-11-22 09:05.
fault-until = "{ $text }" is no time. Write 24h, 3d or 2026-11-22 09:05.
fault-cost = "{ $text }" is no amount. Write it like 12000 or 12000.50.
fault-number = "{ $text }" is no number

# Questions
confirm-ask =
    { $n ->
        [one] { $act }?
       *[other] { $act }: { $n } alerts?
    }
confirm-ask-items =
    { $n ->
        [one] { $act }?
       *[other] { $act }: { $n } items?
    }
confirm-ask-customers =
    { $n ->
        [one] { $act }?
       *[other] { $act }: { $n } customers?
    }
confirm-version = v{ $version }
confirm-more = { $from }-{ $to } of { $n }, j k scroll
confirm-no = No
confirm-yes = Yes
confirm-quit = Leave?
confirm-quit-jobs = Acts still on their way: { $n }. They go on, but nobody here sees the outcome.
notice-drafts-back =
    { $n ->
        [one] Kept since the connection was cut: what you wrote on { $about }. Open that form again.
       *[other] Kept since the connection was cut: { $n } texts, on { $about }. Open those forms again.
    }
confirm-quit-drafts = Texts typed and not sent: { $n }. They are lost when you leave.

# Texts to read
reader-report = Report
reader-made = Made { $at }
reader-explain = Explanation
reader-explain-of = { $who }: score as of { $day }
reader-plan = Retention plan: { $who }
reader-entry = Entry { $seq }
reader-outcomes = What became of each
reader-faults = Please mend these files; all else is in use
outcome-done = done
explain-score = { $score } ({ $band }), probability { $p }
explain-factors = What pushed it
explain-more = and { $n } more
explain-sum = start { $intercept }, factors { $sum }, together { $logit } (log-odds)
explain-missing = Missing (counts as nothing)
explain-unweighed = Seen, not weighed (last 180 days)
explain-model = Model
explain-hash = inputs { $hash }
explain-valid = computed again on { $day } at the latest, when evidence leaves its window
plan-approver = Approved by
plan-delivered = Delivered
entry-act = Act
entry-purpose = Purpose
entry-count = Rows
entry-chain = Chain
entry-hash = hash { $hash }
entry-prev = after { $hash }
keys-search = Keys, search:
palette-nothing = No command fits

# What if
what-if-title = What if: { $who }
what-if-now = now
what-if-then = then
what-if-missing = missing
what-if-note = Nothing is stored. Fractions: 0.15 is 15%. An empty value counts as missing.

# Features in a word
short-feature-resume-updates-90d = résumé
short-feature-attendance-growth = attendance
short-feature-performance-drop = performance
short-feature-performance-falling-quarters = falling quarters
short-feature-pay-gap = pay
short-feature-call-volume-gap = calls
short-feature-stress-level = stress
short-feature-target-misses-60d = targets
short-feature-mentor-rating-gap = mentor rating
footer-explain = Explain
footer-decide = Decide

# Offboarding
tab-offboarding = Leaving
empty-board = Nobody is leaving in this view. Tab shows the other views; X on a person starts a case.
empty-case = Nothing to hand over here. Tab shows the other tabs.
stage-submitted = Submitted
stage-handover = Handover
stage-review = Review
stage-clearance = Clearance
stage-archive = Archive
stage-count = { $stage } { $n }
board-due = due { $day }
col-handed = Done
col-customers = Cust
col-handover-due = Due
col-last-day = Last day
col-next-duty = Next duty by law
col-item = Item
col-reviewer = Reviewer
col-evidence = Evidence
col-about = About
col-duty = Duty
col-day = Due
col-gate = Gate
col-missing = What is missing
case-tab-items = handover
case-tab-duties = statutory track
case-tab-gates = gates and what is missing
case-items = { $done }/{ $all } done
case-due = due { $day }
case-held = { $n } cust, { $owed } owed
case-freeze = freeze { $state }
case-gates-hold = Every gate holds.
case-gate-holds = holds: { $gate }
case-file = File
case-hash = SHA-256
case-location = Location
case-waived-by = Waived by
case-ledger = In the ledger
case-ledger-value = { $customers } customers, { $orders } unfinished orders, { $owed } owed
case-version = Version { $n } of { $all }, handed in by { $by }, { $at }
case-versions = Other versions (Tab shows the one before)
case-no-version = Nothing was handed in yet.
case-no-file = no file
case-size = Size
case-bytes = { $n } bytes
case-content = What the file holds
case-content-empty = Nothing: the file is empty.
case-content-binary = This is no text and cannot be shown here. To get the file: tenure offboarding file { $hash } --out FILE
case-content-cut = The file goes on. To get all of it: tenure offboarding file { $hash } --out FILE
case-content-again = Ctrl-R asks again.
short-duty-certificate = certificate
short-duty-file-transfer = file
short-duty-social-insurance = insurance
short-duty-final-pay = pay
short-duty-compensation = compensation
short-duty-keep-contract = contract
short-duty-thaw = thaw
short-duty-last-day = last day
pick-reviewer-title = Who reviews it?
pick-transfer-title = The transfer is under way
find-taker-title = Who takes over?
find-collector-title = Who collects what is owed?
find-unit = Colleagues of the unit. Type a name or number to look in the whole company.
find-nobody-begins = No name, sort name or number begins with { $text }.
find-more = The first { $n } are shown. Type more of the name or the number.
find-cannot = { $state }, cannot take over
field-taker = Takes over
field-collector = Collects
pick-pool = into the pool
pick-transfer-on = one step on
pick-transfer-agreed = one step on: the customer agreed in writing
pick-transfer-declined = the customer declined
pick-transfer-failed = give the transfer up
form-start = Leaves
form-withdraw = Withdraw: the person stays
form-abandon = Job abandonment
form-hand-in = Hand in
form-return = Return
form-waive = Waive (a second person decides)
form-block = Stuck
form-correct = Open a correction
form-duty = Done for the law
field-exit = How
field-last-day = Last day
field-notice-on = Notice given
field-done-on = Done on
field-file = File
field-signatory = Signed by
field-signed-on = Signed on
field-customer-refusal = Refusal
field-place = Place
field-customers = Customers
field-orders = Orders
field-receivables = Owed in yuan
field-file-hint = a path on this machine
field-last-day-hint = 2026-11-30
field-customer-refusal-hint = if the customer will not sign
fault-date = "{ $text }" is no day. Write it like 2026-11-30.
fault-file = { $file } cannot be read: { $error }
fault-outside-inbox = { $file } is not in your inbox. Here only files in { $inbox } can be read, each by its bare name; an administrator says how to put them there.
fault-file-missing = There is no file { $file } on this machine.
fault-file-denied = { $file } may not be read by you.
fault-not-a-file = { $file } is not a file.

# Admin
tab-admin = Admin
admin-tab-operators = Operators
admin-tab-tokens = Tokens
admin-tab-roles = Roles
admin-tab-targets = Targets
admin-tab-signals = Signals
admin-tab-jobs = Jobs
admin-tab-health = Health
admin-hint-operators = Whose login it is, is said in a shell: tenure operator link NAME PERSON
admin-hint-tokens = A token is shown once, so it is issued in a shell: tenure operator token NAME
admin-hint-targets = Targets are declared in tenure.toml; v asks each of them whether it answers
admin-hint-jobs = What failed is put back with: tenure job retry
admin-tokens = { $n }, first: { $left }
admin-days = { $n } days
admin-nobody = nobody's who works here
empty-admin = There is nothing in this section.
col-role = Role
col-login = Login
col-tokens = Tokens
col-scope = Scope
col-days = Days
col-issued = Since
col-ended = Ended
col-holders = Operators
col-may = May
col-hidden = Hidden
col-target = Target
col-kind = Kind
col-place = Where
col-health = Health
col-switch = Now
col-basis = Lawful basis
col-keep = Kept
col-purpose = Purpose
col-tries = Tries
col-error = Error
col-fact = What
col-standing-now = Now
col-session = Longest session
operator-state-active = active
operator-state-revoked = revoked
operator-state-ended = ended
token-state-good = good
token-state-expired = expired
token-state-revoked = revoked
health-unasked = not asked; v asks
health-checking = being asked..
home-fact-version = Version
home-fact-backend = Data
home-fact-company = Company
home-fact-people = Holds
home-fact-scored = Scored
home-fact-link = Link
home-fact-jobs = Jobs
home-fact-quarantine = Quarantine
home-fact-drill = Break-glass
home-fact-chains = Chains
home-people = people { $people }, signals { $signals }
home-jobs = failed { $failed }, running { $running }, waiting { $waiting }
home-rows = rows set aside: { $n }
home-chains-unasked = not walked here; v walks both
home-chains-good = both verify, { $ago }: { $n } acts, { $reads } reads
home-chains-broken = BROKEN, seen { $ago }: tell the privacy officer; run tenure audit verify
notice-checking = Asking every target...
notice-checked = Targets asked: { $n }; { $bad } do not answer
field-operator = Name
field-role = Role
field-org = Unit (a path; / is all)
field-basis = Lawful basis
confirm-ask-of = Really { $act }?

# What is owed, in the board
case-view-duties = duties, with a case or without
empty-duties = Nothing is owed.
col-case = Case
duty-of-case = in a case
duty-no-case = no case
field-ground = Ground
ground-none = as the plan says
ground-wrong-person = the wrong person was frozen
