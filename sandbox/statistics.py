"""What the server was asked and what it refused: for tests that count requests, and for benchmarks."""

from collections import Counter
from typing import Any

from sandbox.calls import Answer, Call, Handler


class Statistics:
    """Counts of the calls whose caller is known; a ``$batch`` counts as one of bucket ``batch``, its requests too.

    ``requests`` by bucket, ``statuses`` of the answers, ``refused`` (answered with 429) by bucket.
    """

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.refused: Counter[str] = Counter()

    async def count(self, call: Call, handler: Handler) -> Answer:
        """Count a call and its answer; the outermost hook."""
        self.requests[call.bucket] += 1
        answer = await handler(call)
        self.statuses[answer.status] += 1
        if answer.status == 429:
            self.refused[call.bucket] += 1
        return answer

    def summary(self) -> dict[str, Any]:
        """Return the counts as JSON can hold them."""
        return {
            "requests": {"total": self.requests.total(), "by_bucket": dict(self.requests)},
            "refused": {"total": self.refused.total(), "by_bucket": dict(self.refused)},
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
        }
