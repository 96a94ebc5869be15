"""Print the cookbook's page: ``python -m tests.cookbook > docs/cookbook.md``."""

from tests.cookbook.page import page

print(page(), end="")
