-- One row per rule and tenant, as of the newest scan.
select rule_result_history.* exclude (scan_id, scanned_at)
from rule_result_history
inner join clock on rule_result_history.scan_id = clock.scan_id
