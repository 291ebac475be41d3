"""How many words OCR reads right, and whether its boxes lie on them.

    python benchmarks/ocr.py FOLDER [--pages N] [--seed S] [--engine tesseract|rapidocr] [--misses N]

Pages of the PDFs in FOLDER that have a text layer are drawn at 200 dpi, turned by up to a degree, greyed and
grained as a scanner does, and read by the installed engine. The text layer is the truth. Four figures:

- right: share of the page's words that were read (letter for letter, punctuation at their ends aside),
- in order: the same, in the page's reading order,
- extra: words read that are not on the page, as a share of its words,
- boxes: of the words read right, the share whose box overlaps that of the word in the text layer (by half or more
  of their union's area), and the share whose middle lies in it.
"""

import argparse
import random
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby
from math import cos, radians, sin
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pypdfium2
from PIL import Image

from models.source import Box
from pipeline.readers.ocr import DPI, OcrEngine, Rapid, installed_engine, read_picture

MOST_TURN = 1.0
GRAIN = 6.0
"""Standard deviation of the noise, in grey levels of 255."""
FEWEST = 150
"""Words of a page that is worth reading."""
STRIP = ".,;:()[]{}\"'“”‘’`_-–—*•·|"
TYPOGRAPHY = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "\u00ad": "-", "\ufffe": "-"})


class Word(NamedTuple):
    """A word and its box in fractions of the page."""

    text: str
    box: Box


def plain(text: str) -> str:
    """The word as it counts: lookalikes are one, as the reader makes them."""
    return unicodedata.normalize("NFKC", text.translate(TYPOGRAPHY)).strip(STRIP)


def text_layer(page: pypdfium2.PdfPage) -> list[Word]:
    """The words of a page in fractions of it, top left."""
    text = page.get_textpage()
    left, bottom, right, top = page.get_cropbox()
    width, height = right - left, top - bottom
    words = []
    letters = enumerate(text.get_text_range())
    for blank, group in groupby(letters, key=lambda item: item[1].isspace()):
        if blank:
            continue
        signs = list(group)
        word = plain("".join(sign for _, sign in signs))
        if word:
            rects = [text.get_charbox(index) for index, _ in signs]
            words.append(
                Word(
                    word,
                    Box(
                        (min(r[0] for r in rects) - left) / width,
                        (top - max(r[3] for r in rects)) / height,
                        (max(r[2] for r in rects) - left) / width,
                        (top - min(r[1] for r in rects)) / height,
                    ),
                )
            )
    text.close()
    return words


def scan(page: pypdfium2.PdfPage, turn: float, grain: np.random.Generator) -> Image.Image:
    picture = page.render(scale=DPI / 72, grayscale=True).to_pil().convert("L")
    turned = picture.rotate(turn, resample=Image.Resampling.BICUBIC, fillcolor=250)
    pixels = 28 + np.asarray(turned, dtype=np.float64) * (244 - 28) / 255
    pixels += grain.normal(0, GRAIN, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def turned(word: Word, turn: float, width: int, height: int) -> Word:
    """The word where it stands on the turned page: its box keeps its size and moves with its middle."""
    x0, y0, x1, y1 = word.box
    x, y = ((x0 + x1) / 2 - 0.5) * width, ((y0 + y1) / 2 - 0.5) * height
    c, s = cos(radians(turn)), sin(radians(turn))
    dx = (x * c + y * s - x) / width
    dy = (y * c - x * s - y) / height
    return Word(word.text, Box(x0 + dx, y0 + dy, x1 + dx, y1 + dy))


def overlap(one: Box, two: Box) -> float:
    wide = min(one.x1, two.x1) - max(one.x0, two.x0)
    high = min(one.y1, two.y1) - max(one.y0, two.y0)
    if wide <= 0 or high <= 0:
        return 0.0
    areas = sum((box.x1 - box.x0) * (box.y1 - box.y0) for box in (one, two))
    return wide * high / (areas - wide * high)


def inside(box: Box, of: Box) -> bool:
    return of.x0 <= (box.x0 + box.x1) / 2 <= of.x1 and of.y0 <= (box.y0 + box.y1) / 2 <= of.y1


def pages(folder: Path, count: int, rng: random.Random) -> Iterator[tuple[str, pypdfium2.PdfPage, list[Word]]]:
    """One page of each of ``count`` files, both chosen by chance among those with a text layer."""
    files = sorted(folder.glob("*.pdf")) + sorted(folder.glob("*.PDF"))
    rng.shuffle(files)
    for path in files:
        if count == 0:
            return
        document = pypdfium2.PdfDocument(path)
        number = rng.randrange(len(document))
        page = document[number]
        words = text_layer(page) if page.get_rotation() == 0 else []
        if len(words) >= FEWEST:
            count -= 1
            yield f"{path.stem[:40]}, page {number + 1}", page, words
        document.close()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("tesseract", "rapidocr"))
    parser.add_argument("--misses", type=int, default=0)
    options = parser.parse_args(arguments)
    engine: OcrEngine | None = Rapid() if options.engine == "rapidocr" else installed_engine()
    if engine is None or (options.engine or engine.name) != engine.name:
        print("That OCR engine is not installed.", file=sys.stderr)
        return 1
    rng, grain = random.Random(options.seed), np.random.default_rng(options.seed)
    total: Counter[str] = Counter()
    misses: Counter[str] = Counter()
    seconds = 0.0
    print(f"{'words':>6s} {'right':>6s} {'order':>6s} {'extra':>6s} {'IoU':>6s} {'mid':>6s}")
    for name, page, printed in pages(options.folder, options.pages, rng):
        turn = rng.uniform(-MOST_TURN, MOST_TURN)
        picture = scan(page, turn, grain)
        began = time.perf_counter()
        lines = read_picture(picture, engine)
        seconds += time.perf_counter() - began
        read = [Word(plain(word.text), word.box) for line in lines for word in line]
        read = [word for word in read if word.text]
        truth = [turned(word, turn, picture.width, picture.height) for word in printed]
        wanted, got = Counter(word.text for word in truth), Counter(word.text for word in read)
        misses += wanted - got
        row = Counter(pages=1, words=len(truth), right=(wanted & got).total(), extra=(got - wanted).total())
        matcher = SequenceMatcher(None, [w.text for w in truth], [w.text for w in read], autojunk=False)
        row["order"] = sum(block.size for block in matcher.get_matching_blocks())
        places: dict[str, list[Box]] = defaultdict(list)
        for word in truth:
            places[word.text].append(word.box)
        for word in read:
            if places.get(word.text):
                row["boxed"] += 1
                row["overlap"] += any(overlap(word.box, box) >= 0.5 for box in places[word.text])
                row["middle"] += any(inside(word.box, box) for box in places[word.text])
        total += row
        print(f"{figures(row)}  {name}")
    print(
        f"{figures(total)}  all {total['pages']} pages, {engine.name}, {seconds / max(1, total['pages']):.2f} s a page"
    )
    for text, times in misses.most_common(options.misses):
        print(f"  missed {times} x {text}")
    return 0


def figures(row: Counter[str]) -> str:
    words, boxed = max(1, row["words"]), max(1, row["boxed"])
    shares = [row["right"] / words, row["order"] / words, row["extra"] / words]
    shares += [row["overlap"] / boxed, row["middle"] / boxed]
    return f"{row['words']:6d} " + " ".join(f"{share:6.1%}" for share in shares)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
