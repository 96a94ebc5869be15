-- One row per account, as the newest scan found it.
select * exclude (valid_until)
from account_verdict_history
where valid_until is null
