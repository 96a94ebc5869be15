"""Property names that Microsoft documents for the types served here.

``$select`` and ``$filter`` may name these although no object of the tenant has them; any other name must occur in
the data, else the answer is Graph's 400. A type that is missing here is judged by the data alone.
"""

from typing import Final

_BOTH: Final = {
    "user": """
        id deletedDateTime aboutMe accountEnabled ageGroup assignedLicenses assignedPlans authorizationInfo
        businessPhones city companyName country createdDateTime creationType department displayName employeeId
        employeeType externalUserState externalUserStateChangeDateTime givenName identities identityParentId
        imAddresses isManagementRestricted isResourceAccount jobTitle lastPasswordChangeDateTime
        licenseAssignmentStates mail mailNickname mobilePhone officeLocation onPremisesDistinguishedName
        onPremisesDomainName onPremisesExtensionAttributes onPremisesImmutableId onPremisesLastSyncDateTime
        onPremisesProvisioningErrors onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled
        onPremisesUserPrincipalName otherMails passwordPolicies passwordProfile postalCode preferredLanguage
        provisionedPlans proxyAddresses securityIdentifier serviceProvisioningErrors showInAddressList
        signInActivity signInSessionsValidFromDateTime state streetAddress surname usageLocation userPrincipalName
        userType""",
    "group": """
        id deletedDateTime assignedLicenses classification createdDateTime description displayName expirationDateTime
        groupTypes isAssignableToRole isManagementRestricted mail mailEnabled mailNickname membershipRule
        membershipRuleProcessingState onPremisesDomainName onPremisesLastSyncDateTime onPremisesNetBiosName
        onPremisesProvisioningErrors onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled
        preferredDataLocation preferredLanguage proxyAddresses renewedDateTime resourceBehaviorOptions
        resourceProvisioningOptions securityEnabled securityIdentifier serviceProvisioningErrors theme uniqueName
        visibility""",
    "servicePrincipal": """
        id deletedDateTime accountEnabled addIns alternativeNames appDescription appDisplayName appId
        applicationTemplateId appOwnerOrganizationId appRoleAssignmentRequired appRoles createdDateTime
        customSecurityAttributes description disabledByMicrosoftStatus displayName homepage info keyCredentials
        loginUrl logoutUrl notes notificationEmailAddresses oauth2PermissionScopes passwordCredentials
        preferredSingleSignOnMode preferredTokenSigningKeyThumbprint replyUrls resourceSpecificApplicationPermissions
        samlSingleSignOnSettings servicePrincipalNames servicePrincipalType signInAudience tags tokenEncryptionKeyId
        verifiedPublisher""",
    "organization": """
        id deletedDateTime assignedPlans businessPhones city country countryLetterCode createdDateTime
        defaultUsageLocation displayName marketingNotificationEmails onPremisesLastSyncDateTime onPremisesSyncEnabled
        partnerTenantType postalCode preferredLanguage privacyProfile provisionedPlans
        securityComplianceNotificationMails securityComplianceNotificationPhones state street
        technicalNotificationMails tenantType verifiedDomains""",
    "domain": """
        id authenticationType availabilityStatus isAdminManaged isDefault isInitial isRoot isVerified
        passwordNotificationWindowInDays passwordValidityPeriodInDays state supportedServices""",
    "subscribedSku": """
        id accountId accountName appliesTo capabilityStatus consumedUnits prepaidUnits servicePlans skuId
        skuPartNumber subscriptionIds""",
    "contract": "id deletedDateTime contractType customerId defaultDomainName displayName",
    "signIn": """
        id appDisplayName appId appliedConditionalAccessPolicies authenticationAppDeviceDetails clientAppUsed
        conditionalAccessStatus correlationId createdDateTime deviceDetail homeTenantId ipAddress isInteractive
        location resourceDisplayName resourceId resourceTenantId riskDetail riskEventTypes
        riskEventTypes_v2 riskLevelAggregated riskLevelDuringSignIn riskState servicePrincipalId servicePrincipalName
        status userAgent userDisplayName userId userPrincipalName""",
    "userRegistrationDetails": """
        id isAdmin isMfaCapable isMfaRegistered isPasswordlessCapable isSsprCapable isSsprEnabled isSsprRegistered
        isSystemPreferredAuthenticationMethodEnabled lastUpdatedDateTime methodsRegistered
        systemPreferredAuthenticationMethods userDisplayName userPreferredMethodForSecondaryAuthentication
        userPrincipalName userType""",
    "conditionalAccessPolicy": """
        id conditions createdDateTime description displayName grantControls modifiedDateTime sessionControls state
        templateId""",
    "namedLocation": "id createdDateTime displayName modifiedDateTime",
    "unifiedRoleAssignment": "id appScopeId condition directoryScopeId principalId roleDefinitionId",
    "unifiedRoleDefinition": """
        id description displayName isBuiltIn isEnabled resourceScopes rolePermissions templateId version""",
    "directoryRole": "id deletedDateTime description displayName roleTemplateId",
    "delegatedAdminRelationship": """
        id accessDetails activatedDateTime autoExtendDuration createdDateTime customer displayName duration
        endDateTime lastModifiedDateTime status""",
    "delegatedAdminAccessAssignment": """
        id accessContainer accessDetails createdDateTime lastModifiedDateTime status""",
    "delegatedAdminCustomer": "id displayName tenantId",
}

_SCHEDULED: Final = """
    id appScopeId createdDateTime createdUsing directoryScopeId memberType modifiedDateTime principalId
    roleDefinitionId scheduleInfo status"""
_MORE: Final = {
    # A list of directory objects may be asked for what only some of them have.
    "directoryObject": f"{_BOTH['user']} {_BOTH['group']} {_BOTH['servicePrincipal']} {_BOTH['directoryRole']}",
    "unifiedRoleAssignmentSchedule": f"{_SCHEDULED} assignmentType",
    "unifiedRoleEligibilitySchedule": _SCHEDULED,
    "unifiedRoleAssignmentScheduleInstance": """
        id appScopeId assignmentType directoryScopeId endDateTime memberType principalId roleAssignmentOriginId
        roleAssignmentScheduleId roleDefinitionId startDateTime""",
    "unifiedRoleEligibilityScheduleInstance": """
        id appScopeId directoryScopeId endDateTime memberType principalId roleDefinitionId roleEligibilityScheduleId
        startDateTime""",
    "directoryRoleTemplate": "id deletedDateTime description displayName",
    "authenticationStrengthPolicy": """
        id allowedCombinations createdDateTime description displayName modifiedDateTime policyType
        requirementsSatisfied""",
    "internalDomainFederation": """
        id activeSignInUri displayName federatedIdpMfaBehavior isSignedAuthenticationRequestRequired issuerUri
        metadataExchangeUri nextSigningCertificate passiveSignInUri passwordResetUri preferredAuthenticationProtocol
        promptLoginBehavior signOutUri signingCertificate signingCertificateUpdateStatus""",
    "identitySecurityDefaultsEnforcementPolicy": "id deletedDateTime description displayName isEnabled",
    "authenticationMethodsPolicy": """
        id authenticationMethodConfigurations description displayName lastModifiedDateTime policyMigrationState
        policyVersion reconfirmationInDays registrationEnforcement""",
    "crossTenantAccessPolicyConfigurationDefault": """
        automaticUserConsentSettings b2bCollaborationInbound b2bCollaborationOutbound b2bDirectConnectInbound
        b2bDirectConnectOutbound inboundTrust invitationRedemptionIdentityProviderConfiguration isServiceDefault
        tenantRestrictions""",
    "crossTenantAccessPolicyConfigurationPartner": """
        automaticUserConsentSettings b2bCollaborationInbound b2bCollaborationOutbound b2bDirectConnectInbound
        b2bDirectConnectOutbound identitySynchronization inboundTrust isInMultiTenantOrganization isServiceProvider
        tenantId tenantRestrictions""",
}

_BETA: Final = {
    "signIn": """
        appOwnerTenantId appTokenProtectionStatus authenticationDetails authenticationMethodsUsed
        authenticationProcessingDetails authenticationProtocol authenticationRequirement
        authenticationRequirementPolicies autonomousSystemNumber clientSessionId crossTenantAccessType
        flaggedForReview homeTenantName incomingTokenType isTenantRestricted mfaDetail networkLocationDetails
        originalRequestId processingTimeInMilliseconds resourceOwnerTenantId sessionId sessionLifetimePolicies
        signInEventTypes signInIdentifier tokenIssuerName tokenIssuerType uniqueTokenIdentifier userType""",
    "userRegistrationDetails": "defaultMfaMethod",
    "unifiedRoleAssignment": "resourceScope",
    "unifiedRoleDefinition": "isPrivileged",
}

KNOWN: Final = {(name, "v1.0"): frozenset(listed.split()) for name, listed in (_BOTH | _MORE).items()} | {
    (name, "beta"): frozenset(f"{listed} {_BETA.get(name, '')}".split()) for name, listed in (_BOTH | _MORE).items()
}
"""Names by type and version."""
