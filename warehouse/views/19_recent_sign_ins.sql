-- One row per sign-in that is judged: of the thirty days before the newest scan. Older ones may be kept; they prove nothing.
select sign_ins.*
from sign_ins
inner join clock on sign_ins.signed_in_at >= clock.as_of - interval 30 days
