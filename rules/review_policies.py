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
NAME = "consequence.yaml"


def load_weights(folder: Path | None = None) -> Weights:
    """What the order of the review queue weighs; the file of ``folder`` stands before the installed one.

    Raises ``RuleDataError`` naming the file at fault.
    """
    own = folder / NAME if folder else None
    path = own if own and own.is_file() else FOLDER / NAME
    try:
        return Weights.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise RuleDataError(f"{path}: {error}") from error


@cache
def installed_weights() -> Weights:
    """The weights that come with the program, loaded once."""
    return load_weights()
