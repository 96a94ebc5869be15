"""Which Graph paths there are: lists or single objects, page sizes, the limit they count against.

One line per path. An object of a list (``users/{id}``) needs no line: it is looked up in its list.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

import msgspec

from sandbox.properties import KNOWN

VERSIONS: Final = ("v1.0", "beta")
TENANT_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Route(msgspec.Struct, frozen=True):
    """What the service promises for one path.

    ``default`` and ``most`` are the page size without ``$top`` and its upper bound; ``default`` 0: one page, however
    long. ``units`` are Graph's resource units, 0 where Graph counts requests instead. ``context`` replaces the path
    in ``@odata.context``. ``refuses`` are options that this path answers with 400.
    """

    path: str
    type: str
    many: bool = True
    bucket: str = "identity"
    default: int = 100
    most: int = 999
    units: int = 1
    expands: tuple[str, ...] = ()
    context: str | None = None
    refuses: tuple[str, ...] = ()
    versions: tuple[str, ...] = VERSIONS


def _one(path: str, type_: str, **more: object) -> Route:
    return msgspec.convert({"path": path, "type": type_, "many": False, **more}, Route)


_REPORT: Final = {"bucket": "reports", "units": 0}
_CA: Final = {"bucket": "conditional_access", "units": 0}
_GDAP: Final = {"bucket": "gdap", "units": 0, "most": 300}
_SCORE: Final = {"bucket": "partner_security", "units": 0, "versions": ("beta",)}


def _many(path: str, type_: str, **more: object) -> Route:
    return msgspec.convert({"path": path, "type": type_, **more}, Route)


ROUTES: Final = (
    _many("users", "user", units=2),
    _many("users/{id}/authentication/methods", "authenticationMethod", **_REPORT),
    _one("users/{id}/authentication/requirements", "strongAuthenticationRequirements", versions=("beta",)),
    _one("users/{id}/authentication/signInPreferences", "signInPreferences", versions=("beta",)),
    _many("users/{id}/memberOf", "directoryObject", context="directoryObjects", units=2),
    _many("users/{id}/transitiveMemberOf", "directoryObject", context="directoryObjects", units=2),
    _many("groups", "group", units=2),
    _many("groups/{id}/members", "directoryObject", context="directoryObjects", units=3),
    _many("groups/{id}/transitiveMembers", "directoryObject", context="directoryObjects", units=5),
    _many("servicePrincipals", "servicePrincipal"),
    _many("organization", "organization"),
    _many("domains", "domain", default=0),
    _many("domains/{id}/federationConfiguration", "internalDomainFederation", default=0),
    _many("subscribedSkus", "subscribedSku", default=0, units=3, refuses=("$filter",)),
    _many("contracts", "contract", units=3),
    _many("directoryRoles", "directoryRole", default=0),
    _many("directoryRoles/{id}/members", "directoryObject", default=0, context="directoryObjects"),
    _many("directoryRoleTemplates", "directoryRoleTemplate", default=0),
    _many("roleManagement/directory/roleAssignments", "unifiedRoleAssignment", expands=("principal",)),
    _many("roleManagement/directory/roleDefinitions", "unifiedRoleDefinition"),
    _many("roleManagement/directory/roleAssignmentSchedules", "unifiedRoleAssignmentSchedule", expands=("principal",)),
    _many(
        "roleManagement/directory/roleAssignmentScheduleInstances",
        "unifiedRoleAssignmentScheduleInstance",
        expands=("principal",),
    ),
    _many(
        "roleManagement/directory/roleEligibilitySchedules", "unifiedRoleEligibilitySchedule", expands=("principal",)
    ),
    _many(
        "roleManagement/directory/roleEligibilityScheduleInstances",
        "unifiedRoleEligibilityScheduleInstance",
        expands=("principal",),
    ),
    _many("auditLogs/signIns", "signIn", default=1000, most=1000, **_REPORT),
    _many("reports/authenticationMethods/userRegistrationDetails", "userRegistrationDetails", **_REPORT),
    _many(
        "reports/authenticationMethods/userMfaSignInSummary",
        "userMfaSignInSummary",
        versions=("beta",),
        **_REPORT,
    ),
    _many(
        "reports/credentialUserRegistrationDetails",
        "credentialUserRegistrationDetails",
        versions=("beta",),
        **_REPORT,
    ),
    _many("identity/conditionalAccess/policies", "conditionalAccessPolicy", **_CA),
    _many("identity/conditionalAccess/namedLocations", "namedLocation", **_CA),
    _many("identity/conditionalAccess/authenticationStrength/policies", "authenticationStrengthPolicy", **_CA),
    _many("identity/conditionalAccess/claimProviders", "claimProvider", versions=("beta",), **_CA),
    _one("policies/identitySecurityDefaultsEnforcementPolicy", "identitySecurityDefaultsEnforcementPolicy"),
    _one("policies/authenticationMethodsPolicy", "authenticationMethodsPolicy"),
    _one("policies/authorizationPolicy", "authorizationPolicy", versions=("v1.0",)),
    _many("policies/authorizationPolicy", "authorizationPolicy", versions=("beta",), default=0),
    _many("policies/authenticationStrengthPolicies", "authenticationStrengthPolicy"),
    _one("policies/crossTenantAccessPolicy", "crossTenantAccessPolicy"),
    _one("policies/crossTenantAccessPolicy/default", "crossTenantAccessPolicyConfigurationDefault"),
    _many("policies/crossTenantAccessPolicy/partners", "crossTenantAccessPolicyConfigurationPartner"),
    _many("tenantRelationships/delegatedAdminRelationships", "delegatedAdminRelationship", **_GDAP),
    _many(
        "tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments",
        "delegatedAdminAccessAssignment",
        **_GDAP,
    ),
    _many(
        "tenantRelationships/delegatedAdminRelationships/{id}/operations",
        "delegatedAdminRelationshipOperation",
        **_GDAP,
    ),
    _many(
        "tenantRelationships/delegatedAdminRelationships/{id}/requests", "delegatedAdminRelationshipRequest", **_GDAP
    ),
    _many("tenantRelationships/delegatedAdminCustomers", "delegatedAdminCustomer", **_GDAP),
    _many(
        "tenantRelationships/delegatedAdminCustomers/{id}/serviceManagementDetails",
        "delegatedAdminServiceManagementDetail",
        **_GDAP,
    ),
    _one(
        "security/partner/securityScore",
        "partner.security.partnerSecurityScore",
        expands=("requirements", "history", "customerInsights"),
        **_SCORE,
    ),
    _many("security/partner/securityScore/requirements", "partner.security.securityRequirement", **_SCORE),
    _many("security/partner/securityScore/history", "partner.security.securityScoreHistory", **_SCORE),
    _many(
        "security/partner/securityScore/customerInsights",
        "partner.security.customerInsight",
        refuses=("$top", "$skip"),
        **_SCORE,
    ),
    _many("security/partner/securityAlerts", "partner.security.partnerSecurityAlert", **_SCORE),
)

# A list of directory objects can be narrowed to one type by a last segment like this.
_CAST: Final = re.compile(r"microsoft\.graph\.(user|group|servicePrincipal|device)", re.IGNORECASE)
_CASTS: Final = {name.lower(): name for name in ("user", "group", "servicePrincipal", "device")}


class Match(msgspec.Struct, frozen=True):
    """A request path understood.

    ``path`` is relative to the tenant's folder; ``in_list`` is the list an object is looked up in when it has no
    file of its own, and ``key`` its id there; ``cast`` the type that a list is narrowed to. ``user`` is the user the
    path names, who may be named by ``userPrincipalName``.
    """

    path: str
    version: str
    route: Route
    in_list: str | None = None
    key: str = ""
    cast: str | None = None
    user: str | None = None

    @property
    def known_properties(self) -> frozenset[str]:
        """Return the documented property names of the type; empty where they are not known here."""
        return KNOWN.get((self.cast or self.route.type, self.version), frozenset())


@lru_cache(maxsize=65536)
def segments(raw_path: bytes) -> tuple[str, ...] | None:
    """Split a path as it was sent into decoded segments, or return ``None`` if one could leave its folder.

    Each segment is decoded once, after the split: an encoded slash never becomes a separator.
    """
    found = []
    for part in raw_path.strip(b"/").split(b"/"):
        try:
            text = unquote_to_bytes(part).decode("utf-8")
        except UnicodeDecodeError:
            return None
        if not _is_safe(text):
            return None
        found.append(text)
    return tuple(found)


def _is_safe(text: str) -> bool:
    # ``.error`` would turn the description of a failure into data.
    return (
        text.strip(". ") != ""
        and len(text.encode("utf-8")) <= 200
        and text.isprintable()
        and not any(sign in text for sign in "/\\")
        and not text.lower().endswith(".error")
    )


class _Node:
    """A place in the tree of known paths."""

    __slots__ = ("below", "name", "routes")

    def __init__(self, name: str) -> None:
        self.name = name
        self.below: dict[str, _Node] = {}
        self.routes: dict[str, Route] = {}


def _tree() -> _Node:
    root = _Node("")
    for route in ROUTES:
        node = root
        for name in route.path.split("/"):
            node = node.below.setdefault(name.lower(), _Node(name))
        for version in route.versions:
            node.routes[version] = route
    return root


_ROOT: Final = _tree()


@lru_cache(maxsize=65536)
def match(version: str, parts: tuple[str, ...]) -> Match | None:
    """Return what the path means in this version, or ``None`` if the table does not know it.

    Names match in any case and come back in Microsoft's spelling; ids stay as they are.
    """
    cast = None
    if len(parts) > 1 and (found := _CAST.fullmatch(parts[-1])):
        cast = _CASTS[found[1].lower()]
        parts = parts[:-1]
    node, names, above, user = _ROOT, [version], _ROOT, None
    for place, part in enumerate(parts):
        above = node
        below = node.below.get(part.lower())
        if below is not None:
            node = below
            names.append(node.name)
        elif "{id}" in node.below:
            node = node.below["{id}"]
            names.append(part)
            user = part if place == 1 and names[1] == "users" else user
        elif place == len(parts) - 1 and _is_list(node, version):
            return _item(version, names, part, node.routes[version]) if cast is None else None
        else:
            return None
    path = "/".join(names)
    if version in node.routes:
        route = node.routes[version]
        if cast and route.type != "directoryObject":
            return None
        return Match(path=path, version=version, route=route, cast=cast, user=user)
    if node.name == "{id}" and cast is None and _is_list(above, version):
        return _item(version, names[:-1], names[-1], above.routes[version])
    return None


def _is_list(node: _Node, version: str) -> bool:
    return version in node.routes and node.routes[version].many


def _item(version: str, names: list[str], key: str, listed: Route) -> Match:
    route = msgspec.structs.replace(listed, many=False, units=min(listed.units, 1))
    in_list = "/".join(names)
    user = key if listed.path == "users" else None
    return Match(path=f"{in_list}/{key}", version=version, route=route, in_list=in_list, key=key, user=user)


UNLISTED: Final = Route(path="", type="entity", bucket="other", units=0)
"""The route of a path that is not in the table but has a file."""
