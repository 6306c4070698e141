-- When the next order is to be looked at is asked at every change of an order: the first row of an index, not all rows of a state.
drop index freezes_check;
create index freezes_check on freezes (direction, check_at);
