"""The auditors' site: pages over an `AuditBook`, which is plain data that `orchestration.audit` collects.

What belongs here: addresses, words and pictures of the audit pages. What does not: reading the ledger, verdicts or marts. The pages are
written to ``reports/audit``, which is an output folder; hence the other name of this package.
"""

from reports.auditing.book import AuditBook
from reports.auditing.generate import generate

__all__ = ["AuditBook", "generate"]
