"""``python -m tests.faults`` prints ``docs/faults.md`` from what really happens."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout

from tests.faults.page import page
from tests.faults.tried import try_all

if __name__ == "__main__":
    with redirect_stdout(sys.stderr):  # the log
        tried = try_all()
    print(page(tried), end="")
