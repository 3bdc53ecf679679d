# SPDX-License-Identifier: MIT
"""The page at /, in headless Chromium."""

import json

import pytest

from support.browser import Browser, program
from support.rest import Rest, served

pytestmark = pytest.mark.skipif(program() is None,
                                reason="there is no chromium")

PASSWORD = "correct horse battery"
MARKUP = ("<img src=x onerror='window.hacked=1'><script>window.hacked=1"
          "</script><b>&amp;</b>")


def address(server):
    return f"http://{server.host}:{server.port}/"


async def come_in(page, name):
    await page.click("[data-way=open]")
    await page.type("#name", name)
    await page.press("Enter")
    await connected(page)


async def connected(page):
    await page.until("document.querySelector('#state').textContent "
                     "=== 'connected'")


async def open_with(page, whom):
    await page.type("#with", whom)
    await page.press("Enter")
    await page.until("document.querySelector('#title').textContent === "
                     + json.dumps(whom))


async def say(page, text):
    await page.type("#text", text)
    await page.press("Enter")


async def bubbles(page):
    return await page.evaluate(
        "[...document.querySelectorAll('.bubble')].map(b => b.textContent)")


async def sees(page, *texts):
    wanted = json.dumps(list(texts))
    await page.until(
        "JSON.stringify([...document.querySelectorAll('.bubble')]"
        f".map(b => b.textContent)) === JSON.stringify({wanted})")


@served(auth="open")
async def test_two_people_talk(server):
    async with Browser() as browser:
        alice = await browser.page(address(server))
        bob = await browser.page(address(server))
        await come_in(alice, "alice")
        await come_in(bob, "bob")
        await open_with(alice, "@bob")
        await say(alice, "one")
        await say(alice, "two")
        await bob.until("document.querySelector('.badge').textContent "
                        "=== '2'")
        assert await bob.evaluate("document.title") == "(1) SyncTalk"
        await alice.until("document.querySelectorAll('.tick')[1].textContent"
                          " === '✓✓'")
        await bob.click('[data-room="@alice:bob"]')
        await sees(bob, "one", "two")
        await bob.until("!document.querySelector('.badge')")
        await alice.until("[...document.querySelectorAll('.tick')].every("
                          "t => t.textContent === '✓✓ read')")
        await bob.type("#text", "thr")
        await alice.until("document.querySelector('#typing').textContent "
                          "=== 'bob is writing …'")
        await say(bob, "ee")
        await sees(alice, "one", "two", "three")
        await alice.until("!document.querySelector('#typing').textContent")
        await alice.until("document.querySelector('.dot.online')")
        assert alice.complaints == bob.complaints == []


@served(auth="open")
async def test_a_group_has_its_events_and_commands_their_answers(server):
    async with Browser() as browser:
        alice = await browser.page(address(server))
        bob = await browser.page(address(server))
        await come_in(alice, "alice")
        await come_in(bob, "bob")
        await open_with(alice, "#tea")
        await open_with(bob, "#tea")
        await alice.until("document.querySelector('#log').innerText"
                          ".includes('bob joined')")
        await say(alice, "/help")
        await alice.until("document.querySelector('.listing').textContent"
                          ".includes('/join')")
        await say(alice, "/me pours")
        await sees(alice, "* alice pours")
        await sees(bob, "* alice pours")
        await say(bob, "/nonsense")
        await bob.until("document.querySelector('.warn.said')")
        await say(bob, "thanks")
        await alice.until("document.querySelectorAll('.bubble').length === 2")
        await say(alice, "/delete 4")
        await sees(bob, "This message was deleted.", "thanks")


@served(auth="open")
async def test_markup_stays_text(server):
    async with Browser() as browser:
        alice = await browser.page(address(server))
        bob = await browser.page(address(server))
        await come_in(alice, "alice")
        await come_in(bob, "bob")
        await open_with(alice, "@bob")
        await say(alice, MARKUP)
        await open_with(bob, "@alice")
        await sees(bob, MARKUP)
        await sees(alice, MARKUP)
        await say(alice, "/create #evil")
        await open_with(alice, "#evil")
        await say(alice, f"/topic {MARKUP}")
        await alice.until("document.querySelector('#log').innerText"
                          ".includes('settings')")
        await alice.reload()
        await connected(alice)
        await alice.until("document.querySelector('[data-room=\"#evil\"]')"
                          ".innerText.includes('<img')")
        for page in (alice, bob):
            assert await page.evaluate("window.hacked") is None
            assert await page.evaluate(
                "document.querySelectorAll('img, b, #app script').length"
            ) == 0
            assert page.complaints == []


@served(auth="open")
async def test_the_policy_forbids_what_the_page_does_not_do(server):
    async with Browser() as browser:
        page = await browser.page(address(server))
        await page.until("document.querySelector('#ways').children.length")
        await page.evaluate("""
            window.broken = [];
            addEventListener('securitypolicyviolation',
                event => broken.push(event.effectiveDirective));
        """)
        assert await page.evaluate("""(() => {
            try { document.body.innerHTML = '<p>x'; } catch (error) {
                return error instanceof TypeError; }
            return false;
        })()""")
        # The DOM makes a script without a sink of text.
        await page.evaluate("""
            (() => { const script = document.createElement('script');
            try { script.append('window.hacked = 1'); } catch {}
            document.body.append(script); })()""")
        await page.evaluate("""
            (() => { const style = document.createElement('style');
            style.textContent = 'body { color: red }';
            document.head.append(style); })()""")
        await page.evaluate("""
            fetch('http://127.0.0.1:1/').catch(() => {})""")
        await page.evaluate("""
            (() => { const frame = document.createElement('iframe');
            frame.src = '/healthz'; document.body.append(frame); })()""")
        for directive in ("require-trusted-types-for", "style-src-elem",
                          "connect-src", "frame-src"):
            await page.until(f"broken.includes('{directive}')")
        await page.until("broken.some(one => one.startsWith('script-src') "
                         "|| one === 'require-trusted-types-for')")
        assert await page.evaluate("window.hacked") is None


@served(auth="open")
async def test_it_resumes_after_the_server_restarts(server):
    async with Browser() as browser:
        alice = await browser.page(address(server))
        bob = await browser.page(address(server))
        await come_in(alice, "alice")
        await come_in(bob, "bob")
        await open_with(alice, "@bob")
        await open_with(bob, "@alice")
        await say(alice, "before")
        await sees(bob, "before")
        server.listen = f"{server.host}:{server.port}"
        await server.stop()
        for page in (alice, bob):
            await page.until("document.querySelector('#state').textContent"
                             ".startsWith('reconnecting')")
        await say(alice, "meanwhile")
        await alice.until("document.querySelector('.pending')")
        await server.start()
        await connected(alice)
        await connected(bob)
        await sees(bob, "before", "meanwhile")
        await sees(alice, "before", "meanwhile")
        await alice.until("!document.querySelector('.pending')")
        await say(bob, "after")
        await sees(alice, "before", "meanwhile", "after")


@served(config=['accounts = { registration = "open" }'])
async def test_an_account_comes_in_stays_and_goes(server):
    async with Browser() as browser:
        page = await browser.page(address(server))
        await page.until("document.querySelector('[data-way=login]')")
        assert not await page.evaluate(
            "!!document.querySelector('[data-way=open]')")
        await page.click("[data-way=register]")
        await page.type("#name", "Alice")
        await page.type("#password", PASSWORD)
        await page.press("Enter")
        await connected(page)
        assert await page.evaluate(
            "document.querySelector('#who').textContent") == "alice"
        await page.reload()
        await connected(page)
        refresh = await page.evaluate("session.refresh")
        await page.click("#leave")
        await page.until("!document.querySelector('#door').hidden")
        assert await page.evaluate("sessionStorage.length") == 0
        gone = await Rest(server).post(
            "/api/refresh", {"refresh_token": refresh})
        assert gone.status == 401
        await page.type("#name", "alice")
        await page.type("#password", "something else")
        await page.press("Enter")
        await page.until("document.querySelector('#refused').textContent")
        await page.evaluate("document.querySelector('#password').value = ''")
        await page.type("#password", PASSWORD)
        await page.press("Enter")
        await connected(page)


@served(config=['accounts = { registration = "open", access_ttl = "5s" }'])
async def test_a_token_is_renewed_before_it_expires(server):
    async with Browser() as browser:
        page = await browser.page(address(server))
        await page.click("[data-way=register]")
        await page.type("#name", "alice")
        await page.type("#password", PASSWORD)
        await page.press("Enter")
        await connected(page)
        first = await page.evaluate("session.access")
        await page.evaluate("window.former = socket")
        await page.until(f"session.access !== {json.dumps(first)}")
        await open_with(page, "#tea")
        await say(page, "still here")
        await sees(page, "still here")
        assert await page.evaluate("former === socket")


@served(config=['accounts = { registration = "open" }'])
async def test_who_is_signed_out_elsewhere_is_told(server):
    async with Browser() as browser:
        page = await browser.page(address(server))
        await page.click("[data-way=register]")
        await page.type("#name", "alice")
        await page.type("#password", PASSWORD)
        await page.press("Enter")
        await connected(page)
        elsewhere = Rest(server)
        await elsewhere.login("alice", PASSWORD)
        out = await elsewhere.post("/api/logout", {"all": True})
        assert out.status == 204
        await page.until("!document.querySelector('#door').hidden && "
                         "document.querySelector('#refused').textContent")
        assert await page.evaluate("sessionStorage.length") == 0


@served()
async def test_a_token_of_another_issuer_will_do(server):
    status, output = await server.ctl("token", "carol")
    assert status == 0, output
    async with Browser() as browser:
        page = await browser.page(address(server))
        await page.click("[data-way=token]")
        await page.type("#token", output.split()[0])
        await page.click("#go")
        await connected(page)
        assert await page.evaluate(
            "document.querySelector('#who').textContent") == "carol"
        other = await browser.page(address(server))
        await other.click("[data-way=token]")
        await other.type("#token", "no.token.atall")
        await other.click("#go")
        await other.until("document.querySelector('#refused').textContent")


@served(auth="open")
async def test_a_small_window_shows_one_thing_at_a_time(server):
    async with Browser() as browser:
        page = await browser.page(address(server))
        await page.command("Emulation.setDeviceMetricsOverride", width=360,
                           height=640, deviceScaleFactor=1, mobile=True)
        await come_in(page, "alice")
        shown = "getComputedStyle(document.querySelector('%s')).display"
        assert await page.evaluate(shown % "#room") == "none"
        await open_with(page, "#tea")
        assert await page.evaluate(shown % "#side") == "none"
        assert await page.evaluate(
            "document.documentElement.scrollWidth <= innerWidth")
        await page.press("Escape")
        assert await page.evaluate(shown % "#room") == "none"


@served(auth="open", arguments=["--limits", "off"])
async def test_a_keyboard_that_slides_in_hides_no_new_line(server):
    async def resize(height):
        await page.command("Emulation.setDeviceMetricsOverride", width=360,
                           height=height, deviceScaleFactor=1, mobile=True)

    async with Browser() as browser:
        page = await browser.page(address(server))
        await resize(640)
        await come_in(page, "alice")
        await open_with(page, "#tea")
        texts = [f"line {n}" for n in range(20)]
        for text in texts:
            await say(page, text)
        await sees(page, *texts)
        await page.until("log.scrollHeight > log.clientHeight && atEnd()")
        await page.evaluate("window.tall = log.clientHeight")
        await resize(340)
        await page.until("log.clientHeight < tall && atEnd()", 5)


@served(auth="open")
async def test_programs_get_text_and_browsers_the_page(server):
    rest = Rest(server)
    plain = await rest.exchange("GET", "/", {
        "Host": f"{server.host}:{server.port}", "Accept": "*/*"}, b"")
    assert (plain.status, plain.type) == (200, "text/plain")
    page = await rest.exchange("GET", "/", {
        "Host": f"{server.host}:{server.port}",
        "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}, b"")
    assert (page.status, page.type) == (200, "text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
