"""Masked text: one character for each value, and the way back to the text."""

from hypothesis import given
from hypothesis import strategies as st

from extractors.grammar.mentions import Mention, MentionKind, find_mentions
from extractors.masking import MASK, Masked, mask
from models.period import Period, Unit

TEXT = "at  least “sixty (60) days”\nprior to 3 May 2014."


def masked(text: str) -> Masked:
    return mask(text, find_mentions(text))


def test_values_become_one_character_and_quotes_and_white_space_plain() -> None:
    period, date = MASK[MentionKind.PERIOD], MASK[MentionKind.DATE]
    assert masked(TEXT).text == f'at least "{period}" prior to {date}.'


def test_offsets_lead_back_to_the_text() -> None:
    document = masked(TEXT)
    start = document.text.index("prior")
    span = document.span(start, start + len("prior to"))
    assert TEXT[span.start : span.end] == "prior to"
    at = document.text.index(MASK[MentionKind.PERIOD])
    span = document.span(at, at + 1)
    assert TEXT[span.start : span.end] == "sixty (60) days"


def test_capitals_are_kept_beside_the_lower_case_text() -> None:
    document = masked("The TERM is İ and ß.")
    assert len(document.cased) == len(document.text)
    assert document.cased.startswith("The TERM")


def test_private_use_characters_of_a_document_cannot_pose_as_values() -> None:
    assert MASK[MentionKind.DATE] not in masked(f"odd {MASK[MentionKind.DATE]} text").text


@given(st.text(alphabet="ab \n\t", max_size=60), st.data())
def test_every_masked_character_leads_back_and_forth(text: str, data: st.DataObject) -> None:
    mentions = []
    position = 0
    while position < len(text):
        start = data.draw(st.integers(position, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        mentions.append(Mention(MentionKind.PERIOD, start, end, Period(count=1, unit=Unit.DAY)))
        position = end + 1
    document = mask(text, mentions)
    for place in range(len(document.text)):
        raw = document.raw_start(place)
        assert document.position(raw) == place
        assert document.raw_end(place + 1) > raw
    for mention in mentions:
        assert document.mention_at(document.position(mention.start)) is mention
