#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Opens a report.html in headless Chromium, as a phone and as a desk, light, dark and on paper, and says what is wrong;
exit status 1 then, 77 when there is no Chromium.

Usage: browser.py FILE [FOLDER]     FOLDER: pictures of all of it go there

Looked at: errors and warnings of the console, violations of the policy, requests to anything but the file, letters wider than
the page, sorting, searching, what hostile text became, and, where axe-core is found (AXE=axe.min.js, or below NODE_PATH or
./node_modules), what that has to say about accessibility. Chromium is driven through its pipe, without a library.
"""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

VIEWS = (("desk", 1280, 900, "light"), ("desk-dark", 1280, 900, "dark"), ("phone", 360, 740, "light"), ("phone-dark", 360, 740, "dark"))


class Chromium:
    def __init__(self, program, profile):
        to_child, self.output = os.pipe()
        self.input, from_child = os.pipe()

        def pipes():
            os.dup2(to_child, 3)
            os.dup2(from_child, 4)

        # Both ends must not lie on 3 and 4 themselves.
        while to_child < 10 or from_child < 10:
            to_child, from_child = (os.dup(fd) if fd < 10 else fd for fd in (to_child, from_child))
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
             "--disable-background-networking", "--no-first-run", "--remote-debugging-pipe", "--user-data-dir=" + profile,
             "about:blank"],
            preexec_fn=pipes, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_child)
        os.close(from_child)
        self.number, self.buffer, self.events, self.session = 0, b"", [], None

    def read(self):
        while b"\0" not in self.buffer:
            more = os.read(self.input, 1 << 20)
            if not more:
                raise EOFError("Chromium is gone")
            self.buffer += more
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method):
        while not any(e.get("method") == method for e in self.events):
            self.events.append(self.read())

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"])[:500])
        return result["result"].get("value")

    def close(self):
        self.process.terminate()
        self.process.wait()


SORTED = """(() => {
    const wrong = [];
    for (const table of document.querySelectorAll("table.sortable")) {
        const before = table.tBodies[0].rows.length;
        [...table.tHead.rows[0].cells].forEach((head, column) => {
            const button = head.querySelector("button");
            if (!button) { wrong.push("no button in " + head.textContent); return; }
            const values = () => [...table.tBodies[0].rows].map((row) => {
                const cell = row.cells[column], text = cell.dataset.v ?? cell.textContent.replace(/,/g, "");
                return head.classList.contains("n") ? (text === "" ? NaN : Number(text)) : text;
            }).filter((value) => !Number.isNaN(value));
            const fits = (list, way) => list.every((value, i) => i === 0 || (typeof value === "number" ?
                way * (value - list[i - 1]) >= 0 : way * value.localeCompare(list[i - 1], "en") >= 0));
            for (let i = 0; i < 2; i++) {
                button.click();
                const way = head.getAttribute("aria-sort") === "ascending" ? 1 : -1;
                if (!fits(values(), way)) wrong.push("not sorted by " + head.textContent);
            }
        });
        if (table.tBodies[0].rows.length !== before) wrong.push("rows were lost");
    }
    return wrong;
})()"""

SEARCHED = """(() => {
    const wrong = [], input = document.querySelector("#faults input");
    if (!input) return wrong;
    const rows = [...document.querySelectorAll("table.faults tbody tr")];
    const shown = () => rows.filter((row) => row.offsetParent !== null).length;
    const put = (text) => { input.value = text; input.dispatchEvent(new Event("input")); };
    const word = rows[0].querySelector(".name").textContent;
    put(word);
    if (!shown() || (rows.length > 3 && shown() === rows.length)) wrong.push("searching for " + word + " shows " + shown());
    put("no such word anywhere");
    if (shown()) wrong.push("searching for nothing shows " + shown());
    put("");
    if (shown() !== rows.length) wrong.push("not all rows come back");
    const said = document.querySelector("#faults output").textContent;
    if (said !== rows.length + " of " + rows.length) wrong.push("it says " + said + " of " + rows.length + " faults");
    return wrong;
})()"""

LAID_OUT = """(() => {
    const wrong = [], width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width) wrong.push("the page is " + document.documentElement.scrollWidth + " wide");
    for (const text of document.querySelectorAll("svg text")) {
        const box = text.getBoundingClientRect();
        if (box.right > width + 1 || box.left < -1) wrong.push("letters outside: " + text.textContent.slice(0, 60));
    }
    if (width > 1000) for (const table of document.querySelectorAll(".scroll")) {
        if (table.scrollWidth > table.clientWidth + 1 && !/by resolver|differ/.test(table.getAttribute("aria-label")))
            wrong.push("a table wider than its place: " + table.getAttribute("aria-label") + " " + (table.scrollWidth - table.clientWidth));
    }
    for (const svg of document.querySelectorAll("figure > svg")) {
        const box = svg.getBoundingClientRect();
        if (box.width < 200 || box.height < 20) wrong.push("a chart of " + box.width + " x " + box.height);
    }
    return wrong;
})()"""

HOSTILE = """[...document.querySelectorAll("img, iframe, object, embed, link, base, form, [onload], [onerror], [onclick], [style]")]
    .map((e) => "hostile: " + e.outerHTML.slice(0, 100)).concat(window.hostile ? ["a hostile script ran"] : [])"""


def find_axe():
    places = [os.environ.get("AXE", "")]
    for folder in os.environ.get("NODE_PATH", "").split(":") + ["node_modules"]:
        places.append(os.path.join(folder, "axe-core/axe.min.js"))
    return next((place for place in places if place and os.path.isfile(place)), None)


def complaints(events, url):
    for event in events:
        params = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            yield "exception: " + json.dumps(params["exceptionDetails"])[:300]
        elif event.get("method") == "Runtime.consoleAPICalled":
            yield "console: " + json.dumps(params["args"])[:300]
        elif event.get("method") == "Log.entryAdded":
            yield "log: " + params["entry"]["text"][:300]
        elif event.get("method") == "Network.requestWillBeSent" and params["request"]["url"] != url:
            yield "asks for " + params["request"]["url"][:200]


def picture(browser, path, width):
    height = browser.call("Page.getLayoutMetrics")["cssContentSize"]["height"]
    step = 2400
    for i, y in enumerate(range(0, int(height) + 1, step)):
        clip = {"x": 0, "y": y, "width": width, "height": min(step, height - y) or 1, "scale": 1}
        shot = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        with open(f"{path}-{i}.png", "wb") as file:
            file.write(base64.b64decode(shot["data"]))


def look(browser, url, view, axe, folder):
    name, width, height, scheme = view
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.events.clear()
    browser.call("Page.navigate", url=url)
    browser.wait("Page.loadEventFired")
    if folder:
        picture(browser, os.path.join(folder, name), width)
    wrong = browser.evaluate(LAID_OUT) + browser.evaluate(HOSTILE)
    if axe:
        browser.evaluate(axe)
        found = browser.evaluate("axe.run({resultTypes: ['violations']}).then((r) => r.violations.map((v) => "
                                 "`axe: ${v.id}: ${v.help}: ${v.nodes.length} times, ${v.nodes[0].html.slice(0, 150)}`))")
        wrong += found
    if name == "desk":
        wrong += browser.evaluate(SORTED) + browser.evaluate(SEARCHED)
    browser.evaluate("new Promise((done) => setTimeout(done, 50))")
    return wrong + list(complaints(browser.events, url))


def paper(browser, folder):
    browser.call("Emulation.clearDeviceMetricsOverride")
    browser.call("Emulation.setEmulatedMedia", media="print")
    cut = browser.evaluate("""[...document.querySelectorAll(".scroll")].filter((e) => getComputedStyle(e).maxHeight !== "none" ||
        getComputedStyle(e).overflowY !== "visible").map((e) => "paper: cut off: " + e.getAttribute("aria-label"))""")
    document = base64.b64decode(browser.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])
    if folder:
        with open(os.path.join(folder, "paper.pdf"), "wb") as file:
            file.write(document)
    return cut if document.startswith(b"%PDF") and len(document) > 10000 else ["paper: nothing is printed"]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    program = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
    if not program:
        sys.exit(77)
    url = "file://" + os.path.realpath(sys.argv[1])
    folder = sys.argv[2] if len(sys.argv) > 2 else None
    if folder:
        os.makedirs(folder, exist_ok=True)
    place = find_axe()
    axe = open(place, encoding="utf-8").read() if place else None
    wrong = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Chromium(program, profile)
        try:
            target = browser.call("Target.createTarget", url="about:blank")["targetId"]
            browser.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                browser.call(domain + ".enable")
            for view in VIEWS:
                wrong += [f"{view[0]}: {text}" for text in look(browser, url, view, axe, folder)]
            wrong += paper(browser, folder)
        finally:
            browser.close()
            time.sleep(0.2)
    print(f"# axe-core: {place or 'not found, not asked'}")
    print(*wrong[:40], sep="\n")
    sys.exit(bool(wrong))


main()
