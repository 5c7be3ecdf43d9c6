#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes run directories to report on, below FOLDER: night, shuffled (the same rows in another order), and hostile.

Usage: nights.py FOLDER
"""
import csv
import gzip
import io
import json
import os
import random
import sys

PAIRS = ("time,name,qtype,resolver,outcome,rcode,ede,ede_text,flags,answers,tries,rtt_us,cd_outcome,cd_rcode,cd_ede,cd_ede_text,"
         "cd_flags,cd_answers,cd_tries,cd_rtt_us,again_outcome,again_rcode,nsid,note,cd_rrsig").split(",")
EVIDENCE = ("time,name,qtype,zone,probe,question,question_type,server,address,transport,outcome,rcode,flags,answers,tries,rtt_us,"
            "finding,detail").split(",")
RESOLVERS = ("192.0.2.1", "192.0.2.2")


def pair(name, resolver, normal="NOERROR", cd="NOERROR", ede="", text="", second=0, **more):
    row = {"time": f"2026-11-03T00:00:{second % 60:02d}.000Z", "name": name, "qtype": "A", "resolver": resolver, "outcome": "answered",
           "rcode": normal, "ede": ede, "ede_text": text, "flags": "rd+ra", "answers": "1", "tries": "1", "rtt_us": str(900 + 37 * second),
           "cd_outcome": "answered", "cd_rcode": cd, "cd_flags": "rd+ra+cd", "cd_answers": "1", "cd_tries": "1", "cd_rtt_us": "800"}
    if normal == "SERVFAIL" and cd == "NOERROR":
        row.update(again_outcome="answered", again_rcode="SERVFAIL")
    row.update(more)
    return row


def fact(name, zone, probe, finding, detail="", **more):
    return {"time": "2026-11-03T00:01:00.000Z", "name": name, "qtype": "A", "zone": zone, "probe": probe, "finding": finding,
            "detail": detail, "tries": "0", **more}


def table(path, columns, rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        file.write(text.getvalue().encode("utf-8", "surrogateescape"))


def run(folder, pairs, evidence, resolvers=RESOLVERS):
    os.makedirs(folder)
    table(folder + "/pairs-000.csv.gz", PAIRS, pairs)
    table(folder + "/evidence-000.csv.gz", EVIDENCE, evidence)
    with open(folder + "/resolvers.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow("resolver,phase,time,reachable,validates,honours_cd,sends_ede,controls_asked,controls_failed".split(","))
        for resolver in resolvers:
            for phase in ("before", "after"):
                writer.writerow([resolver, phase, "2026-11-03T00:00:00.000Z", "yes", "yes", "yes", "yes", "4", "0"])
    names = len({row["name"] for row in pairs})
    with open(folder + "/run.json", "w", encoding="utf-8") as file:
        json.dump({"schema": 1, "complete": True, "totals": {"read": names + 3, "scanned": names, "duplicates": 1, "rejected": 2,
                                                            "excluded": 1, "queries": 4 * names, "queries_again": 3}}, file)


def path(name, zone, servers, cause="", detail=""):
    """The evidence of one name: the way there, its servers, the chain."""
    yield fact(name, ".", "path", "zone")
    yield fact(name, zone, "path", "own-zone")
    if cause and cause.startswith("rrsig"):
        yield fact(name, zone, "chain", cause, detail)
    for server in servers:
        yield fact(name, zone, "ns-address", "ok", "192.0.2.53", server=server)
    yield fact(name, zone, "conclusion", "ok" if not cause or cause.startswith("rrsig") else cause, detail)


def night():
    pairs, evidence = [], []
    for i in range(20):
        pairs += [pair(f"good{i:02d}.example", r, second=i, flags="rd+ra+ad") for r in RESOLVERS]
    for i in range(20):  # all at one hoster, whose zone is dead
        name = f"victim{i:02d}.example"
        pairs += [pair(name, r, "SERVFAIL", "SERVFAIL", "22", "At delegation", i) for r in RESOLVERS]
        evidence += list(path(name, "dead-hoster.example", ["ns1.dead-hoster.example"], "ns-timeout", "no address answers"))
    for i, cause in enumerate(("rrsig-expired", "rrsig-invalid")):
        zone = f"{cause}.example"
        pairs += [pair(zone, r, "SERVFAIL", "NOERROR", "7", "signature expired", i,
                       cd_rrsig=f"A/13/1/20261001000000/20261101000000/{zone}") for r in RESOLVERS]
        evidence += list(path(zone, zone, ["ns1.exampledns-12.com", "ns2.exampledns-7.net"], cause, f"RRSIG over A of {zone} is not right"))
    for i, cause in enumerate(("ns-refused", "zone-not-loaded", "ns-error")):
        zone = f"{cause}.example"
        pairs += [pair(zone, r, "SERVFAIL", "SERVFAIL", second=i) for r in RESOLVERS]
        evidence += list(path(zone, zone, ["ns.hoster.example"], cause, f"{zone} is not served"))
    pairs += [pair("differs.example", r, *(("NOERROR", "NOERROR") if r == RESOLVERS[0] else ("SERVFAIL", "SERVFAIL")))
              for r in RESOLVERS]
    pairs += [pair("good00.example", RESOLVERS[0], second=59)]
    return pairs, evidence


NASTY = ("<script>hostile=1</script>", "\"><img src=x onerror=hostile=1>", "'/**/onmouseover='hostile=1", "</title></style><script>hostile=1</script>",
         "]]></svg><iframe src=javascript:hostile=1>", "&lt;b&gt;&#60;", "{{scope}}{{/causes}}", "\u202egnp.exe\u202c\u2066", "a\u200bb\ufeffc\U000e0041",
         "=cmd|' /C calc'!A0", "%s%n%p", "\udcff\udcfe\udc80", "x" * 240, "\u0661\u05d0\u0627.example", "-->", "`${hostile=1}`")


def hostile():
    pairs, evidence = [], []
    resolvers = ("192.0.2.1", "<b>192.0.2.2", "\u202e3.2.0.291\"onload=hostile=1")
    for i, nasty in enumerate(NASTY):
        name = f"{nasty}.x{i}.{nasty}"[-250:]
        for r in resolvers:
            pairs.append(pair(name, r, "SERVFAIL", "NOERROR" if i % 2 else "SERVFAIL", "6", nasty, i, nsid=nasty,
                              cd_rrsig=f"A/13/1/20261001000000/20261101000000/{nasty}"))
        zone = f"{nasty}.test"[-250:]
        evidence += list(path(name, zone, [f"ns.{nasty}"[:250], f"ns.b.{nasty}"[:250]], "rrsig-expired" if i % 2 else "ns-refused", nasty * 3))
        if i % 3 == 0:  # enough of them that a zone is to blame
            other = f"a.{zone}"[-250:]
            pairs += [pair(other, r, "SERVFAIL", "SERVFAIL", "22", nasty, i) for r in resolvers]
            evidence += list(path(other, zone, [f"ns.{nasty}"[:250]], "ns-refused", nasty))
    return pairs, evidence, resolvers


def main():
    folder = sys.argv[1]
    pairs, evidence = night()
    run(folder + "/night", pairs, evidence)
    random.Random(1).shuffle(pairs)
    names = sorted({row["name"] for row in evidence}, reverse=True)
    run(folder + "/shuffled", pairs, [row for name in names for row in evidence if row["name"] == name])
    run(folder + "/hostile", *hostile())


main()
