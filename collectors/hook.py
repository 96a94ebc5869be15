"""The Airflow hook of the connection type ``entra``: it only tests the connection."""

from __future__ import annotations

from airflow.sdk import BaseHook

from collectors.collect import tls
from collectors.config import load
from collectors.credentials import CONNECTION_TYPE
from collectors.errors import ScanError
from collectors.tokens import token_source


class EntraHook(BaseHook):
    """Signs an application in to the partners that use its connection."""

    conn_name_attr = "conn_id"
    default_conn_name = "entra_default"
    conn_type = CONNECTION_TYPE
    hook_name = "Microsoft Entra application"

    def __init__(self, conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.conn_id = conn_id

    def test_connection(self) -> tuple[bool, str]:
        """Return whether the application can sign in to every partner that names this connection, and a sentence."""
        try:
            config = load()
            partners = [partner for partner in config.partner if partner.credential == self.conn_id]
            for partner in partners:
                token_source(config, partner, partner.tenant_id, tls()).acquire()
        except ScanError as error:
            return False, str(error)
        if not partners:
            return False, f"no [[partner]] of rollcall.toml has the credential {self.conn_id!r}."
        return True, f"Signed in to {', '.join(partner.name for partner in partners)}."
