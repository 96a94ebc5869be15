"""The door for collectors and rules, ours and everybody's: the pluggy hooks of the group ``rollcall``."""

import pluggy

from collectors.declare import Collector

GROUP = "rollcall"
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@hookspec
def rollcall_collectors() -> list[Collector]:  # type: ignore[empty-body]
    """Return the collectors of this plugin. Called once a process, before anything is read; does no I/O."""


@hookspec
def rollcall_rule_packs() -> list[object]:  # type: ignore[empty-body]
    """Return the packs of rules of this plugin: each a :class:`checks.rule.Pack`, or the path of a TOML file of one.

    Called once a process; does no I/O.
    """
