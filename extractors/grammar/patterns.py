"""How the patterns of the grammar are written."""

import re


def spaced(source: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Compile ``source``, in which a space stands for any white space: contracts break lines anywhere."""
    return re.compile(source.replace(" ", r"\s+"), flags)
