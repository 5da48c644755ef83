"""Whether the whole sweep is asked for: `JUNHENG_TEST_FULL=1` runs every round of the few tests that otherwise run well-chosen ones."""

import os

FULL = os.environ.get("JUNHENG_TEST_FULL", "") not in ("", "0")
