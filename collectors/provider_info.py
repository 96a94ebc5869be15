"""What Airflow asks an installed provider: here, the connection type that holds an application's credential."""

from __future__ import annotations

from typing import Any


def get_provider_info() -> dict[str, Any]:
    """Return the provider's description, as Airflow's provider schema has it."""
    pem = {"type": ["string", "null"], "format": "password"}
    return {
        "package-name": "mfa-rollcall",
        "name": "MFA rollcall",
        "description": "Scans the tenants of Microsoft CSP partners and says, account by account, whether MFA is owed.",
        "connection-types": [
            {
                "connection-type": "entra",
                "hook-class-name": "collectors.hook.EntraHook",
                "hook-name": "Microsoft Entra application",
                "conn-fields": {
                    "private_key": {"label": "Private key (PEM)", "schema": pem},
                    "certificate": {"label": "Certificate (PEM)", "schema": pem},
                    "refresh_token": {"label": "Refresh token (a user signs in)", "schema": pem},
                },
                "ui-field-behaviour": {
                    "hidden-fields": ["host", "port", "schema"],
                    "relabeling": {"login": "Application (client) id", "password": "Client secret"},
                    "placeholders": {"password": "either a secret, or key and certificate below"},
                },
            }
        ],
    }
