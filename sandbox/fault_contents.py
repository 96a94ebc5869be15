"""Faults in what an answer says: its JSON, its items, its next link."""

import re
from collections.abc import Iterator
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from sandbox.calls import Answer, Body, Call
from sandbox.fault_forms import Changing

_NEXT: Final = "@odata.nextLink"
_REPEATED: Final = re.compile(r"(?:^|&)repeated=(\d+)")


class MalformedJson(Changing, frozen=True, tag="malformed_json"):
    """Send half of the JSON, or ``text``, with the right length: the connection is well, the document is not."""

    text: str | None = None

    def change(self, call: Call, answer: Answer) -> Answer | None:  # noqa: ARG002
        """Return the answer with its broken body."""
        plain = answer.body.plain
        return _with(answer, plain[: len(plain) // 2] if self.text is None else self.text.encode())


class _Edit(Changing, frozen=True):
    """Change one property of an item: the ``item``-th (from 0, -1 is the last) or ``all``.

       ``page`` stands for the answer around the items.
    ``property`` is a path (``status/errorCode``,
       ``assignedLicenses/0/skuId``).
    """

    property: str
    item: int | Literal["all", "page"] = 0

    def change(self, call: Call, answer: Answer) -> Answer | None:  # noqa: ARG002
        """Return the changed answer, or ``None`` if it has no such item or property."""
        document = _document(answer)
        *above, name = self.property.split("/")
        changed = [self.edit(holder, name) for target in self._targets(document) for holder in _holders(target, above)]
        return _with(answer, msgspec.json.encode(document)) if any(changed) else None

    def edit(self, holder: Any, name: str) -> bool:
        """Change the property in its object, or the element in its list; say whether there was something to change."""
        raise NotImplementedError

    def _targets(self, document: Any) -> list[Any]:
        if self.item == "page" or document is None:
            return [document]
        items = document
        if isinstance(document, dict):
            # Graph's lists, Partner Center's, or a single object.
            items = next((document[name] for name in ("value", "items") if isinstance(document.get(name), list)), None)
        if not isinstance(items, list):
            return [document]
        if self.item == "all":
            return items
        return [items[self.item]] if -len(items) <= self.item < len(items) else []


class WrongType(_Edit, frozen=True, tag="wrong_type"):
    """Set a property to ``value``, whatever it was."""

    value: Any = None

    def edit(self, holder: Any, name: str) -> bool:
        """Set the property."""
        return _put(holder, name, self.value, must_exist=False)


class MissingProperty(_Edit, frozen=True, tag="missing_property"):
    """Leave a property out."""

    def edit(self, holder: Any, name: str) -> bool:
        """Remove the property."""
        if not isinstance(holder, dict) or name not in holder:
            return False
        del holder[name]
        return True


class UnknownEnum(_Edit, frozen=True, tag="unknown_enum"):
    """Use a member of an enumeration that nobody has heard of; in a list of members, beside the others."""

    value: str = "valueOfTomorrow"

    def edit(self, holder: Any, name: str) -> bool:
        """Replace the member, or add one to the list."""
        found = holder.get(name) if isinstance(holder, dict) else None
        if isinstance(found, list):
            found.append(self.value)
            return True
        return _put(holder, name, self.value, must_exist=True)


class _Link(Changing, frozen=True):
    """Change the next link of a list, or give it one."""

    def concerns(self, call: Call) -> bool:
        """Say whether the call may be one for a list of Graph."""
        return call.service == "graph" and call.bucket != "batch"

    def change(self, call: Call, answer: Answer) -> Answer | None:
        """Return the answer with its new link, or ``None`` if it is no list."""
        document = _document(answer)
        if not isinstance(document, dict) or not isinstance(document.get("value"), list):
            return None
        link = self.link(call, document.get(_NEXT))
        rows = document.pop("value")
        return _with(answer, msgspec.json.encode(document | {_NEXT: link, "value": rows}))

    def link(self, call: Call, found: str | None) -> str:
        """Return the link that replaces ``found``."""
        raise NotImplementedError


class ForeignNextLink(_Link, frozen=True, tag="foreign_next_link"):
    """Let the next link lead away: to another ``origin`` or, on the same one, into ``other_tenant``."""

    origin: str = "https://graph.microsoft.com.invalid"
    other_tenant: str | None = None

    def link(self, call: Call, found: str | None) -> str:
        """Return the link that must not be followed."""
        parts = urlsplit(found or _url(call, "$skiptoken=away" if not call.query else f"{call.query}&$skiptoken=away"))
        if self.other_tenant is None:
            return f"{self.origin}{parts.path}?{parts.query}"
        version, _, rest = parts.path.lstrip("/").partition("/")
        return f"{call.base_url}/{version}/{self.other_tenant}/{rest}?{parts.query}"


class LoopNextLink(_Link, frozen=True, tag="loop_next_link"):
    """Let the next link lead back, to this page (``self``) or to the ``first``."""

    to: Literal["self", "first"] = "self"

    def link(self, call: Call, found: str | None) -> str:  # noqa: ARG002
        """Return the link back."""
        if self.to == "self":
            return _url(call, call.query)
        return _url(call, "&".join(part for part in call.query.split("&") if not _is_page_token(part)))


class RepeatPage(_Link, frozen=True, tag="repeat_page"):
    """Give out the same page once more under another link, and then what comes after it."""

    def link(self, call: Call, found: str | None) -> str:  # noqa: ARG002
        """Return a link to the same page that was never seen before."""
        times = int(match[1]) if (match := _REPEATED.search(call.query)) else 0
        kept = _REPEATED.sub("", call.query).lstrip("&")
        return _url(call, "&".join(part for part in (kept, f"repeated={times + 1}") if part))


def _with(answer: Answer, plain: bytes) -> Answer:
    return msgspec.structs.replace(answer, body=Body(plain))


def _document(answer: Answer) -> Any:
    """Return the decoded body of a successful answer; ``None`` for all others."""
    return msgspec.json.decode(answer.body.plain) if answer.status == 200 else None


def _url(call: Call, query: str) -> str:
    return f"{call.base_url}/{call.path}" + (f"?{query}" if query else "")


def _is_page_token(part: str) -> bool:
    return part.lower().startswith(("$skiptoken=", "%24skiptoken="))


def _holders(target: Any, above: list[str]) -> Iterator[Any]:
    """Yield what holds the property that a path leads to: nothing, if the path ends early."""
    for name in above:
        if isinstance(target, dict) and name in target:
            target = target[name]
        elif isinstance(target, list) and name.isdecimal() and int(name) < len(target):
            target = target[int(name)]
        else:
            return
    yield target


def _put(holder: Any, name: str, value: Any, *, must_exist: bool) -> bool:
    if isinstance(holder, dict) and (name in holder or not must_exist):
        holder[name] = value
        return True
    if isinstance(holder, list) and name.isdecimal() and int(name) < len(holder):
        holder[int(name)] = value
        return True
    return False
