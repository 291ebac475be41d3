"""Makes files that harm careless readers. Each builder returns bytes; nothing here is kept on disk.

The constructions follow what is known to crash, stall or bloat PDF and OOXML libraries: self-referencing and
exponentially nested forms, decompression bombs, lying counts, entity expansion, and plain damage.
"""

import io
import random
import zipfile
import zlib
from collections.abc import Callable

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

WORDS = (
    "This Agreement renews for successive terms of one (1) year unless notice is given sixty (60) days before its end."
)


def plain_pdf(pages: int = 3, encryption: StandardEncryption | None = None) -> bytes:
    """A sound PDF with a few lines on each page."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, encrypt=encryption)
    for page in range(pages):
        for line in range(30):
            canvas.drawString(72, 760 - 20 * line, f"{page + 1}.{line + 1} {WORDS}"[:95])
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def encrypted_pdf(user: str, strength: int = 128) -> bytes:
    """A PDF with passwords; an empty ``user`` password opens for everybody."""
    return plain_pdf(encryption=StandardEncryption(user, "owner", strength=strength))


def raw_pdf(objects: list[bytes], root: int = 1) -> bytes:
    """A PDF of these object bodies, numbered from 1, with a right cross reference table."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, start)
    return bytes(out)


def stream(data: bytes, entries: bytes = b"", *, compress: bool = False) -> bytes:
    """A stream object's body."""
    if compress:
        data = zlib.compress(data, 9)
        entries += b" /Filter /FlateDecode"
    return b"<< /Length %d %s >>\nstream\n" % (len(data), entries) + data + b"\nendstream"


FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"


def page_pdf(content: bytes, resources: bytes, *rest: bytes, pages: bytes = PAGES) -> bytes:
    """One page whose content is object 4, its font object 5, and ``rest`` from object 6 on."""
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> " + resources + b" >> >>"
    )
    return raw_pdf([CATALOG, pages, page, content, FONT, *rest])


def self_referencing_form() -> bytes:
    """A form that draws itself."""
    form = stream(
        b"/X Do /X Do", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >>"
    )
    return page_pdf(stream(b"/X Do"), b"/XObject << /X 6 0 R >>", form)


def exponential_forms(depth: int = 40, fan: int = 10) -> bytes:
    """Forms that draw the next one ten times, forty deep."""
    forms = []
    for level in range(depth):
        following = 7 + level
        body = b"/X Do " * fan if level < depth - 1 else b"BT /F1 9 Tf (x) Tj ET"
        entries = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /F1 5 0 R >> "
        if level < depth - 1:
            entries += b"/XObject << /X %d 0 R >> " % following
        forms.append(stream(body, entries + b">>"))
    return page_pdf(stream(b"/X Do"), b"/XObject << /X 6 0 R >>", *forms)


def text_bomb(operations: int = 2_000_000) -> bytes:
    """Millions of text operations in a small compressed stream."""
    return page_pdf(stream(b"BT /F1 9 Tf " + b"(a)Tj " * operations + b"ET", compress=True), b"")


def space_bomb(size: int = 1 << 30) -> bytes:
    """A gigabyte of spaces in a megabyte."""
    packer = zlib.compressobj(9)
    block = b" " * (1 << 20)
    data = b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()
    return page_pdf(stream(data, b"/Filter /FlateDecode"), b"")


def page_loop() -> bytes:
    """A page tree whose node is its own child."""
    return raw_pdf([CATALOG, b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>", b"<< /Type /Page /Parent 2 0 R >>"])


def lying_page_count() -> bytes:
    """One page that says it is two billion."""
    return page_pdf(
        stream(b"BT /F1 12 Tf 72 700 Td (" + WORDS.encode() + b") Tj ET"),
        b"",
        pages=b"<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>",
    )


def many_pages(count: int = 3000) -> bytes:
    """More pages than any contract has; all of them the same object's twins."""
    kids = b" ".join(b"%d 0 R" % (4 + i) for i in range(count))
    pages = b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % count
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R >>"
    return raw_pdf([CATALOG, pages, stream(b" "), *([page] * count)])


def nested_arrays(depth: int = 200_000) -> bytes:
    """An array in an array in an array."""
    return raw_pdf([CATALOG, PAGES, b"<< /Type /Page /Parent 2 0 R /X " + b"[" * depth + b"]" * depth + b" >>"])


PLAIN_PAGE = b"/Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>"


def huge_page() -> bytes:
    """A page two million points wide."""
    page = b"<< /MediaBox [0 0 2000000 2000000] " + PLAIN_PAGE + b" >>"
    text = b"BT /F1 12 Tf 72 700 Td (" + WORDS.encode() + b") Tj ET"
    return raw_pdf([CATALOG, PAGES, page, stream(text), FONT])


def javascript_pdf() -> bytes:
    """Opens with a script and a launch action; both must stay asleep."""
    actions = b"/OpenAction << /S /JavaScript /JS (app.alert(1);) >> /AA << /WC << /S /Launch /F (x) >> >>"
    catalog = b"<< /Type /Catalog /Pages 2 0 R " + actions + b" >>"
    page = b"<< /MediaBox [0 0 595 842] " + PLAIN_PAGE + b" >>"
    return raw_pdf([catalog, PAGES, page, stream(b"BT /F1 12 Tf 72 700 Td (" + WORDS.encode() + b") Tj ET"), FONT])


def unmapped_font_pdf() -> bytes:
    """Glyphs without a way back to characters: a composite font with identity encoding and no ToUnicode map."""
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [6 0 R] >>"
    child = (
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) "
        b"/Supplement 0 >> /DW 500 /FontDescriptor << /Type /FontDescriptor /FontName /X /Flags 4 /FontBBox [0 0 1 1] "
        b"/ItalicAngle 0 /Ascent 1 /Descent 0 /CapHeight 1 /StemV 1 >> >>"
    )
    line = "".join(f"{code:04x}" for code in range(1, 90)).encode()
    content = b"BT /F1 9 Tf 20 800 Td " + b"0 -12 Td <" + line + b"> Tj ET"
    page = b"<< /MediaBox [0 0 595 842] " + PLAIN_PAGE + b" >>"
    return raw_pdf([CATALOG, PAGES, page, stream(content), font, child])


def cut(data: bytes, share: float) -> bytes:
    """The first part of a file."""
    return data[: int(len(data) * share)]


def flip_bits(data: bytes, count: int = 300, seed: int = 1) -> bytes:
    """``count`` bytes overwritten at random places."""
    rng = random.Random(seed)
    damaged = bytearray(data)
    for _ in range(count):
        damaged[rng.randrange(len(damaged))] = rng.randrange(256)
    return bytes(damaged)


CONTENT_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    b'<Default Extension="xml" ContentType="application/xml"/>'
    b'<Override PartName="/word/document.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONSHIPS = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    b'Target="word/document.xml"/></Relationships>'
)
W = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(document: bytes, extra: dict[str, bytes] | None = None, *, declaration: bytes = b"") -> bytes:
    """A minimal DOCX around the body XML ``document``."""
    buffer = io.BytesIO()
    body = (
        b'<?xml version="1.0"?>'
        + declaration
        + b"<w:document "
        + W
        + b"><w:body>"
        + document
        + b"</w:body></w:document>"
    )
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", CONTENT_TYPES)
        package.writestr("_rels/.rels", RELATIONSHIPS)
        package.writestr("word/document.xml", body)
        for name, data in (extra or {}).items():
            package.writestr(name, data)
    return buffer.getvalue()


def paragraph(text: bytes) -> bytes:
    """A paragraph of one run."""
    return b"<w:p><w:r><w:t>" + text + b"</w:t></w:r></w:p>"


def plain_docx() -> bytes:
    """A sound DOCX."""
    return docx(paragraph(WORDS.encode()) * 20)


def billion_laughs() -> bytes:
    """Entities that expand exponentially."""
    entities = [b'<!ENTITY a0 "lol">']
    entities += [b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 12)]
    return docx(paragraph(b"&a11;"), declaration=b"<!DOCTYPE w:document [" + b"".join(entities) + b"]>")


def external_entity(target: bytes) -> bytes:
    """An entity that names a file or an address."""
    return docx(paragraph(b"[&x;]"), declaration=b'<!DOCTYPE w:document [<!ENTITY x SYSTEM "' + target + b'">]>')


def deep_xml(depth: int = 100_000) -> bytes:
    """Elements nested a hundred thousand deep."""
    return docx(b"<w:sdt><w:sdtContent>" * depth + paragraph(b"x") + b"</w:sdtContent></w:sdt>" * depth)


def zip_bomb(part: str, size: int) -> bytes:
    """A DOCX one of whose parts inflates to ``size`` bytes."""
    buffer = io.BytesIO()
    block = b" " * (1 << 20)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", CONTENT_TYPES)
        package.writestr("_rels/.rels", RELATIONSHIPS)
        if part != "word/document.xml":
            package.writestr("word/document.xml", b"<w:document " + W + b"><w:body/></w:document>")
        with package.open(part, "w", force_zip64=True) as target:
            for _ in range(size >> 20):
                target.write(block)
    return buffer.getvalue()


def many_entries(count: int = 20_000) -> bytes:
    """A DOCX with more parts than any has."""
    return docx(paragraph(WORDS.encode()), {f"word/media/image{i}.png": b"" for i in range(count)})


def no_content_types() -> bytes:
    """A ZIP with a document part and nothing that says so."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("word/document.xml", b"<w:document " + W + b"/>")
    return buffer.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def ole(*streams: str) -> bytes:
    """The head of an OLE file whose directory names these streams."""
    body = bytearray(OLE + b"\0" * 504)
    for name in streams:
        body += name.encode("utf-16-le").ljust(64, b"\0") + b"\0" * 64
    return bytes(body.ljust(4096, b"\0"))


def nested_zip(depth: int) -> bytes:
    """A ZIP in a ZIP in a ZIP, with a sound PDF at the bottom."""
    data, name = plain_pdf(1), "contract.pdf"
    for _ in range(depth):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr(name, data)
        data, name = buffer.getvalue(), "inner.zip"
    return data


def zip_with_paths(*names: str) -> bytes:
    """A ZIP whose members have hostile names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name in names:
            package.writestr(name, plain_pdf(1))
    return buffer.getvalue()


Builder = Callable[[], bytes]
