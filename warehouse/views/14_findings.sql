-- One row per thing that breaks a rule: every finding that is open.
select * exclude (resolved_at)
from finding_history
where resolved_at is null
