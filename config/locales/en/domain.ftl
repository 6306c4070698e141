# Failures and refusals: what happened, then what to do
failed-internal = Something broke: { $detail }. Nothing was changed. Run `tenure doctor`, or report it with this text.
refused-conflict = Nothing was done: { $by } was first ({ $act }, { $at }). It is { $state } now, version { $version }; you saw version { $seen }. Look at it again and decide.
refused-alert-state = The alert does not allow this: it is { $state } since { $at }, by { $by }.
refused-plan-state = The plan does not allow this: it is { $state }.
refused-token-days = A token lives 1 to { $most } days.
refused-token-hash = The hash of a token is a SHA-256: 64 digits in lower-case hexadecimal.
refused-token-again = This token is known already. Make a new one.
refused-fingerprint = A fingerprint looks like SHA256:..., as `ssh-keygen -l -f FILE` prints it.
refused-key-taken = This key is registered for { $name } already. Remove it there first: tenure operator unkey.
refused-no-key = No such key is registered. `tenure operator keys` shows those that are.
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
refused-two-hats = Whoever asked is the same person under another login. Ask somebody else.
refused-scope = As { $role } you do not reach whom this is about. Ask somebody whose unit it is.
refused-reveal-minutes = A name is revealed for 1 to { $most } minutes.
refused-operator-org = This role works for one unit. Name it as a path: --org /group/east, or --org / for the whole company.
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
act-operator-role = give an operator another role
act-token-add = issue a token
act-token-revoke = revoke a token
act-operator-key = register an SSH key
act-operator-unkey = remove an SSH key
act-operator-revoke = revoke an operator
act-operator-link = link an operator to a person
act-operator-restore = restore an operator
act-operator-end = end an operator whose accounts are frozen
act-alert-release = put the alert back: its owner's access ended
act-offboarding-release = take the reviewer from the item: their access ended
act-person-sort-name = correct the sort name
act-person-reveal = reveal who it is
act-person-erase = erase the person
act-person-erase-again = erase again after a restore
act-import-publish = publish an import
act-import-discard = discard an import
act-quarantine-retry = retry quarantined rows
act-score-contest = contest the score
act-score-answer = answer the contest of the score
contest-state-open = waits for an answer
contest-state-upheld = upheld
contest-state-corrected = corrected
contest-state-withdrawn = withdrawn
contest-open = contested, not answered yet
act-signal-ingest = signals sent by a system
act-audit-anchor = write an anchor

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
role-owner = owner
role-salesperson = salesperson
role-sales-manager = sales manager
role-scope-all = all
role-scope-org = own unit
role-scope-own = own
role-field-identity = identity
role-field-score = score
role-field-resume = résumé
role-field-pay = pay
role-field-notes = notes
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
token-scope-full = everything
token-scope-read = queries only
token-scope-ingest = sending signals only
entity-token = token
entity-ssh-key = SSH key
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

# What an anchor shows
anchor-garbage = Line { $line } is no anchor, or was edited.
anchor-key = The anchor in line { $line } was signed by another key.
anchor-signature = The signature of the anchor in line { $line } does not fit: it was edited.
anchor-home = The anchor in line { $line } is of another home ({ $home }).
anchor-back = The anchor in line { $line }, of { $at }, says less than the one before it, of { $before }: an older database was in use by then.
anchor-cut = The chain "{ $chain }" ends at entry { $end }, but had { $seq } on { $at } (line { $line }): its end was cut off, or an older database was put in its place.
anchor-older = Both chains end before what was there on { $at } (line { $line }): { $acts } acts of { $was }, { $access } looks of { $looked }. An older database was put in its place, or both ends were cut off.
anchor-differs = Entry { $seq } of the chain "{ $chain }" is not the one that was there on { $at } (line { $line }): the chain was written anew.

purpose-retention = retention

# Offboarding: refusals
refused-case-exists = There is a case for this employment already; it is { $state }.
refused-case-state = The case does not allow this: it is { $state } since { $at }, by { $by }.
refused-case-stays = The HR record gives no last day any more: the person stays. Withdraw the case; or correct the record, and the case goes on.
refused-duty-stays = This ends by itself: withdraw the case, or correct the HR record with an import.
refused-erase-case = This person's offboarding is open ({ $state }). Close or withdraw it first.
refused-erase-owner = { $count ->
    [one] A customer is
   *[other] { $count } customers are
 } still this person's. Transfer them, or put them in the pool, first.
refused-erase-taker = This person is to take over { $count ->
    [one] a customer
   *[other] { $count } customers
 }. Let the transfers end, or give them up, first.
refused-erase-collector = This person collects the receivables of { $count ->
    [one] a customer
   *[other] { $count } customers
 } in the pool. Name somebody else first.
refused-last-day-before-start = The last day lies before the first, { $on }.
refused-notice-day = Notice cannot lie in the future or after the last day.
refused-other-last-day = This employment ended on { $on }. Give that day, or correct the record with an import.
refused-own-case = Nobody approves a case that they started, or their own. Ask somebody else.
refused-stage-shut = Not yet: { $stage } comes first ({ $item }: { $state }).
refused-gate-shut = Not yet: { $gate } ({ $count ->
        [one] one line missing
       *[other] { $count } lines missing
    }; first: { $line } { $what }).
refused-open-items = { $count ->
        [one] One item is
       *[other] { $count } items are
    } still open. Accept or waive everything before closing.
refused-withdraw-departed = The employment is over. A departure is reversed, not withdrawn.
refused-abandoned-future = A day on which the person was last seen cannot lie in the future.
refused-leaver-reviews = The leaver reviews, waives and exports nothing of their own.
refused-submitter-reviews = Nobody reviews what they handed in. Name another reviewer.
refused-reviewer-submits = You are the reviewer of this item. Name another reviewer first, then hand it in.
refused-not-reviewer = { $name } reviews this item. Assign it to yourself first, or ask them.
refused-already-reviewer = That operator reviews the item already.
refused-item-state = The item does not allow this: it is { $state }.
refused-item-accepted = The item is accepted and stays so. Open a correction instead.
refused-correct-state = Only what was accepted is corrected; this item is { $state }.
refused-correcting = A correction of this item is open already.
refused-accounts-by-order = Accounts are settled by freeze orders, not by a form. Without any, ask for a waiver.
refused-no-evidence = Nothing was handed in for this item yet.
refused-other-hash = The file is not the one that you looked at. Look at it again and decide.
refused-file-gone = The file of this item is not in the store any more, or was changed. It cannot be accepted.
refused-file-unknown = There is no stored file with the hash { $hash }. Put it in first.
refused-not-export = Only an item of the kind data export is run as a job.
refused-leaver-exports = The data export is a job of the company, never of the leaver.
refused-signed-future = A signature cannot lie in the future.
refused-negative-figure = A figure cannot be negative.
refused-location-off = Where somebody was is not recorded in this home: offboarding.location is off.
refused-location-consent = A location needs the place, where the consent is recorded, and what it is for.
refused-duty-state = The duty is { $state } already.
refused-duty-future = What is still to come cannot be marked as done.
refused-duty-early = Not before { $on }.
refused-duty-evidence = Give the evidence: a file, or a few words about where it is.
refused-no-talk-wanted = This kind of alert asks for work, not for a talk. Resolve it when the work is done.
refused-outcome-kind = That outcome does not fit this kind of alert.

# Why an item came back
return-no-file = The attachment is missing.
return-unsigned = The signature is missing: who signed for the customer, and when.
return-no-place = The place of the visit is missing.
return-customers = Customers: { $stated } stated, { $ledger } in the ledger.
return-orders = Unfinished orders: { $stated } stated, { $ledger } in the ledger.
return-receivables = Receivables: { $stated } yuan stated, { $ledger } in the ledger.
return-empty = Nothing was handed in: neither a file nor words.
return-by-hand = { $why }

# What a gate still wants
missing-not-submitted = { $item }: not handed in ({ $state })
short-missing-not-submitted = not handed in:
missing-not-listed = { $customer }: came to the leaver after the list was drawn up
short-missing-not-listed = not on the list:
missing-customer-held = { $customer }: still the leaver's (transfer: { $state })
short-missing-customer-held = still the leaver's:
missing-customer-pending = { $customer }: still the leaver's; the customer may decline until { $at }
short-missing-customer-pending = may still decline:
missing-customer-due = { $customer }: still the leaver's; could decline until { $at }: ask the customer or the provider, then say transferred or declined
short-missing-customer-due = time to decline is over, confirm:
missing-customer-declined = { $customer }: declined the successor; document the refusal or waive
short-missing-customer-declined = declined the successor:
missing-collector = { $customer }: nobody is named who collects the receivables
short-missing-collector = nobody collects:
missing-letter = { $item }: no signed confirmation letter and no documented refusal
short-missing-letter = no signed letter:
missing-not-accepted = { $item }: { $state } (reviewer { $reviewer })
short-missing-not-accepted = not accepted:
missing-not-returned = { $item }: { $state }
short-missing-not-returned = not returned:
missing-no-freeze = Accounts: no freeze order was made, and nobody waived it
short-missing-no-freeze = no freeze order
missing-freeze-open = Accounts: the freeze order is not complete
short-missing-freeze-open = freeze order not complete
missing-freeze-unknown = Accounts: a step of the freeze order is unknown
short-missing-freeze-unknown = a freeze step is unknown

# Gates
gate-g1 = checklist filled
gate-g2 = customers handed over
gate-g3 = confirmation letters signed
gate-g4 = handover accepted
gate-g5 = assets and data returned
gate-g6 = accounts dead or waived

# States of a case
case-state-submitted = submitted
case-state-approved = approved
case-state-handover = handover
case-state-returned = returned
case-state-review = in review
case-state-clearance = clearance
case-state-ready-to-close = ready to close
case-state-abandoned = job abandoned
case-state-closed = closed
case-state-withdrawn = withdrawn

# Views of the board
case-view-open = open
case-view-mine = mine to review
case-view-overdue = overdue
case-view-closed = ended
case-view-all = all

# What is handed over
item-kind-customer-list = customer list
item-kind-customer = confirmation letter
item-kind-orders = unfinished orders
item-kind-receivables = receivables
item-kind-visit = visit record
item-kind-export = data export
item-kind-asset = asset
item-kind-accounts = accounts
item-name = { $kind }: { $label }
item-name-kind = { $kind }

# States of an item
item-state-todo = to do
item-state-submitted = handed in
item-state-under-review = under review
item-state-returned = returned
item-state-blocked = stuck
item-state-accepted = accepted
item-state-waived = waived
evidence-signed = signed by { $name } on { $on }
verdict-accepted = accepted by { $by }, { $at }
verdict-returned = returned by { $by }, { $at }: { $why }

# The statutory track
duty-kind-last-day = last day
duty-kind-certificate = leaving certificate
duty-kind-file-transfer = transfer of the file
duty-kind-social-insurance = transfer of social insurance
duty-kind-final-pay = final pay
duty-kind-compensation = economic compensation
duty-kind-keep-contract = contract kept until
duty-kind-thaw = give accounts back
duty-kind-stays = person stays: settle it
duty-kind-apology = apology for a wrong freeze
act-duty-apology = owe an apology for a wrong freeze
duty-state-open = open
duty-state-done = done
duty-state-void = not owed
duty-done-by = by { $by } on { $on }

# How a freeze stands
freeze-standing-none = no order
freeze-standing-open = not complete
freeze-standing-unknown-steps = a step is unknown
freeze-standing-complete = complete
desk-sales-manager = sales manager
desk-hr-specialist = HR specialist
alert-kind-handover-overdue = handover overdue
alert-kind-duty-overdue = statutory duty overdue
alert-kind-freeze-drift = freeze drift
alert-kind-post-freeze-activity = activity after the freeze
alert-kind-connector-down = connector down
alert-kind-freeze-unconfirmed = freeze not confirmed
alert-kind-break-glass = break-glass
alert-kind-freeze-stopped = freeze stopped
alert-outcome-handled = handled
alert-outcome-false-alarm = false alarm
act-offboarding-start = start an offboarding
act-offboarding-approve = approve the offboarding
act-offboarding-advance = advance the offboarding
act-offboarding-close = close the offboarding
act-offboarding-withdraw = withdraw the offboarding
act-offboarding-abandon = record a job abandonment
act-offboarding-submit = hand in
act-offboarding-review = accept
act-offboarding-return = return
act-offboarding-waive = waive
act-offboarding-block = mark as stuck
act-offboarding-assign = name the reviewer
act-offboarding-correct = open a correction
act-offboarding-export = run the data export
act-offboarding-duty = mark a duty
act-offboarding-item = a change of the item
act-offboarding-overdue = handovers and duties past their day
act-offboarding-follow = offboarding follows the HR record
act-evidence-purge = files that nothing came of
act-offboarding-exported = data export
entity-offboarding = offboarding case
entity-handover-item = handover item
entity-duty = statutory duty
