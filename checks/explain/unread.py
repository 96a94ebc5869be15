"""What could not be read, since when, and what to do about it."""

from __future__ import annotations

import re

from checks.cover.plain import plain, quoted
from checks.explain.dossier import Dossier, Read
from checks.explain.explanation import Answer
from checks.explain.words import DATASETS, SOURCES, capital, listed, moment

# They stand in for the report, or tell something more precisely: nobody misses them where they cannot be had.
_EXTRAS = frozenset(
    {"registered_methods", "authentication_methods_policy", "partner_requests", "role_assignment_instances"}
)
_HINGE = re.compile(r"SOURCE_UNAVAILABLE\((\w+)(?:\.\w+)?,(.+)\)")


def hinges(dossier: Dossier) -> dict[str, str]:
    """Return the datasets that the verdict hinges on, each with its state or with what of it does not tell."""
    found = (_HINGE.fullmatch(reason) for reason in dossier.judged.decision.reasons)
    return {match[1]: match[2] for match in found if match}


def unread(dossier: Dossier) -> Answer:
    """Return what the verdict hinges on, and what else was not read and makes no difference."""
    hinging = hinges(dossier)
    quiet = {"usable", "not_collected"}
    silent = {
        name: read
        for name, read in dossier.home.reads.items()
        if read.source not in quiet and not (name in _EXTRAS and read.source in {"skipped", "not_licensed"})
    }
    if dossier.home.kind == "customer":  # what only partners have is not missing here
        silent = {name: read for name, read in silent.items() if read.source != "skipped" or name in hinging}
    points = [_hinge(dossier, name, about) for name, about in hinging.items()]
    if "REPORT_LATENCY" in dossier.judged.decision.reasons:
        points.append("The registration report has no row of this account. It lags: scan again in a day.")
    rest = [name for name in silent if name not in hinging]
    sentences = []
    if hinging:
        sentences.append(
            "With any of these read, the verdict might be another. What is unknown is neither pass nor fail."
        )
    if rest:
        told = listed((f"{DATASETS[name]} ({SOURCES[silent[name].source]})" for name in rest), 12)
        sentences.append(f"Not read{' either' if hinging else ''}, and it makes no difference to the verdict: {told}.")
    if hinging or rest:
        sentences.append(f"`rollcall doctor --tenant {dossier.home.tenant_id}` says what to give to whom.")
    count = len(points)
    return Answer(
        topic="unread",
        question="What could not be read?",
        short="Something the verdict hinges on" if count else "Nothing that matters" if rest else "Nothing",
        sentences=tuple(sentences),
        points=tuple(points),
    )


def _hinge(dossier: Dossier, name: str, about: str) -> str:
    read = dossier.home.read(name)
    what = capital(DATASETS.get(name, name))
    if read is None or read.source == "usable" or name == "group_members":
        return f"{what}: read, but {_unclear(dossier, name, about)}."
    return f"{what}: {SOURCES.get(read.source, read.source)}. {_since(read)}"


def _unclear(dossier: Dossier, name: str, about: str) -> str:
    if name == "group_members" and about != "unclear":
        group = quoted(dossier.home.groups.get(about.lower(), about))
        return f"who is in the group {group} is not known, or it is deleted"
    if about in {"unclear", "missing"}:
        return "it does not tell of this account"
    return f"this in it is not understood: {plain(about)}"


def _since(read: Read) -> str:
    """Return since when a dataset is silent, and what was said when it was last asked."""
    since = f"last read whole {moment(read.last_complete_at)}" if read.last_complete_at else "never read yet"
    said = f" The newest answer: {plain(read.message, 300)}" if read.message else ""
    return f"{capital(since)}.{said}"
