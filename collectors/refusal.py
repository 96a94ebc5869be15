"""The form in which a refusal is described."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.errors import ScanError


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One thing that can be wrong.

    ``word`` names it for good; ``error`` is what it is raised as, and with it the state of the dataset. ``codes`` are
    AADSTS numbers or Graph's codes; ``texts`` (parts of what is said, in any letter case), ``oauth`` (OAuth errors)
    and ``statuses`` (HTTP) tell it where no code does. ``sentence`` says what to do; ``delegated`` instead, where a
    user and not the application signs in. Both may name ``{app}``, ``{connection}``, ``{tenant}``, ``{consent_url}``,
    ``{permission}``, ``{role}`` and ``{correlation}``.
    """

    word: str
    error: type[ScanError]
    meaning: str
    sentence: str
    delegated: str = ""
    codes: tuple[int | str, ...] = ()
    texts: tuple[str, ...] = ()
    oauth: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
