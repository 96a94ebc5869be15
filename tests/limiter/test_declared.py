"""Each dataset declares the class of limits that its requests fall under, and the gate charges it."""

from __future__ import annotations

import pytest

from collectors.catalogue import catalogue
from collectors.declare import Dataset
from collectors.limiter import charges_of
from collectors.urls import request_url
from tests.cloud import NOW

ASKED = [one for dataset in catalogue().datasets for one in (dataset, dataset.fallback) if one]
OF_GRAPH = [dataset for dataset in ASKED if dataset.service == "graph"]


def url_of(dataset: Dataset) -> str:
    return request_url("https://graph.microsoft.com", dataset, NOW, "x" if dataset.each else None)


@pytest.mark.parametrize("dataset", OF_GRAPH, ids=lambda dataset: dataset.path)
def test_what_is_declared_is_what_is_charged(dataset: Dataset) -> None:
    charged = charges_of(url_of(dataset), declared=dataset.limit).first.name
    assert (dataset.limit if dataset.limit != "none" else "global") == charged


@pytest.mark.parametrize(
    ("declared", "classes"),
    [
        ("directory", ["directory", "global"]),
        ("reports", ["reports", "global"]),
        ("conditionalAccess", ["conditionalAccess", "global"]),
        ("signInActivity", ["signInActivity", "directory", "global"]),
        ("none", ["global"]),
    ],
)
def test_a_path_nobody_knows_is_charged_as_declared(declared: str, classes: list[str]) -> None:
    found = charges_of("/beta/acme/things", declared=declared)  # type: ignore[arg-type]
    assert [charge.limit_class.name for charge in found.charges] == classes


@pytest.mark.parametrize(
    ("path", "limit_class"),
    [("/v1.0/auditLogs/signIns", "reports"), ("/v1.0/identity/conditionalAccess/policies", "conditionalAccess")],
)
def test_no_declaration_makes_a_known_path_cheaper(path: str, limit_class: str) -> None:
    assert charges_of(path, declared="none").first.name == limit_class
    assert charges_of("/v1.0/users?$top=999", declared="none").first.name == "directory"
