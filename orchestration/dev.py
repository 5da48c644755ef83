"""`make dev`: Dagster's web interface and daemon over the home, sensors and schedules listed and switchable."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from orchestration.config import Home, silence_telemetry
from orchestration.steps import dagster_environment


def main() -> None:
    """Replaces this process by `dagster dev`."""
    silence_telemetry()
    home = Home(Path(os.environ.get("JUNHENG_HOME", ".")).resolve()).create()
    dagster_environment(home)
    command = str(Path(sys.executable).with_name("dagster"))
    os.execv(command, [command, "dev", "-m", "orchestration.definitions", *sys.argv[1:]])  # noqa: S606


if __name__ == "__main__":
    main()
