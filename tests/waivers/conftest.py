"""Importing Great Expectations takes seconds and warns: it is imported once, where a test needs it."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    # Great Expectations imports two modules of the standard library that Python 3.11 deprecates.
    config.addinivalue_line(
        "filterwarnings", "ignore:module 'sre_(constants|parse|compile)' is deprecated:DeprecationWarning"
    )
