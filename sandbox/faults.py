"""Faults by a scripted plan: which requests go wrong, how, and a record of each that did.

A plan is a list of rules, in ``faults.json`` of the data folder (read again when it changes) or given to
``sandbox.server.running``:

``[{"tenant": "<id>", "path": "v1.0/users", "nth": 2, "fault": {"kind": "status", "status": 503}}]``

Every rule counts the requests it matches, for each tenant on its own. Of the rules whose turn it is, the first one in
the plan is the outermost: one that answers by itself hides those after it. ``docs/sandbox.md`` has each kind.
"""

import os
import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from fnmatch import translate
from functools import lru_cache
from typing import Any, Final, Literal
from urllib.parse import unquote_plus

import msgspec

from sandbox.calls import Answer, Call, Handler, Hook
from sandbox.fault_contents import (
    ForeignNextLink,
    LoopNextLink,
    MalformedJson,
    MissingProperty,
    RepeatPage,
    UnknownEnum,
    WrongType,
)
from sandbox.fault_forms import Changing, Refusing
from sandbox.fault_refusals import (
    BatchMember,
    ConsentMissing,
    ExpiredPageToken,
    GdapGuest,
    P1Missing,
    RevokeToken,
    Status,
    TokenError,
)
from sandbox.fault_transport import Reset, Slow, TruncatedGzip, WrongGzip
from sandbox.store import DataError, Stamp, Store, is_settled, stamp
from sandbox.tokens import Tokens

FILE: Final = "faults.json"
_MOST_RECORDED: Final = 100_000

AnyFault = (
    Status
    | BatchMember
    | ExpiredPageToken
    | RevokeToken
    | TokenError
    | ConsentMissing
    | P1Missing
    | GdapGuest
    | MalformedJson
    | WrongType
    | MissingProperty
    | UnknownEnum
    | ForeignNextLink
    | LoopNextLink
    | RepeatPage
    | Reset
    | TruncatedGzip
    | WrongGzip
    | Slow
)


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a plan: the requests it matches, which of them go wrong, and how.

    ``path`` and ``query`` are globs (``*`` also matches ``/``), compared without regard to case with the path below
    the service (``v1.0/users``, ``v1/customers``, ``token``, ``v1.0/$batch``) and the decoded query. ``nth`` (one or
    several, from 1), ``after`` and ``every`` choose among the matches, ``times`` ends it after so many. ``per`` says
    what has a count of its own.
    """

    fault: AnyFault
    tenant: str | None = None
    path: str = "*"
    query: str = "*"
    nth: int | list[int] | None = None
    after: int | None = None
    every: int | None = None
    times: int | None = None
    per: Literal["tenant", "path", "all"] = "tenant"

    def __post_init__(self) -> None:
        chosen = [name for name in ("nth", "after", "every") if getattr(self, name) is not None]
        if len(chosen) > 1:
            raise ValueError(f"{' and '.join(chosen)} are both given: keep one")
        numbers = [*self.places, *(number for number in (self.every, self.times) if number is not None)]
        if self.nth == [] or any(number < 1 for number in numbers) or (self.after or 0) < 0:
            raise ValueError("nth, every and times count from 1, after from 0")

    @property
    def places(self) -> list[int]:
        """Return the matches that ``nth`` names."""
        return self.nth if isinstance(self.nth, list) else [] if self.nth is None else [self.nth]

    def matches(self, call: Call) -> bool:
        """Say whether the rule counts this call."""
        return (
            (self.tenant is None or self.tenant.lower() == call.tenant)
            and self.fault.concerns(call)
            and _is_like(self.path.lstrip("/"), call.path)
            and _is_like(self.query, unquote_plus(call.query))
        )

    def is_turn(self, number: int) -> bool:
        """Say whether the match with this number (from 1) goes wrong."""
        if self.nth is not None:
            return number in self.places
        if self.after is not None:
            return number > self.after
        return self.every is None or number % self.every == 0


class Applied(msgspec.Struct, frozen=True):
    """A fault that happened. ``rule`` is its place in the plan, from 0; ``number`` that of the match, from 1."""

    kind: str
    rule: int
    number: int
    tenant: str
    path: str
    query: str
    member: int


class _Plan:
    """Rules and how often each has matched and been applied."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self.matched: Counter[tuple[int, str, str]] = Counter()
        self.applied: Counter[tuple[int, str, str]] = Counter()


class Faults:
    """A plan at work. Raises ``DataError`` for a plan that cannot be one; it says where and what was expected."""

    def __init__(self, plan: Iterable[Mapping[str, Any] | Rule] = ()) -> None:
        given = [msgspec.to_builtins(rule) if isinstance(rule, Rule) else rule for rule in plan]
        self._given = _read(given, "faults")
        self._plan = _Plan(self._given)
        self._text: bytes | None = None
        self._seen: Stamp | None = None
        self._applied: deque[Applied] = deque(maxlen=_MOST_RECORDED)

    @property
    def applied(self) -> list[Applied]:
        """Return the faults that happened, in their order. A fault that found nothing to change is not among them."""
        return list(self._applied)

    def hook(self, tokens: Tokens, store: Store) -> Hook:
        """Return the hook that applies the plan together with the one in the store's ``faults.json``."""
        full = store.full(FILE)

        async def run(call: Call, handler: Handler) -> Answer:
            # Asked for every call: that there is no file, ``access`` says for less than half of what ``stat`` takes.
            if self._seen is not None or os.access(full, os.F_OK):
                self._reload(store, stamp(full))
            if not self._plan.rules:
                return await handler(call)
            return await self._run(call, handler, tokens)

        return run

    def _reload(self, store: Store, seen: Stamp | None) -> None:
        if seen == self._seen and is_settled(seen):
            return
        text, seen = store.read(FILE)
        if text != self._text:  # else only the stamp is new, and the counts stay
            try:
                rules = [] if text is None else _read(msgspec.json.decode(text), FILE)
            except msgspec.DecodeError as problem:
                raise DataError(f"{FILE}: not JSON ({problem}).") from None
            self._text, self._plan = text, _Plan([*self._given, *rules])
        self._seen = seen

    async def _run(self, call: Call, handler: Handler, tokens: Tokens) -> Answer:
        plan = self._plan
        turns: list[tuple[int, int, tuple[int, str, str]]] = []
        for place, rule in enumerate(plan.rules):
            if not rule.matches(call):
                continue
            key = _key(place, rule, call)
            plan.matched[key] += 1
            number = plan.matched[key]
            if rule.is_turn(number) and (rule.times is None or plan.applied[key] < rule.times):
                turns.append((place, number, key))
        changes: list[tuple[Changing, Applied, tuple[int, str, str]]] = []
        answer: Answer | None = None
        for place, number, key in turns:
            fault = plan.rules[place].fault
            record = Applied(_kind(fault), place, number, call.tenant, call.path, call.query, call.member)
            if isinstance(fault, Refusing):
                answer = fault.answer(call, tokens)
                self._record(plan, key, record)
                break
            changes.append((fault, record, key))
        if answer is None:
            answer = await handler(call)
        for change, record, key in reversed(changes):
            changed = change.change(call, answer)
            if changed is not None:
                answer = changed
                self._record(plan, key, record)
        return answer

    def _record(self, plan: _Plan, key: tuple[int, str, str], record: Applied) -> None:
        plan.applied[key] += 1
        self._applied.append(record)


def _read(given: Any, name: str) -> list[Rule]:
    try:
        return msgspec.convert(given, list[Rule])
    except msgspec.ValidationError as problem:
        raise DataError(
            f'{name}: {problem}. Expected [{{"path": "v1.0/users", "nth": 1, "fault": {{...}}}}].'
        ) from None


def _key(place: int, rule: Rule, call: Call) -> tuple[int, str, str]:
    tenant = "" if rule.per == "all" else call.tenant
    return place, tenant, call.path if rule.per == "path" else ""


def _kind(fault: AnyFault) -> str:
    return str(fault.__struct_config__.tag)


def _is_like(glob: str, text: str) -> bool:
    return glob == "*" or _pattern(glob).match(text) is not None


@lru_cache(maxsize=4096)
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob), re.IGNORECASE)
