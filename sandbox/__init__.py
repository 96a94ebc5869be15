"""The Microsoft cloud in one process: tokens, Graph and Partner Center over a folder of tenants.

The data folder holds ``apps.json`` (see ``sandbox.apps``) and a folder per tenant id. A tenant's files mirror the paths
they are served at, with the content that the service would answer:

* ``v1.0/users.json``, ``beta/users/<id>/authentication/requirements.json``: Graph;
* ``partner-center/v1/customers.json``: Partner Center;
* ``<path>.error.json``, ``{"status": 403, "headers": {}, "body": {}}``: the path fails, whatever else is there;
* ``token.error.json``: every token request of the tenant fails.

``faults.json`` beside ``apps.json`` scripts what goes wrong and when (see ``sandbox.faults``); Microsoft's limits are
off unless asked for (see ``sandbox.limits``).

A list without a file is empty, an object without one is looked up in its list and else not found. Files may change
while the server runs.
"""
