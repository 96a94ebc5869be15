-- One row per waiver, rule and tenant, as of the newest scan. It accepts; what it accepts stays true.
select * exclude (valid_until)
from waiver_history
where valid_until is null
