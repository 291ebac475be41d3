"""The policy of what matters most, as the rule data state it."""

from functools import lru_cache

from models.ranking import RankPolicy
from rules.schema import RuleSet


@lru_cache(maxsize=4)
def rank_policy(rules: RuleSet) -> RankPolicy:
    """The policy of a rule set. Raises ``pydantic.ValidationError`` where the data are no policy."""
    return RankPolicy.model_validate(rules.data["ranking"])
