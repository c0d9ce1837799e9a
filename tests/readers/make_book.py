"""Writes a workbook with what real ones have: titles in merged cells, dates, percentages, formulas, hidden parts,
errors, long numbers. make_book.py FILE [1904]"""
import datetime
import sys

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904

book = openpyxl.Workbook()
if len(sys.argv) > 2:
    book.epoch = CALENDAR_MAC_1904
cover = book.active
cover.title = "说明"
cover["A1"] = "Only a word of explanation"
sheet = book.create_sheet("Table, 2021")
sheet.append(["Statistics of the district, 2021"])
sheet.merge_cells("A1:H1")
sheet.append(["id", "name", "born", "seen", "share", "sum", "ok", "note"])
for i in range(50):
    sheet.append([f"{i:03}", f"名字 {i}, \"{i}\"", datetime.date(1960 + i, 1 + i % 12, 1 + i % 28),
                  datetime.datetime(2021, 1, 1, i % 24, i, 30), i / 64, f"=E{i + 3}*2", i % 2 == 0,
                  None if i % 5 else "line one\nline two"])
    sheet.cell(i + 3, 5).number_format = "0.0%"
sheet["A60"] = 123456789012345680
sheet["B60"] = datetime.time(13, 14, 15)
sheet["C60"] = 0.1 + 0.2
sheet["D60"] = datetime.timedelta(hours=30, minutes=5)
sheet["E60"] = "#N/A"
sheet.column_dimensions["H"].hidden = True
sheet.row_dimensions[4].hidden = True
secret = book.create_sheet("secret")
secret.append(["a"])
secret.append(["b"])
secret.sheet_state = "hidden"
book.save(sys.argv[1])
