"""How results, verdicts and states are shown; what a reason means is said in :mod:`checks.explain.reasons`."""

from __future__ import annotations

from typing import NamedTuple


class Word(NamedTuple):
    """How a code is shown: a sign and words, so that colour is never the only difference, and a colour class."""

    sign: str
    text: str
    tone: str


_DASH = "\N{EN DASH}"

RESULTS: dict[str, Word] = {
    "pass": Word("✓", "pass", "good"),
    "fail": Word("✗", "fail", "bad"),
    "not_assessed": Word("?", "not assessed", "open"),
    "error": Word("!", "error", "open"),
    "waived": Word("◇", "waived", "accepted"),
    "not_applicable": Word(_DASH, "not applicable", "quiet"),
}

VERDICTS: dict[str, Word] = {
    "compliant": Word("✓", "compliant", "good"),
    "at_risk": Word("△", "at risk", "warn"),
    "non_compliant": Word("✗", "not compliant", "bad"),
    "indeterminate": Word("?", "indeterminate", "open"),
    "not_applicable": Word(_DASH, "not applicable", "quiet"),
}

STATES: dict[str, Word] = {
    "complete": Word("✓", "complete", "good"),
    "partial": Word("△", "partial", "warn"),
    "not_licensed": Word(_DASH, "not licensed", "quiet"),
    "not_permitted": Word("✗", "not permitted", "bad"),
    "failed": Word("✗", "failed", "bad"),
    "skipped": Word(_DASH, "skipped", "quiet"),
}

WAIVER_STATES: dict[str, Word] = {
    "active": Word("◇", "accepted", "accepted"),
    "pending": Word("◇", "not yet begun", "accepted"),
    "expired": Word("✗", "expired", "bad"),
    "unused": Word(_DASH, "covers nothing", "quiet"),
    "broken": Word("!", "must be mended", "open"),
}

PROGRAMS: dict[str, str] = {
    "direct-bill": "direct bill",
    "distributor": "distributor",
    "indirect-reseller": "indirect reseller",
    "cpv": "control panel vendor",
    "advisor": "advisor",
}


def word(words: dict[str, Word], code: str) -> Word:
    """Return how a code is shown; one that is not known is shown as it stands."""
    return words.get(code, Word("?", code.replace("_", " "), "open"))
