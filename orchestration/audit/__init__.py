"""Collects what the audit site shows and refreshes it.

What belongs here: reading ledger, kept verdicts, marts and base tables into an `AuditBook`. What does not: words and pages, which are
`reports.auditing`. Nothing here writes anything but the site and a cache of counts over files that do not change.
"""

from orchestration.audit.collect import collect
from orchestration.audit.refresh import refresh

__all__ = ["collect", "refresh"]
