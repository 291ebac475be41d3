"""PDFium, and everything we ask of it: the one module that calls the library.

PDFium is not thread safe (threads get a crash or, worse, empty text), so a document is only ever open while
``LOCK`` is held. The calls below go to the C interface with reused buffers: a line needs two of them, and the
wrapper objects of the package would cost more than the page.
"""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from struct import unpack_from
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from models.problem import Category, DocumentError, Problem, Stage
from models.source import Box

if TYPE_CHECKING:
    from PIL import Image

LOCK = RLock()
"""Held while a document is open."""

_PASSWORD_ERROR = 4
_DEVICE = 1_000_000
"""Side of the pretended device that page coordinates are mapped to: fractions come out exact to a millionth."""

_MAX_FORM_DEPTH = 4
_MOST_OBJECTS = 100_000
_MOST_STROKES = 20_000
_MOST_PIXELS = 25_000_000
_BOX_BYTES = ctypes.sizeof(pdfium.FS_RECTF)

Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Rect(NamedTuple):
    """A rectangle in points of the displayed page, origin top left."""

    x0: float
    top: float
    x1: float
    bottom: float


class Field(NamedTuple):
    """Text that lies on the page without being part of its content: a filled form field or a text annotation."""

    text: str
    rect: Rect


@dataclass(frozen=True, slots=True)
class Geometry:
    """How user space becomes the displayed page: rotation and crop applied, fractions from the top left.

    ``fx = a*x + c*y + e`` and ``fy = b*x + d*y + f``.
    """

    width: float
    height: float
    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """A user-space rectangle as a box of the displayed page, cut to the page."""
        x0, x1 = self.a * left + self.c * bottom + self.e, self.a * right + self.c * top + self.e
        y0, y1 = self.b * left + self.d * bottom + self.f, self.b * right + self.d * top + self.f
        if x0 > x1:
            x0, x1 = x1, x0
        if y0 > y1:
            y0, y1 = y1, y0
        return Box(_share(x0), _share(y0), _share(x1), _share(y1))

    def rect(self, left: float, bottom: float, right: float, top: float) -> Rect:
        """The same in points, not cut."""
        x0, x1 = self.a * left + self.c * bottom + self.e, self.a * right + self.c * top + self.e
        y0, y1 = self.b * left + self.d * bottom + self.f, self.b * right + self.d * top + self.f
        if x0 > x1:
            x0, x1 = x1, x0
        if y0 > y1:
            y0, y1 = y1, y0
        return Rect(x0 * self.width, y0 * self.height, x1 * self.width, y1 * self.height)


class EnginePage:
    """A loaded page. Valid only inside ``EngineDocument.page``."""

    def __init__(self, handle: Any, text_handle: Any, form: Any, buffers: "_Buffers") -> None:
        self._page = handle
        self._text = text_handle
        self._form = form
        self._buffers = buffers
        self.count: int = max(0, pdfium.FPDFText_CountChars(text_handle))
        self.geometry = self._geometry()

    def _geometry(self) -> Geometry:
        width, height = pdfium.FPDF_GetPageWidthF(self._page), pdfium.FPDF_GetPageHeightF(self._page)
        x, y = ctypes.c_int(), ctypes.c_int()
        corners = []
        for px, py in ((0.0, 0.0), (1000.0, 0.0), (0.0, 1000.0)):
            pdfium.FPDF_PageToDevice(self._page, 0, 0, _DEVICE, _DEVICE, 0, px, py, x, y)
            corners.append((x.value / _DEVICE, y.value / _DEVICE))
        (e, f), (xe, xf), (ye, yf) = corners
        # Plain pages map x to x alone: clear the rounding of the device, which would tilt every box.
        terms = [(xe - e) / 1000, (xf - f) / 1000, (ye - e) / 1000, (yf - f) / 1000]
        a, b, c, d = (0.0 if abs(term) < 2e-9 else term for term in terms)
        return Geometry(max(width, 1.0), max(height, 1.0), a, b, c, d, e, f)

    def text(self) -> str:
        """The page's characters, one for each of PDFium's, so that an index into one is an index into the other."""
        if not self.count:
            return ""
        buffer = self._buffers.text(self.count + 1)
        written = pdfium.FPDFText_GetText(self._text, 0, self.count, buffer)
        text = ctypes.string_at(buffer, 2 * max(0, written - 1)).decode("utf-16-le", "replace")
        if len(text) == self.count:
            return text
        # Characters beyond the basic plane, or glyphs without a mapping that PDFium leaves out of its string.
        codes = (pdfium.FPDFText_GetUnicode(self._text, index) for index in range(self.count))
        return "".join(chr(code) if code and not 0xD800 <= code < 0xE000 else "\ufffd" for code in codes)

    def _loose_boxes(self, indexes: Sequence[int]) -> tuple[float, ...]:
        """Left, top, right and bottom of the line-high boxes of some characters, one after another, in user space."""
        wanted = len(indexes)
        boxes = self._buffers.boxes(wanted)
        get, text, byref, size = pdfium.FPDFText_GetLooseCharBox, self._text, ctypes.byref, _BOX_BYTES
        first = boxes[0]
        at = 0
        for index in indexes:
            get(text, index, byref(first, at))
            at += size
        return unpack_from(f"{4 * wanted}f", boxes)

    def char_rects(self, indexes: Sequence[int]) -> list[Rect]:
        """Line-high boxes of some characters, in the order asked for."""
        flat = self._loose_boxes(indexes)
        rect = self.geometry.rect
        return [rect(flat[i], flat[i + 3], flat[i + 2], flat[i + 1]) for i in range(0, len(flat), 4)]

    def gaps(self, sides: Sequence[int]) -> list[tuple[float, float]]:
        """For each pair of characters where the first ends and where the second begins, along the line."""
        flat = self._loose_boxes(sides)
        g = self.geometry
        ax, ex = g.a * g.width, g.e * g.width
        if g.b or g.c or ax < 0:
            rects = self.char_rects(sides)
            return [(one[2], two[0]) for one, two in zip(rects[0::2], rects[1::2], strict=True)]
        return [(ax * end + ex, ax * begin + ex) for end, begin in zip(flat[2::8], flat[4::8], strict=True)]

    def pair_rects(self, indexes: Sequence[int]) -> list[tuple[float, float, float, float]]:
        """For each pair of characters (first and last of a line) the box that holds both: x0, top, x1, bottom."""
        flat = self._loose_boxes(indexes)
        g = self.geometry
        ax, ex, dy, fy = g.a * g.width, g.e * g.width, g.d * g.height, g.f * g.height
        if g.b or g.c or ax < 0 or dy > 0:
            rects = self.char_rects(indexes)
            return [
                (min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3]))
                for one, two in zip(rects[0::2], rects[1::2], strict=True)
            ]
        return [
            (
                ax * (left if left < left2 else left2) + ex,
                dy * (top if top > top2 else top2) + fy,
                ax * (right if right > right2 else right2) + ex,
                dy * (bottom if bottom < bottom2 else bottom2) + fy,
            )
            for left, top, right, bottom, left2, top2, right2, bottom2 in zip(*[iter(flat)] * 8, strict=True)
        ]

    def span_boxes(self, start: int, count: int) -> list[Box]:
        """One box for each piece of text drawn together, of ``count`` characters from ``start``."""
        found = pdfium.FPDFText_CountRects(self._text, start, count)
        left, top, right, bottom = (ctypes.c_double() for _ in range(4))
        boxes = []
        for index in range(max(0, found)):
            pdfium.FPDFText_GetRect(self._text, index, left, top, right, bottom)
            boxes.append(self.geometry.box(left.value, bottom.value, right.value, top.value))
        return boxes

    def render(self, dpi: int) -> "Image.Image":
        """A grey picture of the page as displayed; coarser than asked where the page is very large."""
        scale = dpi / 72
        width, height = self.geometry.width * scale, self.geometry.height * scale
        shrink = min(1.0, (_MOST_PIXELS / (width * height)) ** 0.5)
        columns, rows = max(1, round(width * shrink)), max(1, round(height * shrink))
        bitmap = pypdfium2.PdfBitmap.new_native(columns, rows, pdfium.FPDFBitmap_Gray)
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, columns, rows)
        flags = pdfium.FPDF_ANNOT | pdfium.FPDF_GRAYSCALE
        pdfium.FPDF_RenderPageBitmap(bitmap, self._page, 0, 0, columns, rows, 0, flags)
        picture: Image.Image = bitmap.to_pil().copy()
        bitmap.close()
        return picture

    def image_share(self) -> float:
        """Share of the page that its largest image covers (0 to 1)."""
        largest = 0.0
        for handle, matrix in self._objects(pdfium.FPDF_PAGEOBJ_IMAGE):
            # An image is a unit square before its own matrix places it.
            own = pdfium.FS_MATRIX()
            pdfium.FPDFPageObj_GetMatrix(handle, own)
            corners = [_apply(matrix, _apply(_matrix(own), corner)) for corner in ((0, 0), (1, 0), (0, 1), (1, 1))]
            xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
            box = self.geometry.box(min(xs), min(ys), max(xs), max(ys))
            largest = max(largest, max(0.0, box.x1 - box.x0) * max(0.0, box.y1 - box.y0))
        return largest

    def path_count(self, stop: int) -> int:
        """How many lines, boxes and outlines are drawn, counted up to ``stop``."""
        found = 0
        for _ in self._objects(pdfium.FPDF_PAGEOBJ_PATH):
            found += 1
            if found >= stop:
                break
        return found

    def strokes(self) -> list[Rect]:
        """The straight pieces of all drawn paths and the sides of drawn boxes, as rectangles without a width."""
        found: list[Rect] = []
        x, y = ctypes.c_float(), ctypes.c_float()
        for handle, outer in self._objects(pdfium.FPDF_PAGEOBJ_PATH):
            own = pdfium.FS_MATRIX()
            pdfium.FPDFPageObj_GetMatrix(handle, own)
            inner = _matrix(own)
            begin = last = (0.0, 0.0)
            for index in range(pdfium.FPDFPath_CountSegments(handle)):
                segment = pdfium.FPDFPath_GetPathSegment(handle, index)
                pdfium.FPDFPathSegment_GetPoint(segment, x, y)
                point = _apply(outer, _apply(inner, (x.value, y.value)))
                kind = pdfium.FPDFPathSegment_GetType(segment)
                if kind == pdfium.FPDF_SEGMENT_MOVETO:
                    begin = point
                elif kind == pdfium.FPDF_SEGMENT_LINETO:
                    found.append(self.geometry.rect(*last, *point))
                last = point
                if pdfium.FPDFPathSegment_GetClose(segment) and last != begin:
                    found.append(self.geometry.rect(*last, *begin))
                    last = begin
            if len(found) > _MOST_STROKES:
                break
        return found

    def fields(self) -> list[Field]:
        """Filled form fields and text annotations, in the file's order."""
        found = []
        for index in range(pdfium.FPDFPage_GetAnnotCount(self._page)):
            annotation = pdfium.FPDFPage_GetAnnot(self._page, index)
            if not annotation:
                continue
            try:
                text = self._field_text(annotation)
                if text:
                    area = pdfium.FS_RECTF()
                    pdfium.FPDFAnnot_GetRect(annotation, area)
                    found.append(Field(text, self.geometry.rect(area.left, area.bottom, area.right, area.top)))
            finally:
                pdfium.FPDFPage_CloseAnnot(annotation)
        return found

    def _field_text(self, annotation: Any) -> str:
        subtype = pdfium.FPDFAnnot_GetSubtype(annotation)
        if subtype not in (pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT):
            return ""
        if pdfium.FPDFAnnot_GetFlags(annotation) & (pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW):
            return ""
        if subtype == pdfium.FPDF_ANNOT_FREETEXT:
            return _string(partial(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents"))
        if not self._form:
            return ""
        kind = pdfium.FPDFAnnot_GetFormFieldType(self._form, annotation)
        if kind in (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON):
            # The appearance that is shown; PDFium's own answer needs the page open in a viewer.
            state = _string(partial(pdfium.FPDFAnnot_GetStringValue, annotation, b"AS"))
            return "☐" if state in ("", "Off") else "☒"
        if kind in (pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX):
            return _string(partial(pdfium.FPDFAnnot_GetFormFieldValue, self._form, annotation))
        return ""

    def _objects(self, kind: int) -> Iterator[tuple[Any, Matrix]]:
        """Page objects of one kind, those inside forms too, each with the matrix of what encloses it."""
        levels = [(pdfium.FPDFPage_CountObjects(self._page), partial(pdfium.FPDFPage_GetObject, self._page), _IDENTITY)]
        left = _MOST_OBJECTS
        for _ in range(_MAX_FORM_DEPTH):
            below = []
            for count, at, matrix in levels:
                for index in range(min(count, left)):
                    left -= 1
                    handle = at(index)
                    found = pdfium.FPDFPageObj_GetType(handle)
                    if found == kind:
                        yield handle, matrix
                    elif found == pdfium.FPDF_PAGEOBJ_FORM:
                        own = pdfium.FS_MATRIX()
                        pdfium.FPDFPageObj_GetMatrix(handle, own)
                        inside = partial(pdfium.FPDFFormObj_GetObject, handle)
                        placed = _compose(_matrix(own), matrix)
                        below.append((pdfium.FPDFFormObj_CountObjects(handle), inside, placed))
            levels = below


class EngineDocument:
    """An open document."""

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._document = document
        self._form = document.formenv.raw if document.formenv else None
        self._buffers = _Buffers()
        self.page_count = len(document)
        self.is_dynamic: bool = document.get_formtype() == pdfium.FORMTYPE_XFA_FULL
        """The pages are made by a program inside the file, which only the vendor's viewer runs."""

    @contextmanager
    def page(self, index: int) -> Iterator[EnginePage]:
        """Page ``index`` (from 0), loaded. A page that PDFium cannot load raises ``PageError``."""
        page = pdfium.FPDF_LoadPage(self._document.raw, index)
        if not page:
            raise PageError(index + 1)
        text = pdfium.FPDFText_LoadPage(page)
        try:
            if not text:
                raise PageError(index + 1)
            yield EnginePage(page, text, self._form, self._buffers)
        finally:
            if text:
                pdfium.FPDFText_ClosePage(text)
            pdfium.FPDF_ClosePage(page)

    def attachments(self) -> list[str]:
        """Names of the files the document carries."""
        document = self._document.raw
        names = []
        for index in range(pdfium.FPDFDoc_GetAttachmentCount(document)):
            handle = pdfium.FPDFDoc_GetAttachment(document, index)
            if handle:
                names.append(_string(partial(pdfium.FPDFAttachment_GetName, handle)))
        return [name or "(without a name)" for name in names]

    def title(self) -> str:
        """The title in the file's properties, empty where there is none."""
        document = self._document.raw
        return _string(partial(pdfium.FPDF_GetMetaText, document, b"Title"))


class PageError(Exception):
    """PDFium cannot load a page (``number`` counts from 1)."""

    def __init__(self, number: int) -> None:
        super().__init__(f"page {number} cannot be loaded")
        self.number = number


@contextmanager
def open_document(data: bytes) -> Iterator[EngineDocument]:
    """The document in ``data``, open for as long as the block runs and the lock is held."""
    if not data:
        raise DocumentError(Problem(stage=Stage.READ, category=Category.EMPTY, message="The file is empty (0 bytes)."))
    with LOCK:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise DocumentError(_opening_problem(error)) from error
        try:
            if document.get_formtype() != pdfium.FORMTYPE_NONE:
                document.init_forms()
            yield EngineDocument(document)
        finally:
            document.close()


def _opening_problem(error: pypdfium2.PdfiumError) -> Problem:
    if error.err_code == _PASSWORD_ERROR:
        message = "The PDF is protected by a password. Save it without the password and hand it in again."
        return Problem(stage=Stage.READ, category=Category.ENCRYPTED, message=message)
    message = "The PDF is damaged or incomplete and cannot be opened. Ask for the file again, or print it to a new PDF."
    return Problem(stage=Stage.READ, category=Category.DAMAGED, message=message)


class _Buffers:
    """Memory handed to PDFium, kept for the life of a document because most pages need as much."""

    def __init__(self) -> None:
        self._text = (ctypes.c_ushort * 8192)()
        self._boxes = (pdfium.FS_RECTF * 512)()

    def text(self, size: int) -> ctypes.Array[ctypes.c_ushort]:
        if len(self._text) < size:
            self._text = (ctypes.c_ushort * (2 * size))()
        return self._text

    def boxes(self, size: int) -> Any:
        if len(self._boxes) < size:
            self._boxes = (pdfium.FS_RECTF * (2 * size))()
        return self._boxes


def _string(fill: Callable[[Any, int], int]) -> str:
    """A string of PDFium's, which says its size in bytes first; trailing zeros and outer space dropped."""
    size = fill(None, 0)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    fill(buffer, size)
    return ctypes.string_at(buffer, size).decode("utf-16-le", "replace").rstrip("\0").strip()


def _share(value: float) -> float:
    return 0.0 if value < 0.0 else 1.0 if value > 1.0 else value


def _matrix(of: Any) -> Matrix:
    return (of.a, of.b, of.c, of.d, of.e, of.f)


def _apply(matrix: Matrix, point: tuple[float, float]) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    x, y = point
    return a * x + c * y + e, b * x + d * y + f


def _compose(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that first does ``inner``, then ``outer``."""
    a, b, c, d, e, f = inner
    (e2, f2) = _apply(outer, (e, f))
    oa, ob, oc, od, _, _ = outer
    return (oa * a + oc * b, ob * a + od * b, oa * c + oc * d, ob * c + od * d, e2, f2)
