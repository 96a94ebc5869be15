"""What a peer is asked to read: a file that names the server, the tenants and the lists with their queries."""

from benchmarks.cloud import token as _token


def token(job, tenant_id):
    """Return an access token of Graph for a tenant."""
    return _token(job["url"], tenant_id)
