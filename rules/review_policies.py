"""Policies: data that decides how people work with what was found, not what is found.

They lie in ``rules/policy`` and are no part of the version of the rules: a new order of the queue is no reason to read
every contract again. An installation may name files of its own.
"""

from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from models.consequence import Weights
from rules.schema import RuleDataError

FOLDER = Path(__file__).parent / "policy"


def load_weights(path: Path | None = None) -> Weights:
    """What the order of the review queue weighs. Raises ``RuleDataError`` naming the file at fault."""
    path = path or FOLDER / "consequence.yaml"
    try:
        return Weights.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise RuleDataError(f"{path}: {error}") from error


@cache
def installed_weights() -> Weights:
    """The weights that come with the program, loaded once."""
    return load_weights()
