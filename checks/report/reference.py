"""The page that says what scorecards, reports and their columns mean: ``docs/scorecard.md``, made from the code.

Write it again with ``python -m checks.report.reference``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from checks.report.cards import Card, RuleLine
from checks.report.data import SHOWN_CHANGES, SHOWN_CONCERNED, SHOWN_EXPLANATIONS, SHOWN_FINDINGS
from checks.report.document import FORMAT
from checks.report.files import FILES
from checks.report.ocsf import SCHEMA
from checks.report.tables import TABLES, Table
from checks.report.trend import SHOWN_SCANS
from checks.report.words import RESULTS, STATES, VERDICTS, WAIVER_STATES, Word

PAGE = Path(__file__).parents[2] / "docs" / "scorecard.md"

_MEANINGS: Mapping[str, Mapping[str, str]] = {
    "result": {
        "pass": "everything in scope meets the rule, and all of it could be read",
        "fail": "at least one thing in scope breaks it; each, or each cause of many, is a finding",
        "not_assessed": "something that it needs could not be read, or is not known",
        "error": "judging it raised; the reason says what",
        "waived": "somebody accepted what breaks it, until a day; what is true stands beside it and is what counts",
        "not_applicable": "it is not for tenants of this kind, or there is nothing to judge",
    },
    "verdict": {
        "compliant": "every sign-in is asked for MFA, and the account can do it",
        "at_risk": "MFA is asked, but some sign-in gets through without",
        "non_compliant": "nothing asks for MFA, or the account cannot do it",
        "indeterminate": "what decides it could not be read",
        "not_applicable": "nothing is owed for it, such as a disabled account",
    },
    "state": {
        "complete": "all of it arrived",
        "partial": "some of it arrived; none of it counts",
        "not_licensed": "the tenant has no licence for it",
        "not_permitted": "a permission or a role is missing",
        "failed": "Microsoft did not answer, or not as it should",
        "skipped": "no scan has asked for it yet",
    },
    "waiver": {
        "active": "it covers something that breaks the rule now",
        "pending": "its first day has not come",
        "expired": "its last day is over: what it covered is open again",
        "unused": "nothing that breaks the rule is covered by it",
        "broken": "it names what is not there, or cannot be read: somebody must mend it",
    },
}
_FORMATS: Mapping[str, str] = {
    "`html`": "the page; with `--partner` or alone the page of many tenants",
    "`pdf`": (
        "the same on A4. An extra: `pip install 'mfa-rollcall[pdf]'`, which needs Pango (on Debian "
        "`libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0`)"
    ),
    "`csv`": "one table, that of `--table` (findings, if not given): UTF-8, times in ISO 8601",
    "`xlsx`": "a workbook with a sheet for each table, and one that says what the columns mean",
    "`json`": "everything, faithful to the letter: see below",
    "`ocsf`": "an event for each finding: see below",
}
_EVENTS: Mapping[str, str] = {
    "`activity_id`": (
        "1 Create in the scan that first found it, 2 Update in those after, 3 Close in the one that no longer did"
    ),
    "`time`": "the scan",
    "`severity_id`": "that of the rule: 4 high, 3 medium, 2 low",
    "`status_id`": "1 New; 3 Suppressed where all of it is accepted, with the day in `comment`; 4 Resolved",
    "`finding_info.uid`": "the finding's id, the same in every scan",
    "`compliance.control`, `.standards`, `.requirements`": "the rule, the document it follows from, and what that says",
    "`compliance.status_id`": "3 Fail, accepted or not; 1 Pass once it is resolved",
    "`resources`": "what breaks the rule; of an account, `owner` names it and its tenant",
    "`metadata.tenant_uid`": "the tenant",
    "`unmapped`": (
        "`accounts` (how many it concerns), `accepted_accounts`, `accepted_until`, `tenant_kind`, `partner_id`"
    ),
}
_HEAD = """\
# Scorecards and reports

A scorecard says how a tenant stands: its score, how much of it could be assessed, every rule, every finding. There is
one for each tenant, one for each partner with all its customers, and one for the fleet.

## The two numbers

**Score = weighted pass ÷ (pass + fail)**, from 0 to 100. Each rule counts by its weight ([rules.md](rules.md) has
them). There is no score where nothing passed or failed.

**Coverage = (pass + fail) ÷ all that applies**, in percent, by the same weights. What could not be read, or ended in
error, applies and is not covered: it is never a pass and never silently a fail. A score means nothing without its
coverage, so they always stand side by side. Both are rounded down: only a whole 100 reads 100.

What somebody accepted (a waiver) moves neither: it counts as what it is without the waiver.

The score of a partner with its customers, or of the fleet, is made in the same way, of all rules of all of these
tenants. Their accounts are never added up over partners and customers: those of a partner are counted by the verdict
of the contract, those of a customer by their posture, which is what they would be, did they owe MFA.

## The pages

* **Score and coverage**: the weight of all rules that apply as one bar: what passed, what failed, what could not be
  assessed. Coverage is how far the first two reach; the score is how much of that passed. The sum is written below
  it.
* **Accounts**: how many accounts in scope have which verdict.
* **Rules by pack**: how many rules of each pack came to which result; below, each rule with its reason and what to
  do.
* **The last scans**: score and coverage of the last {scans} scans. A scan without a score is a gap, not a nought.
* **What changed**: what was otherwise in the scan before, the first {changes}, and how many accounts it made worse or
  better.
* **Accepted for a time**: every waiver of the tenant and how it stands.
* **Findings**: the first {findings}, the most severe before the others. One that many accounts share by one cause,
  such as a gap in a policy, is one finding with the number of accounts and the names of {concerned}.
* **Why, account by account**: the first {explanations} accounts that are not compliant, the most urgent before the
  others.

A page is one file that loads nothing and runs nothing. It prints on A4. Text that a tenant wrote is shown as text,
whatever it holds.

## The files of a scan

In `scorecards/` beside the published warehouse, swapped in together:

| file | what |
|---|---|
{files}

## `rollcall report`

```
rollcall report --tenant "Zahnarztpraxis Dr. Müller" --format pdf --output müller.pdf
rollcall report --partner "Nordlicht Cloud GmbH" --format xlsx --output nordlicht.xlsx
rollcall report --format csv --table accounts --output accounts.csv
```

About one tenant (`--tenant`), a partner with its customers (`--partner`) or, without either, all tenants, from the
published warehouse.

| format | what |
|---|---|
{formats}

In CSV and workbooks text that a spreadsheet could take for a formula has an apostrophe in front, and every text is on
one line. A workbook holds 1,048,576 rows a sheet and says where a table did not fit.

## The tables
"""
_JSON = """\
## JSON

`scorecards.json` is a list of scorecards. `rollcall report --format json` writes one object: `format` ({format};
raised when a key goes or means something else), `about` (tenant, partner or fleet), `assessed_at`, `score`,
`coverage`, `trend` (a list of `scanned_at`, `score`, `coverage`, the newest last), `scorecards`, and the tables
`findings`, `accounts` and `sources` as lists of objects with the columns above. Times are UTC without a zone; what is
not known is null. Text stands as the tenant wrote it: escape it.

A scorecard has {card}. Each of its `rules` has {rule}.

## OCSF

`rollcall report --format ocsf`, and *All findings (OCSF)* among the pages in Airflow, have an event a line of the
Open Cybersecurity Schema Framework {schema}, class Compliance Finding (2003).

| attribute | what |
|---|---|
{events}

## Words
"""
_FOOT = "<!-- This file is made from the code by `python -m checks.report.reference`. -->\n"


def page() -> str:
    """Return the page as Markdown."""
    head = _HEAD.format(
        scans=SHOWN_SCANS,
        findings=SHOWN_FINDINGS,
        changes=SHOWN_CHANGES,
        concerned=SHOWN_CONCERNED,
        explanations=SHOWN_EXPLANATIONS,
        files=_rows({f"`{name}`": meaning for name, meaning in FILES.items()}),
        formats=_rows(_FORMATS),
    )
    data = _JSON.format(
        format=FORMAT,
        events=_rows(_EVENTS),
        card=_listed(Card.__struct_fields__),
        rule=_listed(RuleLine.__struct_fields__),
        schema=SCHEMA,
    )
    words = [
        _words("result", "A rule", RESULTS),
        _words("verdict", "An account", VERDICTS),
        _words("state", "A dataset", STATES),
        _words("waiver", "A waiver", WAIVER_STATES),
    ]
    return "\n".join([head, *map(_table, TABLES.values()), data, *words, _FOOT])


def _rows(meanings: Mapping[str, str]) -> str:
    return "\n".join(f"| {name} | {meaning} |" for name, meaning in meanings.items())


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(table: Table) -> str:
    rows = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in table.columns.items())
    return f"### {table.title}\n\n{table.doc}\n\n| column | meaning |\n|---|---|\n{rows}\n"


def _words(kind: str, what: str, words: Mapping[str, Word]) -> str:
    rows = "\n".join(
        f"| {word.sign} {word.text} | `{code}` | {_MEANINGS[kind][code]} |" for code, word in words.items()
    )
    return f"**{what}**\n\n| shown | in data | meaning |\n|---|---|---|\n{rows}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
