# The command line: heads of columns, results of requests, what is wrong with arguments.

cli-head-alert = Alert
cli-head-approval = Approval
cli-head-approver = Approver
cli-head-as-of = As of
cli-head-at = When
cli-head-attempts = Tries
cli-head-band = Band
cli-head-basis = Lawful basis
cli-head-by = By
cli-head-column = Column
cli-head-cost = Cost
cli-head-critical = Core post
cli-head-decided-by = Decided by
cli-head-delivered = Delivered
cli-head-dismissed = Dismissed as
cli-head-due = Clock
cli-head-enabled = State
cli-head-error = Error
cli-head-escalation = Escalated to
cli-head-exit = Left by
cli-head-features = Features
cli-head-file = File
cli-head-id = Id
cli-head-impact = Impact
cli-head-in-use = In use
cli-head-keep-days = Days kept
cli-head-kind = Kind
cli-head-last-day = Last day
cli-head-manager = Manager
cli-head-model = Scorer
cli-head-name = Name
cli-head-title = Name
cli-head-needs = Needs
cli-head-next = Next step
cli-head-note = Last note
cli-head-number = Number
cli-head-org = Unit
cli-head-outcome = Outcome
cli-head-outcome-90 = After 90 days
cli-head-outcome-180 = After 180 days
cli-head-overridden = Own copy
cli-head-owner = Owner
cli-head-post = Post
cli-head-proof = Proven by
cli-head-proposer = Proposer
cli-head-purpose = Purpose
cli-head-raised = Raised
cli-head-revoked = Revoked
cli-head-role = Role
cli-head-row = Row
cli-head-score = Score
cli-head-sensitivity = Sensitivity
cli-head-seq = Entry
cli-head-snoozed = Snoozed until
cli-head-sort-name = Sort name
cli-head-started = Joined
cli-head-state = State
cli-head-subjects = About
cli-head-template = Template
cli-head-text = Plan
cli-head-valid-until = Valid until
cli-head-version = Version
cli-head-what = What
cli-head-why = Reason

cli-yes = yes
cli-on = on
cli-off = off
cli-ok = ok
cli-bad = NOT OK
cli-nothing-to-do = There was nothing to do.
cli-empty = Nothing to list.
cli-more = There is more: go on with --after '{ $after }'
cli-homonyms = Others with the same name:
cli-intercept = nothing known
cli-logit = together (logit)
cli-missing = Missing
cli-unweighed = Seen, not weighed
cli-what-if-now = Today
cli-what-if-then = With these inputs

cli-done = Done: { $act }, { $who }
cli-done-version = Done: { $act }, { $who } (version { $version })
cli-pending = Waits for another person: { $act }, { $who }. Approval { $approval }: `tenure approval grant` or `deny`.
cli-refused = Refused: { $act }, { $who }. { $why }
cli-replayed = (seen before: this is the stored answer)
cli-some-refused = { $done } done, { $refused } refused.

cli-ambiguous = "{ $text }" fits { $count } people.
cli-ambiguous-next = Name one of them by number or id.
cli-no-person = Nobody has the number, id or name "{ $text }".
cli-no-person-next = See `tenure employee list` for who is there.
cli-no-alert = { $number } { $name } has no alert.
cli-not-an-id = "{ $text }" is not an id.
cli-bad-time = "{ $text }" is no time. Give RFC 3339 (2026-11-22T09:00:00+08:00) or a span (4h, 2d).
cli-bad-value = { $name }: "{ $text }" is not a value for it.
cli-expect-one = --expect fits exactly one target.
cli-erase-confirm = This erases { $number } { $name } for good. Type the number to go on:
cli-not-confirmed = The number was not the one. Nothing was done.
cli-usage = { $detail }
cli-output = The output could not be written: { $error }
cli-unreadable = { $file } cannot be read: { $error }
cli-unwritable = { $file } cannot be written: { $error }
cli-backend = The backend "{ $url }" is not known to this version. Give sqlite:DIR.
cli-backend-twice = --home and --backend name different homes. Give one of them.

cli-bad-inputs = { $file } is not an object of numbers: { $error }
cli-bad-inputs-next = Give, for example, {"{"}"pay_gap": 0.15{"}"}; leave out what is not known.

cli-bad-row = { $file }, row { $row }, column { $column }: { $reason }
cli-import-done = { $rows } records read, { $bad } bad rows.
cli-import-would = { $rows } records read, { $bad } bad rows. Nothing was changed; loading would change:
cli-import-added = New or changed
cli-import-new-people = New people
cli-import-changed-people = Changed people
cli-import-new-signals = New signals
cli-import-exits = Departures
cli-import-same = Already known
cli-import-expired = Older than they may be kept
cli-import-over-exit-limit = The file would end more people than the policy allows, so it cannot be loaded as it is.
cli-import-strict = { $bad ->
        [one] One row is bad
       *[other] { $bad } rows are bad
    }, so nothing was loaded (--strict).
cli-import-partial = { $bad ->
        [one] One row is bad and waits
       *[other] { $bad } rows are bad and wait
    } in quarantine; the rest was loaded.
cli-import-partial-next = See `tenure quarantine list`; `tenure quarantine retry` loads them again.
cli-import-waits = The file is staged and accepted, but nobody has loaded it yet.
cli-import-waits-next = See `tenure job list`; `tenure worker` loads it.
cli-progress-read = Reading
cli-progress-load = Loading
cli-progress-rows = rows
cli-progress-left = left

cli-chain-ok = Both chains verify: { $entries } acts, { $access } looks. Head { $head }
cli-chain-broken = The chain "{ $chain }" is broken at entry { $seq }: { $fault }.

cli-demo-built = A sample company was made in { $home }: { $people } people, { $signals } signals. It is made data: nobody in it exists.
cli-demo-signals = { $signals } signals were written to { $file }.
cli-demo-people = Loading people
cli-demo-signals-step = Loading signals
cli-demo-scores = Scoring
cli-demo-story = Playing the last days
cli-backup-done = Backup written to { $file }.
cli-restored = { $file } was verified and put in place. The replaced database is kept at { $kept }.
cli-key-rotated = The database has a new key. Backups made before need the old one.
cli-config-ok = The configuration is in order.
cli-worker-ran = { $jobs } jobs done, { $failed } failed.
cli-console-needs-terminal = The console needs a terminal.
cli-console-needs-terminal-next = See `tenure --help` for what can be done without one.
