"""Faults of the connection and the coding. In a ``$batch`` they befall the batch as a whole."""

from typing import Literal

from sandbox.calls import Answer, Call
from sandbox.fault_forms import Changing, sent


class Reset(Changing, frozen=True, tag="reset"):
    """Break the connection ``at`` a place, with a reset (RST) or, ``how``, an orderly close (FIN)."""

    at: Literal["before_headers", "after_headers", "mid_body"] = "before_headers"
    how: Literal["reset", "close"] = "reset"

    def change(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        """Return the answer that will not arrive."""
        return sent(answer, breaks=self.at, is_abrupt=self.how == "reset")


class TruncatedGzip(Changing, frozen=True, tag="truncated_gzip"):
    """Send only the first part of the gzip data (``kept``, 0 to 1), with the length of that part."""

    kept: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.kept < 1:
            raise ValueError(f"kept is {self.kept}, not from 0 to below 1")

    def change(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        """Return the answer that cannot be unpacked."""
        return sent(answer, coding="truncated_gzip", kept=self.kept)


class WrongGzip(Changing, frozen=True, tag="wrong_gzip"):
    """Call the plain body gzip."""

    def change(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        """Return the answer that cannot be unpacked."""
        return sent(answer, coding="wrong_gzip")


class Slow(Changing, frozen=True, tag="slow"):
    """Take ``seconds``: before the first byte, or for a body that drips in ``pieces``."""

    seconds: float
    pieces: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.seconds < float("inf") or self.pieces < 1:
            raise ValueError(f"seconds are {self.seconds} and pieces {self.pieces}, not from 0 and from 1")

    def change(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        """Return the answer that takes its time."""
        if self.pieces == 1:
            return sent(answer, wait_seconds=self.seconds)
        return sent(answer, drip_seconds=self.seconds, pieces=self.pieces)
