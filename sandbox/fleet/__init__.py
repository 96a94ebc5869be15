"""A fleet too large to keep as folders: any number of tenants of any size, made while they are read.

Each tenant is cast from one of the demo fleet's (``sandbox.demo``), with ids, names and times of its own, and as many
users and sign-ins as asked for: beyond those of its mould, people are repeated under other ids and names. What the demo
fleet answers as Microsoft would, so does this one. The same numbers and the same seed give the same bytes.

The first tenant is a partner; the others are its customers. All have Entra ID P1 or P2, so that every report can be
read.
"""

from sandbox.fleet.fleet import Fleet, FleetTenant, parse_fleet
from sandbox.fleet.mark import APP_ID
from sandbox.fleet.store import SECRET, FleetStore, open_fleet

__all__ = ["APP_ID", "SECRET", "Fleet", "FleetStore", "FleetTenant", "open_fleet", "parse_fleet"]
