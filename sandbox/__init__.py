"""The Microsoft cloud in one process: tokens, Graph and Partner Center over a folder of tenants."""
