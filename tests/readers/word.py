"""The paragraphs and tables that python-docx finds in the body of a DOCX file, as lines of text. word.py FILE"""
import sys

import docx

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def text(paragraph, end):
    """Of the runs, those in links too, which python-docx leaves out of Paragraph.text."""
    parts = []
    for run in paragraph.iter(W + "r"):
        for child in run:
            parts.append({W + "t": child.text or "", W + "tab": "\t", W + "br": end, W + "cr": end}.get(child.tag, ""))
    return "".join(parts)


for block in docx.Document(sys.argv[1]).element.body.iterchildren():
    if block.tag == W + "p":
        print(text(block, "\n"))
    elif block.tag == W + "tbl":
        for row in block.tr_lst:
            print("\t".join(" ".join(text(p, " ") for p in cell.iter(W + "p")) for cell in row.tc_lst))
