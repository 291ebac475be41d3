"""Builds Word files for tests: python-docx's template, with the XML under test put in place of its parts."""

import io
import zipfile
from collections.abc import Mapping

import docx
from docx.oxml.ns import nsmap

NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        **{prefix: nsmap[prefix] for prefix in ("w", "r", "wp", "a", "m", "w14")},
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "v": "urn:schemas-microsoft-com:vml",
    }.items()
)
TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BY = 'w:id="1" w:author="Ann" w:date="2024-05-01T10:00:00Z"'


def r(text: str, properties: str = "", tag: str = "t") -> str:
    """A run."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:{tag} xml:space="preserve">{text}</w:{tag}></w:r>'


def p(*content: str, properties: str = "") -> str:
    """A paragraph; plain words become a run."""
    runs = "".join(part if part.startswith("<") else r(part) for part in content)
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def ins(text: str, by: str = BY) -> str:
    return f"<w:ins {by}>{r(text)}</w:ins>"


def gone(text: str, by: str = BY) -> str:
    return f"<w:del {by}>{r(text, tag='delText')}</w:del>"


def numbered(text: str, level: int = 0, num: int = 1, extra: str = "") -> str:
    return p(text, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>{extra}')


def cell(*content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{''.join(c if c.startswith('<') else p(c) for c in content)}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    inner = "".join(c if c.startswith(("<w:tc", "<w:sdt")) else cell(c) for c in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inner}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def field(instruction: str, result: str) -> str:
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    code = r(instruction, tag="instrText")
    return mark.format("begin") + code + mark.format("separate") + result + mark.format("end")


def level(index: int, text: str, numerals: str = "decimal", start: int = 1, extra: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="{start}"/><w:numFmt w:val="{numerals}"/>{extra}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def lists(*abstract: str, nums: str | None = None) -> str:
    """A numbering part: abstract lists 0, 1, ... and, unless given, list n + 1 for each of them."""
    defined = "".join(
        f'<w:abstractNum w:abstractNumId="{index}">{levels}</w:abstractNum>' for index, levels in enumerate(abstract)
    )
    if nums is None:
        nums = "".join(
            f'<w:num w:numId="{index + 1}"><w:abstractNumId w:val="{index}"/></w:num>' for index in range(len(abstract))
        )
    return f"<w:numbering {NAMESPACES}>{defined}{nums}</w:numbering>"


def part(root: str, content: str) -> str:
    return f"<w:{root} {NAMESPACES}>{content}</w:{root}>"


def word(
    *body: str,
    parts: Mapping[str, str] | None = None,
    replaced: Mapping[str, bytes] | None = None,
    core: Mapping[str, str] | None = None,
    background: str = "",
) -> bytes:
    """A .docx with these body blocks. ``parts``: content by kind ("numbering", "styles", "footnotes" ...); headers and
    footers by the relationship id that ``w:headerReference`` uses, as "header rId90". ``replaced``: raw parts."""
    document = docx.Document()
    for name, value in (core or {}).items():
        setattr(document.core_properties, name, value)
    saved = io.BytesIO()
    document.save(saved)
    files: dict[str, bytes] = {}
    with zipfile.ZipFile(saved) as template:
        files = {name: template.read(name) for name in template.namelist()}
    for name in [name for name in files if name.startswith(("customXml/", "docProps/thumbnail"))]:
        del files[name]
    files["word/document.xml"] = (
        f"<w:document {NAMESPACES}>{background}<w:body>{''.join(body)}</w:body></w:document>".encode()
    )
    relations = ""
    for index, (key, xml) in enumerate((parts or {}).items()):
        kind, _, name = key.partition(" ")
        path = f"{kind}{index if name else ''}.xml"
        files[f"word/{path}"] = xml.encode()
        if kind not in ("numbering", "styles", "settings"):  # the template names those already
            relations += f'<Relationship Id="{name or f"rId8{index}"}" Type="{TYPES}/{kind}" Target="{path}"/>'
    names = "word/_rels/document.xml.rels"
    files[names] = files[names].replace(b"</Relationships>", relations.encode() + b"</Relationships>")
    files.update(replaced or {})
    return zipped(files)


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
