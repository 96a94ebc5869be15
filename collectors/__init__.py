"""Collectors: what is read from Microsoft, how it is read completely, and how it lands on disk.

Data flows one way: a declaration (``declare``, ``microsoft``) is read from Graph (``graph``), page by page, into
landing files (``landing``) by one task a tenant (``collect``). Nothing here opens a database.
"""
