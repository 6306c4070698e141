# Failures and refusals: what happened, then what to do
failed-internal = Something broke: { $detail }. Nothing was changed. Run `tenure doctor`, or report it with this text.
refused-conflict = Nothing was done: { $by } was first ({ $act }, { $at }). It is { $state } now, version { $version }; you saw version { $seen }. Look at it again and decide.
refused-alert-state = The alert does not allow this: it is { $state } since { $at }, by { $by }.
refused-plan-state = The plan does not allow this: it is { $state }.
refused-no-operator = There is no active operator with that name. `tenure operator list` shows who there is.
refused-already-owner = That operator owns the alert already.
refused-snooze-past = A snooze must end in the future. Choose a later time.
refused-approval-pending = An approval for this is already waiting. Wait for it, or ask the approver.
refused-top-level = The alert is already at the highest level, the group.
refused-empty-text = The text is empty. Write at least a few words.
refused-talk-future = The talk cannot be in the future. Enter when it was held.
refused-no-talk = The alert cannot be resolved without a talk. Record the talk, or document that the person declined it.
refused-departed = The person has left: this alert stays closed.
refused-other-open = Another alert of the same kind is open for this person. Work on that one.
refused-wrong-target = This act does not fit what was chosen.
refused-approval-closed = The approval is { $state } already, by { $by } at { $at }.
refused-approval-expired = The approval has expired. Ask for it again.
refused-own-approval = Nobody approves what they proposed. Ask somebody else.
refused-subject-changed = What was to be approved has changed since it was asked for. Look at it and ask again.
refused-negative-cost = A cost cannot be negative.
refused-outcome-days = An outcome is recorded after 90 or 180 days.
refused-outcome-early = It is too early for this outcome: record it from { $at }.

# Who acts without a name
machine = the machine

# Acts, as a list and a timeline name them
act-alert-ack = acknowledge
act-alert-assign = assign
act-alert-snooze = snooze
act-alert-escalate = escalate
act-alert-note = note
act-alert-dismiss = dismiss
act-alert-talk = record a talk
act-alert-resolve = resolve
act-alert-reopen = reopen
act-alert-raise = raise
act-alert-close-exit = close on departure
act-alert-wake = end of snooze
act-plan-create = draft a plan
act-plan-submit = submit the plan
act-plan-reject = reject the plan
act-plan-cancel = cancel the plan
act-plan-advance = advance the plan
act-plan-outcome = record the outcome
act-plan-change = change the plan
act-approval-grant = approve
act-approval-deny = deny
act-signal-enable = enable a signal kind
act-signal-disable = disable a signal kind
act-operator-add = add an operator
act-operator-revoke = revoke an operator
act-person-sort-name = correct the sort name
act-person-erase = erase the person
act-import-publish = publish an import
act-import-discard = discard an import
act-quarantine-retry = retry quarantined rows

# States of an alert
alert-state-new = new
alert-state-acked = acknowledged
alert-state-in-progress = in progress
alert-state-snoozed = snoozed
alert-state-dismissed = dismissed
alert-state-resolved = resolved
alert-state-closed-exit = closed, left

# Kinds of alerts
alert-kind-attrition-risk = attrition risk

# Saved views of the queue
alert-view-open = open
alert-view-mine = mine
alert-view-unacked = not acknowledged
alert-view-stale = acknowledged and stale
alert-view-snoozed = snoozed
alert-view-closed = closed
alert-view-all = all

# Why an alert was dismissed
dismiss-reason-expected = expected
dismiss-reason-stale-data = stale data
dismiss-reason-duplicate = duplicate
dismiss-reason-wrong-person = wrong person

# How an alert ended
alert-outcome-staying = staying
alert-outcome-undecided = undecided
alert-outcome-leaving = leaving
alert-outcome-refused-talk = declined to talk
alert-outcome-left = left

# Who an alert was escalated to
escalation-0 = owner
escalation-1 = HR manager
escalation-2 = HR director
escalation-3 = group

# How a talk was held
channel-in-person = in person
channel-phone = phone
channel-video = video

# What a plan offers
plan-template-promotion-path = promotion path
plan-template-project-authority = project authority
plan-template-training = training
plan-template-pay = pay
plan-template-transfer = transfer

# States of a plan
plan-state-draft = draft
plan-state-submitted = submitted
plan-state-approved = approved
plan-state-in-talk = in talk
plan-state-committed = committed
plan-state-delivered = delivered
plan-state-closed = closed
plan-state-rejected = rejected
plan-state-cancelled = cancelled

# What became of the person
plan-outcome-retained = retained
plan-outcome-left = left
plan-outcome-unknown = unknown

# States of an approval
approval-state-open = waiting
approval-state-granted = granted
approval-state-denied = denied
approval-state-expired = expired

# States of an employment spell
spell-state-pre-hire = before joining
spell-state-probation = probation
spell-state-active = active
spell-state-notice = on notice
spell-state-on-leave = on leave
spell-state-suspended = suspended
spell-state-departed = departed

# How a spell ended
exit-kind-resigned = resigned
exit-kind-mutual = by agreement
exit-kind-dismissed = dismissed
exit-kind-probation-failed = failed probation
exit-kind-contract-ended = contract ended
exit-kind-retired = retired
exit-kind-abandoned = job abandoned
exit-kind-died = died

# Core posts
critical-post-research = R&D
critical-post-sales = sales
critical-post-quality = quality control

# Impact of loss
impact-low = low
impact-medium = medium
impact-high = high

# Lawful bases of a signal kind
lawful-basis-hr-management = HR management
lawful-basis-contract = contract
lawful-basis-consent = consent
lawful-basis-legal-duty = legal duty
lawful-basis-legitimate-interest = legitimate interest

# How carefully a signal is shown
sensitivity-internal = internal
sensitivity-confidential = confidential
sensitivity-sensitive = sensitive

# Roles of operators
role-triager = triager
role-hrbp = HR business partner
role-hr-manager = HR manager
role-hr-director = HR director
role-line-manager = line manager
role-it-support = IT support
role-security-approver = security approver
role-privacy-officer = privacy officer
role-sys-admin = system administrator
role-auditor = auditor

# How an identity was proven
proof-asserted = asserted
proof-os-user = system user
proof-ssh-key = SSH key
proof-token = token
proof-machine = machine

# Things that acts change
entity-alert = alert
entity-plan = plan
entity-approval = approval
entity-person = person
entity-signal-kind = signal kind
entity-operator = operator
entity-import = import
entity-job = job
entity-home = home

# Kinds of timeline lines
timeline-kind-signal = signal
timeline-kind-score = score
timeline-kind-alert = alert
timeline-kind-talk = talk
timeline-kind-plan = plan
timeline-kind-act = act

# States of a job
job-state-pending = waiting
job-state-leased = running
job-state-failed = failed

# What is wrong with an audit entry
chain-fault-gap = an entry is missing
chain-fault-hash = the hash does not fit the bytes
chain-fault-prev = it does not follow the entry before
chain-fault-bytes = the bytes cannot be read
chain-fault-head = the chain does not end where the head says
chain-fault-columns = columns that differ from the entry

purpose-retention = retention
