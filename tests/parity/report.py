# SPDX-License-Identifier: Apache-2.0
"""Puts the table of a run into a Markdown file, between two marks; what stands around them is written by hand."""
import re

BEGIN, END = "<!-- tests/parity/run.py writes from here -->\n", "<!-- to here -->\n"


def table(rows):
    lines = ["| case | verdict | worst error | where |", "|---|---|---|---|"]
    lines += [f"| {name} | {verdict} | {error} | {where} |" for name, verdict, error, where in rows]
    failed = sum(row[1] != "ok" for row in rows)
    return "\n".join([f"{len(rows) - failed} of {len(rows)} cases agree.", "", *lines]) + "\n"


def write(path, rows):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text, found = re.subn(f"({BEGIN}).*({END})", lambda m: m[1] + table(rows) + m[2], text, flags=re.DOTALL)
    if found != 1:
        raise SystemExit(f"{path}: the marks {BEGIN.strip()} and {END.strip()} are not there")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
