-- One row: the newest scan, whose time is the time everything is judged as of. No row before the first scan.
select
    scan_id,  -- The newest scan.
    scanned_at as as_of  -- When that scan was.
from scans
qualify row_number() over (order by scanned_at desc, scan_id desc) = 1
