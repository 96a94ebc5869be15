"""The reference page of the rules, ``docs/rules.md``, made from their declarations.

Write it again with ``python -m checks.rules.page``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from checks.rule import Pack, Rule
from checks.rules import PACKS

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"

_HEAD = """\
# Rules

A rule holds the evidence of a tenant against one requirement. Its id carries its version: a new meaning is a new rule.
Its result is one of:

| result | meaning |
|---|---|
| pass | everything in scope meets the requirement, and all of it could be read |
| fail | at least one thing in scope breaks it; each one is a finding |
| not_assessed | a needed dataset was not read completely, or nothing is known to fail but something is unknown |
| not_applicable | the rule does not concern this kind of tenant, or there is nothing to judge |
| waived | somebody accepted it in `rollcall.toml` until a day; counts and findings still show the true state |
| error | judging it raised; the message says what |

What could not be read is never a pass and never a fail. *Owed* follows from the contract, *recommended* does not.
Rules of your own: [packs.md](packs.md).

<!-- This file is made from the declarations in checks/rules by `python -m checks.rules.page`. -->
"""

_PROVABLE = " (one of them can prove a pass; a fail takes all)"


def page(packs: Iterable[Pack]) -> str:
    """Return the page as Markdown."""
    every = tuple(packs)
    rows = [f"| {rule.id} | {rule.title} | {rule.severity} | {pack.title} |" for pack in every for rule in pack.rules]
    table = "\n".join(["| rule | requires | severity | pack |", "|---|---|---|---|", *rows, ""])
    return "\n".join([_HEAD, table, *(_pack(pack) for pack in every)])


def _pack(pack: Pack) -> str:
    head = f"## {pack.title}\n\nSuite `{pack.name}`. {pack.description}\n"
    return "\n".join([head, *(_section(rule) for rule in pack.rules)])


def _section(rule: Rule) -> str:
    duties = [f"{kind}s ({rule.duty(kind)})" for kind in sorted(rule.kinds, reverse=True)]
    source = rule.source
    return f"""\
### {rule.id}

**{rule.title}**

{rule.description}

| | |
|---|---|
| Severity, weight | {rule.severity}, {rule.weight} |
| For | {", ".join(duties)} |
| Requirement | {rule.expect.words} |
| Evidence | `evidence.{rule.evidence}` |
| Needs | {", ".join(f"`{name}`" for name in rule.needs)}{_PROVABLE if rule.is_provable_alone else ""} |
| Finding | {rule.reason} |
| Unknown | {rule.unknown} |
| Source | [{source.document}]({source.url}), read on {source.read_on}: {source.clause} |

**What to do.** {rule.remediation}
"""


if __name__ == "__main__":
    PAGE.write_text(page(PACKS), "utf-8")
