"""The audit trail's answers: the way of a figure back to delivered rows, accesses to records, the audit pack, the yearly statement.

Reads marts, ledger, archive and build database; writes nothing but a replayed build of an old data version, which is disposable.
"""

from orchestration.trail.trace import trace

__all__ = ["trace"]
