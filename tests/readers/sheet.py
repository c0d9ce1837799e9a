"""What openpyxl finds in the cells of one sheet of an XLSX file, as JSON: a list of rows. sheet.py FILE SHEET"""
import datetime
import json
import sys

import openpyxl


def plain(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return value if isinstance(value, (int, float)) else str(value)


book = openpyxl.load_workbook(sys.argv[1], data_only=True)
rows = [[plain(cell) for cell in row] for row in book[sys.argv[2]].iter_rows(values_only=True)]
json.dump(rows, sys.stdout)
