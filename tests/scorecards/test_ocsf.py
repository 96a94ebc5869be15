"""Events for SIEMs, held against the schema that OCSF publishes: a package ships it, nobody here wrote it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from checks.report.cards import fleet as every
from checks.report.ocsf import SCHEMA, lines
from checks.report.tables import Scope
from checks.rules import rules
from collectors.config import Config
from tests.scorecards.fleet import CAUSE, CONCERNED, CUSTOMER, EVIL, HOSTILE, PARTNER, findings_of
from tests.warehouse.found import found
from warehouse.engine import reader, writer
from warehouse.publish import publish
from warehouse.results import record_findings

Event = dict[str, Any]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    published = OcsfJsonSchemaEmbedded(get_ocsf_schema(SCHEMA))
    assert published.lookup_class_name_from_uid(2003) == "compliance_finding"
    return Draft202012Validator(published.get_class_schema("compliance_finding", []))


@pytest.fixture(scope="module")
def events(fleet: Config) -> list[Event]:
    with reader(fleet.published) as con:
        return [json.loads(line) for line in lines(Scope(con, every(con)))]


def test_every_event_is_valid(events: list[Event], validator: Draft202012Validator) -> None:
    assert len(events) == 256
    for event in events:
        assert not [f"{error.json_path}: {error.message}" for error in validator.iter_errors(event)]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("class_uid",), 2004),
        (("severity_id",), 42),
        (("finding_info", "uid"), None),
        (("time",), "2026-11-23"),
        (("invented",), 1),
        (("compliance", "status_id"), "Fail"),
        (("remediation", "desc"), None),
        (("metadata", "product"), None),
    ],
)
def test_the_referee_sees_what_is_wrong(
    events: list[Event], validator: Draft202012Validator, path: tuple[str, ...], value: object
) -> None:
    *above, last = path
    whole = json.loads(json.dumps(events[0]))
    at = whole
    for key in above:
        at = at[key]
    if value is None:
        del at[last]
    else:
        at[last] = value
    assert [*validator.iter_errors(whole)]


def test_an_event_says_what_the_finding_says(events: list[Event], fleet: Config) -> None:
    rule = rules()[0]
    with reader(fleet.published) as con:
        ids = {row[0] for row in con.execute("select finding_id from findings").fetchall()}
    assert {event["finding_info"]["uid"] for event in events} == ids
    [gap] = [event for event in events if event["resources"][0].get("name") == CAUSE]
    assert gap["unmapped"]["accounts"] == len(CONCERNED)
    assert gap["compliance"]["control"] == rule.id
    assert gap["compliance"]["standards"] == [rule.source.document]
    assert gap["compliance"]["requirements"] == [rule.source.clause]
    assert (gap["compliance"]["status"], gap["status"], gap["activity_name"]) == ("Fail", "New", "Create")
    assert (gap["severity"], gap["type_uid"], gap["metadata"]["tenant_uid"]) == ("High", 200301, PARTNER)
    [evil] = [event for event in events if event["metadata"]["tenant_uid"] == HOSTILE]
    assert evil["resources"][0]["name"] == f"{EVIL} 000"
    assert evil["resources"][0]["owner"]["uid"] == f"{HOSTILE}-0"


def test_what_goes_on_is_updated_and_what_is_resolved_is_closed(
    own_fleet: Config, validator: Draft202012Validator
) -> None:
    with writer(own_fleet.warehouse) as con:
        con.execute(
            "insert into scans by name select * replace "
            "('scan-2' as scan_id, timestamp '2026-11-24 02:00:00' as scanned_at) from scans where scan_id = 'scan-1'"
        )
        record_findings(con, "scan-2", found(findings_of(CUSTOMER, 1)), {(rules()[0].id, CUSTOMER)})
    publish(own_fleet)
    with reader(own_fleet.published) as con:
        told = [json.loads(line) for line in lines(Scope(con, every(con), (CUSTOMER,)))]
    assert sorted(event["activity_name"] for event in told) == ["Close", "Close", "Update"]
    for event in told:
        assert not [*validator.iter_errors(event)]
        is_over = event["activity_name"] == "Close"
        assert event["status"] == ("Resolved" if is_over else "New")
        assert event["compliance"]["status"] == ("Pass" if is_over else "Fail")


def test_what_is_accepted_is_suppressed_and_still_a_failure(own_fleet: Config) -> None:
    with writer(own_fleet.warehouse) as con:
        con.execute("update waiver_history set rule_id = ?", [rules()[0].id])
    publish(own_fleet)
    with reader(own_fleet.published) as con:
        told = [json.loads(line) for line in lines(Scope(con, every(con), (PARTNER,)))]
    assert {(event["status"], event["compliance"]["status"], event["comment"]) for event in told} == {
        ("Suppressed", "Fail", "accepted until 2027-01-01")
    }
