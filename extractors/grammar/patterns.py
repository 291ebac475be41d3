"""How the patterns of the grammar are written."""

import re


def spaced(source: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Compile ``source``, in which a space stands for any white space: contracts break lines anywhere."""
    return re.compile(source.replace(" ", r"\s+"), flags)


_GAP = 16


def ends_before_gap(text: str, end: int) -> bool:
    """Whether so much white space follows ``end`` that nothing behind it belongs to what stands before it.

    Keeps the readers linear on pages laid out with thousands of spaces.
    """
    after = text[end : end + _GAP]
    return len(after) == _GAP and after.isspace()
