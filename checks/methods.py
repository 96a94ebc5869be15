"""Whether the methods somebody has registered can satisfy an authentication strength."""

from __future__ import annotations

from collections.abc import Collection, Mapping

# What a name of the registration report is called among the combinations of a strength. Names that stand for nothing
# there (a security question, an external method) are known all the same.
_MODES: Mapping[str, tuple[str, ...]] = {
    "mobilePhone": ("sms", "voice"),
    "alternateMobilePhone": ("voice",),
    "officePhone": ("voice",),
    "microsoftAuthenticatorPush": ("microsoftAuthenticatorPush",),
    "microsoftAuthenticatorPasswordless": ("deviceBasedPush",),
    "softwareOneTimePasscode": ("softwareOath",),
    "hardwareOneTimePasscode": ("hardwareOath",),
    "windowsHelloForBusiness": ("windowsHelloForBusiness",),
    "macOsSecureEnclaveKey": ("windowsHelloForBusiness",),
    "fido2SecurityKey": ("fido2",),
    "passKeyDeviceBound": ("fido2",),
    "passKeyDeviceBoundAuthenticator": ("fido2",),
    "passKeyDeviceBoundWindowsHello": ("fido2",),
    "passKeySynced": ("fido2",),
    "x509Certificate": ("x509CertificateMultiFactor",),
    "x509CertificateMultiFactor": ("x509CertificateMultiFactor",),
    "x509CertificateSingleFactor": ("x509CertificateSingleFactor",),
    "temporaryAccessPass": ("temporaryAccessPassOneTime", "temporaryAccessPassMultiUse"),
    "temporaryAccessPassOneTime": ("temporaryAccessPassOneTime",),
    "temporaryAccessPassMultiUse": ("temporaryAccessPassMultiUse",),
    "qrCode": ("qrCodePin",),
    "securityQuestion": (),
    "email": (),
    "externalAuthMethod": (),
}
_PHISHING_RESISTANT = ("windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor")
_PASSWORDLESS = (*_PHISHING_RESISTANT, "deviceBasedPush")
_MULTIFACTOR = (
    *_PASSWORDLESS,
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    *(
        f"password,{second}"
        for second in ("microsoftAuthenticatorPush", "softwareOath", "hardwareOath", "sms", "voice")
    ),
)
# Microsoft's own, which every tenant has: https://learn.microsoft.com/graph/api/resources/authenticationstrengths-overview
BUILT_IN: Mapping[str, tuple[str, ...]] = {
    "00000000-0000-0000-0000-000000000002": _MULTIFACTOR,
    "00000000-0000-0000-0000-000000000003": _PASSWORDLESS,
    "00000000-0000-0000-0000-000000000004": _PHISHING_RESISTANT,
}


def satisfies(methods: Collection[str], combinations: Collection[str] | None) -> bool | None:
    """Return whether these registered methods, with a password, satisfy one of the combinations of a strength.

    ``None`` where nobody can tell: the strength was not read, or no combination fits and a method is a new one.
    """
    if combinations is None:
        return None
    modes = {"password", *(mode for method in methods for mode in _MODES.get(method, ()))}
    if any(set(map(str.strip, combination.split(","))) <= modes for combination in combinations):
        return True
    return False if methods and all(method in _MODES for method in methods) else None
