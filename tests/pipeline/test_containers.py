"""ZIP files and e-mails give their documents, within limits, and say what they could not give."""

import email.policy
import io
import struct
import zipfile
from email.message import EmailMessage

import pytest

from models.problem import Category, DocumentError
from pipeline.containers import unpack
from pipeline.limits import Limits
from tests.pipeline.compound_files import compound
from tests.pipeline.readers.word_files import zipped

PDF = b"%PDF-1.7 lease"
LOGO = b"\x89PNG logo"


def names(data: bytes, limits: Limits | None = None, name: str = "deal.zip") -> list[tuple[str, Category | None]]:
    members = unpack(name, data, limits or Limits())
    return [(member.name, member.problem.category if member.problem else None) for member in members]


def message(*attached: tuple[bytes, str, str], text: str = "See attached.", html: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ann@example.com", "bob@example.com", "The lease"
    mail["Message-ID"] = "<1@example.com>"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    for content, kind, name in attached:
        mail.add_attachment(content, *kind.split("/"), filename=name)
    return mail


def test_a_zip_gives_its_documents_by_their_paths_and_no_litter() -> None:
    data = zipped(
        {
            "lease.pdf": PDF,
            "annex/fees.docx": b"PK",
            "annex/": b"",
            "__MACOSX/._lease.pdf": b"x",
            "annex/.DS_Store": b"x",
            "Thumbs.db": b"x",
            "~$lease.docx": b"x",
        }
    )
    members = unpack("deal.zip", data, Limits())
    assert [(member.name, member.data) for member in members] == [
        ("deal.zip!/lease.pdf", PDF),
        ("deal.zip!/annex/fees.docx", b"PK"),
    ]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("../../etc/passwd", "deal.zip!/etc/passwd"),
        ("/root/lease.pdf", "deal.zip!/root/lease.pdf"),
        ("..\\up\\lease.pdf", "deal.zip!/up/lease.pdf"),
        ("bell\x07.pdf", "deal.zip!/bell_.pdf"),
    ],
)
def test_paths_that_lead_elsewhere_lead_nowhere(path: str, shown: str) -> None:
    assert names(zipped({path: PDF})) == [(shown, None)]


def test_containers_within_containers_are_unpacked_to_a_depth() -> None:
    inner = zipped({"lease.pdf": PDF})
    for depth in (3, 2):
        inner = zipped({f"{depth}.zip": inner, f"{depth}.pdf": PDF})
    assert names(inner) == [
        ("deal.zip!/2.zip!/3.zip!/lease.pdf", None),
        ("deal.zip!/2.zip!/3.pdf", None),
        ("deal.zip!/2.pdf", None),
    ]
    assert names(inner, Limits(nesting=2)) == [
        ("deal.zip!/2.zip!/3.zip", Category.CONTAINER),
        ("deal.zip!/2.zip!/3.pdf", None),
        ("deal.zip!/2.pdf", None),
    ]


@pytest.mark.parametrize(
    ("limits", "refused"),
    [
        (Limits(members=2), ["c"]),
        (Limits(expanded_bytes=250), ["c"]),
        (Limits(bytes=1000), ["b"]),
    ],
)
def test_what_is_beyond_the_limits_is_told_one_by_one(limits: Limits, refused: list[str]) -> None:
    big = limits.bytes == 1000
    data = zipped({"a": b"%PDF-" + b"x" * 95, "b": b"y" * (2000 if big else 100), "c": b"z" * 100})
    found = names(data, limits)
    assert [name for name, problem in found if problem is Category.TOO_LARGE] == [
        f"deal.zip!/{name}" for name in refused
    ]
    assert len(found) == 3


def test_a_bomb_is_refused_by_its_declared_size_and_the_rest_is_taken() -> None:
    data = zipped({"bomb.pdf": bytes(120_000_000), "lease.pdf": PDF})
    assert len(data) < 200_000
    assert names(data) == [("deal.zip!/bomb.pdf", Category.TOO_LARGE), ("deal.zip!/lease.pdf", None)]


def test_too_many_entries_are_refused_as_a_whole() -> None:
    with pytest.raises(DocumentError) as caught:
        unpack("deal.zip", zipped({f"{n}.pdf": b"" for n in range(6000)}), Limits())
    assert caught.value.problem.category is Category.TOO_LARGE


def test_a_locked_and_a_damaged_member_cost_themselves_only() -> None:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        for name in ("locked.pdf", "harmed.pdf", "sound.pdf"):
            archive.writestr(name, PDF)
    data = bytearray(stored.getvalue())
    directory = data.find(b"PK\x01\x02")
    struct.pack_into("<H", data, directory + 8, 1)  # the flag that says: encrypted
    data[data.find(PDF, data.find(b"harmed.pdf"))] ^= 0xFF
    assert names(bytes(data)) == [
        ("deal.zip!/locked.pdf", Category.ENCRYPTED),
        ("deal.zip!/harmed.pdf", Category.DAMAGED),
        ("deal.zip!/sound.pdf", None),
    ]


@pytest.mark.parametrize(
    ("data", "category"),
    [
        (zipped({}), Category.EMPTY),
        (zipped({".DS_Store": b"x"}), Category.EMPTY),
        (zipped({"a.pdf": PDF})[:30], Category.DAMAGED),
        (PDF, Category.CONTAINER),
    ],
    # A ZIP file holds the time it was made at, which must not name a test.
    ids=["empty", "no documents", "cut short", "no container"],
)
def test_a_container_without_documents_is_told(data: bytes, category: Category) -> None:
    with pytest.raises(DocumentError) as caught:
        unpack("deal.zip", data, Limits())
    assert caught.value.problem.category is category


def test_an_email_gives_its_attachments_but_not_the_letter_around_them() -> None:
    mail = message((PDF, "application/pdf", "Lease für 2024.pdf"), (b"scan", "image/tiff", "scan.tif"))
    data = mail.as_bytes()
    members = unpack("offer.eml", data, Limits())
    assert [(member.name, member.data) for member in members] == [
        ("offer.eml!/Lease für 2024.pdf", PDF),
        ("offer.eml!/scan.tif", b"scan"),
    ]


def test_the_pictures_of_a_signature_are_no_documents() -> None:
    mail = message((PDF, "application/pdf", "lease.pdf"), html="<p>See <img src='cid:logo'></p>")
    body = mail.get_payload()[1]  # type: ignore[index]
    assert isinstance(body, EmailMessage)
    mail.get_body(("html",)).add_related(LOGO, "image", "png", cid="<logo>")  # type: ignore[union-attr]
    assert names(mail.as_bytes(), name="offer.eml") == [("offer.eml!/lease.pdf", None)]


@pytest.mark.parametrize(
    ("mail", "name", "text"),
    [
        (
            message(text="We extend the term to 1 May 2025."),
            "offer.eml!/message.txt",
            b"We extend the term to 1 May 2025.",
        ),
        (message(html="<p>We extend the term.</p>"), "offer.eml!/message.html", b"<p>We extend the term.</p>"),
    ],
)
def test_an_email_without_attachments_is_itself_the_document(mail: EmailMessage, name: str, text: bytes) -> None:
    (member,) = unpack("offer.eml", mail.as_bytes(), Limits())
    assert (member.name, member.data.removeprefix(b"\xef\xbb\xbf").strip()) == (name, text)


def test_a_forwarded_email_is_unpacked_in_its_turn() -> None:
    outer = message()
    outer.add_attachment(message((PDF, "application/pdf", "lease.pdf")))
    (member,) = unpack("offer.eml", outer.as_bytes(), Limits())
    assert member.name.startswith("offer.eml!/")
    assert (member.name.rsplit("/", 1)[-1], member.data) == ("lease.pdf", PDF)


def test_a_zip_in_an_email_is_unpacked() -> None:
    data = message((zipped({"lease.pdf": PDF}), "application/zip", "deal.zip")).as_bytes()
    assert names(data, name="offer.eml") == [("offer.eml!/deal.zip!/lease.pdf", None)]


def test_a_web_page_attached_in_another_encoding_stays_readable() -> None:
    mail = message()
    page = "<html><meta charset='windows-1252'><p>§ 5 Größe</p></html>"
    mail.add_attachment(page, subtype="html", filename="page.html", charset="windows-1252")
    (member,) = unpack("offer.eml", mail.as_bytes(policy=email.policy.SMTP), Limits())
    from pipeline.read import read

    assert read(member.name, member.data, Limits())[1].text == "§ 5 Größe"


def test_parts_nested_without_end_are_damage() -> None:
    lines = ["From: a@example.com", "MIME-Version: 1.0"]
    for depth in range(3000):
        lines += [f'Content-Type: multipart/mixed; boundary="{depth}"', "", f"--{depth}"]
    with pytest.raises(DocumentError) as caught:
        unpack("offer.eml", "\n".join(lines).encode(), Limits())
    assert caught.value.problem.category in (Category.DAMAGED, Category.EMPTY)


def attachment(name: str, content: bytes, **more: bytes) -> dict[str, bytes]:
    return {"__substg1.0_3707001F": name.encode("utf-16-le"), "__substg1.0_37010102": content, **more}


def outlook(*attachments: dict[str, bytes], body: str = "See attached.") -> bytes:
    streams = {
        "__substg1.0_0037001F": "The lease".encode("utf-16-le"),
        "__substg1.0_1000001F": body.encode("utf-16-le"),
    }
    for index, parts in enumerate(attachments):
        streams |= {f"__attach_version1.0_#{index:08X}/{name}": content for name, content in parts.items()}
    return compound(streams)


def test_an_outlook_message_gives_its_attachments() -> None:
    logo = attachment("logo.png", LOGO, **{"__substg1.0_3712001F": "cid1".encode("utf-16-le")})
    data = outlook(attachment("lease.pdf", PDF * 600), logo, attachment("fees.zip", zipped({"fees.pdf": PDF})))
    members = unpack("offer.msg", data, Limits())
    assert [(member.name, member.data) for member in members] == [
        ("offer.msg!/lease.pdf", PDF * 600),
        ("offer.msg!/fees.zip!/fees.pdf", PDF),
    ]


def test_a_message_attached_to_an_outlook_message_is_opened() -> None:
    inner = {f"__substg1.0_3701000D/__attach_version1.0_#00000000/{k}": v for k, v in attachment("a.pdf", PDF).items()}
    inner["__substg1.0_3707001F"] = "fwd".encode("utf-16-le")
    assert names(outlook(inner), name="offer.msg") == [("offer.msg!/fwd!/a.pdf", None)]
    assert names(outlook(inner), Limits(nesting=1), "offer.msg") == [("offer.msg!/fwd", Category.CONTAINER)]


def test_an_outlook_message_without_attachments_is_itself_the_document() -> None:
    (member,) = unpack("offer.msg", outlook(body="We extend the term."), Limits())
    assert (member.name, member.data) == ("offer.msg!/message.txt", b"We extend the term.")
