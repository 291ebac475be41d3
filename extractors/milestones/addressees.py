"""Where notices go: the addresses of a notices clause, party by party."""

import re
from collections.abc import Sequence

from extractors.milestones.wording import as_the_contract_says
from models.contract import Party
from models.sending import Addressee

_BLOCK = re.compile(
    r"\b(?:If|if|IF|In the case of|Notices?)\s+(?:sent\s+|addressed\s+|delivered\s+)?(?:to|To|TO|for|For)\s+(?:the\s+)?"
    r"(?P<party>[A-Z“\"][^:;\n]{1,70}?)\s*[,;]?\s*(?:(?:(?:shall|to) be )?(?:sent|addressed)(?: to)?|to|at)?\s*[:\n]"
)
_INLINE = re.compile(
    r"\bto\s+(?:the\s+)?(?P<party>[A-Z][\w&.’' -]{1,50}?)\s+at\s+(?P<address>\d[^;\n]{8,160}?)"
    r"(?=,?\s+and\s+(?:to|shall|are|is|be)\b|\s+or\s+to\b|,\s+(?:shall|with|or|attention|marked)\b|;|\.\s|\.?$)"
)
_GENERAL = re.compile(
    r"\b(?:to|at)\s+(?P<address>the\s+(?:[\w’'-]+\s+){0,4}(?:address(?:es)?|registered office|registered address"
    r"|principal place of business|contact persons?)\b[^,.;:()\n]{0,80}?)"
    r"(?=\s+and\s+(?:shall|are|is|will|must|be)\b|\s+or\s+(?:to|by|at)\b|\s+(?:shall|are|is|will|must)\b|[,.;:()\n]|$)",
    re.IGNORECASE,
)
_FOR = re.compile(r"\bfor the attention of\s+(?:the\s+|its\s+)?(?P<who>[^,;:.\n]{2,60})", re.IGNORECASE)
_ATTENTION = re.compile(
    r"\b(?:attention|attn)\b\s*[:.]*\s*(?P<who>[^;:\n]{2,80}?)"
    r"(?=\s*(?:;|\n|$|\.\s|\.$|,?\s+(?:e-?mail|fax|facsimile|telephone|phone|with a copy)\b))",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NOT_ADDRESS = re.compile(
    r"^\W*(?:attention|attn|e-?mail|fax|facsimile|telephone|tel|phone|telecopy|telecopier|with a copy|copy to|to)\b",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\b[Ww]ith (?:an? |copies )?(?:required |courtesy |electronic )?cop(?:y|ies)\b|\b[Cc]op(?:y|ies) to\b|\n\s*\n"
    r"|\n\s*(?:\d{1,2}\.\d*\s|(?:ARTICLE|Article|SECTION|Section)\b|\([a-z]\))|\bor (?:to|at) such other\b"
    r"|\bIN WITNESS\b|\bI[Ff] to\b|\n\s*(?:A|Any|All|Each|The)\s+(?:[Nn]otice|[Pp]art(?:y|ies)|communication)"
    r"|(?<!\bInc)(?<!\bCo)(?<!\bLtd)\.\s+(?=(?:Any|All|Each|Either|The|Notices?|Such)\b)"
)
_TAIL = re.compile(
    r"[\s,]*\b(?:attention|attn|e-?mail|fax|facsimile|telephone|tel|phone|telecopy)\b\s*[:.].*", re.IGNORECASE
)
_LABEL = re.compile(r"^\W*(?:mailing |street |main )?(?:address|contact|company name|name)\s*:\s*", re.IGNORECASE)
_LINES = 7
_LONGEST = 500
"""Characters of an address block at most."""


def addressees(text: str, parties: Sequence[Party]) -> tuple[Addressee, ...]:
    """The addressees that a notices clause names, or the one address it gives for all of them."""
    found = [*_blocks(text, parties), *_inline(text, parties)]
    if not found and (general := _GENERAL.search(text)):
        attention = _FOR.search(text)
        address = " ".join(general["address"].split())
        found = [Addressee(address=address, attention=_clean(attention["who"]) if attention else None)]
    return tuple({one.party: one for one in reversed(found)}.values())[::-1]


def _blocks(text: str, parties: Sequence[Party]) -> list[Addressee]:
    """``If to Supplier:`` and the lines below."""
    heads = list(_BLOCK.finditer(text))
    found = []
    for index, head in enumerate(heads):
        end = min(heads[index + 1].start() if index + 1 < len(heads) else len(text), head.end() + _LONGEST)
        block = text[head.end() : end].strip("\n\t ")
        if stop := _STOP.search(block):
            block = block[: stop.start()]
        lines = [" ".join(line.split()) for line in re.split(r"[\n\t|;]", block)][:_LINES]
        lines = [
            _TAIL.sub("", _LABEL.sub("", _EMAIL.sub("", line))).strip(" ,.")
            for line in lines
            if not _NOT_ADDRESS.match(line)
        ]
        address = ", ".join(line for line in lines if line)
        party = as_the_contract_says(_clean(re.split(r"\s(?:for|with|in|as)\s", head["party"])[0]), parties)
        attention, email = _ATTENTION.search(block), _EMAIL.search(block)
        if party and (address or email):
            found.append(
                Addressee(
                    party=party,
                    address=address or None,
                    attention=_clean(attention["who"]) if attention else None,
                    email=email.group() if email else None,
                )
            )
    return found


def _inline(text: str, parties: Sequence[Party]) -> list[Addressee]:
    """``to the Supplier at 12 High Street, ... and to the Customer at ...``."""
    return [
        Addressee(
            party=as_the_contract_says(_clean(match["party"]), parties), address=" ".join(match["address"].split())
        )
        for match in _INLINE.finditer(text)
    ]


def _clean(words: str) -> str:
    return " ".join(words.split()).strip(" ,.:;“”\"'")
