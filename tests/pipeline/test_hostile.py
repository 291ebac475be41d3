"""Hostile files through the real worker processes: each has its stated outcome, in time, and costs no other file.

What each file is stands in ``hostile``. Several outcomes are accepted where it depends on the machine which limit is
met first; that there is one, with a sentence for a person, does not.
"""

import random
import re
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from models.contract import Status
from models.problem import Category, Problem
from pipeline.document import Job, Options, Processed, process, worker
from pipeline.guard import Bounds, Guard
from pipeline.readers.office import find_office
from rules.loader import installed_rules
from tests.pipeline import hostile
from tests.pipeline.hostile import cut, flip_bits, plain_docx, plain_pdf

BOUNDS = Bounds(deadline=8, memory_mb=768, file_mb=64)
SECRET = "Agreement of the 5th of Brumaire"
"""What lies in the file that hostile files name, in words that are found if they come out."""

READ: set[Category | None] = {None}
"""The file is read, without a problem."""
DAMAGED: set[Category | None] = {Category.DAMAGED}
EMPTY: set[Category | None] = {Category.EMPTY}
TOO_LARGE: set[Category | None] = {Category.TOO_LARGE}
ENCRYPTED: set[Category | None] = {Category.ENCRYPTED}
UNSUPPORTED: set[Category | None] = {Category.UNSUPPORTED}
CONTAINER: set[Category | None] = {Category.CONTAINER}
ENDED: set[Category | None] = {Category.CRASH, Category.MEMORY, Category.DEADLINE}
"""The worker was ended: by the reader's own crash, by its memory limit, or by its deadline."""

CASES: dict[str, tuple[Callable[[], bytes], set[Category | None]]] = {
    "a password.pdf": (lambda: hostile.encrypted_pdf("secret"), ENCRYPTED),
    "an owner's password only.pdf": (lambda: hostile.encrypted_pdf(""), READ),
    "an owner's password only, old.pdf": (lambda: hostile.encrypted_pdf("", 40), READ),
    "the first twentieth.pdf": (lambda: cut(plain_pdf(), 0.05), DAMAGED),
    "the first half.pdf": (lambda: cut(plain_pdf(), 0.5), DAMAGED),
    "without its end.pdf": (lambda: cut(plain_pdf(), 0.95), DAMAGED),
    "bits flipped.pdf": (lambda: flip_bits(plain_pdf(), 60), DAMAGED | EMPTY | UNSUPPORTED),
    "junk before its head.pdf": (lambda: b"\r\nHTTP/1.1 200 OK" * 50 + plain_pdf(), READ),
    "empty.pdf": (lambda: b"", EMPTY),
    "nothing but zeros.pdf": (lambda: bytes(100_000), EMPTY),
    "noise.pdf": (lambda: random.Random(1).randbytes(100_000), UNSUPPORTED),
    "a picture by another name.pdf": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(999), UNSUPPORTED),
    "a form that draws itself.pdf": (hostile.self_referencing_form, ENDED | EMPTY),
    "forms to the tenth power.pdf": (hostile.exponential_forms, ENDED | EMPTY),
    "two million words in a small stream.pdf": (hostile.text_bomb, ENDED | TOO_LARGE),
    "a page that is its own parent.pdf": (hostile.page_loop, DAMAGED | EMPTY),
    "two billion pages, it says.pdf": (hostile.lying_page_count, READ | DAMAGED | TOO_LARGE),
    "three thousand pages.pdf": (hostile.many_pages, TOO_LARGE),
    "arrays in arrays.pdf": (hostile.nested_arrays, DAMAGED | EMPTY),
    "a page of a square kilometre.pdf": (hostile.huge_page, READ),
    "a page of numbers too large.pdf": (hostile.huge_numbers, DAMAGED | EMPTY),
    "a script that opens.pdf": (hostile.javascript_pdf, READ),
    "letters without a meaning.pdf": (hostile.unmapped_font_pdf, {Category.BROKEN_TEXT}),
    "a table that follows itself.pdf": (hostile.cross_reference_loop, READ | DAMAGED),
    "a hundred thousand fields.pdf": (hostile.endless_annotations, READ | TOO_LARGE),
    "half a million lines.pdf": (hostile.path_bomb, EMPTY | ENDED),
    "compressed two thousand times.pdf": (hostile.stacked_filters, EMPTY | DAMAGED),
    "the first half.docx": (lambda: cut(plain_docx(), 0.5), DAMAGED),
    "bits flipped.docx": (lambda: flip_bits(plain_docx(), 30), DAMAGED | EMPTY | UNSUPPORTED),
    "a billion laughs.docx": (hostile.billion_laughs, DAMAGED),
    "one long entity, often.docx": (hostile.quadratic_entities, DAMAGED),
    "a hundred thousand elements deep.docx": (hostile.deep_xml, DAMAGED),
    "a bomb of a document.docx": (lambda: hostile.zip_bomb("word/document.xml", 80 << 20), TOO_LARGE),
    "a bomb of a picture.docx": (lambda: hostile.zip_bomb("word/media/image1.png", 300 << 20), EMPTY),
    "twenty thousand parts.docx": (hostile.many_entries, TOO_LARGE),
    "nothing says what it is.docx": (hostile.no_content_types, EMPTY | DAMAGED | CONTAINER),
    "a billion columns.docx": (hostile.wide_table, READ),
    "sizes that lie.docx": (hostile.lying_sizes, DAMAGED),
    "a password.docx": (lambda: hostile.ole("EncryptedPackage", "EncryptionInfo"), ENCRYPTED),
    "a password.doc": (hostile.encrypted_doc, ENCRYPTED),
    "chains in circles.doc": (hostile.circular_ole, DAMAGED),
    "a spreadsheet by another name.doc": (lambda: hostile.ole("Workbook"), UNSUPPORTED),
    "elements without end.html": (hostile.deep_html, DAMAGED),
    "nothing but brackets and ones.txt": (hostile.one_line, READ | ENDED),
    "dots and dashes.txt": (hostile.dotted_leaders, READ | ENDED),
}
"""Name, how the file is made, and the categories accepted (None: read)."""

EXTREMES: dict[str, tuple[Callable[[], bytes], set[Category | None]]] = {
    "a gigabyte of spaces.pdf": (hostile.space_bomb, ENDED | EMPTY),
    "a picture of a gigapixel.pdf": (
        hostile.picture_bomb,
        ENDED | EMPTY | {Category.NO_TEXT_LAYER, Category.BROKEN_TEXT},
    ),
    "a bomb of four gigabytes.docx": (lambda: hostile.zip_bomb("word/document.xml", 4 << 30), TOO_LARGE),
    "a bomb of a picture of four gigabytes.docx": (lambda: hostile.zip_bomb("word/media/i.png", 4 << 30), EMPTY),
    "groups without end.rtf": (lambda: b"{\\rtf1 " + b"{" * 100_000 + b"x", DAMAGED | UNSUPPORTED | ENDED),
}

REACHING: dict[str, Callable[[bytes], bytes]] = {
    "actions.pdf": hostile.reaching_pdf,
    "content elsewhere.pdf": hostile.remote_stream,
    "an entity.docx": hostile.external_entity,
    "pictures, a template, chunks.docx": hostile.reaching_docx,
    "a page.html": hostile.web_page,
    "fields.rtf": hostile.reaching_rtf,
    "a picture.rtf": lambda target: hostile.reaching_rtf(target, b"INCLUDEPICTURE"),
    "a section.odt": hostile.reaching_odt,
}
"""Files that name an address, or a file of this machine, and would have it fetched."""


class Answers(NamedTuple):
    answers: dict[str, Processed | Problem]
    seconds: dict[str, float]

    def problems(self, name: str) -> tuple[Problem, ...]:
        answered = self.answers[name]
        return (answered,) if isinstance(answered, Problem) else answered.outcome.problems


def run(folder: Path, cases: dict[str, tuple[Callable[[], bytes], set[Category | None]]]) -> Answers:
    """All files through one guard with one worker, sound contracts before, between and after them."""
    files: list[Path] = []
    for number, (name, (build, _)) in enumerate(cases.items()):
        if number % 10 == 0:
            files.append(folder / f"sound {number}.pdf")
            files[-1].write_bytes(plain_pdf())
        files.append(folder / name)
        files[-1].write_bytes(build())
    files.append(folder / "sound last.docx")
    files[-1].write_bytes(plain_docx())
    answers, seconds = {}, {}
    with Guard[Job, Processed](partial(worker, Options()), workers=1, bounds=BOUNDS) as guard:
        guard.call(Job(str(folder / "sound 0.pdf"), "sound 0.pdf"))  # the rules are loaded
        begun = time.monotonic()
        for job, answered in guard.run(Job(str(file), file.name) for file in files):
            now = time.monotonic()
            answers[job.name], seconds[job.name] = answered, now - begun
            begun = now
    return Answers(answers, seconds)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return run(tmp_path_factory.mktemp("hostile"), CASES)


def assert_stated(problems: tuple[Problem, ...], accepted: set[Category | None]) -> None:
    """One of the accepted outcomes, and every problem a sentence that begins like one and ends like one."""
    categories: set[Category | None] = {problem.category for problem in problems}
    assert (categories or {None}) & accepted, problems
    for problem in problems:
        assert re.fullmatch(r"[A-Za-z].{15,400}[.)]", problem.message, re.DOTALL), problem.message
        assert problem.stage
        assert problem.category is not Category.INTERNAL


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_has_its_stated_outcome(answers: Answers, name: str) -> None:
    assert_stated(answers.problems(name), CASES[name][1])


@pytest.mark.parametrize("name", CASES)
def test_no_hostile_file_takes_longer_than_two_attempts_may(answers: Answers, name: str) -> None:
    # a second attempt after a crash, and for each the start of a worker on a machine that has other things to do
    assert answers.seconds[name] < 2 * BOUNDS.deadline + 20


def test_sound_contracts_among_hostile_files_are_read_as_if_those_were_not_there(answers: Answers) -> None:
    sound = {name: answered for name, answered in answers.answers.items() if name.startswith("sound")}
    assert len(sound) == (len(CASES) + 9) // 10 + 1
    for name, answered in sound.items():
        assert isinstance(answered, Processed), (name, answered)
        assert answered.outcome.status is Status.OK, (name, answered.outcome.problems)
        assert answered.outcome.milestones


def test_every_file_has_an_answer(answers: Answers) -> None:
    assert set(CASES) < set(answers.answers)
    assert len(CASES) >= 40


@pytest.mark.slow
def test_extremes_have_their_stated_outcome_too(tmp_path: Path) -> None:
    answers = run(tmp_path, EXTREMES)
    for name, (_, accepted) in EXTREMES.items():
        assert_stated(answers.problems(name), accepted)
        assert answers.seconds[name] < 2 * BOUNDS.deadline + 20


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def connections(server: socket.socket) -> int:
    """How many came in."""
    server.settimeout(0.5)
    count = 0
    while True:
        try:
            connection, _ = server.accept()
        except TimeoutError:
            return count
        connection.close()
        count += 1


def test_nothing_is_fetched_and_no_file_that_is_named_comes_out(tmp_path: Path, listener: socket.socket) -> None:
    host, port = listener.getsockname()
    secret = tmp_path / "secret.txt"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    targets = [f"http://{host}:{port}/fetched", secret.as_uri(), str(secret)]
    files: list[Path] = []
    for number, target in enumerate(targets):
        for name, build in REACHING.items():
            if number == 2 and name.endswith((".rtf", ".odt")):
                continue  # seconds each, and what LibreOffice does with an address it does with a path
            files.append(tmp_path / f"{number} {name}")
            files[-1].write_bytes(build(target.encode()))
    bounds = BOUNDS._replace(deadline=60, memory_mb=4096)  # LibreOffice wants its time and room
    said: dict[str, str] = {}
    with Guard[Job, Processed](partial(worker, Options()), workers=1, bounds=bounds) as guard:
        for job, answered in guard.run(Job(str(file), file.name) for file in files):
            assert not isinstance(answered, Problem), (job, answered)
            said[job.name] = answered.outcome.model_dump_json()
            if find_office() and job.name.endswith(("fields.rtf", ".odt")):
                assert answered.outcome.status is not Status.FAILED, answered.outcome.problems
    assert len(said) == len(files)
    assert connections(listener) == 0
    assert not [name for name, outcome in said.items() if "Brumaire" in outcome]
    with socket.create_connection((host, port)):
        assert connections(listener) == 1, "the listener would have noticed"


def test_files_that_reach_out_are_read_for_what_they_say_themselves(tmp_path: Path) -> None:
    for name in ("actions.pdf", "pictures, a template, chunks.docx", "a page.html"):
        outcome = process(name, REACHING[name](b"http://127.0.0.1:9/fetched"), installed_rules(), Options()).outcome
        assert outcome.status is not Status.FAILED, (name, outcome.problems)
        assert outcome.milestones


ENDLESS = "9" * 5000
ODD = [
    f"The term is {ENDLESS} years.",
    f"within {ENDLESS} ({ENDLESS}) days",
    f"the {ENDLESS}th anniversary of the Effective Date",
    "the 99999999999999th anniversary of the Effective Date",
    "a term of 9999 years and 3 months, or of 99999 years and 3 months",
    "1/0 years, 0/0 days and 1 1/0 months",
    f"$ {ENDLESS}.{ENDLESS} per month",
    "on June 30 and",
    "on June 30,",
    "99/99/9999 or 0/0/0 or 31 February 2020 or 29 February 1900",
    "by the 0th day of each 0 months, 0 days after 0",
    "((((((((((((((((((((((((((((",
    "\N{ZERO WIDTH SPACE}\N{RIGHT-TO-LEFT OVERRIDE}\N{COMBINING ACUTE ACCENT}" * 50,
    "１０ days, ²⁰ years, ٣٠ days, Ⅻ months",
    "\ufffd\ufffe\uffff\U0010ffff",
]
"""What no person would write and some program does."""


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("frame", ["{}", "This Agreement is made on 31 January 2020 and its term is three years. {}"])
def test_odd_text_is_no_defect(text: str, frame: str) -> None:
    outcome = process("odd.txt", frame.format(text).encode(), installed_rules(), Options()).outcome
    assert Category.INTERNAL not in {problem.category for problem in outcome.problems}, text[:80]
