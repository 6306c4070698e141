# Scores, features, signal kinds, and what may be wrong with a model file or with stated inputs.

band-low = low
band-medium = medium
band-medium-high = medium-high
band-high = high

feature-resume-updates-90d = résumé updates in 90 days
feature-attendance-growth = late arrivals and leave, month on month
feature-performance-drop = fall of the performance score
feature-performance-falling-quarters = quarters falling in a row
feature-pay-gap = pay below market
feature-call-volume-gap = calls below own average
feature-stress-level = self-rated stress
feature-target-misses-60d = missed targets in 60 days
feature-mentor-rating-gap = mentor rating below the pass mark

signal-kind-resume-update = résumé update
signal-kind-job-seek-activity = job-search activity
signal-kind-late = late arrival
signal-kind-leave = leave
signal-kind-attendance-growth = attendance anomaly rate
signal-kind-perf-score = performance
signal-kind-perf-streak = falling in a row
signal-kind-pay-gap = pay against market
signal-kind-raise-request = raise request
signal-kind-team-keyword = team feedback keyword
signal-kind-survey-intent = intent-to-leave survey
signal-kind-promotion-stall = stalled promotion
signal-kind-project-delay = project delay
signal-kind-patent-contribution = patent contribution
signal-kind-target-miss = missed target
signal-kind-call-volume = call volume
signal-kind-stress = stress rating
signal-kind-mentor-rating = mentor rating
signal-kind-access-anomaly = unusual data access
signal-kind-location = visit location
signal-kind-promotion = promotion
signal-kind-satisfaction = satisfaction

model-not-toml = { $file }, line { $line }: this cannot be read as a model: { $detail }. Correct the line and try again.
model-unknown-field = { $file }, line { $line }: a model has no field "{ $field }". Check the spelling against the shipped seed.toml.
model-missing-field = { $file }, line { $line }: the field "{ $field }" is missing. Add it here.
model-unknown-kind = { $file }, line { $line }: there is no signal kind "{ $kind }". `tenure signal kinds` lists them.
model-kind-twice = { $file }, line { $line }: the kind "{ $kind }" is listed twice. Remove one.
model-no-kinds = { $file }, line { $line }: the feature "{ $feature }" reads no signal kind. Name at least one.
model-unknown-how = { $file }, line { $line }: "{ $how }" is no way to compute a feature. Use count, growth, drop, falling, gap, mean_gap, latest, sum or mean.
model-feature-count = { $file }, line { $line }: a model has 1 to { $max } features.
model-feature-twice = { $file }, line { $line }: a feature named "{ $feature }" stands above. Give this one another name.
model-bad-name = { $file }, line { $line }: "{ $field }" must be 1 to 64 lower-case letters, digits, "_", "-" or ".".
model-not-finite = { $file }, line { $line }: "{ $field }" must be a finite number.
model-negative = { $file }, line { $line }: "{ $field }" must not be negative: more risk may never lower a score.
model-out-of-range = { $file }, line { $line }: "{ $field }" must lie between { $from } and { $to }.
model-saturate-pair = { $file }, line { $line }: saturate_from and saturate_at belong together. State both or neither.
model-saturate-needs-growth = { $file }, line { $line }: saturate_from and saturate_at are for growth only.
model-step-alone = { $file }, line { $line }: a step has no floor, scale or cap. Remove one or the other.

model-input-unknown = The model { $model } has no input "{ $feature }". It takes: { $known }.
model-input-not-finite = "{ $feature }" must be a finite number. Leave it out if it is not known.
model-input-negative = "{ $feature }" must not be negative. State fractions as 0.15 and leave out what is not known.
model-input-too-large = "{ $feature }" is too large to be a count or a fraction.
