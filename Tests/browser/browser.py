"""Headless Chromium through its DevTools pipe: messages of JSON, each ended by a zero byte, on the descriptors 3 and 4."""

import json
import os
import select
import shlex
import subprocess
import time

ARGUMENTS = [
    "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server",
    "--disable-extensions", "--disable-background-networking", "--remote-debugging-pipe",
]

# Counts by itself in every page, from before its first script on.
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


class Browser:
    def __init__(self, profile):
        to_read, self.to = os.pipe()
        self.back, to_write = os.pipe()
        # The shell puts the ends where Chromium looks for them.
        command = f"exec {shlex.join(ARGUMENTS)} --user-data-dir={shlex.quote(profile)} about:blank 3<&{to_read} 4>&{to_write}"
        self.process = subprocess.Popen(
            ["bash", "-c", command], pass_fds=(to_read, to_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.rest, self.number, self.session, self.faults = b"", 0, None, []
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)

    def close(self):
        self.session = None
        self.call("Browser.close")
        self.process.wait(10)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + 30
        while True:
            answer = self.read(deadline)
            if answer.get("id") == self.number:
                assert "error" not in answer, (method, answer)
                return answer["result"]
            if answer.get("method") == "Runtime.exceptionThrown":
                self.faults.append(answer["params"]["exceptionDetails"]["text"])
            elif answer.get("method") == "Log.entryAdded" and answer["params"]["entry"]["level"] == "error":
                self.faults.append(answer["params"]["entry"]["text"])

    def read(self, deadline):
        while b"\0" not in self.rest:
            assert select.select([self.back], [], [], max(0, deadline - time.monotonic()))[0], "the browser says nothing"
            more = os.read(self.back, 1 << 16)
            assert more, "the browser has ended"
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def evaluate(self, expression):
        """What an expression, or the promise that it is, comes to."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def open(self, url):
        self.call("Page.navigate", url=url)
        for _ in range(1000):
            if self.evaluate("location.href !== 'about:blank' && document.readyState === 'complete'") and self.evaluate("location.href") == url:
                return
        raise AssertionError(f"{url} does not come to an end")
