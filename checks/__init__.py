"""Checks: what the facts of the warehouse mean. Exact cover, account verdicts, rules, waivers, scorecards, reports.

A rule is declared once (``rule``, ``rules``); Great Expectations counts what breaks it (``expectations``, watched by
``canary``); ``check`` decides per rule and tenant and records results and findings.
"""
