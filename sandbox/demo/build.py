"""From data to answers: builds every tenant in memory, then gives each one's files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sandbox.demo.accounts import build_accounts
from sandbox.demo.gdap import gdap_files
from sandbox.demo.groups import build_groups, group_files
from sandbox.demo.licences import organization, subscribed_skus
from sandbox.demo.model import Directory, Files, Tenant
from sandbox.demo.partner_center import partner_files
from sandbox.demo.policies import policy_files
from sandbox.demo.principals import principal_files
from sandbox.demo.registration import user_files
from sandbox.demo.roles import build_roles, role_files
from sandbox.demo.sign_in_summary import summary_files
from sandbox.demo.sign_ins import SignIns, add_ordinary, sign_in_files
from sandbox.demo.tenants import PARTNERS, TENANTS, customers_of
from sandbox.demo.visits import add_visits


def tenant_files(as_of: datetime, seed: int) -> Iterator[tuple[Tenant, Files]]:
    """Yield each tenant with its answers by path, partners first. ``as_of`` is UTC, to the second."""
    directories = {tenant.key: Directory(tenant=tenant, as_of=as_of, seed=seed) for tenant in TENANTS}
    for directory in directories.values():
        build_accounts(directory)
        build_groups(directory)
        build_roles(directory)
    makers = {key: SignIns(directory) for key, directory in directories.items()}
    for maker in makers.values():
        add_ordinary(maker)
    for partner in PARTNERS:
        add_visits(directories[partner.key], makers)
    for key, directory in directories.items():
        customers = [directories[customer.key] for customer in customers_of(directory.tenant)]
        yield directory.tenant, files_of(directory, makers[key], customers)


def files_of(directory: Directory, maker: SignIns, customers: Sequence[Directory]) -> Files:
    """Return a tenant's answers. The customers are those that a partner's score counts."""
    return {
        "v1.0/organization": organization(directory),
        "v1.0/subscribedSkus": subscribed_skus(directory),
        **user_files(directory),
        **group_files(directory),
        **role_files(directory),
        **policy_files(directory),
        **principal_files(directory),
        **sign_in_files(maker),
        **summary_files(maker),
        **gdap_files(directory),
        **partner_files(directory, customers),
    }
