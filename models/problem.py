"""What went wrong with a document, said so that a person knows the next step."""

from enum import StrEnum

from models.base import Value


class Stage(StrEnum):
    """The step of a document's path at which it went wrong."""

    IDENTIFY = "identify"
    READ = "read"
    OCR = "ocr"
    EXTRACT = "extract"
    RESOLVE = "resolve"
    STORE = "store"


class Category(StrEnum):
    """What kind of problem it is; decides the outcome the manifest states."""

    MISSING = "missing"
    EMPTY = "empty"
    UNSUPPORTED = "unsupported"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"
    NO_TEXT_LAYER = "no_text_layer"
    BROKEN_TEXT = "broken_text"
    LIVE_DATE = "live_date"
    DEADLINE = "deadline"
    MEMORY = "memory"
    CRASH = "crash"
    NOT_A_CONTRACT = "not_a_contract"
    CONTAINER = "container"
    DUPLICATE = "duplicate"
    INTERNAL = "internal"


class Problem(Value):
    """One problem; ``page`` counts from 1 and is absent where the whole document is meant."""

    stage: Stage
    category: Category
    message: str
    page: int | None = None


class DocumentError(Exception):
    """A document cannot be taken further. Carries the ``Problem``; trapped once, at the edge of a document."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem
