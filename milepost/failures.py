"""What a person reads when a command cannot run: one sentence, never a trace (unless asked for), exit code 3."""

import contextlib
import os
import sys
from collections.abc import Iterator

WRONG_USAGE = 2
CANNOT_RUN = 3
INTERRUPTED = 130

_USAGE = (("milepost.explaining", "FactError"),)
_SENTENCES = (
    *_USAGE,
    ("milepost.settings", "SettingsError"),
    ("milepost.demo", "NoSamplesError"),
    ("milepost.doors", "OpenDoorError"),
    ("milepost.evaluating", "EvaluationError"),
    ("milepost.learning", "LearningError"),
    ("milepost.reviewing", "ServeError"),
    ("milepost.training", "TrainingError"),
    ("milepost.users", "UsersError"),
    ("pipeline.evaluation.gold", "GoldError"),
    ("pipeline.guard", "GuardError"),
    ("pipeline.onboard", "OnboardError"),
    ("pipeline.prefect_server", "PrefectError"),
    ("pipeline.unpacking", "UnpackingError"),
    ("rules.schema", "RuleDataError"),
    ("store.errors", "StoreError"),
)
"""Errors whose text is written for the operator. Named, not imported: what was not loaded cannot have been raised."""


def _loaded(errors: tuple[tuple[str, str], ...]) -> tuple[type[Exception], ...]:
    return tuple(getattr(sys.modules[module], name) for module, name in errors if module in sys.modules)


@contextlib.contextmanager
def stated(verbose: bool = False) -> Iterator[None]:
    """Turn what stops a command into its sentence and exit code."""
    try:
        yield
    except KeyboardInterrupt:
        print("milepost: interrupted", file=sys.stderr)
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        # Whoever read our output has enough; Python must not complain about it while it closes down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except _loaded(_SENTENCES) as error:
        if verbose:
            raise
        print(f"milepost: {error}", file=sys.stderr)
        raise SystemExit(WRONG_USAGE if isinstance(error, _loaded(_USAGE)) else CANNOT_RUN) from None
