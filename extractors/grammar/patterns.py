"""How the patterns of the grammar are written."""

import re
from functools import cache, lru_cache


def spaced(source: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Compile ``source``, in which a space stands for any white space: contracts break lines anywhere."""
    return re.compile(source.replace(" ", r"\s+"), flags)


@cache
def _gap() -> re.Pattern[str]:
    return re.compile(r"\s{17,}")


@lru_cache(maxsize=1)
def close_gaps(text: str) -> str:
    """``text`` of the same length, in which no value or phrase reaches over a wide gap.

    A run of more than 16 white space characters separates columns or pages. Barred off, it also cannot cost the
    patterns more than its beginning, on a page that is laid out with thousands of spaces. The last text is remembered:
    values and timings are looked for in the same.
    """
    return _gap().sub(lambda gap: f"    {'|' * (len(gap.group()) - 8)}    ", text)
