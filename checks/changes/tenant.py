"""A tenant as of two scans, and as it would be had some of what changed between them not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import msgspec

from checks.changes.things import CONFIGURATION, OBJECTS, Thing
from checks.cover import CoverModel
from checks.named import Named, named
from checks.place import POLICIES, Place
from checks.places import Material, Objects, place

_GROUP_SOURCES = ("groups", "group_members")


class Compared:
    """A tenant of which something is to be explained. ``things`` are what is otherwise in it than before."""

    def __init__(self, then: Material, now: Material, roles: Mapping[str, str]) -> None:
        self.then, self.now = then, now
        self.sources = frozenset(
            dataset
            for dataset in then.sources.keys() | now.sources.keys()
            if then.sources.get(dataset) != now.sources.get(dataset)
        )
        self._roles = roles
        self._places: dict[frozenset[Thing], Place] = {}
        self._models: dict[frozenset[Thing], CoverModel | None] = {}
        self._objects = {thing: dataset for dataset in OBJECTS for thing in self._edited(dataset)}
        # Only groups that something names are read: one that is named for the first time was there before, and whoever
        # is in it was, for all that anybody knows.
        self.alike_groups = self._alike_groups()
        self.then, self.now = (
            msgspec.structs.replace(each, known_groups=each.known_groups | self.alike_groups) for each in (then, now)
        )
        self.things = frozenset(self._things())

    def _things(self) -> Iterator[Thing]:
        yield from (Thing("source", dataset) for dataset in self.sources)
        yield from self._objects
        if "security_defaults" not in self.sources and self.then.security_defaults != self.now.security_defaults:
            yield Thing("security_defaults")
        if self.sources.isdisjoint(_GROUP_SOURCES):
            yield from (Thing("group", group) for group in self.then.known_groups ^ self.now.known_groups)
        if (self.then.is_strict, self.then.is_sovereign) != (self.now.is_strict, self.now.is_sovereign):
            yield CONFIGURATION

    def _alike_groups(self) -> frozenset[str]:
        """Return the groups that were read in one scan alone, because policies named them in that one alone."""
        appeared = self.then.known_groups ^ self.now.known_groups
        if not appeared or not self.sources.isdisjoint(_GROUP_SOURCES):
            return frozenset()
        before, after = (each.group_ids for each in self.named)
        return frozenset(group for group in appeared if group.lower() not in before & after)

    def _edited(self, dataset: str) -> Iterator[Thing]:
        if dataset not in self.sources and dataset in self.now.objects and dataset in self.then.objects:
            before, after = _by_id(self.then.objects[dataset]), _by_id(self.now.objects[dataset])
            yield from (
                Thing(OBJECTS[dataset], key)
                for key in before.keys() | after.keys()
                if _deciding(before.get(key)) != _deciding(after.get(key))
            )

    @cached_property
    def named(self) -> tuple[Named, Named]:
        """Whom its policies named as of both scans."""
        before, after = (each.objects.get(POLICIES, ()) for each in (self.then, self.now))
        found = named(after)
        return (found if before == after else named(before)), found

    def place(self, undone: frozenset[Thing]) -> Place:
        """Return the tenant of now, but with these things as they were before. Others than its own do not count."""
        mine = undone & self.things
        if mine not in self._places:
            self._places[mine] = self._place(mine)
        return self._places[mine]

    def _place(self, undone: frozenset[Thing]) -> Place:
        then, now = self.then, self.now
        back = {thing.object_id for thing in undone if thing.type == "source"}
        material = msgspec.structs.replace(
            now,
            sources={**now.sources, **{dataset: then.sources[dataset] for dataset in back if dataset in then.sources}},
            objects={
                dataset: objects
                for dataset in OBJECTS
                if (objects := self._of_dataset(dataset, undone, back)) is not None
            },
            security_defaults=then.security_defaults
            if "security_defaults" in back or Thing("security_defaults") in undone
            else now.security_defaults,
            known_groups=self._known_groups(undone, back),
        )
        if CONFIGURATION in undone:
            material = msgspec.structs.replace(material, is_strict=then.is_strict, is_sovereign=then.is_sovereign)
        decisive = frozenset(
            thing
            for thing in undone
            if thing in self._objects or (thing.type == "source" and thing.object_id in OBJECTS)
        )
        made = place(material, self._roles, self._models.get(decisive))
        self._models[decisive] = made.model
        return made

    def _of_dataset(self, dataset: str, undone: frozenset[Thing], back: set[str]) -> Objects | None:
        then, now = self.then.objects.get(dataset), self.now.objects.get(dataset)
        if dataset in back:
            return then
        if now is None or then is None:
            return now
        before, after = _by_id(then), _by_id(now)
        for thing in undone:
            if self._objects.get(thing) == dataset:
                after.pop(thing.object_id, None)
                after |= {thing.object_id: before[thing.object_id]} if thing.object_id in before else {}
        return [after[key] for key in sorted(after)]

    def _known_groups(self, undone: frozenset[Thing], back: set[str]) -> frozenset[str]:
        changed = self.sources.intersection(_GROUP_SOURCES)
        if changed:
            return self.then.known_groups if changed <= back else self.now.known_groups
        groups = {thing.object_id for thing in undone if thing.type == "group"}
        return frozenset((self.now.known_groups - groups) | (self.then.known_groups & groups))


def _by_id(objects: Objects) -> dict[str, Any]:
    return {str(each["id"]): each for each in objects}


def _deciding(given: Any) -> Any:
    # What it is called decides nothing.
    return given and {key: value for key, value in given.items() if key != "displayName"}
