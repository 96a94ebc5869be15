"""Judge an answer of Graph by Microsoft's own description of it.

``Referee.objections(method, url, status, headers, body)`` returns what is wrong with an answer, as sentences with
the place in the body; nothing wrong, an empty list. Three questions: does the body fit the OpenAPI description of the
path (openapi-core), does each object fit the type its ``@odata.type`` names, and does it have properties that neither
the description nor the metadata knows. A path that the description lacks is judged by its envelope alone, and
``covers(url)`` says so beforehand.

The descriptions are not in this repository: ``golden()`` returns the folder beside the project, or skips the test.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from openapi_schema_validator import OAS30Validator

HOST = "https://graph.microsoft.com"
GOLDEN = Path(__file__).resolve().parents[2] / "shared" / "golden"

# Names the service sends that the stored descriptions lack: newer models (graph-openapi/SOURCES.md), and one that is
# in production but in no metadata (perUserMfaState).
DRIFT: Mapping[str, frozenset[str]] = {
    "microsoft.graph.signIn": frozenset(
        {
            "agent",
            "appOwnerTenantId",
            "clientSessionId",
            "resourceOwnerTenantId",
            "rootActorId",
            "sessionId",
            "tokenProtectionStatusDetails",
        }
    ),
    "microsoft.graph.user": frozenset({"perUserMfaState"}),
}
# Kinds of directoryObject that neither description carries: their own properties cannot be judged.
UNDESCRIBED = frozenset({"microsoft.graph.group", "microsoft.graph.servicePrincipal"})
_SECURITY = "microsoft.graph.partner.security."
# Derived types of the documentation that neither description carries: their base, and what they add.
DERIVED: Mapping[str, tuple[str, frozenset[str]]] = {
    "microsoft.graph.iPv4CidrRange": ("microsoft.graph.ipRange", frozenset({"cidrAddress"})),
    "microsoft.graph.iPv6CidrRange": ("microsoft.graph.ipRange", frozenset({"cidrAddress"})),
    f"{_SECURITY}adminsMfaEnforcedSecurityRequirement": (
        f"{_SECURITY}securityRequirement",
        frozenset(
            {
                "totalAdminsCount",
                "mfaEnabledAdminsCount",
                "adminsRequiredNotUsingMfaCount",
                "totalUsersCount",
                "mfaEnabledUsersCount",
                "usersRequiredNotUsingMfaCount",
                "securityDefaultsStatus",
                "mfaConditionalAccessPolicyStatus",
                "legacyPerUserMfaStatus",
            }
        ),
    ),
    f"{_SECURITY}customersMfaEnforcedSecurityRequirement": (
        f"{_SECURITY}securityRequirement",
        frozenset({"compliantTenantCount", "totalTenantCount"}),
    ),
    f"{_SECURITY}responseTimeSecurityRequirement": (
        f"{_SECURITY}securityRequirement",
        frozenset({"averageResponseTimeInHours"}),
    ),
    f"{_SECURITY}customersSpendingBudgetSecurityRequirement": (
        f"{_SECURITY}securityRequirement",
        frozenset({"customersWithSpendBudgetCount", "totalCustomersCount"}),
    ),
}
# The schema misspells a member that the documentation also writes correctly.
MEMBERS: Mapping[str, tuple[str, ...]] = {f"{_SECURITY}complianceStatus": ("nonCompliant",)}
_BETA_ONLY_DRIFT = frozenset({"microsoft.graph.signIn"})
_PREFIX = "microsoft.graph."


def golden() -> Path:
    """Return the folder of data that nobody here wrote; skips where it is absent."""
    if not GOLDEN.is_dir():
        pytest.skip("../shared/golden is absent: there is nothing to judge by")
    return GOLDEN


@cache
def referee() -> "Referee":
    """Return the referee, made once a session (it reads 800 KB of descriptions); skips where they are absent."""
    return Referee(golden() / "graph-openapi")


class Referee:
    """Knows both versions of Graph."""

    def __init__(self, descriptions: Path) -> None:
        stable = json.loads((descriptions / "v1.0-csdl-2026-08.json").read_text("utf-8"))
        newest = json.loads((descriptions / "beta-USNat-csdl-2026-08.json").read_text("utf-8"))
        # The beta metadata is that of a national cloud: what it lacks (GDAP) is taken from v1.0.
        both = {part: stable[part] | newest[part] for part in ("types", "enums")}
        self._versions = {
            "v1.0": _Version(descriptions / "v1.0-subset.yaml", "v1.0", stable),
            "beta": _Version(descriptions / "beta-subset.yaml", "beta", both),
        }

    def covers(self, url: str) -> bool:
        """Say whether the description has this path."""
        version, path = _split(url)
        return version in self._versions and self._versions[version].schema_of(path) is not None

    def names(self, version: str, type_name: str) -> frozenset[str]:
        """Return the properties that a type (``microsoft.graph.user``) is known to have; none for an unknown type."""
        return self._versions[version].names(type_name)

    def objections(self, method: str, url: str, status: int, headers: Mapping[str, str], body: Any) -> list[str]:
        """Return what is wrong with the answer. ``body`` is the decoded JSON; header names in any case."""
        version, path = _split(url)
        known = self._versions.get(version)
        if known is None:
            return [f"{url}: the version is {version!r}, not v1.0 or beta"]
        named = {name.lower(): value for name, value in headers.items()}
        found = list(_envelope(status, named, body))
        if status >= 400 or found:
            return found
        schema = known.schema_of(path)
        if schema is None:
            return found
        body, schema_root = _unwrapped(body, known, schema)
        clean = known.without_nulls(body, schema_root)
        found += known.against_description(method, path, status, clean)
        found += known.against_types(clean, schema_root, "$")
        return found


def _split(url: str) -> tuple[str, str]:
    version, _, rest = urlsplit(url).path.lstrip("/").partition("/")
    return version, f"/{unquote(rest)}"


def _envelope(status: int, headers: Mapping[str, str], body: Any) -> Iterator[str]:
    if not headers.get("content-type", "").startswith("application/json"):
        yield f"Content-Type is {headers.get('content-type')!r}, not application/json"
    if not headers.get("request-id"):
        yield "there is no request-id header"
    if not isinstance(body, dict):
        yield f"the body is {type(body).__name__}, not an object"
    elif status >= 400:
        error = body.get("error")
        if not isinstance(error, dict) or not all(isinstance(error.get(key), str) for key in ("code", "message")):
            yield "an error has no error.code and error.message"
    elif not str(body.get("@odata.context", "")).startswith(f"{HOST}/"):
        yield f"@odata.context is {body.get('@odata.context')!r}"


def _unwrapped(body: Any, known: "_Version", schema: str) -> tuple[Any, str]:
    """The documentation wraps single objects in ``value``: judge what is inside."""
    is_single = "value" not in known.names(schema)
    if is_single and isinstance(body.get("value"), dict) and all("@" in key or key == "value" for key in body):
        return body["value"], schema
    return body, schema


class _Version:
    """One version's description and metadata; type names are full (``microsoft.graph.user``)."""

    def __init__(self, description: Path, version: str, metadata: dict[str, Any]) -> None:
        with description.open("rb") as file:
            self._spec: dict[str, Any] = yaml.load(file, Loader=yaml.CSafeLoader)
        self._version = version
        self._types: dict[str, Any] = metadata["types"]
        self._schemas: dict[str, Any] = self._spec["components"]["schemas"]
        for name, schema in self._schemas.items():
            if "enum" in schema:
                _renew_enum(schema, metadata["enums"].get(name, {}), MEMBERS.get(name, ()))
        self._openapi = OpenAPI.from_dict(self._spec, config=Config(spec_validator_cls=None))
        self._paths = [
            (re.compile(re.sub(r"\{[^}]*\}", "[^/]+", re.escape(path).replace(r"\{", "{").replace(r"\}", "}"))), item)
            for path, item in self._spec["paths"].items()
        ]
        self._names: dict[str, frozenset[str]] = {}

    def schema_of(self, path: str) -> str | None:
        """Return the type that a 2XX answer of the path has, or ``None`` for an unknown path."""
        for pattern, item in self._paths:
            if pattern.fullmatch(path):
                response = item["get"]["responses"]["2XX"]
                if "$ref" in response:
                    response = self._spec["components"]["responses"][response["$ref"].rpartition("/")[2]]
                return _ref(response["content"]["application/json"]["schema"])
        return None

    def names(self, type_name: str) -> frozenset[str]:
        """Return all property names of a type and its bases."""
        if type_name not in self._names:
            self._names[type_name] = frozenset(self._properties(type_name)) | self._metadata_names(type_name)
        return self._names[type_name]

    def without_nulls(self, value: Any, type_name: str) -> Any:
        """Return the value without the nulls that the service does send although OpenAPI cannot say so."""
        if isinstance(value, list):
            return [self.without_nulls(one, type_name) for one in value]
        if not isinstance(value, dict):
            return value
        type_name = self._actual(value, type_name)
        kept = {}
        for key, inner in value.items():
            if inner is None and self._may_be_null(type_name, key):
                continue
            below = self._below(type_name, key)
            kept[key] = self.without_nulls(inner, below) if below else inner
        return kept

    def against_description(self, method: str, path: str, status: int, body: Any) -> Iterator[str]:
        """Yield what openapi-core finds."""
        request = MockRequest(HOST, method.lower(), f"/{self._version}{path}")
        response = MockResponse(json.dumps(body).encode(), status)
        for error in self._openapi.iter_response_errors(request, response):
            yield from _sentences(error)

    def against_types(self, value: Any, type_name: str, place: str) -> Iterator[str]:
        """Yield unknown properties, and what does not fit the type that ``@odata.type`` names."""
        if isinstance(value, list):
            for index, one in enumerate(value):
                yield from self.against_types(one, type_name, f"{place}[{index}]")
        if not isinstance(value, dict):
            return
        actual = self._actual(value, type_name)
        if actual != type_name and actual in self._schemas:
            schema = {"$ref": f"#/components/schemas/{actual}", "components": self._spec["components"]}
            for error in OAS30Validator(schema).iter_errors(value):
                yield f"{place}.{'.'.join(map(str, error.absolute_path))}: {error.message} ({actual})"
        is_open = bool(self._types.get(actual, {}).get("open"))
        for key, inner in value.items():
            if "@" in key:
                continue
            is_extension = is_open and "_" in key  # extension_<app id>_name, or a schema extension's <owner>_name
            if self._is_known(actual) and not is_extension and key not in self.names(actual):
                yield f"{place}: {actual} has no property {key!r}"
            below = self._below(actual, key)
            if below:
                yield from self.against_types(inner, below, f"{place}.{key}")

    def _is_known(self, type_name: str) -> bool:
        return type_name in self._schemas or type_name in self._types or type_name in DERIVED

    def _actual(self, value: dict[str, Any], declared: str) -> str:
        named = str(value.get("@odata.type", "")).lstrip("#")
        return named if self._is_known(named) or named in UNDESCRIBED else declared

    def _properties(self, type_name: str) -> dict[str, Any]:
        schema = self._schemas.get(type_name, {})
        found: dict[str, Any] = dict(schema.get("properties", {}))
        for part in schema.get("allOf", []):
            found |= self._properties(_ref(part) or "") if "$ref" in part else part.get("properties", {})
        return found

    def _metadata_names(self, type_name: str) -> frozenset[str]:
        if type_name in DERIVED:
            base, added = DERIVED[type_name]
            return self.names(base) | added
        found = DRIFT.get(type_name, frozenset())
        if type_name in _BETA_ONLY_DRIFT and self._version != "beta":
            found = frozenset()
        known = self._types.get(type_name)
        if known:
            base = known["base"]
            found |= frozenset(known["properties"]) | frozenset(known["navigation"])
            found |= self._metadata_names(_full(base)) if base else frozenset()
        return found

    def _metadata_property(self, type_name: str, key: str) -> dict[str, Any] | None:
        known = self._types.get(type_name)
        if known is None:
            return None
        found: dict[str, Any] | None = known["properties"].get(key)
        return found if found or not known["base"] else self._metadata_property(_full(known["base"]), key)

    def _may_be_null(self, type_name: str, key: str) -> bool:
        type_name = DERIVED.get(type_name, (type_name, frozenset()))[0]
        known = self._metadata_property(type_name, key)
        if known is not None:
            return bool(known.get("nullable", True))
        return "$ref" in self._properties(type_name).get(key, {})  # a bare reference cannot say that it is nullable

    def _below(self, type_name: str, key: str) -> str | None:
        type_name = DERIVED.get(type_name, (type_name, frozenset()))[0]
        schema = self._properties(type_name).get(key)
        if schema is not None:
            return _ref(schema.get("items", schema))
        known = self._metadata_property(type_name, key)
        inner = re.sub(r"^Collection\((.*)\)$", r"\1", known["type"]) if known else ""
        return _full(inner) if inner.startswith("graph.") else None


def _ref(schema: dict[str, Any]) -> str | None:
    return schema["$ref"].rpartition("/")[2] if "$ref" in schema else None


def _full(name: str) -> str:
    return f"{_PREFIX}{name.removeprefix('graph.')}"


def _renew_enum(schema: dict[str, Any], newer: dict[str, Any], more: tuple[str, ...]) -> None:
    """Add the members of the newer metadata; an enum of flags is a list with commas."""
    members = list(dict.fromkeys([*schema["enum"], *newer.get("members", []), *more]))
    schema["enum"] = members
    if schema.get("x-ms-enum-flags", {}).get("isFlags") or newer.get("isFlags"):
        one = "|".join(map(re.escape, members))
        del schema["enum"]
        schema["pattern"] = f"^({one})(, ?({one}))*$"


def _sentences(error: Any) -> Iterator[str]:
    """Unfold an error of openapi-core into one sentence for each place."""
    cause = error.__cause__
    details = list(getattr(cause, "schema_errors", []) or getattr(error, "schema_errors", []))
    if not details:
        yield f"{error}" + (f": {cause}" if cause else "")
    for one in details:
        yield f"${''.join(_step(step) for step in one.absolute_path)}: {one.message}"


def _step(step: Any) -> str:
    return f"[{step}]" if isinstance(step, int) else f".{step}"
