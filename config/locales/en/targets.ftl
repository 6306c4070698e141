# Targets in tenure.toml
target-spec-missing = Target { $target }: a target of kind { $kind } needs { $key }.
target-spec-unfit = Target { $target }: { $key } has no meaning for a target of kind { $kind }. Remove it.
target-spec-value = Target { $target }: { $key } must be { $wanted }.
target-spec-twice = Two targets are named { $target }. Give each a name of its own.
target-want-name = up to 40 letters, digits, "-", "_" and "."
target-want-secret = exactly one of env, file, command and credential
target-want-timeout = between "1s" and "10m"
target-want-duration = a time such as "8h" or "30m"
target-want-concurrency = between 1 and 64
target-want-rate = a number of calls a minute, at least 1
target-want-match = a rule such as "employee_number = externalId" or "email = mail"; the right side is a field that the target has
target-want-http = an address such as https://host/v2, without a name, a password or a query in it
target-want-ldap = an address such as ldaps://host:636
target-want-value = given under values: one text, or a list of texts where the description wants a list
target-want-description = a file of config/targets, or of the folder targets of the home, without .toml
target-want-stand-in = names of other targets, each of which stands in for none itself
target-want-probe = left out where the description has no [probe]
target-plain = Target { $target }: a credential would cross the network in clear. Use https, ldaps or starttls.
target-ca = Target { $target }: the authority in { $file } cannot be read: { $detail }
target-roots = Target { $target }: this system trusts no certificate authority. Install ca-certificates, or set ca.
target-tls = Target { $target }: TLS cannot be set up: { $detail }
target-description = Target { $target }: { $file } in targets cannot be used: { $detail }

# Secrets of targets
target-secret-env = { $target }: the environment has no variable { $what }.
target-secret-file = { $target }: the secret cannot be read from { $what }.
target-secret-command = { $target }: the command that prints the secret failed: { $what }.
target-secret-credential = { $target }: there is no credential { $what }: $CREDENTIALS_DIRECTORY is not set.
target-secret-empty = { $target }: the secret is empty: { $what }.
target-secret-shape = { $target }: the secret holds characters that cannot be sent in a header.

# What became of a call
target-unreachable = { $target } cannot be reached: { $detail }. Nothing was sent.
target-no-answer = { $target } gave no answer within { $seconds } s.
target-lost = The connection to { $target } was lost: { $detail }.
target-busy = { $target } has no room for another call now. Nothing was sent.
target-redirect = { $target } answers from another address ({ $to }). Put that one into tenure.toml; redirects are not followed.
target-not-json = { $target } answered { $status }, but not in its protocol. Is a proxy or a sign-in page in between?
target-not-ldap = { $target } gave an answer that is not LDAP. Is something else listening on that port?
target-too-large = The answer of { $target } is longer than { $most } bytes.
target-nested = { $target } answered with lists that lie more than { $most } deep in each other. No directory says that: it was not read.
target-incomplete = { $target } gave only a part of its list. Nobody is taken from a part; make the rule narrower or raise the limit there.
target-unauthorised = { $target } refuses our credential. Nothing on it is covered until a new one is set.
target-forbidden = { $target } does not allow this to our credential.
target-no-account = { $target } has no such account.
target-several = { $target } has several accounts of this name. Use the id of one.
target-not-gone = { $target } says that the account is gone, and lists it. Nothing is taken for done.
target-no-value = The person has nothing that { $target } is searched by (match): nobody was looked for. Link the account by hand, or waive it with evidence.
target-gone-unproven = { $target } says that there is no such account, but not whether its address still is the right one. Nothing is taken for done; give its description gone_says.
target-no-members = { $target } does not show who is in the group of its administrators: nobody can tell who is the last. Take `admins` out of tenure.toml, or let our account read it.
target-no-endpoint = { $target } has no users at this address. Check url.
target-no-group = { $target } has no such group. Check the group in tenure.toml.
target-other-account = { $target } answered with another account than the one that was asked for. Nothing was sent.
target-protected = The account is protected on { $target }. It is frozen only when it is named as an exception.
target-cannot = { $target } cannot do this step.
target-refused = { $target } refused with { $status }. { $detail }
target-changed = The account was changed on { $target } at the same moment.
target-rate = { $target } turned us away: too many calls.
target-closed = { $target } is closed for the moment.
target-fault = { $target } failed with { $status }.
target-ldap = { $target } refused with LDAP code { $code }. { $detail }
target-ldap-tls = { $target } wants a protected connection. Use ldaps or starttls.
target-base = { $target } has nothing at { $base }. Check base.
target-referral = { $target } refers to another server. Put the one that may be written to into url.
target-login-shape = { $target }: the name of the account has characters that may not stand in a command or an address.
target-start = { $target }: { $program } could not be run: { $detail }.
target-exit = { $target }: { $program } ended with { $code }. { $detail }

# Health of a target
target-write-unproven = { $target } answers. Whether we may write is not proven: name a canary account.
target-write-refused = { $target } answers, but we may not write to accounts there.
target-canary-missing = { $target } answers, but the canary account is not there.
target-canary-open = { $target } answers. Block the canary account once: blocking it again then proves that we may write.
target-canary-unread = { $target } answers. Whether the canary { $account } is blocked is not to be read there, or changed at the same moment: a lockout is not proven.
target-canary-password = { $target } answers, but the canary { $account } does not get in while it is open: a lockout is not proven. Check canary_password.
target-canary-left = { $target }: the canary { $account } was not brought back to how it was. Look at it there.
target-no-lockout = { $target } lets the canary { $account } in while it is blocked: what is frozen there gets in all the same. Ask whoever runs it, and do not count on this target.
