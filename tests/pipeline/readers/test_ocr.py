import importlib.util
import random
import re
import shutil

import pytest
from PIL import Image, ImageDraw, ImageFont

from models.source import Box
from pipeline.readers.ocr import OcrEngine, OcrLine, OcrWord, Rapid, Tesseract, read_picture, skew

SENTENCES = (
    "This Agreement commences on the Effective Date and continues for thirty-six (36) months.",
    "It renews for successive terms of twelve (12) months unless either party gives notice",
    "of non-renewal at least ninety (90) days before the end of the then-current term.",
    "Customer shall pay each undisputed invoice within forty-five (45) days after receipt.",
    "The first instalment of $12,500.00 falls due on 15 March 2024, the second on 30 June 2024.",
    "Supplier delivers the acceptance report no later than ten (10) Business Days after testing.",
)


def engines() -> list[OcrEngine]:
    found: list[OcrEngine] = []
    program = shutil.which("tesseract")
    if program:
        found.append(Tesseract(program))
    if importlib.util.find_spec("rapidocr") and importlib.util.find_spec("onnxruntime"):
        found.append(Rapid())
    return found


def page(angle: float = 0.0, noise: int = 0) -> Image.Image:
    """A page of 200 dots an inch as a scanner gives it: turned a little, with specks."""
    picture = Image.new("L", (1654, 1100), 255)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=30)
    for index, sentence in enumerate(SENTENCES * 3):
        draw.text((140, 120 + 48 * index), sentence, font=font, fill=20)
    picture = picture.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=255)
    rng = random.Random(4)
    for _ in range(noise):
        x, y = rng.randrange(picture.width), rng.randrange(picture.height)
        picture.putpixel((x, y), rng.randrange(120, 220))
    return picture


def words(lines: list[OcrLine]) -> list[str]:
    return re.findall(r"[a-z0-9]+", " ".join(word.text for line in lines for word in line).lower())


@pytest.mark.parametrize("angle", [0.0, 0.7, -1.3, 2.5])
def test_the_slope_of_a_page_is_measured(angle: float) -> None:
    assert abs(skew(page(angle)) + angle) < 0.15


class Typed:
    """An engine that reads what it was told."""

    name = "typed"

    def __init__(self, *lines: str) -> None:
        self._lines = lines

    def read(self, picture: Image.Image) -> list[OcrLine]:  # noqa: ARG002 - told, not seen
        box = Box(0.1, 0.1, 0.2, 0.2)
        return [tuple(OcrWord(word, box, 0.9) for word in line.split()) for line in self._lines]


@pytest.mark.parametrize(
    ("read", "mended"),
    [
        ("Page | of 3", "Page 1 of 3"),
        ("Page 2 of 3", "Page 2 of 3"),
        ("Contract No, M-4417", "Contract No. M-4417"),
        ("No, the Supplier", "No, the Supplier"),
        ("5; Records and Meetings", "5. Records and Meetings"),
        ("12.3, Notices", "12.3. Notices"),
        ("30, of which", "30, of which"),
        ("Exhibit | to", "Exhibit | to"),
    ],
)
def test_what_engines_misread_in_running_heads_is_mended(read: str, mended: str) -> None:
    (line,) = read_picture(Image.new("L", (800, 800), 255), Typed(read))
    assert " ".join(word.text for word in line) == mended


def test_an_empty_page_has_no_slope() -> None:
    assert skew(Image.new("L", (800, 800), 255)) == 0.0


@pytest.mark.parametrize("engine", engines(), ids=lambda engine: engine.name)
def test_a_turned_and_speckled_page_is_read_and_its_boxes_lie_on_the_words(engine: OcrEngine) -> None:
    picture = page(0.8, noise=2500)
    lines = read_picture(picture, engine)
    expected = re.findall(r"[a-z0-9]+", " ".join(SENTENCES * 3).lower())
    found = words(lines)
    right = len([word for word in expected if word in set(found)])
    assert right / len(expected) >= 0.98
    assert abs(len(found) - len(expected)) <= 0.05 * len(expected)
    # Every box holds ink, and a box moved a line up by half its pitch holds less: boxes lie on words.
    checked = [word for line in lines for word in line if len(word.text) > 4]
    assert checked
    for word in checked:
        box = (word.box.x0 * picture.width, word.box.y0 * picture.height, word.box.x1 * picture.width)
        crop = picture.crop((int(box[0]), int(box[1]), int(box[2]) + 1, int(word.box.y1 * picture.height) + 1))
        dark = sum(crop.histogram()[:100])
        assert dark > 0.05 * crop.width * crop.height, word
    assert all(0.5 < word.confidence <= 1.0 for word in checked)
