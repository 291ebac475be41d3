"""Reads the picture of a page: words with boxes and confidences, whichever engine is installed.

Tesseract is used when its program is on the path (about four times cheaper), else RapidOCR when the extra
``milepost[ocr]`` is installed; its models come inside the package. Neither touches the network. A page is
straightened first, and the boxes are turned back onto the page as it is.
"""

import csv
import importlib.util
import io
import math
import os
import re
import shutil
import subprocess
from functools import cache
from itertools import groupby, pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np
from PIL import Image

from models.problem import Category, DocumentError, Problem, Stage
from models.source import Box

DPI = 200
"""Resolution pages are rendered at for reading; more costs time and gains nothing measurable."""

_PAGE_SECONDS = 120
_MAX_SKEW = 4.0
_STROKES = ("|", "l", "I")
_MIN_SKEW = 0.08
"""Degrees. Below it, turning the picture blurs more than it mends."""


class OcrWord(NamedTuple):
    """A word, its box in fractions of the picture, and how sure the engine is (0 to 1)."""

    text: str
    box: Box
    confidence: float


OcrLine = tuple[OcrWord, ...]


class OcrEngine(Protocol):
    """Reads a straightened picture. Boxes are in fractions of it, lines in reading order."""

    name: str

    def read(self, picture: Image.Image) -> list[OcrLine]:
        """The lines of one page."""
        ...


@cache
def installed_engine() -> OcrEngine | None:
    """The engine to use in this process, None when none is installed."""
    program = shutil.which("tesseract")
    if program:
        return Tesseract(program)
    if importlib.util.find_spec("rapidocr") and importlib.util.find_spec("onnxruntime"):
        return Rapid()
    return None


def read_picture(picture: Image.Image, engine: OcrEngine) -> list[OcrLine]:
    """The lines of a page's picture, boxes in fractions of the picture as given.

    Raises ``DocumentError`` when the engine fails or takes longer than two minutes.
    """
    grey = picture.convert("L")
    angle = skew(grey)
    if abs(angle) < _MIN_SKEW:
        return [_mended(line) for line in engine.read(grey)]
    straight = grey.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=255)
    turn = _turn_back(angle, grey.width, grey.height)
    lines = engine.read(straight)
    return [tuple(word._replace(box=turn(word.box)) for word in _mended(line)) for line in lines]


_CLAUSE_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)[;:,]")


def _mended(line: OcrLine) -> OcrLine:
    """A line with what engines misread in running heads and clause numbers mended.

    A head that is misread once would be taken for text of the contract, and a heading ("5; Records") for none.
    """
    words = list(line)
    if len(line) > 1 and (number := _CLAUSE_NUMBER.fullmatch(line[0].text)) and line[1].text[:1].isupper():
        words[0] = line[0]._replace(text=f"{number[1]}.")
    for index, (first, second) in enumerate(pairwise(line)):
        if first.text.lower() == "page" and second.text in _STROKES:
            words[index + 1] = second._replace(text="1")
        elif first.text == "No," and any(sign.isdigit() for sign in second.text):
            words[index] = first._replace(text="No.")
    return tuple(words)


def skew(grey: Image.Image) -> float:
    """Degrees by which to turn a page counter-clockwise so that its lines lie level.

    The angle at which the rows of ink are sharpest (projection profile), searched coarse to fine.
    """
    scale = 800 / max(grey.width, 800)
    small = grey.resize((round(grey.width * scale), round(grey.height * scale)), Image.Resampling.BILINEAR)
    ink = np.asarray(small, dtype=np.int16) < 160
    ys, xs = np.nonzero(ink)
    if len(xs) < 200:
        return 0.0
    if len(xs) > 40_000:
        keep = np.linspace(0, len(xs) - 1, 40_000).astype(np.int64)
        ys, xs = ys[keep], xs[keep]

    def sharpness(degrees: float) -> float:
        rows = ys - xs * math.tan(math.radians(degrees))
        histogram = np.bincount((rows - rows.min()).astype(np.int64)).astype(np.float64)
        return float(np.sum(np.diff(histogram) ** 2))

    best = 0.0
    for step, reach in ((0.5, _MAX_SKEW), (0.1, 0.5), (0.02, 0.1)):
        count = round(reach / step)
        best = max((best + i * step for i in range(-count, count + 1)), key=sharpness)
    return best


def _turn_back(angle: float, width: int, height: int) -> Any:
    """Maps a box of the straightened picture to the box around it in the picture as it was."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def point(fx: float, fy: float) -> tuple[float, float]:
        x, y = fx * width - width / 2, fy * height - height / 2
        return (x * cos - y * sin + width / 2) / width, (x * sin + y * cos + height / 2) / height

    def turn(box: Box) -> Box:
        # The middle of each side: corners would make the box of a long line as tall as its slope.
        middle = (box.y0 + box.y1) / 2, (box.x0 + box.x1) / 2
        left, right = point(box.x0, middle[0]), point(box.x1, middle[0])
        top, bottom = point(middle[1], box.y0), point(middle[1], box.y1)
        ys = (min(top[1], left[1], right[1]), max(bottom[1], left[1], right[1]))
        return Box(max(0.0, left[0]), max(0.0, ys[0]), min(1.0, right[0]), min(1.0, ys[1]))

    return turn


class Tesseract:
    """The tesseract program, one process a page, one thread."""

    name = "tesseract"

    def __init__(self, program: str) -> None:
        self._program = program

    def read(self, picture: Image.Image) -> list[OcrLine]:
        """See ``OcrEngine``."""
        data = io.BytesIO()
        picture.save(data, "PNG", compress_level=1)
        # 6: one block of lines. Its own search for columns (3) tears the numbers of clauses from their text and loses
        # some; columns are found later, by the gaps between words, as on pages with a text layer.
        command = [self._program, "stdin", "stdout", "--psm", "6", "--dpi", str(DPI), "tsv"]
        try:
            done = subprocess.run(
                command,
                input=data.getvalue(),
                capture_output=True,
                check=True,
                timeout=_PAGE_SECONDS,
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            )
        except subprocess.TimeoutExpired:
            raise _failure("The text of a scanned page could not be read in time.") from None
        except (subprocess.CalledProcessError, OSError) as error:
            raise _failure(f"Tesseract could not read a scanned page ({error}).") from error
        return _tsv_lines(done.stdout.decode("utf-8", "replace"), picture.width, picture.height)


def _tsv_lines(tsv: str, width: int, height: int) -> list[OcrLine]:
    rows = csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE)
    words = [row for row in rows if row["level"] == "5" and (row["text"] or "").strip()]
    lines = []
    for _, line in groupby(words, key=lambda row: (row["block_num"], row["par_num"], row["line_num"])):
        lines.append(tuple(_tsv_word(row, width, height) for row in line))
    return lines


def _tsv_word(row: dict[str, str], width: int, height: int) -> OcrWord:
    left, top = int(row["left"]), int(row["top"])
    right, bottom = left + int(row["width"]), top + int(row["height"])
    box = Box(left / width, top / height, right / width, bottom / height)
    return OcrWord(row["text"].strip(), box, max(0.0, float(row["conf"])) / 100)


class Rapid:
    """RapidOCR with the models inside its package, one thread."""

    name = "rapidocr"

    def __init__(self) -> None:
        self._engine: Any = None

    def read(self, picture: Image.Image) -> list[OcrLine]:
        """See ``OcrEngine``. The models are loaded with the first page."""
        if self._engine is None:
            from rapidocr import RapidOCR

            threads = {"intra_op_num_threads": 1, "inter_op_num_threads": 1}
            settings = {f"EngineConfig.onnxruntime.{name}": value for name, value in threads.items()}
            self._engine = RapidOCR(params={"Global.log_level": "error", **settings})
        # Its classifier of upside-down lines turns sound ones over now and then: a page's lines all stand the same way.
        result = self._engine(np.asarray(picture.convert("RGB")), use_cls=False, return_word_box=True)
        lines = [self._line(line, picture.width, picture.height) for line in result.word_results or ()]
        return _reading_order([line for line in lines if line])

    @staticmethod
    def _line(words: Any, width: int, height: int) -> OcrLine:
        line = []
        for text, score, corners in words:
            xs, ys = [x for x, _ in corners], [y for _, y in corners]
            box = Box(min(xs) / width, min(ys) / height, max(xs) / width, max(ys) / height)
            if text.strip():
                line.append(OcrWord(text.strip(), box, float(score)))
        return tuple(line)


def _reading_order(lines: list[OcrLine]) -> list[OcrLine]:
    """Pieces of one visual line joined, top to bottom (the engine gives boxes, not lines)."""
    ordered: list[list[OcrLine]] = []
    for line in sorted(lines, key=lambda line: line[0].box.y0 + line[0].box.y1):
        box = line[0].box
        middle = (box.y0 + box.y1) / 2
        last = ordered[-1][0][0].box if ordered else None
        if last and last.y0 < middle < last.y1:
            ordered[-1].append(line)
        else:
            ordered.append([line])
    return [
        tuple(word for piece in sorted(row, key=lambda piece: piece[0].box.x0) for word in piece) for row in ordered
    ]


def _failure(message: str) -> DocumentError:
    return DocumentError(Problem(stage=Stage.OCR, category=Category.BROKEN_TEXT, message=message))
