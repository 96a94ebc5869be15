"""What changed since the scan before, and what did it.

The verdict of an account follows from what was read of its tenant, of itself, and from how the configuration says to
judge. All of it is known as of both scans, so each thing that changed is put back alone, and the account is judged
again: what gives back what was found before did it. See docs/changes.md.
"""
