"""A server's side of a limit, written without a look at ours: tokens, counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class TokenBucket:
    """A bucket of ``capacity`` tokens, full at first, that refuses whoever finds it empty."""

    capacity: float
    tokens_per_second: float
    refused: int = 0

    def __post_init__(self) -> None:
        self.tokens, self.counted_at = self.capacity, float("-inf")

    def take(self, at: float, cost: float = 1) -> bool:
        self.tokens = min(self.capacity, self.tokens + max(0.0, at - self.counted_at) * self.tokens_per_second)
        self.counted_at = max(at, self.counted_at)
        if self.tokens < cost - 2e-6 * max(1.0, self.tokens_per_second):  # two microseconds
            self.refused += 1
            return False
        self.tokens -= cost
        return True


def refusals(times: Iterable[float], capacity: float, tokens_per_second: float) -> int:
    """Return how many of the requests sent at ``times`` a server would refuse."""
    server = TokenBucket(capacity, tokens_per_second)
    for at in sorted(times):
        server.take(at)
    return server.refused
