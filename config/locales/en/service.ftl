# Requests that make no sense, or that a rule forbids
act-no-target = This act needs a target.
act-no-target-wanted = This act takes no target.
act-too-many = Too many targets in one request.
act-too-many-next = Name at most { $most }, or act in several requests.
act-too-long = The text is too long.
act-too-long-next = Write at most { $most } characters.
act-reason = This act needs a reason.
act-reason-next = Say why, with --reason on the command line.
act-key = The idempotency key is empty or longer than 200 bytes.
act-key-reused = This key was used for another request.
act-key-reused-next = Use a new key for a new request.
read-only = This home is open read-only: nothing was done.
read-only-next = Start without --read-only to act.
cursor-bad = The position in the list cannot be read.
cursor-no-row = No row of this list has the id { $id }.
not-found = There is no such { $what }.
refused-not-found = There is no such row any more.
refused-person-changed = The person was changed since you looked (version { $version }, you saw { $seen }).
refused-sort-name = A sort name is Latin letters, at most 100.
refused-no-change = Nothing would change.
refused-operator-name = An operator's name is letters, digits, - _ . @, at most 64.
refused-operator-exists = There is an operator { $name } already.
refused-revoke-self = Nobody revokes themselves.
refused-operator-self = Nobody links or restores themselves: another operator does.
refused-import-state = The import is { $state } already.
refused-import-exits = The file would end more than { $share }% of the people: it stays aside and nothing was changed. Check the file, or raise limits.max_exit_share.
operator-unknown = There is no operator { $name }.
operator-unknown-next = Add one: tenure operator add { $name } --role hrbp
token-unknown = The server does not know this token, or it has expired or was revoked.
token-unknown-next = Ask an administrator for a new one: tenure operator token NAME.
token-reads-only = This token may only read.
token-reads-only-next = Use a token of the scope "full".
operator-revoked = The operator { $name } was revoked.
operator-ended = The access of { $name } ended with the freeze of their own accounts.
operator-ended-next = If that is wrong, another operator thaws the accounts, or runs: tenure operator restore { $name }

# Rows that an import could not take
import-kind = { $kind } cannot be imported: employees, signals, exits, customers, orders or receivables.
import-kind-off = Signals of the kind { $kind } are switched off: switch them on with a lawful basis, then retry.
import-unknown-number = Nobody has the employee number { $number }.
import-ambiguous-number = More than one person had the number { $number } on that day.
import-outside-employment = { $number } was not employed on { $on }.
import-event-changed = The same event id was loaded before with other content; the first one stays.
import-ends-before-start = The last day is before the first.
import-no-last-day = Departed without a last day.
import-exits-over-limit = The file would end too many people at once: check it, then raise limits.max_exit_share and retry.
import-overlap = { $number } has another employment that is not ended.
import-number-taken = Another person who is employed has the number { $number }.
map-unknown = There is no mapping { $name }; known: { $known }.
map-next = Mend the mapping file and load again; nothing was changed.
model-next = Mend the file in the home's models folder, or remove it to use the shipped one.
model-unknown = There is no model { $id }; known: { $known }.

# The home, its key and its database
home-unknown = There is no home folder for this user.
home-unknown-next = Name one with --home DIR or TENURE_HOME.
home-io = The folder { $dir } cannot be used: { $detail }
home-io-next = Check its owner, its permissions and the space on the disk.
home-missing = There is no tenure home in { $dir }.
home-missing-next = Make one with an import, or look at the sample company with: tenure demo
home-network = { $dir } is on a network file system, where locks are not safe.
home-network-next = Use a local disk.
config-bad = { $file } cannot be read: { $detail }
config-bad-next = Mend the file; tenure config show prints every setting with its default.
key-file-missing = The key file cannot be read: { $what }
key-file-write = The key file cannot be written: { $what }
key-env-missing = The environment variable { $what } that should hold the key is not set.
key-command-failed = The command that should give the key failed: { $what }
key-malformed = The key in { $what } is not 64 hexadecimal digits.
key-wrong = The key does not fit this home ({ $what }).
key-next = Without the right key the data cannot be read; bring back the key file that belongs to this home.
key-not-a-file = The key does not come from a file, so it cannot be rotated here.
key-not-a-file-next = Change it where it is kept, after tenure key rotate with a key file.
home-server-empty = The database on the server holds no company yet.
http-bad = The request makes no sense: { $detail }
http-no-route = The API has no { $path }.
http-url = The address of the server cannot be used.
http-url-next = It looks like https://HOST/; plain http:// only to this machine, because the token would be read on the way.
http-tls = TLS cannot be set up: { $detail }
http-unreachable = The server cannot be reached: { $detail }
http-unreachable-next = Check the network and the address, then try again.
http-unknown = The server did not answer: whether it was done is not known ({ $detail })
http-unknown-next = Look at what is there now. The same request with the same key does nothing twice.
http-strange = Something else than the server answered, with status { $status }: { $detail }
http-token = There is no token for the server.
http-token-next = Set TENURE_TOKEN, or name a file with --token-file. An administrator issues one: tenure operator token NAME.
http-token-file = The token file { $file } cannot be read: { $detail }
store-wrong-key = The key does not open the database.
store-wrong-key-next = Bring back the key file that belongs to this home; tenure config path says where it is looked for.
store-busy = Another program holds the database for too long.
store-busy-next = Nothing was changed. Try again; tenure doctor looks at the home.
store-disk = The database cannot be written: { $detail }
store-disk-next = Nothing was changed. See to room on the disk and to the permissions of the folder, then try again.
store-unreachable = The database cannot be reached: { $detail }
store-unreachable-next = Check the path or the network, then try again.
store-untrusted = There is no protected connection to the database: { $detail }
store-untrusted-next = The host of the address must stand in the server's certificate, and its authority in the file that sslrootcert names; sslmode=disable does without protection, for a private network only.
store-moved = The database file was moved or replaced; nothing was changed.
store-moved-next = Start again to go on with the file that is there now.
store-unknown = The database did not answer to a commit: whether it was done is not known ({ $detail })
store-unknown-next = Look at what is there now. The same request with the same key does nothing twice.
store-behind = The database lacks entry { $seq } of the audit chain, which this home saw acknowledged: it is an older copy, or an old primary that woke up again. Nothing is written to it.
store-behind-next = Find the server that has it. If the database was restored on purpose, remove the file head-* of the home folder.
store-url = The address of the database cannot be used: { $detail }
store-url-next = It looks like postgres://USER@HOST/DATABASE?sslmode=verify-full&sslrootcert=FILE; the password comes from PGPASSFILE or a credential.
store-schema = The database does not fit this program: { $detail }
store-schema-next = Use the program that wrote it, or a newer one.

# Backups
backup-io = { $file } cannot be written: { $detail }
backup-io-next = Check the folder and the space on the disk.
backup-exists = { $file } exists already; nothing was written.
backup-missing = There is no file { $file }.
backup-not-here = This works on a home in a file.
backup-unreadable = { $file } cannot be opened with the key of this home.
backup-unreadable-next = It may belong to another home or to an earlier key; nothing was changed.
backup-broken = { $file } is damaged: it does not verify.
backup-broken-next = Take another backup; nothing was changed.

# Moving to another place
migrate-used = { $place } is not empty; nothing was copied there.
migrate-used-next = Name an empty database or another folder. What was begun before and not finished left nothing behind.
migrate-differs = The table { $table } did not come out the same: { $sent } rows went over, { $there } are there. Nothing was kept of the copy.
migrate-differs-next = Look at the server's own log, then try again; the company is where it was.
migrate-chain = The chain { $chain } is broken at entry { $seq }. Nothing was kept of the copy.
migrate-chain-next = tenure audit verify says more; restore a backup that verifies before the company is moved.

# The sample company
demo-not-made = { $dir } holds real data: the sample company is not built there.
demo-not-made-next = Name an empty folder with --home, or leave it out.
demo-exists = { $dir } holds a sample company already.
demo-exists-next = Use it as it is, or build it anew with --reset.

# Doctor
doctor-key-mode = The key file { $file } is readable by its owner only.
doctor-key-open = The key file { $file } is open to others (mode { $mode }): chmod 600 it.
doctor-key-beside = The key lies beside the database ({ $file }). That protects a backup or a stolen database file, not against somebody who can read this folder, nor a stolen disk. Keep it elsewhere with [key] in tenure.toml.
doctor-server = The data is on a server: { $server }
doctor-server-disk = Names and figures lie on the server as they are, but for the texts that are sealed by person: see that its disks are encrypted.
doctor-pages = Every page of the database is whole.
doctor-pages-broken = { $count } pages of the database are damaged: restore a backup.
doctor-chain = Both chains verify: { $entries } acts, { $reads } reads.
doctor-chain-broken = The chain { $chain } is broken at entry { $seq }.
doctor-jobs-failed = { $count } jobs were set aside: tenure job list, then tenure job retry.
doctor-quarantine = { $count } imported rows are in quarantine: tenure quarantine list.
doctor-no-backup = There is no daily backup yet: tenure worker makes one, tenure backup FILE another.
doctor-drill = The last drill of break-glass was on { $at }; the next is due on { $due }.
doctor-drill-due = The last drill of break-glass was on { $at }; one is due every 31 days. Run: tenure freeze drill
doctor-drill-never = Break-glass was never drilled. Run: tenure freeze drill
doctor-drill-faults = The last drill of break-glass, on { $at }, found { $n } things wrong. See: tenure freeze drill --last
doctor-break-glass = { $n } freezes by break-glass in the last 30 days.
doctor-wrong-person = { $n } freezes of the wrong person in the last 30 days.

# Timeline and audit lines
timeline-signal = { $kind } (source { $source })
timeline-signal-value = { $kind } { $value } (source { $source })
timeline-signal-from-to = { $kind } { $value }, against { $baseline } (source { $source })
timeline-score = Score { $score } ({ $band }), as of { $asof }, model { $model } { $version }
timeline-act = { $by }: { $act }
audit-act = { $by }: { $act }
audit-read = { $by } read { $act } ({ $count })
act-risk-score = scores
act-signal-expire = signals past their keeping time
act-approval-expire = approvals that ran out
act-employment-end = employments that ended
act-import-published = import loaded
entity-blob = file

# Queries, as the access list names them
query-today = the first screen
query-alerts = the alert queue
query-alert = an alert
query-people = the list of people
query-find = a search
query-person = a person's card
query-timeline = a timeline
query-score-series = a score chart
query-explain = an explanation
query-what-if = a what-if
query-plans = retention plans
query-plan = a retention plan
query-approvals = approvals
query-alert-report = a report
query-quarantine = the quarantine
query-audit = the audit list
query-access = the access list
query-evidence = evidence
template-next = Mend the file in the home's offboarding folder, or remove it to use the shipped one.
evidence-io = { $file } cannot be read: { $detail }
evidence-empty = { $file } is empty; nothing was stored.
evidence-large = { $file } is larger than { $most } MB; nothing was stored.
evidence-changed = The stored bytes do not fit the hash { $hash }: they were changed behind us. Restore a backup.
query-offboardings = the offboarding board
query-offboarding = an offboarding case
query-duties = what is owed
query-offboarding-export = the data export of a handover
query-evidence-file = a file of evidence
