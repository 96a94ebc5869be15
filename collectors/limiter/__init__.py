"""The limiter: no process of an application sends more than Microsoft Graph allows, and none less than it must.

Use :class:`Limiter`, :func:`charges_of` and the classes of :mod:`collectors.limiter.limits`.
"""

from collectors.limiter.charges import Charge, Charges, charges_of
from collectors.limiter.limiter import Limiter
from collectors.limiter.store import Store, StoreUnreachable, open_store

__all__ = ["Charge", "Charges", "Limiter", "Store", "StoreUnreachable", "charges_of", "open_store"]
