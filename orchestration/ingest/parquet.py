"""How this package writes Parquet: whole or not at all, the same bytes for the same rows."""

from __future__ import annotations

from pathlib import Path

import polars as pl


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Writes a table beside its place and moves it in; a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    frame.rechunk().write_parquet(temporary, compression="zstd", compression_level=1, row_group_size=250_000)
    temporary.replace(path)
