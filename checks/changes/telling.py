"""Names of the things that did something to an account, and what happened to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from checks.changes import words
from checks.changes.judgement import Judgement
from checks.changes.moved import Pair
from checks.changes.tenant import Compared
from checks.changes.things import CONFIGURATION, OWN, PROGRAM, TIME, Thing
from checks.cover.plain import plain
from checks.explain.words import DATASETS
from warehouse.moments import Moment

OWN_NAMES: Mapping[str, str] = {
    "account": "the account",
    "registration": "its registration",
    "per_user_mfa": "its per-user MFA",
    "roles": "its roles",
    "sign_ins": "its sign-ins",
}


class Told(NamedTuple):
    """Name of a thing, and what happened to it. Both are harmless to show."""

    name: str
    what: str


class Scans(NamedTuple):
    """The two moments that are compared, by what each was judged, and what was edited between them, by tenant."""

    then: Moment
    now: Moment
    before: Judgement | None
    after: Judgement
    edited: dict[str, dict[Thing, Told]]


class Telling:
    """Tells of the things of one tenant, and adds to what was edited in it those that nobody had told of."""

    def __init__(self, compared: Compared, scans: Scans, roles: words.Names) -> None:
        self._compared = compared
        self._scans = scans
        self._roles = roles
        self._edited = scans.edited.setdefault(compared.now.tenant_id, {})

    def tell(self, thing: Thing, pair: Pair) -> Told:
        """Return what happened to a thing, as far as it is for the accounts of a pair."""
        if thing.type in OWN:
            return Told(OWN_NAMES[thing.type], words.own(thing, pair.then, pair.now, self._roles))
        if thing not in self._edited:
            self._edited[thing] = self._of_tenant(thing, pair)
        if thing.type == "group":
            was, is_ = (thing.object_id in facts["groups"] for facts in (pair.then, pair.now))
            if was != is_:
                return Told(self._edited[thing].name, f"{'joined' if is_ else 'left'} the group")
        return self._edited[thing]

    def _of_tenant(self, thing: Thing, pair: Pair) -> Told:
        then, now = self._compared.then, self._compared.now
        if thing.type == "source":
            dataset = thing.object_id
            states = (each.sources.get(dataset, "not_collected") for each in (then, now))
            return Told(DATASETS.get(dataset, dataset), words.source(dataset, *states))
        if thing.type == "group":
            is_known = thing.object_id in now.known_groups
            what = "who is in it is known now" if is_known else "nobody can tell any longer who is in it"
            return Told(plain(thing.object_id), what)
        if thing == TIME:
            return Told("time", "the first day of a new account is over")
        if thing == PROGRAM:
            was = self._scans.before.program if self._scans.before else "unknown"
            return Told("mfa-rollcall", f"version {was} -> {self._scans.after.program}")
        if thing == CONFIGURATION:
            return Told("rollcall.toml", self._of_configuration(pair))
        return Told(plain(thing.object_id) or thing.type, "another one than before")

    def _of_configuration(self, pair: Pair) -> str:
        then, now = self._compared.then, self._compared.now
        told = [
            f"{name} {words.yes_no(was)} -> {words.yes_no(is_)}"
            for name, was, is_ in (
                ("[reading] strict", then.is_strict, now.is_strict),
                ("a sovereign cloud", then.is_sovereign, now.is_sovereign),
            )
            if was != is_
        ]
        if pair.then["account_class"] != pair.now["account_class"]:
            told.append("[[account_class]] names other accounts")
        return "; ".join(told) or "another one than before"
