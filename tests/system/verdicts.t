#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# Every case of the lab, scanned with evidence through its four resolvers and judged: with all of them together and with
# each alone, the verdict must be the case table's (tools/lab/cases.tsv). No good case may be called broken by any choice of
# resolvers, and no wrong cause may be certain.
#
# The scan is made once; the other choices of resolvers are the same run with the other resolvers' rows left out, and
# without evidence where none would have been gathered.
#
# Usage: tests/system/verdicts.t [--table FILE] [--run DIR]
#   --table FILE  also write what each resolver answered and what is concluded (tests/data/lab-verdicts.tsv), and the
#                 same of the published cases (tests/data/published-63.tsv)
#   --run DIR     judge what lies there instead of scanning; scan into DIR if it is not there
import csv
import glob
import gzip
import io
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
BUILD = os.path.abspath(os.environ.get("SERVFAIL_BUILD", "build"))
LAB = os.path.join(BUILD, "check", "verdicts.t")
ENVIRONMENT = dict(os.environ, SERVFAIL_BUILD=BUILD, SERVFAIL_LAB_DIR=LAB)
RESOLVERS = {"5.53.9.1": "unbound", "5.53.9.2": "bind", "5.53.9.3": "knot", "5.53.9.4": "pdns"}
ROUNDS, ROUND_S = 8, 6  # how often what comes and goes is asked again
csv.field_size_limit(1 << 24)


class Tap:
    count = failed = 0

    def ok(self, good, name, *comments):
        self.count += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.count, name))
        for comment in comments:
            print("# " + comment.replace("\n", "\n# "))
        return good

    def done(self):
        print("1..%d" % self.count)
        sys.exit(self.failed > 0)


tap = Tap()


def argument(name):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else None


def lab(*command, **options):
    return subprocess.Popen(["tools/servfail-lab", *command], env=ENVIRONMENT, **options)


# ---- the table


def cases():
    """(name, qtype) -> the row of the case table."""
    table = {}
    for line in open("tools/lab/cases.tsv"):
        field = line.rstrip("\n").split("\t")
        if line.startswith("#") or field[0] == "-" or len(field) < 8:
            continue
        name, qtype, status, category, cause, at, how, zone = field[:8]
        if at == "=":
            at = name if zone == "=" else zone
        table[name, qtype] = dict(status=status, category=category, cause=cause.replace("-", "", cause == "-"),
                                  at="" if at == "-" else at, how=how)
    return table


def arguable():
    """(name, qtype) -> causes that may be said instead, with the reason in the file."""
    with open("tests/data/verdicts-arguable.tsv") as file:
        fields = [line.split("\t") for line in file if not line.startswith("#")]
    return {(name, qtype): causes.split(" ") for name, qtype, causes, _reason in fields}


PUBLISHED = "tests/data/published-63.tsv"


def published():
    """[(name in the study, name in the lab)]."""
    with open(PUBLISHED) as file:
        fields = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return [field[:2] for field in fields[1:]], {field[1]: field for field in fields[1:]}


# ---- the scan


def scan(folder, names, qtype, *options):
    with open(folder + ".names", "w") as out:
        out.writelines(name + "\n" for name in names)
    return lab("run", BUILD + "/servfail-scan", "-q", "-r", LAB + "/resolvers.txt", "-t", qtype, "-o", folder,
               "--root-hints", LAB + "/root.hints", "--trust-anchor", LAB + "/trust-anchor.ds",
               "--controls", LAB + "/controls.txt", "--broken-on-purpose", LAB + "/broken-on-purpose.txt",
               "--rate", "0", "--resolver-rate", "0", *options, folder + ".names", stderr=subprocess.PIPE)


def finish(process, what):
    said = process.communicate()[1].decode(errors="replace").strip()
    return tap.ok(process.returncode == 0, what, *([said] if said else []))


def scan_all(work, table):
    """One run for each type; what comes and goes is asked again and again meanwhile."""
    started = time.time()
    scans = [(qtype, scan(work + "/run-" + qtype, [n for n, t in table if t == qtype], qtype,
                          "--evidence", "failed", "--timeout", "12"))
             for qtype in sorted({t for _, t in table})]
    transient = [n for (n, t), case in table.items() if case["category"] == "transient" and t == "A"]
    for i in range(ROUNDS):
        time.sleep(max(0, started + ROUND_S * (i + 1) - time.time()))
        finish(scan("%s/run-again%d" % (work, i), transient, "A", "--evidence", "none", "--recheck", "0",
                    "--timeout", "5"),
               "what comes and goes is asked again")
    for qtype, process in scans:
        finish(process, "all names of type %s are scanned" % qtype)
    for run in glob.glob(work + "/run-*/"):
        if not os.path.exists(run + "broken-on-purpose.txt"):
            shutil.copy(LAB + "/broken-on-purpose.txt", run)
    tap.ok(time.time() - started < 150, "in under 150 seconds: %d" % (time.time() - started))


# ---- the judgement


def rows(path):
    with gzip.open(path, "rt", newline="") as file:
        yield from csv.DictReader(file)


def failed(row):
    """Would the scanner have asked for evidence because of this row?"""
    cd_differs = row["cd_outcome"] not in ("", "not-asked") and (row["cd_outcome"], row["cd_rcode"]) != ("answered", row["rcode"])
    return row["outcome"] != "answered" or row["rcode"] not in ("NOERROR", "NXDOMAIN") or row["ede"] or cd_differs


def write(path, header, lines):
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    with open(path, "w") as out:
        out.write(text.getvalue())


def only(run, resolvers, to):
    """A copy of the run as these resolvers alone would have made it."""
    os.mkdir(to)
    kept = [row for path in sorted(glob.glob(run + "/pairs-*")) for row in rows(path) if row["resolver"] in resolvers]
    unclean = {row["name"] for row in kept if failed(row)}
    write(to + "/pairs-000.csv", kept[0].keys(), kept)
    proofs = [row for path in sorted(glob.glob(run + "/evidence-*")) for row in rows(path) if row["name"] in unclean]
    if proofs:
        write(to + "/evidence-000.csv", proofs[0].keys(), proofs)
    with open(run + "/resolvers.csv", newline="") as file:
        calibration = list(csv.DictReader(file))
    write(to + "/resolvers.csv", calibration[0].keys(), [row for row in calibration if row["resolver"] in resolvers])
    shutil.copy(run + "/broken-on-purpose.txt", to)


def judge(work, resolvers, evidence=True):
    """(name, qtype) -> verdict, of these resolvers."""
    scratch = tempfile.mkdtemp(dir=work)
    runs = sorted(glob.glob(work + "/run-*/"))
    copies = [os.path.join(scratch, "%d" % i) for i in range(len(runs))]
    for run, copy in zip(runs, copies):
        only(run, resolvers, copy)
        if not evidence and os.path.exists(copy + "/evidence-000.csv"):
            os.unlink(copy + "/evidence-000.csv")
    subprocess.run([BUILD + "/servfail-aggregate", "-q", "-o", scratch + "/report", *copies], stderr=subprocess.DEVNULL)
    verdicts = {(row["name"], row["qtype"]): row for row in rows(scratch + "/report/verdicts.csv.gz")}
    shutil.rmtree(scratch)
    return verdicts


def said(verdict):
    if not verdict:
        return "nothing"
    return "%s %s/%s at %s (%s)" % tuple(verdict[key] for key in ("status", "category", "cause", "at", "confidence"))


def wrong(case, verdict, instead=()):
    """Why the verdict is not the table's, or nothing."""
    if not verdict:
        return "there is none"
    if case["status"] == "ok":
        return "" if verdict["status"] == "ok" else "a good case is called " + verdict["status"]
    if case["status"] == "partial" and verdict["status"] == "ok":
        return ""  # these resolvers have no trouble with it
    if case["status"] == "failing" and verdict["status"] != "failing":
        return "it fails everywhere"
    if verdict["cause"] in instead:
        return ""
    if verdict["cause"] != case["cause"]:
        return "it is %s/%s" % (case["category"], case["cause"])
    on_path = case["category"] in ("dnssec", "delegation", "unreachable", "zone", "network")
    return "it lies at " + case["at"] if on_path and verdict["at"] != case["at"] else ""


def grave(case, verdict):
    """What must never be said, however little is known."""
    if not verdict or verdict["status"] == "ok":
        return False
    return case["status"] == "ok" or (verdict["confidence"] == "certain" and verdict["cause"] != case["cause"])


def compare(work, table):
    everybody = tuple(RESOLVERS)
    choices = [everybody] + [(one,) for one in everybody]
    verdicts = {choice: judge(work, choice) for choice in choices}
    excused = arguable()
    for (name, qtype), case in sorted(table.items()):
        comments = []
        for choice in choices:
            verdict = verdicts[choice].get((name, qtype))
            why = wrong(case, verdict, excused.get((name, qtype), ()))
            if why:
                who = "all" if choice == everybody else RESOLVERS[choice[0]] + " alone"
                comments.append("%s: %s, but %s\n   %s" % (who, said(verdict), why, verdict["evidence"] if verdict else ""))
        tap.ok(not comments, "%s %s: %s" % (name, qtype, said(verdicts[everybody].get((name, qtype)))), *comments)
    for count in (2, 3):
        for choice in itertools.combinations(everybody, count):
            of_choice = judge(work, choice)
            bad = ["%s %s: %s" % (*key, said(of_choice.get(key))) for key, case in sorted(table.items())
                   if wrong(case, of_choice.get(key), excused.get(key, ()))]
            tap.ok(not bad, "the same with " + " and ".join(RESOLVERS[one] for one in choice), *bad)
    for choice in choices:
        of_choice = judge(work, choice, evidence=False)
        bad = ["%s %s: %s" % (*key, said(of_choice.get(key))) for key, case in sorted(table.items())
               if grave(case, of_choice.get(key))]
        tap.ok(not bad, "without evidence %s is never sure of what is wrong" % "+".join(RESOLVERS[one] for one in choice),
               *bad)
    compare_published(table, verdicts)
    return verdicts


def compare_published(table, verdicts):
    """The cases of the study, by all resolvers and by each alone; and the page about them is true."""
    cases, page = published()
    bad = []
    for their, ours in cases:
        bad += ["%s: %s" % (their, said(of_choice.get((ours, "A")))) for of_choice in verdicts.values()
                if (ours, "A") not in table or wrong(table[ours, "A"], of_choice.get((ours, "A")))]
        of_all = verdicts[tuple(RESOLVERS)].get((ours, "A"))
        if of_all and page[ours][-3:-1] != [of_all["status"], of_all["cause"] or "-"]:
            bad.append("%s: %s, but the page says %s" % (their, said(of_all), " ".join(page[ours][-3:])))
    tap.ok(len(cases) == 63 and not bad, "the 63 published cases: %d are right" % (len(cases) - len(bad)), *bad)


# ---- the table of answers


def answer(row):
    def one(outcome, rcode, ede):
        return (rcode if outcome == "answered" else outcome) + ("".join(" " + code for code in ede.split("+")) if ede else "")

    text = one(row["outcome"], row["rcode"], row["ede"]) + " / " + one(row["cd_outcome"], row["cd_rcode"], row["cd_ede"])
    return text + (" / " + one(row["again_outcome"], row["again_rcode"], "") if row["again_outcome"] else "")


def write_table(path, work, table, verdicts):
    answers = {}
    for run in sorted(glob.glob(work + "/run-*/pairs-*")):
        for row in rows(run):
            answers.setdefault((row["name"], row["qtype"], row["resolver"]), answer(row))
    with open(path, "w") as out:
        out.write("# What four validating resolvers answer to each case of the lab (CD=0 / CD=1 [/ CD=0 again], EDE codes\n"
                  "# behind the RCODE), and what is concluded from their answers and the evidence together.\n"
                  "# Written by tests/system/verdicts.t --table.\n")
        out.write("\t".join(["name", "qtype", *RESOLVERS.values(), "status", "cause", "at", "confidence"]) + "\n")
        for name, qtype in table:
            verdict = verdicts[tuple(RESOLVERS)][name, qtype]
            cause = verdict["category"] + "/" + verdict["cause"] if verdict["cause"] else "-"
            out.write("\t".join([name, qtype, *(answers.get((name, qtype, one), "-") for one in RESOLVERS),
                                 verdict["status"], cause, verdict["at"] or "-", verdict["confidence"] or "-"]) + "\n")


def write_published(work, table, verdicts):
    answers = {}
    for run in sorted(glob.glob(work + "/run-A/pairs-*")):
        for row in rows(run):
            answers.setdefault((row["name"], row["resolver"]), answer(row))
    with open(PUBLISHED) as file:
        head = [line for line in file if line.startswith("#")]
    pairs = published()[0]
    with open(PUBLISHED, "w") as out:
        out.writelines(head)
        out.write("\t".join(["published", "lab", "truth", *RESOLVERS.values(), "status", "cause", "confidence"]) + "\n")
        for their, ours in pairs:
            verdict = verdicts[tuple(RESOLVERS)][ours, "A"]
            out.write("\t".join([their, ours, table[ours, "A"]["cause"] or "ok", *(answers.get((ours, one), "-") for one in RESOLVERS),
                                 verdict["status"], verdict["cause"] or "-", verdict["confidence"] or "-"]) + "\n")


def main():
    table = cases()
    work = os.path.abspath(argument("--run") or tempfile.mkdtemp())
    if not glob.glob(work + "/run-*"):
        os.makedirs(work, exist_ok=True)
        lab("down", stderr=subprocess.DEVNULL).wait()
        try:
            if not tap.ok(lab("up").wait() == 0, "the lab is up"):
                tap.done()
            scan_all(work, table)
        finally:
            lab("down", stderr=subprocess.DEVNULL).wait()
    verdicts = compare(work, table)
    if argument("--table"):
        write_table(argument("--table"), work, table, verdicts)
        write_published(work, table, verdicts)
    if not argument("--run"):
        shutil.rmtree(work)
    tap.done()


main()
