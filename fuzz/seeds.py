#!/usr/bin/env python3
"""Makes the seeds of source_fuzz and parts_fuzz: small documents of every form, written here and nowhere else.
Run in the root of the project; what is committed in fuzz/corpus/ came from it."""
import gzip
import io
import pathlib
import struct
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent / "corpus"

SHEET = ('<worksheet><cols><col min="1" max="2" hidden="1"/></cols><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c>'
         '<c r="C1" t="inlineStr"><is><t>b,"c_x000A_</t></is></c></row><row r="3" hidden="1"><c r="A3" s="1"><f>1+1</f>'
         '<v>44197.25</v></c><c r="B3" t="b"><v>1</v></c><c r="D3" t="e"><v>#N/A</v></c></row></sheetData>'
         '<mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>')
STYLES = ('<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[$-804]yyyy&quot;年&quot;m\\-d h:mm;@"/></numFmts>'
          '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="46"/></cellXfs></styleSheet>')
STRINGS = '<sst><si><t>a</t></si><si><r><t>rich</t></r><rPh><t>aloud</t></rPh></si></sst>'
WORKBOOK = ('<workbook><workbookPr date1904="1"/><sheets><sheet name="A" id="r"/>'
            '<sheet name="B" state="hidden" id="q"/></sheets></workbook>')
RELATIONS = ('<Relationships><Relationship Id="r" Type="/worksheet" Target="s.xml"/>'
             '<Relationship Id="q" Type="/worksheet" Target="/xl/s.xml"/></Relationships>')
ODS = ('<o:document xmlns:o="o" xmlns:t="t" xmlns:x="x" xmlns:s="s"><o:automatic-styles><s:style s:name="h">'
       '<s:table-properties t:display="false"/></s:style></o:automatic-styles><o:body><o:spreadsheet>'
       '<t:table t:name="A"><t:table-column t:visibility="collapse" t:number-columns-repeated="2"/><t:table-row '
       't:number-rows-repeated="2"><t:table-cell o:value-type="float" o:value="1.5" t:number-columns-repeated="3"/>'
       '<t:covered-table-cell/><t:table-cell o:value-type="string"><o:annotation><x:p>n</x:p></o:annotation><x:p>a<x:s '
       'x:c="3"/>b</x:p><x:p>c</x:p></t:table-cell></t:table-row><t:table-row><t:table-cell o:value-type="time" '
       'o:time-value="P1DT2H3M4.5S"/><t:table-cell o:value-type="date" o:date-value="2021-01-01"/></t:table-row></t:table>'
       '</o:spreadsheet></o:body></o:document>')
ODT = ('<o:d xmlns:o="o" xmlns:t="t" xmlns:b="b"><t:h>H</t:h><t:p>a<t:s t:c="2"/>b<t:tab/><t:note><t:note-body><t:p>n'
       '</t:p></t:note-body></t:note></t:p><b:table><b:table-row><b:table-cell><t:p>x</t:p></b:table-cell>'
       '</b:table-row></b:table></o:d>')
WORD = ('<w:document xmlns:w="w"><w:p><w:pPr><w:tab/></w:pPr><w:r><w:t>a</w:t><w:tab/><w:br/></w:r><w:del><w:r>'
        '<w:delText>d</w:delText></w:r></w:del></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc>'
        '<w:tc/></w:tr></w:tbl></w:document>')
HTML = ('<!DOCTYPE html><meta charset=gb2312><title>t</title><script>x</script><!-- c --><table><tr><td>a<td>b&nbsp;&#20013;'
        '&#x4e2d;</table><pre> x </pre><br>&copy &lt')
MAIL = ('From: =?gb2312?B?1tC5+g==?= <a@b.c>\r\nSubject: =?utf-8?q?=E4=B8=AD_x?=\r\nDate: d\r\nMIME-Version: 1.0\r\n'
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=big5\r\n'
        'Content-Transfer-Encoding: base64\r\n\r\nPHA+eDwvcD4=\r\n--b\r\nContent-Type: text/plain\r\n'
        'Content-Transfer-Encoding: quoted-printable\r\n\r\na=E9=\r\nb\r\n--b\r\nContent-Type: application/pdf; name="x.pdf"\r\n\r\n'
        '--b--\r\n')


def archive(entries, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in entries.items():
            made.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, method)
    return out.getvalue()


BOOK = {"xl/workbook.xml": WORKBOOK, "xl/_rels/workbook.xml.rels": RELATIONS, "xl/s.xml": SHEET,
        "xl/styles.xml": STYLES, "xl/sharedStrings.xml": STRINGS}
OASIS = "application/vnd.oasis.opendocument."
# zstd of "a,b\n1,2\n" as one raw block (RFC 8878, 3.1.1): header, window descriptor left out, size 8.
ZSTD = b"\x28\xb5\x2f\xfd\x20\x08\x41\x00\x00a,b\n1,2\n"



def record(number, data=b""):
    return struct.pack("<HH", number, len(data)) + data


def book():
    """A workbook of Excel 97 (MS-XLS): one sheet with cells of most kinds."""
    def stream(at):
        cell = lambda row, column, data: struct.pack("<HHH", row, column, 0) + data
        strings = struct.pack("<II", 2, 2) + struct.pack("<HB", 1, 0) + b"a" + struct.pack("<HB", 4, 1) + "中文".encode("utf-16-le")
        head = (record(0x809, struct.pack("<HHI", 0x600, 5, 0)) + record(0x22, b"\0\0")
                + record(0x41e, struct.pack("<HHB", 170, 4, 0) + b"yyyy") + record(0xe0, struct.pack("<HHI", 0, 170, 0))
                + record(0x85, struct.pack("<IHBB", at, 0, 1, 0) + b"A") + record(0xfc, strings)
                + record(0x3c, b"\1" + "z中".encode("utf-16-le")) + record(0x0a))
        return head, head + (record(0x809, struct.pack("<HHI", 0x600, 16, 0)) + record(0xfd, cell(0, 0, struct.pack("<I", 0)))
                             + record(0xfd, cell(0, 1, struct.pack("<I", 1))) + record(0x203, cell(1, 0, struct.pack("<d", 44197.25)))
                             + record(0xbd, struct.pack("<HHHIHIH", 1, 1, 0, 31, 0, 30, 2))
                             + record(0x06, cell(2, 0, b"\0\0\0\0\0\0\xff\xff" + bytes(6)))
                             + record(0x207, struct.pack("<HB", 2, 0) + b"ok") + record(0x205, cell(2, 1, b"\x2a\1"))
                             + record(0xe5, struct.pack("<H", 1)) + record(0x0a))
    return stream(len(stream(0)[0]))[1]


def compound(name, stream):
    """An OLE compound file (MS-CFB) of one stream: its table, its directory, the stream."""
    sectors = -(-len(stream) // 512)
    chain = [i + 3 for i in range(sectors)]
    chain[-1] = 0xfffffffe
    entry = lambda called, kind, start, size: (called.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HB", 2 * len(called) + 2, kind)
                                               + bytes(49) + struct.pack("<IQ", start, size))
    header = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3e, 3, 0xfffe, 9, 6) + bytes(10)
              + struct.pack("<IIIIIIIII", 1, 1, 0, 0, 0xfffffffe, 0, 0xfffffffe, 0, 0))
    pad = lambda data: data.ljust(-(-len(data) // 512) * 512, b"\xff")
    return (pad(header) + pad(struct.pack(f"<{sectors + 2}I", 0xfffffffd, 0xfffffffe, *chain))
            + pad(entry("Root Entry", 5, 0xfffffffe, 0) + entry(name, 2, 2, len(stream)) + bytes(256)) + pad(stream))


SOURCE = {
    "xls": compound("Workbook", book()), "doc": compound("WordDocument", b"x"),
    "xlsx": archive(BOOK), "xlsx-stored": archive(BOOK, zipfile.ZIP_STORED),
    "ods": archive({"mimetype": OASIS + "spreadsheet", "content.xml": ODS}, zipfile.ZIP_STORED),
    "odt": archive({"mimetype": OASIS + "text", "content.xml": ODT}, zipfile.ZIP_STORED),
    "docx": archive({"word/document.xml": WORD}, zipfile.ZIP_STORED),
    "zip": archive({"t.csv": "a,b\n1,2\n"}), "gzip": gzip.compress(b"a,b\n1,2\n", mtime=0),
    "gzip-xlsx": gzip.compress(archive(BOOK), mtime=0), "zstd": ZSTD,
    "csv": b"a,b\n1,2\n", "html": HTML.encode(), "mail": MAIL.encode(),
    "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "utf16": "\ufeffa中".encode("utf-16-le"),
}
PARTS = [("sheet", 0, SHEET), ("styles", 1, STYLES), ("strings", 2, STRINGS), ("workbook", 3, WORKBOOK), ("ods", 4, ODS),
         ("odt", 5, ODT), ("word", 6, WORD), ("html", 7, HTML), ("mail", 7, MAIL)]


def main():
    for folder in ("source", "parts"):
        (ROOT / folder).mkdir(parents=True, exist_ok=True)
    for name, content in SOURCE.items():
        (ROOT / "source" / f"{name}-table").write_bytes(b"\0" + content)
        (ROOT / "source" / f"{name}-text").write_bytes(b"\1" + content)
    for name, frame, content in PARTS:
        (ROOT / "parts" / name).write_bytes(bytes([frame]) + content.encode())


main()
