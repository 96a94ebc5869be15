-- One row per rule and account that breaks it and that a waiver accepts by name or group, as of the newest scan.
select * exclude (valid_until)
from waived_account_history
where valid_until is null
