"""A demo fleet: two partners, their customers, and one account for every hard case, written as tenant folders."""

from sandbox.demo.credentials import CredentialsError
from sandbox.demo.write import Fleet, FleetError, TenantSummary, write_fleet

__all__ = ["CredentialsError", "Fleet", "FleetError", "TenantSummary", "write_fleet"]
