"""Check collectors: by name, one dataset after the other or several at once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from collectors.catalogue import Catalogue
from collectors.declare import Dataset
from collectors.errors import ConfigError
from kit.bench import bench, credential
from kit.declared import check_declaration
from kit.finding import Checked, Finding
from kit.served import Trial

AT_ONCE = 8  # most of a check is waiting: for a 429, for an answer that is asked for again


def check(catalogue: Catalogue, name: str | None = None) -> Iterator[Finding]:
    """Yield what the checks find: of the collector or dataset called ``name``, or of all.

    Nothing outside of a temporary folder and 127.0.0.1 is touched; whatever a declaration does, it is a finding.
    Raises :class:`ConfigError` for a name nobody has.
    """
    tried = [one for dataset in _chosen(catalogue, name) for one in _with_fallback(catalogue, dataset)]
    with credential(), ThreadPoolExecutor(AT_ONCE) as threads:
        for findings in threads.map(lambda one: check_dataset(*one), tried):
            yield from findings


def _with_fallback(catalogue: Catalogue, dataset: Dataset) -> Iterator[tuple[Catalogue, Dataset]]:
    """Yield the dataset, and its fallback as a dataset of its own in a catalogue that has it instead."""
    yield catalogue, dataset
    if (fallback := dataset.fallback) is not None:
        collectors = (
            replace(one, datasets=tuple(fallback if d is dataset else d for d in one.datasets))
            for one in catalogue.collectors
        )
        yield Catalogue(tuple(collectors)), fallback


def check_dataset(catalogue: Catalogue, dataset: Dataset) -> list[Finding]:
    """Return what the checks of one dataset find. Call it while :func:`kit.bench.credential` holds."""
    checked = Checked(dataset.name, [])
    at = datetime.now(UTC).replace(microsecond=0)
    try:
        if check_declaration(checked, dataset, catalogue, at):
            with (
                tempfile.TemporaryDirectory(prefix="rollcall-kit-") as folder,
                bench(dataset, catalogue, Path(folder), at) as place,
            ):
                Trial(checked, place).run()
    except ConfigError as error:
        checked.problem("run", str(error))
    except Exception as error:  # noqa: BLE001  (a declaration is third-party code: what it breaks is the finding)
        checked.problem("run", f"collect or load broke off: {_innermost(error)}")
    return checked.findings


def summary(findings: Sequence[Finding]) -> str:
    """Return the line that counts them."""
    problems = sum(finding.is_problem for finding in findings)
    datasets = len({finding.dataset for finding in findings})
    return f"{'problem' if problems else 'ok':<8} {datasets} datasets, {len(findings)} checks, {problems} problems"


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__} {error}"


def _chosen(catalogue: Catalogue, name: str | None) -> Sequence[Dataset]:
    if name is None:
        return catalogue.datasets
    for collector in catalogue.collectors:
        if collector.name == name:
            return collector.datasets
    if found := [dataset for dataset in catalogue.datasets if dataset.name == name]:
        return found
    broken = "".join(f" The plugin {plugin} did not load: {error}" for plugin, error in catalogue.broken)
    msg = f"no collector or dataset is called {name}. Installed are: {', '.join(c.name for c in catalogue.collectors)}."
    raise ConfigError(msg + broken)
