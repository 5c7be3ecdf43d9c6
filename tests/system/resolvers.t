#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# Resolvers one can believe. In the lab: a list with two good ones, one that does not validate, one that ignores CD, one that
# rewrites NXDOMAIN, one that refuses, one that is dead, one that is lossy and one that is limited to 2,000 queries a second
# gives each case the verdict that the two good ones alone give, and resolvers.csv names each for what it is. So do stranger ones:
# two under one address, a relay, a policy. Over TCP, TLS and IPv6 the verdicts are those of UDP over IPv4. On loopback: a
# resolver that is limited is asked what it can serve, and no name is blamed for what it failed; one that is merely slow is
# waited for; each name goes to a few of many.
#
# Usage: tests/system/resolvers.t [--long]     --long: all cases of the lab, not only those that are quickly told, and longer at
# the limit, so that the time it takes can be judged (make check-resolvers)
import collections
import concurrent.futures
import csv
import glob
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
BUILD = os.path.abspath(os.environ.get("SERVFAIL_BUILD", "build"))
LAB = os.path.join(BUILD, "check", "resolvers.t")
ENVIRONMENT = dict(os.environ, SERVFAIL_BUILD=BUILD, SERVFAIL_LAB_DIR=LAB)
LONG = "--long" in sys.argv
GOOD = ("5.53.9.1", "5.53.9.2")
LIMIT = 2000
FILLING = 6000 if LONG else 5000  # names that bring the limited resolver to its limit
csv.field_size_limit(1 << 24)


class Tap:
    count = failed = 0
    began = time.time()

    def section(self, name):
        print("# %s, after %d s" % (name, time.time() - self.began))

    def ok(self, good, name, *comments):
        self.count += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.count, name))
        for comment in () if good else comments:
            print("# " + str(comment).replace("\n", "\n# "))
        sys.stdout.flush()
        return good

    def done(self):
        print("1..%d" % self.count)
        sys.exit(self.failed > 0)


tap = Tap()


def rows(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


def pairs(run):
    return [row for path in sorted(glob.glob(run + "/pairs-*.csv.gz")) for row in rows(path)]


def totals(run):
    with open(run + "/run.json") as file:
        return json.load(file)["totals"]


def phases(run):
    """(resolver, phase) -> row of resolvers.csv."""
    return {(row["resolver"], row["phase"]): row for row in rows(run + "/resolvers.csv")}


def write(path, lines):
    with open(path, "w") as out:
        out.writelines(line + "\n" for line in lines)
    return path


def verdicts(work, *runs):
    report = tempfile.mkdtemp(dir=work)
    subprocess.run([BUILD + "/servfail-aggregate", "-q", "-o", report + "/r", *runs], stderr=subprocess.DEVNULL)
    return {(row["name"], row["qtype"]): row for row in rows(report + "/r/verdicts.csv.gz")}


# ---- the lab's odd ones


def lab(*command, start=subprocess.run, **options):
    return start(["tools/servfail-lab", *command], env=ENVIRONMENT, **options)


def cases():
    found = []
    for line in open("tools/lab/cases.tsv"):
        field = line.rstrip("\n").split("\t")
        if not line.startswith("#") and field[0] != "-" and len(field) >= 8:
            # What comes and goes is another thing for each who asks at another time; so is one bad server beside good ones.
            quick = field[1] == "A" and field[3] in ("-", "dnssec") and not any(w in line for w in ("drop", "mute", "slow", "nobody"))
            by_chance = field[2] == "partial" or field[3] == "transient" or field[0].startswith("one-ns-")
            if not by_chance and (LONG or quick):
                found.append((field[0], field[1]))
    return found if LONG else found[::2]


def lab_scan(work, what, resolvers, qtype, names, *options):
    run = "%s/%s-%s" % (work, what, qtype)
    timeout, recheck = ("12", "10") if LONG else ("5", "4")
    return run, lab("run", BUILD + "/servfail-scan", "-q", "-r", resolvers, "-t", qtype, "-o", run, "--root-hints", LAB + "/root.hints",
                    "--trust-anchor", LAB + "/trust-anchor.ds", "--controls", LAB + "/controls.txt", "--broken-on-purpose",
                    LAB + "/broken-on-purpose.txt", "--rate", "0", "--resolver-rate", "0", "--timeout", timeout, "--recheck", recheck,
                    *options, write(run + ".names", names), start=subprocess.Popen, stderr=subprocess.PIPE, text=True)


def finish(process, want, name):
    said = process.communicate()[1]
    # that two are one is found out when they answer one control name in two ways, which is a matter of chance
    found_out = process.returncode == 1 and said.count("\n") == 1 and TWO_IN_ONE + " answers the same control name now so" in said
    tap.ok(process.returncode == want or found_out, name, process.returncode, said)
    return said


IS = {  # columns of the calibration before the scan
    "5.53.9.1": dict(reachable="yes", validates="yes", honours_cd="yes", rewrites_nxdomain="no", keeps_case="yes", tcp="yes"),
    "5.53.9.2": dict(reachable="yes", validates="yes", honours_cd="yes", rewrites_nxdomain="no", keeps_case="yes", tcp="yes"),
    "5.53.9.5": dict(reachable="yes", validates="no"),
    "5.53.9.6": dict(reachable="no", note="dropped"),
    "5.53.9.7": dict(reachable="yes", validates="yes", honours_cd="no"),
    "5.53.9.8": dict(reachable="yes", validates="yes", rewrites_nxdomain="yes"),
    "5.53.9.9": dict(reachable="yes", note="refuses+dropped"),
    "5.53.9.10": dict(reachable="yes", validates="yes"),
    "5.53.9.11": dict(reachable="yes", validates="yes", honours_cd="yes"),
}


def check_names(run, said):
    known = phases(run)
    for resolver, what in IS.items():
        row = known[resolver, "before"]
        tap.ok(all(row[key] == value for key, value in what.items()), "%s is named for what it is" % resolver, row)
    words = {r: {w for p in ("before", "during", "after") if (r, p) in known for w in known[r, p]["note"].split("+")} for r in IS}
    tap.ok("lossy" in words["5.53.9.10"], "5.53.9.10 is lossy", words)
    tap.ok("overload" in words["5.53.9.11"], "5.53.9.11 was overloaded", known["5.53.9.11", "during"])
    tap.ok(not any("lossy" in words[r] for r in IS if r != "5.53.9.10"), "nobody else is lossy", words)
    dropped = [line for line in said.splitlines() if line.endswith(": dropped")]
    tap.ok(len(dropped) == 2, "who cannot serve is dropped with a line", said)


def same(good, odd):
    """What a verdict says of the name; how many agree is another matter."""
    return bool(good and odd) and (good["status"], good["cause"], good["at"]) == (odd["status"], odd["cause"], odd["at"])


def odd_ones(work):
    tap.section("the lab")
    table = cases()
    two = write(work + "/two", GOOD)
    good, odd = [], []
    for qtype in sorted({t for _, t in table}):
        names = [n for n, t in table if t == qtype]
        # The cases stand in the middle of what brings the limited one to its limit.
        filling = ["n%d.unsigned.control.lab" % i for i in range(FILLING if qtype == "A" else 0)]
        run, alone = lab_scan(work, "good", two, qtype, names)
        good.append(run)
        if qtype == "A":
            finish(alone, 0, "the good ones alone: type A")
            tap.section("odd ones")
        run, together = lab_scan(work, "odd", LAB + "/resolvers-odd.txt", qtype, filling[::2] + names + filling[1::2])
        odd.append(run)
        said = finish(together, 1, "with all odd ones: type %s, exit status 1" % qtype)
        if qtype == "A":
            check_names(run, said)
        else:
            finish(alone, 0, "the good ones alone: type %s" % qtype)
        print("# " + said.replace("\n", "\n# "))
    tap.section("verdicts")
    of_good, of_odd = verdicts(work, *good), verdicts(work, *odd)
    for name, qtype in table:
        one, other = of_good.get((name, qtype)), of_odd.get((name, qtype))
        tap.ok(same(one, other), "%s %s: the same verdict" % (name, qtype), one, other)
    blamed = [v for (name, _), v in of_odd.items() if name.startswith("n") and name.endswith(".unsigned.control.lab") and v["status"] != "ok"]
    tap.ok(not blamed, "no name is blamed for the overload", *blamed[:5])


# ---- other ways to ask, and stranger resolvers


WAYS = {  # list -> options
    "resolvers.txt": (),
    "resolvers-tcp.txt": (),
    "resolvers-tls.txt": ("--tls-ca", LAB + "/tls/ca.pem"),
    "resolvers6.txt": (),
}
WITHHELD = ("valid-nsec.lab", "unsigned.lab", "rrsig-exp-all.lab")  # by the policy
TWO_IN_ONE = "5.53.9.15"
STRANGE = {
    TWO_IN_ONE: dict(reachable="yes", validates="no", honours_cd="yes"),
    "5.53.9.16": dict(reachable="yes", validates="no", honours_cd="no", note=""),
    "5.53.9.17": dict(reachable="yes", validates="yes", honours_cd="yes", note=""),
}


def compare(what, names, qtype, one, other):
    differ = [(n, one.get((n, qtype)), other.get((n, qtype))) for n in names if not same(one.get((n, qtype)), other.get((n, qtype)))]
    tap.ok(not differ, "%s: %d cases of type %s have the same verdict" % (what, len(names), qtype), *differ)


def scans(work, jobs):
    """jobs: what -> arguments of lab_scan(). All at once, or, where they are long, one after the other. what -> verdicts."""
    runs, found = {}, {}
    for what, job in jobs.items():
        runs[what], process = lab_scan(work, what, *job)
        found[what] = process
        if LONG:
            finish(process, 0, what)
    for what, process in found.items():
        if not LONG:
            finish(process, 0, what)
        found[what] = verdicts(work, runs[what])
    return runs, found


def other_ways(work):
    table = cases()
    for qtype in sorted({t for _, t in table}) if LONG else ["A"]:
        names = [n for n, t in table if t == qtype][:: 1 if LONG else 6]
        mixed = write(work + "/mixed", [*GOOD, *STRANGE])
        tap.section("type %s over UDP, TCP, TLS and IPv6" % qtype)
        jobs = {way: (LAB + "/" + way, qtype, names, *options) for way, options in WAYS.items()}
        jobs["good ones"] = (write(work + "/two", GOOD), qtype, names)
        jobs["strange ones"] = (mixed, qtype, names)
        runs, found = scans(work, jobs)
        for way in WAYS:
            compare(way, names, qtype, found["resolvers.txt"], found[way])
            asked = {row["resolver"] for row in pairs(runs[way]) if row["outcome"] == "answered"}
            tap.ok(len(asked) == 4, "%s: all four answer" % way, asked)
        compare("strange ones", [n for n in names if n not in WITHHELD], qtype, found["good ones"], found["strange ones"])
        known = phases(runs["strange ones"])
        for resolver, what in STRANGE.items() if qtype == "A" else ():
            row = known[resolver, "before"]
            # what is seen of two that take turns is a matter of which of them was asked what
            found_out = resolver == TWO_IN_ONE and "dropped" in row["note"]
            tap.ok(found_out or all(row[key] == value for key, value in what.items()), "%s is named for what it is" % resolver, row)


# ---- at the limit


class Answerer:
    """The bench's, on a free port of an address range."""

    def __init__(self, work, addresses, *options):
        for port in range(21000 + os.getpid() % 9000, 65000, 7):
            self.out = tempfile.NamedTemporaryFile("w+", dir=work, delete=False)
            self.process = subprocess.Popen([BUILD + "/bench-answerer", "--listen", "%s:%d" % (addresses, port), "--servfail", "20",
                                             "--dead", "10", "--ede", "--sign", "64", *options], stdout=self.out, stderr=subprocess.DEVNULL)
            for _ in range(100):
                time.sleep(0.02)
                if open(self.out.name).read().startswith("ready") or self.process.poll() is not None:
                    break
            if self.process.poll() is None:
                self.port = port
                return
        sys.exit("Bail out! no answerer")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        return json.loads(open(self.out.name).read().splitlines()[-1])


def scan(run, work, resolvers, names, *options):
    controls = write(work + "/controls", ["ctl-%s.example %s" % (c, kind) for c, kind in zip("abcd", ["good", "good", "unsigned", "unsigned"])])
    return subprocess.run([BUILD + "/servfail-scan", "-q", "-r", write(run + ".resolvers", resolvers), "-o", run, "--controls", controls,
                           "--evidence", "none", "--rate", "0", "--resolver-rate", "0", *options, write(run + ".names", names)],
                          stderr=subprocess.PIPE, text=True)


def some_names(count):
    return subprocess.run([BUILD + "/bench-names", str(count)], stdout=subprocess.PIPE, text=True).stdout.split()


def at_the_limit(work, what, *options):
    count = 80000 if LONG else 8000
    limited, good = Answerer(work, "127.79.0.1", "--limit", str(LIMIT), *options), Answerer(work, "127.79.0.2")
    run, names = work + "/" + what, some_names(count)
    one, two = "127.79.0.1:%d" % limited.port, "127.79.0.2:%d" % good.port
    done = scan(run, work, [one, two], names, "--recheck", "1")
    saw, _ = limited.stop(), good.stop()
    known, found = phases(run), pairs(run)
    of_limited = [row for row in found if row["resolver"] == one and not row["note"].startswith("recheck")]
    times = sorted(row["time"] for row in of_limited)
    took = stamp(times[-1]) - stamp(times[0])
    tap.ok(done.returncode == 0, what + ": done", done.stderr)
    during = known[one, "during"]
    tap.ok("overload" in during["note"] and "slowed" in during["note"], what + ": it is known that it was overloaded", during)
    tap.ok(0.8 * LIMIT <= int(during["rate_qps"]) <= 1.2 * LIMIT, what + ": it ends within a fifth of what it can serve", during)
    believed = {(row["name"], row["resolver"]) for row in found if "overload" not in row["note"]}
    tap.ok(len(believed) == 2 * count, what + ": each has its say on each name in the end", len(believed))
    # The same names fail at both, for the answerer goes by a hash.
    failing = collections.Counter(v["status"] for v in verdicts(work, run).values())
    broken = {row["name"] for row in found if row["resolver"] == two and row["rcode"] == "SERVFAIL"}
    tap.ok(failing["failing"] == len(broken) and failing["ok"] == count - len(broken), what + ": nobody is blamed for it", failing, len(broken))
    ideal = (saw["queries"] - saw["overloaded"]) / LIMIT
    print("# %s: %.1f s; %.1f at its limit; %d of %d queries were too many" % (what, took, ideal, saw["overloaded"], saw["queries"]))
    if LONG:
        tap.ok(took <= 1.1 * ideal, what + ": in the time that it needs", "%.1f s, %.1f at its limit" % (took, ideal))
    quick = known[two, "during"]
    tap.ok(int(quick["rate_qps"]) > 2 * LIMIT, what + ": the other is not slowed down", quick)


def stamp(text):
    return time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) + float(text[19:23])


# ---- slow, and nothing else


def slow_one(work):
    tap.section("a slow one")
    slow, quick = Answerer(work, "127.81.0.1", "--delay", "2000", "--jitter", "1000"), Answerer(work, "127.81.0.2")
    one, two = "127.81.0.1:%d" % slow.port, "127.81.0.2:%d" % quick.port
    names = some_names(600)
    lists = {"beside a quick one": [one, two], "alone": [one]}

    def ask(what):
        return scan(work + "/slow " + what, work, lists[what], names, "--recheck", "1", "--resolver-rate", "100")

    with concurrent.futures.ThreadPoolExecutor() as both:
        scans_done = list(both.map(ask, lists))
    for what, done in zip(lists, scans_done):
        run = work + "/slow " + what
        known, found = phases(run), [row for row in pairs(run) if row["resolver"] == one]
        tap.ok(done.returncode == 0 and not done.stderr, what + ": nothing is said of it", done.returncode, done.stderr)
        row = known[one, "before"]
        tap.ok(row["note"] == "" and row["loss_percent"] == "0", what + ": it loses nothing", row)
        tap.ok(int(row["median_rtt_us"]) > 1900000, what + ": how long it takes is known", row)
        row = known[one, "during"]
        tap.ok(row["note"] == "" and row["controls_failed"] == "0", what + ": it is neither overloaded nor gone", row)
        tap.ok({r["name"] for r in found} == set(names), what + ": it has its say on every name")
        tap.ok(not any("overload" in r["note"] for r in found), what + ": which counts")
    slow.stop(), quick.stop()


# ---- a few of many


def few_of_many(work):
    tap.section("a few of many")
    many, count, each = Answerer(work, "127.80.0.1-100"), 2000, 3
    resolvers = ["127.80.0.%d:%d" % (i, many.port) for i in range(1, 101)]
    names = some_names(count)
    asked = []
    for run, seed in ((work + "/few1", "1"), (work + "/few2", "1"), (work + "/few3", "2")):
        done = scan(run, work, resolvers, names, "--resolvers-per-name", str(each), "--seed", seed, "--recheck", "0")
        tap.ok(done.returncode == 0, "seed %s: done" % seed, done.stderr)
        asked.append({(row["name"], row["resolver"]) for row in pairs(run)})
    load = collections.Counter(resolver for _, resolver in asked[0])
    of_name = collections.Counter(name for name, _ in asked[0])
    tap.ok(set(of_name.values()) == {each} and len(of_name) == count, "each name goes to three")
    tap.ok(len(load) == 100 and max(load.values()) < 2 * count * each / 100, "each resolver has its share", load)
    tap.ok(asked[0] == asked[1], "the same seed, the same resolvers")
    tap.ok(len(asked[0] & asked[2]) < 0.1 * len(asked[0]), "another seed, others")
    many.stop()


def main():
    work = tempfile.mkdtemp()
    lab("down", stderr=subprocess.DEVNULL)
    try:
        at_the_limit(work, "SERVFAIL")
        if LONG:
            at_the_limit(work, "silence", "--limit-drops")
            slow_one(work)
        few_of_many(work)
        if tap.ok(lab("up").returncode == 0, "the lab is up"):
            odd_ones(work)
            other_ways(work)
    finally:
        lab("down", stderr=subprocess.DEVNULL)
        shutil.rmtree(work)
    tap.done()


main()
