"""Makes files that harm careless readers. Each builder returns bytes; nothing here is kept on disk.

The constructions follow what is known to crash, stall or bloat PDF and OOXML libraries: self-referencing and
exponentially nested forms, decompression bombs, lying counts, entity expansion, and plain damage.
"""

import io
import random
import zipfile
import zlib

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.pipeline.compound_files import compound

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


def remote_stream(target: bytes) -> bytes:
    """A page whose content, it says, lies elsewhere (ISO 32000-1, 7.3.8.2: a stream with /F)."""
    content = b"<< /Length 0 /F << /FS /URL /F (" + target + b") >> >>\nstream\n\nendstream"
    return page_pdf(content, b"")


def reaching_pdf(target: bytes) -> bytes:
    """Actions, a remote document and an external form that all name an address."""
    actions = (
        b"/OpenAction << /S /URI /URI (%b) /Next [<< /S /SubmitForm /F << /FS /URL /F (%b) >> >> "
        b"<< /S /GoToR /F << /FS /URL /F (%b) >> /D [0 /Fit] >> << /S /ImportData /F (%b) >>] >>"
    ) % ((target,) * 4)
    page = b"<< /MediaBox [0 0 595 842] " + PLAIN_PAGE + b" >>"
    text = b"BT /F1 12 Tf 72 700 Td (" + WORDS.encode() + b") Tj ET"
    return raw_pdf([b"<< /Type /Catalog /Pages 2 0 R " + actions + b" >>", PAGES, page, stream(text), FONT])


def cross_reference_loop() -> bytes:
    """A cross reference table whose predecessor is itself."""
    data = plain_pdf(1)
    start = int(data[data.rindex(b"startxref") + 9 :].split()[0])
    return data.replace(b"trailer\n<<", b"trailer\n<< /Prev %d" % start)


def endless_annotations(count: int = 100_000) -> bytes:
    """The same text field, which is its own parent and child, a hundred thousand times on one page."""
    field = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (b) /Rect [0 0 9 9] /Parent 6 0 R /Kids [6 0 R] >>"
    catalog = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] >> >>"
    page = b"<< /MediaBox [0 0 595 842] /Annots [" + b"6 0 R " * count + b"] " + PLAIN_PAGE + b" >>"
    text = b"BT /F1 12 Tf 72 700 Td (" + WORDS.encode() + b") Tj ET"
    return raw_pdf([catalog, PAGES, page, stream(text), FONT, field])


def path_bomb(strokes: int = 500_000) -> bytes:
    """Half a million lines, as of a table that has no end."""
    return page_pdf(stream(b"0 0 m 9 9 l S " * strokes + b"BT /F1 9 Tf 9 9 Td (x) Tj ET", compress=True), b"")


def picture_bomb(side: int = 30_000) -> bytes:
    """A page that is one picture of nearly a gigapixel, in a megabyte."""
    image = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8" % (
        side,
        side,
    )
    packer = zlib.compressobj(9)
    row = b"\xff" * side
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    picture = stream(data, image + b" /Filter /FlateDecode")
    return page_pdf(stream(b"595 0 0 842 0 0 cm /I Do"), b"/XObject << /I 6 0 R >>", picture)


def stacked_filters(depth: int = 2000) -> bytes:
    """A stream that was compressed two thousand times over, it says."""
    filters = b"/Filter [" + b"/FlateDecode " * depth + b"]"
    return page_pdf(stream(zlib.compress(b"BT ET"), filters), b"")


def huge_numbers() -> bytes:
    """Numbers where sizes, places and counts stand that no machine word holds."""
    page = (
        b"<< /MediaBox [-99999999999999999999 0 1e308 99999999999999999999] /Rotate 99999999999 " + PLAIN_PAGE + b" >>"
    )
    text = b"BT /F1 1e38 Tf 99999999999999999999 0 0 1e-40 0 0 Tm (" + WORDS.encode() + b") Tj ET"
    return raw_pdf([CATALOG, PAGES, page, stream(text), FONT])


def reaching_docx(target: bytes) -> bytes:
    """A picture, a template and a chunk that lie elsewhere."""
    base = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    kinds = (b"image", b"attachedTemplate", b"aFChunk", b"subDocument", b"hyperlink", b"styles", b"numbering")
    relations = b"".join(
        b'<Relationship Id="r%d" Type="%b%b" Target="%b" TargetMode="External"/>' % (number, base, kind, target)
        for number, kind in enumerate(kinds)
    )
    rels = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%b</Relationships>'
    chunk = b'<w:altChunk xmlns:r="%b" r:id="r2"/>' % base.rstrip(b"/")
    return docx(paragraph(WORDS.encode()) * 3 + chunk, {"word/_rels/document.xml.rels": rels % relations})


def quadratic_entities(size: int = 100_000) -> bytes:
    """One long entity, named often."""
    entity = b'<!DOCTYPE w:document [<!ENTITY a "' + b"x" * size + b'">]>'
    return docx(paragraph(b"&a;" * size), declaration=entity)


def wide_table(columns: int = 300) -> bytes:
    """Cells that say they span a billion columns, in tables within tables."""
    cell = b'<w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr>' + paragraph(b"x") + b"</w:tc>"
    table = b"<w:tbl><w:tr>" + cell * columns + b"</w:tr></w:tbl>"
    for _ in range(20):
        table = b"<w:tbl><w:tr><w:tc>" + table + paragraph(b"y") + b"</w:tc></w:tr></w:tbl>"
    return docx(table + paragraph(WORDS.encode()))


def lying_sizes() -> bytes:
    """A DOCX whose directory says that its text is ten bytes long."""
    data = bytearray(docx(paragraph(WORDS.encode()) * 2000))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = data.find(b"word/document.xml", data.find(signature))
        header = data.rfind(signature, 0, place)
        data[header + offset : header + offset + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def overlapping_zip(count: int = 2000, size: int = 20 << 20) -> bytes:
    """A ZIP whose thousands of entries are all the same twenty compressed megabytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("a.txt", b" " * size)
    data = buffer.getvalue()
    start = data.find(b"PK\x01\x02")
    end = data.find(b"PK\x05\x06")
    tail = bytearray(data[end:])
    tail[8:12] = count.to_bytes(2, "little") * 2
    tail[12:16] = ((end - start) * count).to_bytes(4, "little")
    return data[:start] + data[start:end] * count + bytes(tail)


def web_page(target: bytes) -> bytes:
    """HTML that would load scripts, frames, pictures, styles and a refresh from elsewhere."""
    return (
        b'<!DOCTYPE html SYSTEM "%b"><html><head><base href="%b"><link rel="stylesheet" href="%b">'
        b'<meta http-equiv="refresh" content="0;url=%b"><script src="%b"></script>'
        b"<script>while (true) {}</script></head><body onload='fetch(\"%b\")'><p>%b</p>"
        b'<iframe src="%b"></iframe><img src="%b"><object data="%b"></object><xi:include href="%b"/></body></html>'
    ) % (*((target,) * 6), WORDS.encode() * 3, *((target,) * 4))


def deep_html(depth: int = 100_000) -> bytes:
    """Elements and tables nested without end, none of them closed."""
    return b"<html><body>" + b"<table><tr><td><b>" * depth + WORDS.encode()


def endless_list(items: int = 100_000) -> bytes:
    """A list so long that counting each item from its start never ends."""
    return b"<html><body><p>" + WORDS.encode() + b"</p><ol>" + b"<li>x" * items + b"</ol></body></html>"


def one_line(size: int = 1_000_000) -> bytes:
    """Text without a line end, sentence or space, made to send patterns back and forth."""
    return (WORDS.encode() + b"\n") * 3 + b"(" * (size // 2) + b"1" * (size // 2)


def dotted_leaders(count: int = 20_000) -> bytes:
    """Dots, dashes and spaces in endless turns, as of a table of contents that went wrong."""
    return (WORDS.encode() + b"\n") * 3 + b". - , " * count + b"within thirty (30 " * (count // 10)


def mail(*parts: bytes) -> bytes:
    """An e-mail of these parts, each with its own headers."""
    head = b"From: a@example.com\r\nTo: b@example.com\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
    if not parts:
        return head + b"\r\n"
    return (
        head
        + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
        + b"".join(b"--x\r\n" + part + b"\r\n" for part in parts)
        + b"--x--\r\n"
    )


def deep_mail(depth: int = 20_000) -> bytes:
    """Parts within parts within parts."""
    lines = [b"From: a@example.com", b"Message-ID: <1@example.com>", b"MIME-Version: 1.0"]
    for level in range(depth):
        lines += [b'Content-Type: multipart/mixed; boundary="%d"' % level, b"", b"--%d" % level]
    return b"\n".join(lines)


def mail_bomb(count: int = 20_000) -> bytes:
    """An e-mail with twenty thousand attachments."""
    head = b'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="a.pdf"\r\n'
    part = head + b"Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjc=\r\n"
    return mail(*([part] * count))


def reaching_mail(target: bytes) -> bytes:
    """An e-mail whose body lies elsewhere (RFC 2046, 5.2.3)."""
    outside = b'Content-Type: message/external-body; access-type=URL; URL="%b"\r\n\r\nContent-Type: text/plain\r\n\r\n'
    page = b"Content-Type: text/html\r\n\r\n" + web_page(target)
    return mail(outside % target, page)


def quine_zip() -> bytes:
    """A ZIP that, like the ZIP that holds itself, holds a ZIP at every depth anyone looks."""
    return nested_zip(50)


def ole(*streams: str, header: bytes = b"") -> bytes:
    """A compound file with these streams, each beginning with ``header``."""
    return compound({name: header.ljust(5000, b"\0") for name in streams})


def encrypted_doc() -> bytes:
    """An old Word file with the bit that says it is encrypted ([MS-DOC] 2.5.2)."""
    return ole("WordDocument", "1Table", header=b"\xec\xa5\xc1\0\0\0\0\0\0\0\0\x01")


def circular_ole() -> bytes:
    """A compound file whose sector chains run in circles."""
    data = bytearray(ole("WordDocument"))
    for place in range(len(data) - 512, len(data) - 4, 4):
        data[place : place + 4] = (0).to_bytes(4, "little")
    return bytes(data)


def reaching_rtf(target: bytes, *kinds: bytes) -> bytes:
    """A template and fields of these kinds (linked text and objects, if none is named) that lie elsewhere."""
    fields = b"".join(
        b'{\\field{\\*\\fldinst %b "%b"}{\\fldrslt x}}' % (kind, target)
        for kind in kinds or (b"INCLUDETEXT", b"LINK Word.Document.8")
    )
    return b"{\\rtf1\\ansi{\\*\\template %b}%b %b\\par}" % (target, WORDS.encode() * 3, fields)


def reaching_odt(target: bytes) -> bytes:
    """A linked picture, a linked section and a template that lie elsewhere."""
    names = b" ".join(
        b'xmlns:%b="urn:oasis:names:tc:opendocument:xmlns:%b:1.0"' % pair
        for pair in ((b"office", b"office"), (b"text", b"text"), (b"draw", b"drawing"), (b"meta", b"meta"))
    )
    link = b'xlink:href="%b" xlink:type="simple"' % target
    content = (
        b'<office:document-content %b xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2"><office:body>'
        b'<office:text><text:section text:name="s"><text:section-source %b/><text:p>x</text:p></text:section>'
        b"<text:p>%b<draw:frame><draw:image %b/></draw:frame></text:p></office:text></office:body>"
        b"</office:document-content>"
    ) % (names, link, WORDS.encode() * 3, link)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", content)
        package.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<m:file-entry m:full-path="/" m:media-type="application/vnd.oasis.opendocument.text"/>'
            '<m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>',
        )
    return buffer.getvalue()
