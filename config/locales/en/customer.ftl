# Customers: who owns them, handing them over, what is owed
notice-no-customer = { $n } of { $all } marked items are left out: they are about no customer that is still held.

act-customer-transfer = propose a new owner
act-customer-advance = advance the transfer
act-customer-decline = record that the customer declined
act-customer-pool = put into the pool
act-customer-fail = give the transfer up
act-customer-collect = name a collector
act-customer-change = change the customer
entity-customer = customer
entity-contest = contest
query-customers = the customer list
query-customer = a customer's card
query-find-customer = a search for a customer
audit-read-customers = { $by } read { $act } ({ $count ->
        [one] one customer
       *[other] { $count } customers
    })

# States of a transfer
transfer-state-proposed = proposed
transfer-state-requested = requested
transfer-state-pending = pending
transfer-state-transferred = transferred
transfer-state-declined = declined
transfer-state-pooled = in the pool
transfer-state-failed = given up

# Who has a customer
custody-owned = owned
custody-pool = in the pool

# States of an order
order-state-open = unfinished
order-state-shipped = shipped
order-state-completed = completed
order-state-cancelled = cancelled

# Saved views of the customer list
customer-view-all = all
customer-view-pool = in the pool
customer-view-leaving = owner leaving
customer-view-moving = transfer under way

# Refusals
refused-no-taker = There is nobody with that number or id. Name somebody who works here.
refused-taker-leaving = { $number } is leaving, or has left: nothing is handed over to them. Name somebody else.
refused-taker-not-in-post = { $number } is not in post now. Name somebody who is.
refused-transfer-self = The customer is theirs already. Name somebody else.
refused-transfer-open = A transfer is under way ({ $state }, proposed by { $by }). Advance it, or give it up first.
refused-transfer-early = The customer may still decline until { $at }. Wait, or say that it agreed in writing.
refused-transfer-overtaken = The customer has another owner than when this was proposed. Give the transfer up and propose again.
refused-no-transfer = No transfer is under way: the customer is { $state }. Propose one first.
refused-decline-unasked = The customer was not asked yet. Advance the transfer first, or give it up.
refused-no-collector = The customer owes money: name who collects it.
refused-already-pool = The customer is in the pool already.
refused-collector-owned = The owner of a customer collects what it owes. A collector is for the pool.

# Rows of files
row-money = The value ({ $shape }) of { $field } is no amount in yuan with at most two decimals.
row-negative = { $field } is negative.
row-email = The value ({ $shape }) of { $field } is no e-mail address.
row-until-before-from = The last day of ownership is before the first.
import-unknown-customer = There is no customer { $number }.
import-ambiguous-customer = More than one source has a customer { $number }.
import-ownership-overlap = From { $from } the customer { $number } would have two owners: the other interval begins on { $other }.
import-owner-leaving = The customer { $number } was handed over here; it does not go to somebody who is leaving.

# The command line
cli-head-collector = Collects
cli-head-contact = Contact
cli-head-customer-name = Customer
cli-head-customer-number = Number
cli-head-email = E-mail
cli-head-open-orders = Open orders
cli-head-order-amount = Amount
cli-head-owed = Owed
cli-head-since = Since
cli-head-until = Until
cli-head-pending-until = May decline until
cli-head-transfer = Transfer
cli-head-to = To
cli-head-placed = Placed
cli-head-due-on = Due
cli-customer-orders = Orders
cli-customer-receivables = Receivables
cli-customer-ownerships = Owners
cli-customer-transfers = Transfers
cli-no-customer = There is no customer with the number or id "{ $text }".
cli-no-customer-next = See `tenure customer list` for which there are.
cli-customer-ambiguous = More than one source has a customer { $text }: { $ids }.
cli-customer-ambiguous-next = Name one of them by id.
cli-demo-customers = Loading customers
cli-import-changed-custody = New or changed customers, orders, receivables
