"""Packs of rules that come with plugins, and what packs must not do to each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from checks.rule import Pack
from checks.rules.files import read_pack
from collectors.errors import ConfigError
from warehouse.views import evidence_names


def plugin_packs(given: Iterable[tuple[str, object]]) -> Iterator[Pack]:
    """Yield the packs that plugins gave (plugin, pack or path). Raises :class:`ConfigError` for what is none."""
    for plugin, each in given:
        if isinstance(each, Pack):
            yield each
        elif isinstance(each, str | Path):
            yield read_pack(Path(each))
        else:
            msg = (
                f"plugin {plugin}: rollcall_rule_packs gave {type(each).__name__}, expected checks.rule.Pack or the "
                "path of a TOML file."
            )
            raise ConfigError(msg)


def distinct(packs: Sequence[Pack]) -> tuple[Pack, ...]:
    """Return the packs.

    Raises :class:`ConfigError` if a name, a rule's id or an evidence stands twice, or an evidence is called like ours.
    """
    own = [(pack, name) for pack in packs for name in pack.evidence]
    ours = evidence_names() if own else set()
    for pack, name in own:
        if name in ours:
            msg = f"pack {pack.name}: evidence.{name} is a view of ours. Give it another name."
            raise ConfigError(msg)
    names = Counter(pack.name for pack in packs)
    ids = Counter(rule.id for pack in packs for rule in pack.rules)
    evidence = Counter(name for pack in packs for name in pack.evidence)
    if twice := sorted(each for each, count in (names | ids | evidence).items() if count > 1):
        msg = (
            f"packs of rules: these stand twice: {', '.join(twice)}. A new meaning is a new version; rename the other."
        )
        raise ConfigError(msg)
    return tuple(packs)
