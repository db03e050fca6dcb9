"""The words of reports and commands by language; each language is a file."""

from __future__ import annotations

from .labels_en import ENGLISH
from .labels_zh_cn import CHINESE

__all__ = ["LABELS", "LANGUAGES", "find_language"]

LABELS: dict[str, dict[str, str]] = {"en": ENGLISH, "zh_cn": CHINESE}
LANGUAGES = tuple(LABELS)
SYNONYMS = {"zh": "zh_cn"}


def find_language(name: str) -> str:
    """Return the language called `name`, one of `LANGUAGES`: 'zh-CN', 'zh_CN' and 'zh' are 'zh_cn'.

    Raises:
        ValueError: it is none.
    """
    found = str(name).lower().replace("-", "_")
    found = SYNONYMS.get(found, found)
    if found not in LABELS:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, got {name!r}")
    return found
