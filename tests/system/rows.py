#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Reads a run directory with a CSV reader that is not ours.

Usage: rows.py check RUN            everything that must hold for any run; says what does not, exit status 1
       rows.py total RUN KEY...     totals (or other keys) of run.json, one line
       rows.py count RUN [COL=VALUE|COL!=VALUE]...   rows that fit
       rows.py values RUN COL...    the different values, sorted, joined by commas, one line for each
       rows.py names RUN            names in the pairs, sorted
       rows.py exact RUN NAMES      each name of the file NAMES once for each resolver, those that failed once more, but
                             for what overloaded resolvers said
       rows.py updates FILE         a file of JSON lines: their number, and the keys of the last one that matter
"""
import csv
import gzip
import hashlib
import json
import os
import sys

COLUMNS = (
    "time,name,qtype,resolver,outcome,rcode,ede,ede_text,flags,answers,tries,rtt_us,cd_outcome,cd_rcode,cd_ede,"
    "cd_ede_text,cd_flags,cd_answers,cd_tries,cd_rtt_us,again_outcome,again_rcode,nsid,note"
).split(",")
OUTCOMES = {"answered", "timeout", "unreachable", "truncated-tcp-failed", "malformed", "mismatch", "not-asked"}


def manifest(run):
    with open(os.path.join(run, "run.json"), encoding="utf-8") as file:
        return json.load(file)


def parts(run):
    return sorted(f for f in os.listdir(run) if f.startswith("pairs-") and f.endswith(".csv.gz"))


def rows(run):
    for part in parts(run):
        with gzip.open(os.path.join(run, part), "rt", encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file, strict=True)


def check(run):
    wrong = []
    man = manifest(run)
    totals = man["totals"]
    if totals["read"] != totals["scanned"] + totals["duplicates"] + totals["rejected"] + totals["left"]:
        wrong.append("totals do not balance: %s" % totals)
    if man["complete"] and totals["left"]:
        wrong.append("complete, but names are left")
    listed = {p["name"]: p["rows"] for p in man["parts"]}
    for part in man["parts"]:
        with open(os.path.join(run, part["name"]), "rb") as file:
            octets = file.read()
        if len(octets) != part["octets"] or hashlib.sha256(octets).hexdigest() != part["sha256"]:
            wrong.append("%s is not what run.json says" % part["name"])
    if man["complete"] and os.path.exists(os.path.join(run, "resume.gz")):
        wrong.append("complete, but resume.gz is there")
    for name in os.listdir(run):
        if name.endswith(".part") and not (name.startswith("rejected") and man["stopped"] == "output"):
            wrong.append(name + " is left")
        if name.endswith(".csv.gz") and name != "rejected.csv.gz" and name not in listed:
            wrong.append(name + " is not in run.json")
    seen = {}
    count = 0
    for part in parts(run):
        in_part = 0
        with gzip.open(os.path.join(run, part), "rt", encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader)
            if header[: len(COLUMNS)] != COLUMNS:
                wrong.append("header: %s" % header)
            for row in reader:
                in_part += 1
                if len(row) != len(header):
                    wrong.append("%s: row %d has %d fields" % (part, in_part, len(row)))
                    continue
                value = dict(zip(header, row))
                if value["outcome"] not in OUTCOMES or value["cd_outcome"] not in OUTCOMES:
                    wrong.append("%s: row %d: outcome %s" % (part, in_part, value["outcome"]))
                if (value["outcome"] == "answered") != (value["rcode"] != "") and value["outcome"] != "truncated-tcp-failed":
                    wrong.append("%s: row %d: %s with RCODE %s" % (part, in_part, value["outcome"], value["rcode"]))
                if "recheck" not in value["note"].split("+"):
                    key = (value["name"], value["qtype"], value["resolver"])
                    seen[key] = seen.get(key, 0) + 1
        count += in_part
        if listed.get(part) != in_part:
            wrong.append("%s has %d rows, run.json says %s" % (part, in_part, listed.get(part)))
    twice = [key for key, n in seen.items() if n > 1]
    if twice:
        wrong.append("%d pairs more than once, such as %s" % (len(twice), twice[0]))
    asked = len({r for _, _, r in seen})
    types = len({t for _, t, _ in seen})
    if man["complete"] and len(seen) != totals["scanned"] * asked * types:
        wrong.append("%d pairs of %d names" % (len(seen), totals["scanned"]))
    if len(seen) < totals["scanned"]:
        wrong.append("%d names scanned, but only %d pairs" % (totals["scanned"], len(seen)))
    rejects = 0
    if os.path.exists(os.path.join(run, "rejected.csv.gz")) or man["stopped"] != "output":
        with gzip.open(os.path.join(run, "rejected.csv.gz"), "rt", encoding="utf-8", newline="") as file:
            rejects = sum(1 for _ in csv.DictReader(file, strict=True))
    if rejects != totals["rejected"]:
        wrong.append("%d rejects, totals say %d, excluded ones among them" % (rejects, totals["rejected"]))
    print("\n".join(wrong[:20]))
    return 1 if wrong else 0


def fits(row, condition):
    if "!=" in condition:
        column, value = condition.split("!=", 1)
        return row[column] != value
    column, value = condition.split("=", 1)
    return row[column] == value


def exact(run, path):
    with open(path, encoding="utf-8") as file:
        names = {line.strip() for line in file}
    resolvers = manifest(run)["resolvers"]
    first, again, late, failed = {}, {}, set(), set()
    for row in rows(run):
        notes, key = row["note"].split("+"), (row["name"], row["resolver"])
        if "recheck" not in notes:
            first[key] = first.get(key, 0) + 1
        elif "overload" not in notes:  # those are asked until they are not
            again[key] = again.get(key, 0) + 1
        if "overload" in notes:
            late.add(key)
        elif "recheck" not in notes and (row["outcome"] != "answered" or row["rcode"] not in ("NOERROR", "NXDOMAIN")):
            failed.add(row["name"])
    good = True
    for what, counts, wanted, may in (("first", first, names, ()), ("again", again, failed, late)):
        keys = {(name, resolver) for name in wanted for resolver in resolvers}
        missing = len(keys - counts.keys() - set(may))
        twice = sum(n > 1 for n in counts.values())
        strange = len(counts.keys() - keys - set(may))
        if missing or twice or strange:
            print("%s: %d missing, %d more than once, %d that should not be" % (what, missing, twice, strange))
            good = False
    return 0 if good else 1


def updates(path):
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    last = lines[-1]
    print(len(lines), last["read"], last["scanned"], last["left"], last["pairs"])


def main():
    command, run, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    if command == "check":
        return check(run)
    if command == "exact":
        return exact(run, rest[0])
    if command == "total":
        man = manifest(run)
        print(" ".join(str(man["totals"].get(key, man.get(key))) for key in rest))
    elif command == "count":
        print(sum(1 for row in rows(run) if all(fits(row, condition) for condition in rest)))
    elif command == "values":
        for column in rest:
            print(",".join(sorted({row[column] for row in rows(run)})))
    elif command == "names":
        print("\n".join(sorted({row["name"] for row in rows(run)})))
    elif command == "updates":
        updates(run)
    return 0


sys.exit(main())
