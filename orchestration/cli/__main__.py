"""`python -m orchestration.cli`."""

from orchestration.cli import entry

entry()
