"""A figure that was measured, and what is wanted of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """``value`` should be at most ``wanted``, or at least if ``is_floor``; ``None``: it is only told."""

    name: str
    words: str
    value: float
    wanted: float | None
    is_floor: bool = False

    @property
    def is_missed(self):
        if self.wanted is None:
            return False
        return self.value < self.wanted if self.is_floor else self.value > self.wanted

    @property
    def demand(self):
        """What is wanted, in words."""
        if self.wanted is None:
            return ""
        return f"{'at least' if self.is_floor else 'at most'} {self.wanted:g}"

    def __str__(self):
        judged = "" if self.wanted is None else f"  ({'MISSED' if self.is_missed else 'ok'}: {self.demand})"
        return f"{self.name:15} {self.value:9.3f}  {self.words}{judged}"
