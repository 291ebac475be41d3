"""What a file is, is told by its content; every kind that is not read gets a sentence and a next step."""

import io
import struct
import zipfile

import pytest

from models.problem import Category, DocumentError, Stage
from pipeline.compound import CompoundError, CompoundFile
from pipeline.identify import MediaType, identify
from pipeline.limits import Limits
from tests.pipeline.compound_files import compound
from tests.pipeline.readers.word_files import p, word, zipped

DOCX = word(p("The term is five years."))
FIB = struct.pack("<HHHHHH", 0xA5EC, 0xC1, 0, 0, 0, 0)
ENCRYPTED_FIB = struct.pack("<HHHHHH", 0xA5EC, 0xC1, 0, 0, 0, 0x0100)
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."


def package(content_type: str) -> bytes:
    types = f'<Types><Override PartName="/x.xml" ContentType="application/vnd.{content_type}"/></Types>'
    return zipped({"[Content_Types].xml": types.encode(), "x.xml": b"<x/>"})


def mail(*headers: str) -> bytes:
    return "\r\n".join([*headers, "", "Please find the lease attached."]).encode()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"%PDF-1.7\n...", MediaType.PDF, id="PDF"),
        pytest.param(b"junk\n" * 180 + b"%PDF-1.4\n", MediaType.PDF, id="PDF after 900 bytes of junk"),
        pytest.param(DOCX, MediaType.DOCX, id="Word"),
        pytest.param(
            package("ms-word.document.macroEnabled.main+xml"), MediaType.DOCX, id="Word with macros, which never run"
        ),
        pytest.param(
            package("openxmlformats-officedocument.wordprocessingml.template.main+xml"), MediaType.DOCX, id="a template"
        ),
        pytest.param(zipped({"word/document.xml": b"<x/>"}), MediaType.DOCX, id="Word without content types"),
        pytest.param(compound({"WordDocument": FIB + bytes(5000)}), MediaType.DOC, id="old Word"),
        pytest.param(
            compound({"WordDocument": FIB, "Data": DOCX + bytes(4000)}), MediaType.DOC, id="old Word with a ZIP inside"
        ),
        pytest.param(rb"{\rtf1\ansi hello}", MediaType.RTF, id="RTF"),
        pytest.param(zipped({"mimetype": f"{OPEN_DOCUMENT}text".encode()}), MediaType.ODT, id="OpenDocument"),
        pytest.param(b"LEASE\n\nThe term is five years.\n", MediaType.TEXT, id="text"),
        pytest.param("Größe: § 5 – 60 Tage".encode("cp1252"), MediaType.TEXT, id="text in Windows-1252"),
        pytest.param("LEASE of 1 May".encode("utf-16"), MediaType.TEXT, id="UTF-16"),
        pytest.param("LEASE of 1 May".encode("utf-16-le"), MediaType.TEXT, id="UTF-16 without a mark"),
        pytest.param(b"To: All\nFrom: Legal\nDate: 1 May\n\nMemo.", MediaType.TEXT, id="a memorandum is no e-mail"),
        pytest.param(b"\n<!DOCTYPE html><html><body>x</body></html>", MediaType.HTML, id="HTML"),
        pytest.param(b"\xef\xbb\xbf<HTML><BODY>x", MediaType.HTML, id="HTML in capitals with a mark"),
        pytest.param(b"<DOCUMENT>\n<TYPE>EX-10.1\n<TEXT>\n<html><body>x", MediaType.HTML, id="HTML in a filing"),
        pytest.param(
            b"<SEC-DOCUMENT>0001.txt\n" + b"ITEM INFORMATION: x\n" * 90 + b"<TEXT>\n<html><body>x",
            MediaType.HTML,
            id="HTML in a filing with a long header",
        ),
        pytest.param(b"<SEC-DOCUMENT>0001.txt\nLEASE of 1 May\n", MediaType.TEXT, id="text in a filing"),
        pytest.param(b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml">', MediaType.HTML, id="XHTML"),
        pytest.param(zipped({"a.pdf": b"%PDF-1.7"}), MediaType.ZIP, id="ZIP"),
        pytest.param(b"PK\x05\x06" + bytes(18), MediaType.ZIP, id="an empty ZIP"),
        pytest.param(mail("From: a@example.com", "To: b@example.com", "MIME-Version: 1.0"), MediaType.EML, id="mail"),
        pytest.param(
            mail("Received: from x", " by y", "Message-ID: <1@example.com>"),
            MediaType.EML,
            id="mail with a folded field",
        ),
        pytest.param(compound({"__substg1.0_0037001F": b"S\0"}), MediaType.MSG, id="Outlook message"),
    ],
)
@pytest.mark.parametrize("name", ["contract.pdf", "contract.docx", "contract"])
def test_content_decides_and_the_name_does_not(name: str, data: bytes, expected: MediaType) -> None:
    assert identify(name, data) is expected


UNSUPPORTED, ENCRYPTED, DAMAGED = Category.UNSUPPORTED, Category.ENCRYPTED, Category.DAMAGED


@pytest.mark.parametrize(
    ("data", "category", "words"),
    [
        pytest.param(b"", Category.EMPTY, "is empty", id="zero bytes"),
        pytest.param(b"\0 \r\n\t", Category.EMPTY, "is empty", id="blank"),
        pytest.param(
            compound({"EncryptedPackage": bytes(5000), "EncryptionInfo": b"x"}), ENCRYPTED, "password", id="OOXML"
        ),
        pytest.param(compound({"WordDocument": ENCRYPTED_FIB}), ENCRYPTED, "password", id="old Word with a password"),
        pytest.param(compound({"Workbook": b"x"}), UNSUPPORTED, "spreadsheet", id="old Excel"),
        pytest.param(compound({"PowerPoint Document": b"x"}), UNSUPPORTED, "presentation", id="old PowerPoint"),
        pytest.param(compound({"Other": b"x"}), UNSUPPORTED, "Office file", id="another OLE file"),
        pytest.param(compound({"WordDocument": FIB})[:700], DAMAGED, "damaged", id="truncated old Word"),
        pytest.param(
            package("openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
            UNSUPPORTED,
            "spreadsheet",
            id="Excel",
        ),
        pytest.param(
            package("openxmlformats-officedocument.presentationml.presentation.main+xml"),
            UNSUPPORTED,
            "presentation",
            id="PowerPoint",
        ),
        pytest.param(
            zipped({"mimetype": f"{OPEN_DOCUMENT}spreadsheet".encode()}),
            UNSUPPORTED,
            "spreadsheet",
            id="OpenDocument sheet",
        ),
        pytest.param(zipped({"mimetype": b"application/epub+zip"}), UNSUPPORTED, "e-book", id="EPUB"),
        pytest.param(zipped({"Index/Document.iwa": b"x"}), UNSUPPORTED, "iWork", id="Pages"),
        pytest.param(DOCX[: len(DOCX) // 2], DAMAGED, "damaged", id="truncated Word"),
        pytest.param(b"\x89PNG\r\n\x1a\n", UNSUPPORTED, "picture", id="PNG"),
        pytest.param(b"\xff\xd8\xff\xe0", UNSUPPORTED, "OCR", id="JPEG"),
        pytest.param(b"\0\0\0\x18ftypheic", UNSUPPORTED, "picture", id="HEIC"),
        pytest.param(b"RIFF\0\0\0\0WEBPVP8 ", UNSUPPORTED, "picture", id="WebP"),
        pytest.param(b"Rar!\x1a\x07\x01\0", UNSUPPORTED, "ZIP", id="RAR"),
        pytest.param(b"\x1f\x8b\x08\0", UNSUPPORTED, "Unpack", id="gzip"),
        pytest.param(bytes(range(256)) * 8, UNSUPPORTED, "unknown kind", id="unknown binary"),
        pytest.param(b"<?xml version='1.0'?><invoice/>", UNSUPPORTED, "XML", id="XML"),
    ],
)
def test_what_is_not_read_is_told_with_a_next_step(data: bytes, category: Category, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        identify("lease.docx", data)
    problem = caught.value.problem
    assert (problem.stage, problem.category) == (Stage.IDENTIFY, category)
    assert words in problem.message
    assert problem.message.startswith("lease.docx ")
    assert problem.message.endswith(".")
    assert problem.message.count(". ") >= 1


def test_a_file_over_the_limit_is_too_large() -> None:
    with pytest.raises(DocumentError) as caught:
        identify("big.txt", b"x" * 2000, Limits(bytes=1000))
    assert caught.value.problem.category is Category.TOO_LARGE


def test_the_content_types_of_a_package_are_not_inflated_beyond_reason() -> None:
    assert identify("x", zipped({"[Content_Types].xml": b" " * 8_000_000})) is MediaType.ZIP


def test_python_takes_some_old_word_files_for_zip_files_and_we_do_not() -> None:
    data = compound({"WordDocument": FIB + bytes(4100), "theme": bytes(5000)}) + DOCX
    assert zipfile.is_zipfile(io.BytesIO(data))
    assert identify("old.doc", data) is MediaType.DOC


def test_streams_of_every_size_come_back_whole() -> None:
    streams = {"a": b"", "b": b"x" * 63, "c": b"y" * 64, "d/e": b"z" * 4095, "d/f/g": bytes(range(256)) * 300}
    file = CompoundFile(compound(streams))
    found = {"/".join(entry.path): file.read(entry) for entry in file.entries if entry.stream}
    assert found == streams


def test_a_compound_file_that_runs_in_circles_ends_with_an_error() -> None:
    data = bytearray(compound({"WordDocument": bytes(5000)}))
    count = len(data) // 512 - 2
    for sector in range(count):  # every sector is followed by itself
        struct.pack_into("<I", data, 512 + count * 512 + 4 * sector, sector)
    with pytest.raises(CompoundError, match="circles"):
        CompoundFile(bytes(data))
