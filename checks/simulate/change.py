"""Changes to the Conditional Access policies of a tenant, made to a copy of them as Graph gives them."""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from checks.cover import ShapeError
from checks.cover.plain import plain, quoted
from checks.cover.policy import parse_policy
from checks.errors import CheckError
from checks.explain.words import listed

Policies = list[dict[str, Any]]
# Returns what it did, in words. Raises :class:`ChangeError`.
Change = Callable[[Policies], str]
_MOST_BYTES = 16 * 2**20  # some thousand policies
_MARKS = (b"\xff\xfe", b"\xfe\xff")


class ChangeError(CheckError):
    """What is to be changed is not there, or no policy: the message says what there is."""


def put(path: Path) -> Sequence[Change]:
    """Return a change for each policy in a file: it replaces the one with the same id, or is added.

    The file holds a policy as Graph exports it, a list of them, or Graph's answer with ``value``; in UTF-8 or UTF-16.
    """
    said = _read(path)
    if isinstance(said, Mapping) and isinstance(said.get("value"), list):
        said = said["value"]
    policies = said if isinstance(said, list) else [said]
    if not policies:
        msg = f"{path} holds an empty list. Give a policy as Graph exports it."
        raise ChangeError(msg)
    changes = []
    for at, policy in enumerate(policies, 1):
        named = {**policy, "id": policy.get("id") or f"new-policy-{at}"} if isinstance(policy, Mapping) else policy
        try:
            parse_policy(named, None)
        except ShapeError as error:
            raise ChangeError(plain(f"{path}: {error}", 500)) from None
        if "conditions" not in named:
            msg = f"{path}: an object without conditions is no Conditional Access policy. Give one as Graph exports it."
            raise ChangeError(msg)
        changes.append(_putting(named))
    return changes


def _read(path: Path) -> Any:
    """Return what a file of JSON holds. Raises :class:`ChangeError`."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}."
        raise ChangeError(msg) from None
    if len(raw) > _MOST_BYTES:
        msg = (
            f"{path} is larger than {_MOST_BYTES // 2**20} MiB, which no policies are. Give them as Graph exports them."
        )
        raise ChangeError(msg)
    try:
        said = json.loads(raw.decode("utf-16" if raw[:2] in _MARKS else "utf-8-sig"))
        # Half a character, which JSON can name: no text has it, and no database takes it.
        json.dumps(said, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:  # of the encoding or the JSON; nested deeper than anybody writes
        msg = f"{path} is no JSON: {plain(str(error), 200)}. Give a policy as Graph exports it."
        raise ChangeError(msg) from None
    return said


def _putting(policy: dict[str, Any]) -> Change:
    def change(policies: Policies) -> str:
        name = f"the policy {quoted(str(policy.get('displayName') or policy['id']))}"
        for at, each in enumerate(policies):
            if str(each["id"]).lower() == str(policy["id"]).lower():
                policies[at] = policy
                return f"{name} is replaced{_in_state(policy)}"
        policies.append(policy)
        return f"{name} is added{_in_state(policy)}"

    return change


def _in_state(policy: Mapping[str, Any]) -> str:
    states = {"enabledForReportingButNotEnforced": ", in report-only mode: it asks nobody", "disabled": ", disabled"}
    return states.get(str(policy.get("state")), "")


def remove(wanted: str) -> Change:
    """Return the change that deletes a policy, by id or name."""

    def change(policies: Policies) -> str:
        policy = find_policy(policies, wanted)
        policies.remove(policy)
        return f"the policy {_name(policy)} is deleted"

    return change


def enable(wanted: str) -> Change:
    """Return the change that turns a policy on, by id or name."""

    def change(policies: Policies) -> str:
        policy = find_policy(policies, wanted)
        was, policy["state"] = policy.get("state"), "enabled"
        return f"the policy {_name(policy)} is {'already on' if was == 'enabled' else 'turned on'}"

    return change


def include_group(group_id: str, name: str, wanted: str) -> Change:
    """Return the change that lets a policy apply to a group as well."""

    def change(policies: Policies) -> str:
        policy = find_policy(policies, wanted)
        _users(policy)["includeGroups"] = [*_groups(policy, "includeGroups"), group_id]
        return f"the policy {_name(policy)} includes the group {quoted(name)}"

    return change


def drop_exclusion(group_id: str, name: str, wanted: str | None) -> Change:
    """Return the change that takes a group out of the exclusions of one policy, or of all."""

    def change(policies: Policies) -> str:
        dropped = []
        for policy in [find_policy(policies, wanted)] if wanted else policies:
            groups = _groups(policy, "excludeGroups")
            kept = [each for each in groups if each.lower() != group_id.lower()]
            if len(kept) < len(groups):
                _users(policy)["excludeGroups"] = kept
                dropped.append(_name(policy))
        if not dropped:
            where = f"the policy {quoted(wanted)} does not" if wanted else "no policy does"
            msg = f"{where} exclude the group {quoted(name)}: there is nothing to drop."
            raise ChangeError(msg)
        return f"the group {quoted(name)} is no longer excluded by {listed(dropped)}"

    return change


def apply(policies: Policies, changes: Sequence[Change]) -> tuple[Policies, tuple[str, ...]]:
    """Return changed copies of the policies, and what was done to them in words. Raises :class:`ChangeError`."""
    changed = copy.deepcopy(policies)
    return changed, tuple([change(changed) for change in changes])


def find_policy(policies: Policies, wanted: str) -> dict[str, Any]:
    """Return the policy with this id or name. Raises :class:`ChangeError`."""
    found = [
        each
        for each in policies
        if wanted.strip().casefold() in {str(each["id"]).casefold(), str(each.get("displayName")).casefold()}
    ]
    if len(found) == 1:
        return found[0]
    if found:
        msg = f"{len(found)} policies are called {quoted(wanted)}. Give the id: {listed(str(p['id']) for p in found)}."
        raise ChangeError(msg)
    names = [str(each.get("displayName") or each["id"]) for each in policies]
    near = difflib.get_close_matches(wanted, names, 3, 0.3) or names[:8]
    told = f"There are: {listed(map(quoted, near))}." if near else "The tenant has none."
    msg = f"no policy has the id or name {quoted(wanted)}. {told}"
    raise ChangeError(msg)


def _users(policy: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(policy.get("conditions"), dict):
        policy["conditions"] = {}
    users = policy["conditions"].setdefault("users", {})
    if not isinstance(users, dict):
        msg = f"the policy {_name(policy)} names its users in a way that is not known."
        raise ChangeError(msg)
    return users


def _groups(policy: dict[str, Any], key: str) -> list[str]:
    groups = _users(policy).get(key) or []
    if not isinstance(groups, list) or not all(isinstance(each, str) for each in groups):
        msg = f"the policy {_name(policy)} names its groups in a way that is not known ({key})."
        raise ChangeError(msg)
    return groups


def _name(policy: Mapping[str, Any]) -> str:
    return quoted(plain(str(policy.get("displayName") or policy["id"])))
