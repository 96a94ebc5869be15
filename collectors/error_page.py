"""The page of everything that can be refused, made from the table: ``python -m collectors.error_page``."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.advice import everything
from collectors.refusal import Advice

_HEAD = """\
# When Microsoft says no

Each refusal has a word, and a sentence for whoever runs the scan. `rollcall doctor` says both before a scan, for each
tenant and dataset; a scan says them in the outcome of the dataset. The outcome's code stays Microsoft's
(`AADSTS50076`, `Authorization_RequestDenied`), because that is what Microsoft documents.

*Becomes* is the state of the datasets that could not be read: `failed` is to be mended by the partner, `not_permitted`
in the tenant, `not_licensed` is a fact about the tenant. A dataset of which some was read before is `partial`, whatever
came then.

Numbers are looked up first. One that is not listed is told by its words, then by its OAuth error (Entra) or HTTP status
(Graph): Microsoft warns that codes and texts change.
"""
_FILLED = {
    "app": "*application*",
    "connection": "*connection*",
    "tenant": "*tenant*",
    "consent_url": "*consent link*",
    "permission": "*permission (id)*",
    "role": "*role*",
    "correlation": "*correlation id*",
}


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD, *(line for advice in everything() for line in _section(advice))])


def _section(advice: Advice) -> Iterator[str]:
    yield f"## {advice.word}\n"
    yield f"{advice.meaning[0].upper()}{advice.meaning[1:]}. Becomes `{advice.error.state}`.\n"
    told = [
        *(f"AADSTS{code}" if isinstance(code, int) else f"`{code}`" for code in advice.codes),
        *(f"“{text}”" for text in advice.texts),
        *(f"`{word}`" for word in advice.oauth),
        *(f"HTTP {status}" for status in advice.statuses),
    ]
    if told:
        yield f"Told by: {', '.join(told)}.\n"
    yield f"> {advice.sentence.format_map(_FILLED)}\n"
    if advice.delegated:
        yield f"Where a user signs in:\n\n> {advice.delegated.format_map(_FILLED)}\n"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201  (its output is the page)
