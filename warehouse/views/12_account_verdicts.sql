-- One row per account, as the newest scan found it.
select account_verdict_history.* exclude (scan_id, scanned_at)
from account_verdict_history
inner join clock on account_verdict_history.scan_id = clock.scan_id
