"""Airflow's connections, which hold every secret under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.errors import ConfigError

if TYPE_CHECKING:
    from airflow.sdk import Connection


def connection(name: str, shape: str, setting: str) -> Connection:
    """Return an Airflow connection. Works in a task and outside of one.

    ``shape`` says how to add one, ``setting`` what names it in ``rollcall.toml``. Raises :class:`ConfigError` with both
    where there is none.
    """
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found: Connection = Connection.get(name)
    except AirflowNotFoundException:
        msg = (
            f"there is no Airflow connection {name!r}. Add it (Admin > Connections, {shape}), "
            f"or correct {setting} in rollcall.toml."
        )
        raise ConfigError(msg, "ConnectionNotFound") from None
    return found
