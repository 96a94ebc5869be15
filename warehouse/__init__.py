"""Warehouse: the one place that opens a database.

Landing files become tables (``load``), views state facts over them (``views``), results are recorded (``results``),
and readers get a copy that is swapped in by rename (``publish``). One process at a time writes.
"""
