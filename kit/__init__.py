"""A kit for collector authors: what a declaration promises, and what becomes of it over a sandbox.

``kit.check.check`` is the way in. The kit may import ``collectors``, ``warehouse`` and ``sandbox``; only the command
imports the kit.
"""
