# SPDX-License-Identifier: Apache-2.0
"""Puts the table of a run into a Markdown file, between two marks; what stands around them is written by hand."""
import re

BEGIN, END = "<!-- tests/parity/run.py writes from here -->\n", "<!-- to here -->\n"


def table(rows):
    lines = ["| case | verdict | worst error | where |", "|---|---|---|---|"]
    lines += [f"| {name} | {verdict} | {error} | {where} |" for name, verdict, error, where in rows]
    failed = sum(row[1] != "ok" for row in rows)
    return "\n".join([f"{len(rows) - failed} of {len(rows)} cases agree.", "", *lines]) + "\n"


def read(path):
    """The file's text, which has both marks."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not re.search(f"{BEGIN}.*{END}", text, flags=re.DOTALL):
        raise SystemExit(f"{path}: the marks {BEGIN.strip()} and {END.strip()} are not there")
    return text


def write(path, text, rows):
    text = re.sub(f"({BEGIN}).*({END})", lambda m: m[1] + table(rows) + m[2], text, flags=re.DOTALL)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
