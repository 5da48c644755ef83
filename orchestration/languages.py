"""Which languages the sites of an installation are made in."""

from __future__ import annotations

import os

from orchestration.config import ConfigError
from reports.i18n import NAMES, SOURCE_LANGUAGE


def site_languages() -> tuple[str, ...]:
    """Languages of the sites, Chinese at their root: `JUNHENG_LANGUAGES`, by default `zh-CN,en`; `zh-CN` alone halves the work.

    Raises:
        ConfigError: it names a language there is no catalogue of, or does not begin with Chinese.
    """
    given = os.environ.get("JUNHENG_LANGUAGES", ",".join(NAMES))
    tags = tuple(dict.fromkeys(filter(None, (tag.strip() for tag in given.split(",")))))
    if not tags or tags[0] != SOURCE_LANGUAGE or not set(tags) <= set(NAMES):
        raise ConfigError(f"JUNHENG_LANGUAGES 应写作 zh-CN 或 zh-CN,en，收到的是“{given}”。 (Unknown site languages.)")
    return tags
