-- One row per client_app, in lower case: a name the sign-in logs give to the client, and whether it is legacy.
-- A name that is not here, or none, says nothing. "Other clients; IMAP" is looked up without what follows the sign.
select
    client_app,  -- Name of the client in the sign-in logs, in lower case.
    is_legacy  -- Whether it cannot be asked for MFA.
from (
    values
        ('browser', false),
        ('mobile apps and desktop clients', false),
        ('modern clients', false),
        ('authenticated smtp', true),
        ('autodiscover', true),
        ('exchange activesync', true),
        ('exchange online powershell', true),
        ('exchange web services', true),
        ('imap', true),
        ('imap4', true),
        ('mapi', true),
        ('mapi over http', true),
        ('offline address book', true),
        ('older office clients', true),
        ('other clients', true),
        ('outlook anywhere (rpc over http)', true),
        ('outlook service', true),
        ('pop', true),
        ('pop3', true),
        ('reporting web services', true),
        ('smtp', true),
        ('universal outlook', true)
) as names (client_app, is_legacy)
