-- One row per rule and tenant, as of the newest scan.
select * exclude (valid_until)
from rule_result_history
where valid_until is null
