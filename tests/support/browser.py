# SPDX-License-Identifier: MIT
"""Headless Chromium, driven over the DevTools protocol."""

import asyncio
import base64
import itertools
import json
import re
import shutil
import tempfile
import urllib.parse

from .changes import Changes
from .websocket import WebSocket

SECONDS = 30
READY = re.compile(r"DevTools listening on (ws://\S+)")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
    "--disable-dev-shm-usage", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--disable-extensions", "--mute-audio",
    # No name leads anywhere: the tests talk to 127.0.0.1 alone.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0"]


def program():
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Browser(Changes):
    """async with Browser() as browser: page = await browser.page(url)"""

    def __init__(self):
        super().__init__()
        self.pages = {}  # by session id
        self._answers = {}
        self._ids = itertools.count(1)
        self._said = []

    async def __aenter__(self):
        self._folder = tempfile.mkdtemp(prefix="synctalk-chromium-")
        self._process = await asyncio.create_subprocess_exec(
            program(), *FLAGS, f"--user-data-dir={self._folder}",
            "about:blank", stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE, limit=1 << 20)
        self._reader = asyncio.create_task(self._read())
        address = await self.until(self._address, SECONDS)
        assert address, "chromium did not start:\n" + "\n".join(self._said)
        place = urllib.parse.urlsplit(address)
        self._socket = await WebSocket.connect(
            place.hostname, place.port, on_text=self._text)
        await self._socket.open(place.path, [("Host", place.netloc)], SECONDS)
        return self

    async def __aexit__(self, *_):
        self._process.kill()
        await self._process.wait()
        await self._reader
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _read(self):
        while line := await self._process.stderr.readline():
            self._said.append(line.decode("utf-8", "replace").rstrip())
            self.changed()

    def _address(self):
        for line in self._said:
            found = READY.search(line)
            if found:
                return found[1]
        return None

    def _text(self, text):
        data = json.loads(text)
        if "id" in data:
            self._answers[data["id"]] = data
        elif data.get("sessionId") in self.pages:
            self.pages[data["sessionId"]].happened(data)
        self.changed()

    async def command(self, method, session=None, **params):
        number = next(self._ids)
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self._socket.send(json.dumps(message))
        answer = await self.until(
            lambda: self._answers.pop(number, None), SECONDS)
        assert answer, f"chromium does not answer {method}"
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    async def page(self, url, width=1100, height=720):
        """A page of somebody else: nothing is shared with other pages."""
        context = await self.command("Target.createBrowserContext")
        target = await self.command(
            "Target.createTarget", url="about:blank", width=width,
            height=height, browserContextId=context["browserContextId"])
        session = await self.command("Target.attachToTarget", flatten=True,
                                     targetId=target["targetId"])
        page = Page(self, session["sessionId"])
        self.pages[page.session] = page
        for domain in ("Page", "Runtime", "Log"):
            await page.command(f"{domain}.enable")
        await page.goto(url)
        return page


class Page:
    def __init__(self, browser, session):
        self.browser = browser
        self.session = session
        self.complaints = []  # of the console, and uncaught exceptions

    async def command(self, method, **params):
        return await self.browser.command(method, self.session, **params)

    def happened(self, event):
        params = event["params"]
        if event["method"] == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"]))
        elif event["method"] == "Log.entryAdded":
            self.complaints.append(params["entry"]["text"])

    async def goto(self, url):
        answer = await self.command("Page.navigate", url=url)
        assert "errorText" not in answer, answer["errorText"]
        await self.until("document.readyState === 'complete'")

    async def reload(self):
        # The old document must not be taken for the new one.
        await self.evaluate("window.former = true")
        await self.command("Page.reload")
        await self.until("!window.former && "
                         "document.readyState === 'complete'")

    async def evaluate(self, expression):
        answer = await self.command(
            "Runtime.evaluate", expression=expression, returnByValue=True,
            awaitPromise=True)
        assert "exceptionDetails" not in answer, \
            f"{expression}: {answer['exceptionDetails']}"
        return answer["result"].get("value")

    async def until(self, expression, seconds=SECONDS):
        """The first value of the expression that is true."""
        end = asyncio.get_running_loop().time() + seconds
        while True:
            answer = await self.command(
                "Runtime.evaluate", returnByValue=True,
                expression="(found => found instanceof Node || found)"
                           f"({expression})")
            value = answer["result"].get("value")
            if value and "exceptionDetails" not in answer:
                return value
            if asyncio.get_running_loop().time() > end:
                shown = await self.evaluate("document.body.innerText")
                raise AssertionError(f"never so: {expression}\n{shown}\n" +
                                     "\n".join(self.complaints))

    # As a person does it

    async def click(self, selector):
        found = json.dumps(selector)
        await self.until(f"document.querySelector({found})?.offsetParent "
                         "!== null && document.querySelector("
                         f"{found}) !== null")
        place = await self.evaluate(
            f"(e => (e.scrollIntoView({{block: 'nearest'}}), "
            "(r => [r.x + r.width / 2, r.y + r.height / 2])"
            f"(e.getBoundingClientRect())))(document.querySelector({found}))")
        for kind in ("mousePressed", "mouseReleased"):
            await self.command("Input.dispatchMouseEvent", type=kind,
                               x=place[0], y=place[1], button="left",
                               clickCount=1)

    async def type(self, selector, text):
        found = json.dumps(selector)
        await self.until(f"document.querySelector({found})?.offsetParent")
        await self.evaluate(f"document.querySelector({found}).focus()")
        await self.command("Input.insertText", text=text)

    async def press(self, key):
        for kind in ("keyDown", "keyUp"):
            await self.command(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key,
                windowsVirtualKeyCode={"Enter": 13, "Escape": 27}[key],
                text="\r" if key == "Enter" and kind == "keyDown" else "")

    async def screenshot(self, path):
        picture = await self.command("Page.captureScreenshot", format="png")
        with open(path, "wb") as out:
            out.write(base64.b64decode(picture["data"]))
