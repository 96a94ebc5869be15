"""The kinds of tenant, as rules name them."""

from collectors.declare import Kind

PARTNER: frozenset[Kind] = frozenset({"partner"})
CUSTOMER: frozenset[Kind] = frozenset({"customer"})
