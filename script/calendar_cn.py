#!/usr/bin/env python3
"""Derives China's calendar of working days: calendar_cn.py FOLDER > standards/calendars/cn.json

FOLDER holds one YYYY.json for each year as the project NateScarlet/holiday-cn (MIT licence) publishes
them: the days off and the make-up working days of the State Council's yearly notice, with the
notice's address. Only these facts are taken: dates, in intervals, and the notices' addresses.

The table ends on 24 December of its last year. The notice for the next year may turn the days around
New Year into days off or working days (that for 2023 made 2022-12-31 a day off), so that what lies
behind is not known before that notice.
"""
import datetime
import json
import pathlib
import sys

DAY = datetime.timedelta(days=1)


def intervals(days):
    """Sorted dates as "2024-02-04", or "2024-02-10/2024-02-17" where they follow each other."""
    runs = []
    for day in sorted(days):
        if runs and runs[-1][1] + DAY == day:
            runs[-1][1] = day
        else:
            runs.append([day, day])
    return [str(a) if a == b else f"{a}/{b}" for a, b in runs]


def derive(folder):
    files = sorted(pathlib.Path(folder).glob("[0-9][0-9][0-9][0-9].json"))
    years = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    numbers = [year["year"] for year in years]
    if not years or numbers != list(range(numbers[0], numbers[-1] + 1)):
        sys.exit(f"{folder}: needs one YYYY.json for each year, without gaps; found {numbers}")
    first = datetime.date(numbers[0], 1, 1)
    last = datetime.date(numbers[-1], 12, 24)
    days = {True: set(), False: set()}
    for year in years:
        for entry in year["days"]:
            day = datetime.date.fromisoformat(entry["date"])
            if first <= day <= last:
                days[entry["isOffDay"]].add(day)
    return {
        "calendar": 1,
        "jurisdiction": "cn",
        "title": {"en": "Working days in China", "zh": "中国工作日历"},
        "source": "NateScarlet/holiday-cn, from the State Council's notices: "
                  + " ".join(paper for year in years for paper in year["papers"]),
        "licence": "MIT (NateScarlet/holiday-cn); the dates are facts of public notices",
        "made_by": "script/calendar_cn.py",
        "utc_offset": "+08:00",
        "first": str(first),
        "last": str(last),
        "yearly": [],
        "off": intervals(days[True]),
        "work": intervals(days[False]),
    }


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: calendar_cn.py FOLDER > standards/calendars/cn.json")
    json.dump(derive(sys.argv[1]), sys.stdout, ensure_ascii=False, indent=2)
    print()


if __name__ == "__main__":
    main()
