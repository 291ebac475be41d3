"""What a result depends on besides the document: a document read with the same versions is done.

``ruleset`` names the rule data. ``model`` names all else that decides: the trained models, the code that reads,
extracts and resolves, the OCR engine, and the settings that change results. So neither an upgrade nor a changed setting
leaves old results standing as if they were new ones.
"""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from pipeline.document import Options
from pipeline.readers.ocr import installed_engine
from rules.schema import RuleSet

_ROOT = Path(__file__).parents[1]
_DECIDING = ("extractors", "models", "pipeline/readers")
_DECIDING_FILES = (
    "pipeline/containers.py",
    "pipeline/document.py",
    "pipeline/identify.py",
    "pipeline/read.py",
    "rules/loader.py",
    "rules/schema.py",
)


class Versions(NamedTuple):
    """The versions a result is stored under."""

    ruleset: str
    model: str


def versions(rules: RuleSet, options: Options) -> Versions:
    """The versions of results that ``rules`` and ``options`` give with the installed program."""
    # Where a passage stands on its page is presentation, not a result.
    settings = options.model_dump_json(exclude={"boxes"})
    engine = installed_engine() if options.ocr else None
    decides = hashlib.sha256("\0".join((_code(), settings, engine.name if engine else "")).encode()).hexdigest()
    return Versions(rules.version, f"{version('milepost')}+{decides[:12]}")


@cache
def _code() -> str:
    """Digest of the installed files that decide what a document gives."""
    found = [path for folder in _DECIDING for path in (_ROOT / folder).rglob("*") if _counts(path)]
    found += [_ROOT / name for name in _DECIDING_FILES]
    digest = hashlib.sha256()
    for path in sorted(found):
        digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _counts(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts
