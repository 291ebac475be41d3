"""Loads the rule files that lie beside this module, or a copy of them elsewhere.

    vocabulary.yaml     named fragments of patterns
    scope.yaml          cues that silence or qualify a match
    <group>/*.yaml      rules; the folder's name is their group
    *.yaml              other data, such as calibrated confidences
    policy/*.yaml       policies (``rules.review_policies``): no rules, and no part of their version

Nothing is read at import. ``load_rules`` costs a few hundred milliseconds; ``installed_rules`` pays it once.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml
from pydantic import JsonValue, TypeAdapter, ValidationError

from rules.schema import Cue, Rule, RuleDataError, RuleSet, Vocabulary

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

POLICY = "policy"


class _Loader(_SafeLoader):
    """YAML in which only ``true`` and ``false`` are truth values: "on" and "no" are words contracts use."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way to say it
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
        for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))

_RULES = TypeAdapter(tuple[Rule, ...])
_CUES = TypeAdapter(tuple[Cue, ...])


def load_rules(folder: Path | None = None) -> RuleSet:
    """All rule data of ``folder`` (default: the installed rules). Raises ``RuleDataError`` naming the file at fault."""
    folder = folder or Path(__file__).parent
    digest = hashlib.sha256()
    groups: dict[str, list[Rule]] = {}
    data: dict[str, JsonValue] = {}
    vocabulary = Vocabulary(fragments={})
    cues: tuple[Cue, ...] = ()
    for path in sorted(folder.rglob("*.yaml")):
        if path.parent == folder / POLICY:
            continue
        raw = path.read_bytes()
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + raw + b"\0")
        try:
            content = yaml.load(raw, Loader=_Loader)
            if path.parent != folder:
                groups.setdefault(path.parent.name, []).extend(_RULES.validate_python(content or ()))
            elif path.stem == "vocabulary":
                vocabulary = Vocabulary(fragments=content or {})
            elif path.stem == "scope":
                cues = _CUES.validate_python(content)
            else:
                data[path.stem] = content
        except (yaml.YAMLError, ValidationError) as error:
            raise RuleDataError(f"{path}: {error}") from error
    rules = {name: tuple(group) for name, group in groups.items()}
    _check(rules, cues)
    return RuleSet(digest.hexdigest()[:16], vocabulary, cues, rules, data)


@cache
def installed_rules() -> RuleSet:
    """The rules that come with the program, loaded once."""
    return load_rules()


def _check(rules: dict[str, tuple[Rule, ...]], cues: tuple[Cue, ...]) -> None:
    named = {cue.name for cue in cues}
    seen: set[str] = set()
    for rule in _all(rules):
        if rule.id in seen:
            raise RuleDataError(f"two rules are called {rule.id}")
        seen.add(rule.id)
        unknown = {*rule.veto, *rule.flag} - named
        if unknown:
            raise RuleDataError(f"{rule.id}: no scope cue is called {', '.join(sorted(unknown))}")


def _all(rules: dict[str, tuple[Rule, ...]]) -> Iterator[Rule]:
    for group in rules.values():
        yield from group
