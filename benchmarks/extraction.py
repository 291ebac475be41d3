"""How many words a second are understood once a document is read.

    python benchmarks/extraction.py FOLDER [--limit N] [--slowest N]

FOLDER holds contracts (PDF, DOCX, TXT), or ``pdf/`` with them. One process, one thread, CPU seconds; reading is timed
apart. Figures:

- words a second of all contracts, of the median contract and of the slowest tenth,
- the share of each step: cutting into passages, terms, milestones, arithmetic,
- understanding as a multiple of reading, and of finding all words in the text by one regular expression: these two
  hardly depend on the machine.
"""

import argparse
import gc
import re
import statistics
import sys
import time
from pathlib import Path
from typing import NamedTuple

from extractors.engine import prepare
from extractors.milestones import extract_milestones
from extractors.terms import extract_terms
from models.business import WEEKENDS_ONLY
from models.contract_resolution import resolve_contract
from models.problem import DocumentError
from models.resolution import Conventions
from models.source import SourceText
from pipeline.limits import Limits
from pipeline.read import read
from rules.loader import installed_rules
from rules.schema import RuleSet

SUFFIXES = (".pdf", ".docx", ".txt")
TARGET = 60_000
"""Words a second that a folder of thousands of contracts needs in the median contract."""
WORD = re.compile(r"\w+")


class Row(NamedTuple):
    """One contract: its words, and the seconds of each step."""

    file: str
    words: int
    reading: float
    floor: float
    steps: dict[str, float]

    @property
    def seconds(self) -> float:
        """All of understanding."""
        return sum(self.steps.values())

    @property
    def rate(self) -> float:
        """Words a second."""
        return self.words / self.seconds


class Watch:
    """CPU seconds from step to step."""

    def __init__(self) -> None:
        self._last = time.process_time()

    def lap(self) -> float:
        """Seconds since the last lap."""
        now = time.process_time()
        gone, self._last = now - self._last, now
        return gone


def understand(source: SourceText, rules: RuleSet) -> dict[str, float]:
    seconds: dict[str, float] = {}
    watch = Watch()
    document = prepare(source)
    seconds["passages"] = watch.lap()
    found = extract_terms(document, rules)
    seconds["terms"] = watch.lap()
    milestones = extract_milestones(document, found.terms, rules)
    seconds["milestones"] = watch.lap()
    resolve_contract(found.terms, tuple(milestones), WEEKENDS_ONLY, Conventions())
    seconds["arithmetic"] = watch.lap()
    return seconds


def measure(path: Path, rules: RuleSet) -> Row | None:
    data = path.read_bytes()
    watch = Watch()
    try:
        _, source = read(path.name, data, Limits(), ocr=False)
    except DocumentError:
        return None
    reading = watch.lap()
    if not source.text.strip():
        return None
    watch.lap()
    WORD.findall(source.text)
    floor = watch.lap()
    return Row(path.name, len(source.text.split()), reading, floor, understand(source, rules))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, default=0, help="every n-th contract, so many in all")
    parser.add_argument("--slowest", type=int, default=3)
    options = parser.parse_args(arguments)
    inner = options.folder / "pdf"
    folder = inner if inner.is_dir() else options.folder
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if options.limit:
        files = files[:: max(1, len(files) // options.limit)][: options.limit]
    rules = installed_rules()
    # What is loaded and compiled once is not held against the first contract.
    understand(SourceText("This Agreement ends on 1 May 2024. The Buyer pays within 30 days.", (), ()), rules)
    # As the workers do.
    gc.collect()
    gc.freeze()
    rows = [row for path in files if (row := measure(path, rules))]
    if not rows:
        print("There is no contract to read.", file=sys.stderr)
        return 1
    words, seconds = sum(row.words for row in rows), sum(row.seconds for row in rows)
    rates = sorted(row.rate for row in rows)
    median = statistics.median(rates)
    print(f"{len(rows)} contracts of {len(files)} files, {words:,} words, {seconds:.1f} s CPU")
    print(f"all             {words / seconds:9,.0f} words/s")
    print(f"median contract {median:9,.0f} words/s  {median / TARGET:.2f} x the {TARGET:,} wanted")
    print(f"slowest tenth   {rates[len(rates) // 10]:9,.0f} words/s")
    for step in rows[0].steps:
        print(f"  {step:12s} {sum(row.steps[step] for row in rows) / seconds:6.1%}")
    reading, floor = sum(row.reading for row in rows), sum(row.floor for row in rows)
    print(f"understanding is {seconds / reading:.2f} x reading, {seconds / floor:.1f} x finding all words")
    for row in sorted(rows, key=lambda row: row.rate)[: options.slowest]:
        print(f"  slow: {row.rate:9,.0f} words/s of {row.words:7,d}  {row.file[:70]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
