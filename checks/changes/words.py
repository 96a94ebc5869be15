"""What happened to a thing, in words: fields, before -> after. All of it is harmless to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from checks.changes.things import Facts, Thing
from checks.cover.plain import plain, quoted
from checks.explain.words import DATASETS, SOURCES, listed, method

Names = Mapping[str, str]
MOST = 400
_MOST_LISTED = 5
_LONGEST = 60
# What Graph adds to an answer, or repeats, says nothing that anybody edited.
_IDLE = ("id", "createdDateTime", "modifiedDateTime", "templateId")
_WORDS = {None: "none", True: "yes", False: "no", "": "none"}


def edit(before: Any, after: Any, names: Names) -> str:
    """Return how an object, as Graph gives it, was edited. ``None`` before is added, after is removed.

    ``names`` are those of what ids stand for, by id in lower case.
    """
    if before is None:
        return _cut(["added", *_state(after)])
    if after is None:
        return _cut(["removed", *_state(before)])
    return _cut(list(_differences("", before, after, names))) or "edited"


def _state(given: Any) -> Iterator[str]:
    if isinstance(given, Mapping) and given.get("state"):
        yield f"state {_value(given['state'], {})}"


def _cut(parts: Sequence[str]) -> str:
    return plain("; ".join(parts), MOST)


def _differences(path: str, before: Any, after: Any, names: Names) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            if (not path and key in _IDLE) or "@odata" in key:
                continue
            yield from _differences(_joined(path, key), before.get(key), after.get(key), names)
    elif _is_set(before) and _is_set(after) and (before or after):
        was, is_ = before or [], after or []
        if (was and not _is_flat(was)) or (is_ and not _is_flat(is_)):
            yield f"{path} {_value(before, names)} -> {_value(after, names)}"
            return
        added = [_value(each, names) for each in is_ if each not in was]
        gone = [_value(each, names) for each in was if each not in is_]
        told = [f"+ {_listed(added)}"] if added else []
        told += [f"- {_listed(gone)}"] if gone else []
        yield f"{path} {' '.join(told) or 'in another order'}"
    elif isinstance(after, Mapping) and before is None:
        yield from _differences(path, {}, after, names)
    elif isinstance(before, Mapping) and after is None:
        yield from _differences(path, before, {}, names)
    else:
        yield f"{path} {_value(before, names)} -> {_value(after, names)}"


def _joined(path: str, key: str) -> str:
    # What a policy is for stands under "conditions", and goes without saying.
    key = plain(key, _LONGEST)
    return key if path in {"", "conditions"} else f"{path}.{key}"


def _is_set(value: Any) -> bool:
    return value is None or isinstance(value, list)


def _is_flat(values: Sequence[Any]) -> bool:
    return not any(isinstance(each, (Mapping, list)) for each in values)


def _listed(values: Sequence[str]) -> str:
    return listed(values, _MOST_LISTED)


def _value(value: Any, names: Names) -> str:
    if isinstance(value, str):
        return quoted(name) if (name := names.get(value.lower())) else plain(value, _LONGEST) or "none"
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, list):
        return _listed([_value(each, names) for each in value]) or "none"
    if isinstance(value, Mapping):
        return plain(", ".join(f"{key}: {_value(each, names)}" for key, each in value.items()), _LONGEST) or "none"
    return plain(str(value), _LONGEST)


def source(dataset: str, before: str, after: str) -> str:
    """Return that a dataset tells no longer, or again, or that another reason keeps it from telling."""

    def told(state: str) -> str:
        return "read" if state == "usable" else SOURCES.get(state, plain(state, _LONGEST))

    return f"{DATASETS.get(dataset, dataset)}: {told(before)} -> {told(after)}"


def own(thing: Thing, then: Facts, now: Facts, names: Names) -> str:
    """Return what is otherwise in what is an account's own; ``names`` are those of roles."""
    told = _roles(then, now, names) if thing.type == "roles" else _OWN[thing.type](then, now)
    return _cut(list(told)) or "another one than before"


def _flag(name: str, field: str, then: Facts, now: Facts) -> Iterator[str]:
    if then[field] != now[field]:
        yield f"{name} {yes_no(then[field])} -> {yes_no(now[field])}"


def yes_no(value: Any) -> str:
    """Return what is known of a fact."""
    return "unknown" if value is None else _WORDS.get(value) or plain(str(value), _LONGEST)


def _both(name: str, before: Any, after: Any, show: Callable[[str], str]) -> Iterator[str]:
    if before is None or after is None:
        if before != after:
            yield f"{name} {_all(before, show)} -> {_all(after, show)}"
        return
    added, gone = sorted(set(after) - set(before)), sorted(set(before) - set(after))
    if added or gone:
        told = [f"+ {_listed(list(map(show, added)))}"] if added else []
        told += [f"- {_listed(list(map(show, gone)))}"] if gone else []
        yield f"{name} {' '.join(told)}"


def _all(values: Any, show: Callable[[str], str]) -> str:
    return "unknown" if values is None else _listed(list(map(show, values))) or "none"


def _account(then: Facts, now: Facts) -> Iterator[str]:
    yield from _flag("enabled", "is_enabled", then, now)
    yield from _flag("type", "user_type", then, now)
    yield from _flag("external", "is_external", then, now)
    yield from _both("identities", then["issuers"], now["issuers"], lambda each: plain(each, _LONGEST))
    yield from _flag("named like a sync account", "is_named_like_sync", then, now)
    yield from _flag("seems to be", "account_class", then, now)
    yield from _flag("domain", "domain", then, now)


def _registration(then: Facts, now: Facts) -> Iterator[str]:
    if then["has_registration_row"] != now["has_registration_row"]:
        yield "the registration report " + ("has it now" if now["has_registration_row"] else "no longer has it")
    yield from _both("registered", then["shown_methods"], now["shown_methods"], method)
    yield from _flag("registered for MFA", "is_mfa_registered", then, now)
    yield from _flag("can do MFA", "is_mfa_capable", then, now)


def _per_user(then: Facts, now: Facts) -> Iterator[str]:
    yield from _flag("per-user MFA", "per_user", then, now)


def _roles(then: Facts, now: Facts, names: Names) -> Iterator[str]:
    def role(template: str) -> str:
        return quoted(names.get(template, template))

    for name, field in (
        ("roles held", "active_roles"),
        ("roles it may activate", "eligible_roles"),
        ("roles held in part of the tenant", "scoped_roles"),
    ):
        yield from _both(name, then[field], now[field], role)
    yield from _flag("synchronizes the directory", "is_sync_account", then, now)
    yield from _flag("holds another role", "holds_other_role", then, now)


_PROOFS = ("has_single_factor", "has_mfa_step", "has_claim", "has_success")
_SHOWN = ("one factor was enough", "MFA was done", "a claim of MFA was brought", "nothing about MFA")


def _sign_ins(then: Facts, now: Facts) -> Iterator[str]:
    def shown(facts: Facts) -> str:
        found = (word for field, word in zip(_PROOFS, _SHOWN, strict=True) if facts[field])
        return next(found, "no sign-in")

    if shown(then) != shown(now):
        yield f"sign-ins of thirty days: {shown(then)} -> {shown(now)}"
    yield from _flag("signed in by a legacy client", "has_legacy_success", then, now)
    yield from _flag("called Partner Center without MFA", "called_without_mfa", then, now)
    yield from _flag("home tenant", "home_tenant_id", then, now)


_OWN: Mapping[str, Callable[[Facts, Facts], Iterator[str]]] = {
    "account": _account,
    "registration": _registration,
    "per_user_mfa": _per_user,
    "sign_ins": _sign_ins,
}
