"""The chained event log: what was received, judged, released. Append-only, hash-chained, never expires."""

from orchestration.ledger.log import Event, Ledger, LedgerError

__all__ = ["Event", "Ledger", "LedgerError"]
