"""What a fault is: it answers instead of the service, or changes what the service answers.

A kind of fault is one class: its fields are what a plan may say of it, its method is what it does. All are
deterministic: the same requests against the same plan meet the same faults.
"""

from typing import Any

import msgspec

from sandbox.calls import Answer, Call, Sending
from sandbox.tokens import Tokens


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """One fault of a plan."""

    def concerns(self, call: Call) -> bool:  # noqa: ARG002
        """Say whether the fault can happen to this call at all; where it cannot, the call is not counted."""
        return True


class Refusing(Fault, frozen=True):
    """A fault that answers instead of the service."""

    def answer(self, call: Call, tokens: Tokens) -> Answer:
        """Return the answer."""
        raise NotImplementedError


class Changing(Fault, frozen=True):
    """A fault that changes the service's own answer."""

    def change(self, call: Call, answer: Answer) -> Answer | None:
        """Return the answer as it goes out, or ``None`` if there is nothing in it to change."""
        raise NotImplementedError


def sent(answer: Answer, **changes: Any) -> Answer:
    """Return the answer with these changes to how it is sent, beside those it has already."""
    sending = msgspec.structs.replace(answer.sending or Sending(), **changes)
    return msgspec.structs.replace(answer, sending=sending)
