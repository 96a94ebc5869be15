"""Every collector that is installed, checked once so that a scan need not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import entry_points

import pluggy

from collectors import hookspecs
from collectors.declare import Collector, Dataset, Kind
from collectors.errors import ConfigError


@dataclass(frozen=True)
class Catalogue:
    """The collectors in order, and the plugins that could not be loaded (name, error).

    ``packs`` are packs of rules (plugin, what its hook gave), which only those who judge can read.
    """

    collectors: tuple[Collector, ...]
    broken: tuple[tuple[str, str], ...] = ()
    packs: tuple[tuple[str, object], ...] = ()

    @property
    def ordinary(self) -> list[str]:
        """The names of the collectors that every scan runs unless told otherwise."""
        return [collector.name for collector in self.collectors if not collector.is_opt_in]

    @property
    def options(self) -> list[str]:
        """What an operator can opt in to: collectors, and further values that a dataset is asked for."""
        asked = [one for dataset in self.datasets for one in (dataset, dataset.fallback) if one]
        more = {each.opt_in for dataset in asked for each in dataset.each if each.opt_in}
        return sorted(more.union(collector.name for collector in self.collectors if collector.is_opt_in))

    def opted_in(self, options: Iterable[str]) -> list[str]:
        """Return the names of the collectors of a scan that opted in to ``options``.

        Raises :class:`ConfigError` for an option nobody has.
        """
        if unknown := sorted(set(options) - set(self.options)):
            msg = f"[collect] opt_in: nothing is called {', '.join(unknown)}. There are: {', '.join(self.options)}."
            raise ConfigError(msg)
        return [*self.ordinary, *(c.name for c in self.collectors if c.is_opt_in and c.name in options)]

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        """Every dataset, each after the datasets it asks for."""
        return _ordered([dataset for collector in self.collectors for dataset in collector.datasets])

    def dataset(self, name: str) -> Dataset:
        """Return the dataset called ``name``. Raises ``KeyError``."""
        return next(d for d in self.datasets if d.name == name)

    def chosen(self, names: list[str] | None, kind: Kind) -> tuple[list[Dataset], list[Dataset]]:
        """Split what a tenant of ``kind`` has into (to read, to skip), by collector names.

        None given means all but those to opt in. A dataset that a chosen one asks for is read too.
        Raises :class:`ConfigError` for a name nobody has.
        """
        known = [collector.name for collector in self.collectors]
        if unknown := sorted(set(names or ()) - set(known)):
            msg = f"no collector is called {', '.join(unknown)}. Installed are: {', '.join(known)}."
            raise ConfigError(msg)
        chosen = names or self.ordinary
        wanted = {d.name for c in self.collectors if c.name in chosen for d in c.datasets}
        for dataset in reversed(self.datasets):
            if dataset.name in wanted:
                wanted |= dataset.asks_for
        here = [dataset for dataset in self.datasets if kind in dataset.kinds]
        return [d for d in here if d.name in wanted], [d for d in here if d.name not in wanted]


def _ordered(datasets: list[Dataset]) -> tuple[Dataset, ...]:
    """Put each dataset after those it asks for. Raises :class:`ConfigError` for clashes, gaps and circles."""
    by_name: dict[str, Dataset] = {}
    for dataset in datasets:
        if dataset.name in by_name:
            msg = f"two collectors declare the dataset {dataset.name}. Rename one or uninstall its plugin."
            raise ConfigError(msg)
        by_name[dataset.name] = dataset
    ordered: dict[str, Dataset] = {}

    def place(dataset: Dataset, below: tuple[str, ...]) -> None:
        if dataset.name in below:
            msg = f"datasets ask for each other in a circle: {' -> '.join((*below, dataset.name))}."
            raise ConfigError(msg)
        if dataset.name in ordered:
            return
        for needed in sorted(dataset.asks_for):
            if needed not in by_name:
                msg = f"dataset {dataset.name} needs {needed}, which no collector declares."
                raise ConfigError(msg)
            place(by_name[needed], (*below, dataset.name))
        ordered[dataset.name] = dataset

    for dataset in datasets:
        place(dataset, ())
    return tuple(ordered.values())


@cache
def catalogue() -> Catalogue:
    """Load every installed plugin of the entry-point group ``rollcall``.

    A plugin that does not load, or whose declarations clash with those before it, is left out and named in
    ``broken``; the others still work.
    """
    collectors: list[Collector] = []
    broken: list[tuple[str, str]] = []
    packs: list[tuple[str, object]] = []
    for entry in sorted(entry_points(group=hookspecs.GROUP), key=lambda entry: (entry.name != "microsoft", entry.name)):
        manager = pluggy.PluginManager(hookspecs.GROUP)
        manager.add_hookspecs(hookspecs)
        try:
            manager.register(entry.load(), name=entry.name)
            manager.check_pending()
            found = [c for declared in manager.hook.rollcall_collectors() for c in declared]
            _ordered([d for c in (*collectors, *found) for d in c.datasets])
            given = [(entry.name, pack) for declared in manager.hook.rollcall_rule_packs() for pack in declared]
        except Exception as error:  # noqa: BLE001  (third-party code: whatever it raises, the others must still run)
            broken.append((entry.name, f"{type(error).__name__}: {error}"))
        else:
            collectors += found
            packs += given
    return Catalogue(tuple(collectors), tuple(broken), tuple(packs))
