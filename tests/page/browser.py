"""A page in headless Chromium, driven by the DevTools protocol over a pair of pipes; nothing but Python's own modules.

    with Browser() as browser:
        browser.open("file:///tmp/page.html")
        browser.evaluate("document.title")

`browser.errors` collects exceptions and messages of the console, `browser.requests` every URL that was asked for. A browser that
does not answer is ended after LIMIT seconds.
"""
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
LIMIT = 120  # seconds; generous, since the machine may be busy


def find():
    """The path of Chromium, or None."""
    return os.environ.get("BASIN_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    def __init__(self, width=1280, height=1400):
        self.errors, self.requests, self.number, self.rest = [], [], 0, b""
        self.size = (width, height)

    def __enter__(self):
        self.home = tempfile.mkdtemp(prefix="basin-page-")
        to_child, self.write = os.pipe()
        self.read, from_child = os.pipe()

        def hand_over():  # Chromium reads from 3 and writes to 4
            high = [os.dup(to_child), os.dup(from_child)]
            spare = [os.dup(fd) for fd in high]
            os.dup2(spare[0], 3)
            os.dup2(spare[1], 4)

        self.process = subprocess.Popen(
            [find(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
             "--disable-background-networking", "--disable-component-update", f"--user-data-dir={self.home}", "--remote-debugging-pipe",
             f"--window-size={self.size[0]},{self.size[1]}", "about:blank"],
            preexec_fn=hand_over, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.home})
        os.close(to_child)
        os.close(from_child)
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.write)
        os.close(self.read)
        shutil.rmtree(self.home, ignore_errors=True)

    # ---- messages end with a zero byte ----

    def receive(self, limit):
        while b"\0" not in self.rest:
            left = limit - time.monotonic()
            if left <= 0 or not select.select([self.read], [], [], left)[0]:
                raise TimeoutError(f"Chromium has not answered in {LIMIT} s")
            more = os.read(self.read, 1 << 20)
            if not more:
                raise ConnectionError("Chromium has ended")
            self.rest += more
        message, _, self.rest = self.rest.partition(b"\0")
        message = json.loads(message)
        self.note(message.get("method"), message.get("params", {}))
        return message

    def note(self, method, params):
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.errors.append(" ".join(str(arg.get("value", arg.get("description"))) for arg in params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.errors.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        limit = time.monotonic() + LIMIT
        while True:
            answer = self.receive(limit)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    # ---- pages ----

    def open(self, url, ready="window.basinPage && basinPage.ready"):
        self.call("Page.navigate", url=url)
        self.wait(ready)

    def wait(self, condition):
        limit = time.monotonic() + LIMIT
        while not self.evaluate(f"Boolean({condition})"):
            if time.monotonic() > limit:
                raise TimeoutError(f"never came true: {condition}; console: {self.errors}")
            time.sleep(0.05)

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails'].get('exception', {}).get('description')}")
        return answer["result"].get("value")

    def settle(self):
        """Waits until what was changed has been drawn."""
        frames = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
        self.evaluate(frames)
        self.wait("!window.basinPage || basinPage.isSettled()")
        self.evaluate(frames)

    def show(self, selector):
        """Scrolls to an element and says where it is: left, top, width, height."""
        before = None
        while True:  # what comes into sight is drawn, and may move what is below it
            box = self.evaluate(f"""(() => {{ const node = document.querySelector({json.dumps(selector)});
                node.scrollIntoView({{block: "center", behavior: "instant"}}); const box = node.getBoundingClientRect();
                return [box.left, box.top, box.width, box.height]; }})()""")
            self.settle()
            if box == before:
                break
            before = box
        return box

    def mouse(self, kind, x, y, button="left"):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, buttons=0 if kind == "mouseReleased" else 1, clickCount=1)

    def drag(self, x0, y0, x1, y1):
        self.mouse("mousePressed", x0, y0)
        for part in (0.25, 0.5, 0.75, 1):
            self.mouse("mouseMoved", x0 + (x1 - x0) * part, y0 + (y1 - y0) * part)
        self.mouse("mouseReleased", x1, y1)
        self.settle()

    def key(self, name):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode={"Escape": 27, "Enter": 13}[name])
        self.settle()

    def screenshot(self, path, **options):
        import base64
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png", **options)["data"]))
