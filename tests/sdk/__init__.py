"""Microsoft's own clients of Graph as a referee: ``make check-sdk``. Not part of ``make test``: they take 1.1 GB."""
