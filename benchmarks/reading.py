"""How fast and how faithfully the PDF reader reads a folder of real contracts.

    python benchmarks/reading.py FOLDER [--limit N] [--misses N] [--only speed|passages|boxes]

FOLDER holds ``pdf/`` and ``clauses.jsonl``: passages that lawyers marked, as lists, with ``<omitted>`` where they
left something out. Three figures:

- speed: bare pypdfium2 text extraction against the reader without and with tables, in one process, file by file
  in turn so that a busy machine slows all alike; CPU seconds.
- passages: share of the marked passages found verbatim in the reader's text, white space and typographic quotes
  and dashes normalised, page furniture inside the passage aside; the misses by cause.
- boxes: on a sample, whether the boxes of a passage hold the words that PDFium itself finds there.
"""

import argparse
import ast
import gc
import json
import random
import resource
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pypdfium2

from models.problem import DocumentError
from models.source import SourceText, Span
from pipeline.readers.pdf import locate, read_pdf


def bare(data: bytes) -> list[str]:
    """What pypdfium2 alone gives: the floor."""
    document = pypdfium2.PdfDocument(data)
    texts = []
    for index in range(len(document)):
        page = document[index]
        text_page = page.get_textpage()
        texts.append(text_page.get_text_range())
        text_page.close()
        page.close()
    document.close()
    return texts


def speed(files: list[Path]) -> None:
    floor = plain = tables = 0.0
    pages = 0
    outcomes: Counter[str] = Counter()
    for path in files:
        data = path.read_bytes()
        began = time.process_time()
        bare(data)
        floor += (first := time.process_time()) - began
        try:
            read_pdf(data, tables=False)
            plain += (second := time.process_time()) - first
            source = read_pdf(data)
            tables += time.process_time() - second
            pages += len(source.pages)
            outcomes["read, with problems" if source.problems else "read"] += 1
        except DocumentError as error:
            outcomes[error.problem.category] += 1
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(files)} files, {pages} pages: {dict(outcomes)}")
    print(f"bare pypdfium2   {floor:7.2f} s CPU  {1000 * floor / pages:5.2f} ms/page")
    print(f"reader           {plain:7.2f} s CPU  {1000 * plain / pages:5.2f} ms/page  {plain / floor:.2f} x")
    print(f"with its tables  {tables:7.2f} s CPU  {1000 * tables / pages:5.2f} ms/page  {tables / floor:.2f} x")
    print(f"peak memory      {memory:7.0f} MB")


# The marked passages were typed into a plain-text world: their quotes and dashes are straight.
TYPOGRAPHY = str.maketrans(
    {
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "–": "-",
        "—": "-",
        "\u2010": "-",
        "\u2011": "-",
        "\ufffe": "-",
        "\u00ad": "-",
    }
)


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text.translate(TYPOGRAPHY))


def normal(text: str) -> str:
    return " ".join(folded(text).split())


def dense(text: str) -> str:
    return "".join(folded(text).split())


def passages(folder: Path, names: set[str]) -> Iterator[tuple[str, str]]:
    with (folder / "clauses.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            name = row.pop("file")
            if name not in names:
                continue
            seen = set()
            for value in row.values():
                for passage in ast.literal_eval(value) if value else []:
                    for part in passage.split("<omitted>"):
                        words = normal(part)
                        if words and words not in seen:
                            seen.add(words)
                            yield name, words


class Raw:
    """The text of the file as PDFium gives it, without white space, knowing which characters the reader kept."""

    def __init__(self, data: bytes, source: SourceText) -> None:
        texts = bare(data)
        kept = [bytearray(len(text)) for text in texts]
        for run in source.runs:
            marks = kept[run.page - 1]
            marks[run.raw : run.raw + run.end - run.start] = b"\1" * (run.end - run.start)
        letters = []
        flags = bytearray()
        for text, marks in zip(texts, kept, strict=True):
            for letter, mark in zip(text, marks, strict=False):
                if not letter.isspace():
                    plain = folded(letter)
                    letters.append(plain)
                    flags += bytes([mark]) * len(plain)
        self.text = "".join(letters)
        self.flags = flags

    def kept_part(self, passage: str) -> tuple[str, str] | None:
        """What the reader kept of a passage that stands in the file, and what it took out."""
        wanted = dense(passage)
        at = self.text.find(wanted)
        if at < 0:
            return None
        pairs = list(zip(wanted, self.flags[at : at + len(wanted)], strict=True))
        return "".join(c for c, kept in pairs if kept), "".join(c for c, kept in pairs if not kept)


def fidelity(folder: Path, files: list[Path], show: int) -> None:
    by_name = {path.name: path for path in files}
    counts: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    examples: list[tuple[str, str, str]] = []
    current, text, packed = "", "", ""
    source: SourceText | None = None
    raw: Raw | None = None
    for name, passage in passages(folder, set(by_name)):
        if name != current:
            current, raw = name, None
            source = read_pdf(by_name[name].read_bytes())
            text = normal(source.text)
            packed = dense(source.text)
        counts["all"] += 1
        if passage in text:
            counts["verbatim"] += 1
            continue
        if dense(passage) in packed:
            counts["word breaks differ"] += 1
            examples.append(("word breaks differ", name, passage))
            continue
        if raw is None and source is not None:
            raw = Raw(by_name[name].read_bytes(), source)
        part = raw.kept_part(passage) if raw else None
        if part is None:
            cause = "passage is not in the text of the file"
        elif part[0] in packed:
            counts["furniture inside"] += 1
            examples.append(("furniture inside", name, part[1]))
            continue
        else:
            cause = "order or loss"
        causes[cause] += 1
        examples.append((cause, name, passage))
    found = counts["verbatim"] + counts["furniture inside"]
    loose = found + counts["word breaks differ"]
    print(f"{counts['all']} passages: {dict(counts)}")
    print(f"found verbatim, furniture aside: {found / counts['all']:.4f}")
    print(f"word breaks aside too:           {loose / counts['all']:.4f}")
    print(f"misses by cause: {dict(causes)}")
    chosen = random.Random(1)
    for cause in sorted({example[0] for example in examples}):
        those = [example for example in examples if example[0] == cause]
        for _, name, passage in chosen.sample(those, min(show, len(those))):
            print(f"  [{cause}] {name[:40]}: {passage[:300]!r}")


def boxes(folder: Path, files: list[Path], sample: int) -> None:
    """Compare the words inside the boxes, as PDFium finds them, with the words of the passage."""
    chosen = random.Random(7).sample(files, min(sample, len(files)))
    by_name = {path.name: path for path in chosen}
    right = wrong = 0
    worst = []
    current = ""
    source: SourceText | None = None
    data = b""
    for name, passage in passages(folder, set(by_name)):
        if name != current:
            current, data = name, by_name[name].read_bytes()
            source = read_pdf(data)
        if source is None:
            continue
        at = source.text.find(passage)
        if at < 0:
            continue
        found = locate(data, source, [Span(at, at + len(passage))])[0]
        inside = words_inside(data, found)
        wanted = set(words(passage))
        share = len(wanted & inside) / len(wanted) if wanted else 1.0
        right, wrong = (right + 1, wrong) if share >= 0.99 else (right, wrong + 1)
        if share < 0.99:
            worst.append((share, name, passage[:100], sorted(wanted - inside)[:6]))
    print(f"boxes hold the words of {right} of {right + wrong} passages")
    for row in sorted(worst)[:10]:
        print("  ", row)


def words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()


def words_inside(data: bytes, found: tuple[tuple[int, float, float, float, float], ...]) -> set[str]:
    document = pypdfium2.PdfDocument(data)
    inside: set[str] = set()
    for number in sorted({box[0] for box in found}):
        page = document[number - 1]
        width, height = page.get_size()
        left, bottom, _, _ = page.get_cropbox()
        text_page = page.get_textpage()
        text = []
        for _, x0, y0, x1, y1 in (box for box in found if box[0] == number):
            bounds = (
                left + x0 * width - 1,
                bottom + (1 - y1) * height - 1,
                left + x1 * width + 1,
                bottom + (1 - y0) * height + 1,
            )
            text.append(text_page.get_text_bounded(*bounds))
        inside.update(words(" ".join(text)))
        text_page.close()
        page.close()
    document.close()
    return inside


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, default=0, help="read every n-th file so that about this many are read")
    parser.add_argument("--misses", type=int, default=8, help="examples to print for each cause")
    parser.add_argument("--sample", type=int, default=20, help="files whose boxes are checked")
    parser.add_argument("--only", choices=["speed", "passages", "boxes"])
    options = parser.parse_args()
    files = sorted(path for path in (options.folder / "pdf").iterdir() if path.suffix.lower() == ".pdf")
    if not files:
        print(f"no PDF in {options.folder / 'pdf'}", file=sys.stderr)
        return 2
    if options.limit:
        files = files[:: max(1, len(files) // options.limit)]
    gc.collect()
    if options.only in (None, "speed"):
        speed(files)
    if options.only in (None, "passages"):
        fidelity(options.folder, files, options.misses)
    if options.only in (None, "boxes"):
        boxes(options.folder, files, options.sample)
    return 0


if __name__ == "__main__":
    sys.exit(main())
