# SPDX-License-Identifier: MIT
"""GET /api/events: what happens, told by HTTP, and nothing lost of it."""

import http.client
import json

import pytest

from support import rawhttp
from support.events import Poller, Stream, Talker, target
from support.hosted import Hosted

RESUMES = 200


def direct(talker, to, texts):
    for text in texts:
        talker.ask(type="send", to="@" + to, text=text)


def known(server, name):
    """Somebody who was here before."""
    with Poller(server.address, user=name) as poller:
        poller.poll(0)


def texts(events, room="@"):
    """What was said in direct conversations, or in one room."""
    return [event["text"] for event in events if event["type"] == "message"
            and event["conversation"].startswith(room)]


# ------------------------------------------------------------- as they come

def test_what_happens_comes_as_events(server):
    bob = Talker(server, "bob1")
    with Stream(server.address, user="ann1") as stream:
        assert stream.answer.status == 200
        assert stream.answer.fields["content-type"] == "text/event-stream"
        assert stream.answer.fields["cache-control"] == "no-store"
        assert stream.answer.fields["x-accel-buffering"] == "no"
        assert stream.answer.fields["connection"] == "close"
        assert "content-length" not in stream.answer.fields
        welcome = stream.next("welcome")
        assert welcome["user"] == "ann1"
        stream.live()
        assert stream.parser.retry == 3000
        direct(bob, "ann1", ["one\nline \"two\""])
        message = stream.next("message")
        assert message["text"] == "one\nline \"two\""
        assert message["_id"] == str(message["id"])
        bob.ask(type="typing", to="@ann1")
        typing = stream.next("typing")
        assert typing["user"] == "bob1"
        assert typing["_id"] == message["_id"]  # it has none of its own


def test_it_is_read_byte_by_byte(server):
    bob = Talker(server, "bob2")
    with Stream(server.address, step=1, user="ann2") as stream:
        stream.live()
        direct(bob, "ann2", ["a", "ä" * 300, "c"])
        assert [stream.next("message")["text"] for _ in range(3)] == \
            ["a", "ä" * 300, "c"]


@pytest.mark.parametrize("device", [None, "phone"])
def test_resumed_often_it_loses_nothing(server, device):
    """Cut off without a word, each time behind another event."""
    ann, bob = f"ann3{device}".lower(), f"bob3{device}".lower()
    known(server, ann)
    talker = Talker(server, bob)
    query = {"user": ann, **({"device": device} if device else {})}
    of = {"conversation": f"@{ann}:{bob}"}
    got, last, sent = [], "0", 0
    for turn in range(RESUMES):
        # Half of them while it is away, the others while it is there.
        direct(talker, ann, [str(sent)])
        sent += 1
        with Stream(server.address, fields=[f"Last-Event-ID: {last}"],
                    **query) as stream:
            direct(talker, ann, [str(sent)])
            sent += 1
            for _ in range(turn % 3):
                event = stream.next("message", **of)
                got.append(event["text"])
                last = event["_id"]
    with Stream(server.address, fields=[f"Last-Event-ID: {last}"],
                **query) as stream:
        while len(got) < sent:
            got.append(stream.next("message", **of)["text"])
    assert got == [str(n) for n in range(sent)]


def test_an_id_of_other_data_is_none(server):
    """As after a restored backup: nothing is skipped, and it goes on."""
    known(server, "ann41")
    direct(Talker(server, "bob41"), "ann41", ["1", "2"])
    with Poller(server.address, user="ann41") as poller:
        poller.last_id = (1 << 53) - 1
        assert texts(poller.poll()) == ["1", "2"]
        assert poller.last_id < 1 << 52
        assert texts(poller.poll(0)) == []
    with Stream(server.address, user="ann41b",
                last_event_id=(1 << 53) - 1) as stream:
        assert int(stream.live()) < 1 << 52


def test_the_parameter_resumes_and_the_field_goes_before_it(server):
    bob = Talker(server, "bob4")
    with Stream(server.address, user="ann4") as stream:
        stream.live()
        direct(bob, "ann4", ["1", "2", "3"])
        ids = [stream.next("message")["_id"] for _ in range(3)]
    with Stream(server.address, user="ann4", last_event_id=ids[0]) as stream:
        assert stream.next("message")["text"] == "2"
    with Stream(server.address, user="ann4", last_event_id=ids[0],
                fields=[f"Last-Event-ID: {ids[1]}"]) as stream:
        assert stream.next("message")["text"] == "3"


def test_a_device_gets_again_what_it_did_not_acknowledge(server):
    bob = Talker(server, "bob5")
    with Stream(server.address, user="ann5", device="d") as stream:
        stream.live()
        direct(bob, "ann5", ["1", "2"])
        first = stream.next("message")["_id"]
        stream.next("message")
    for _ in range(2):
        with Stream(server.address, user="ann5", device="d") as stream:
            assert stream.next("message")["text"] == "1"
    with Stream(server.address, user="ann5", device="d",
                last_event_id=first) as stream:
        assert stream.next("welcome")["resumed"]
        assert stream.next("message")["text"] == "2"
        stream.live()
    # What was acknowledged stays so.
    with Stream(server.address, user="ann5", device="d") as stream:
        assert stream.next("message")["text"] == "2"


def test_two_devices_have_their_own_place(server):
    bob = Talker(server, "bob6")
    with Stream(server.address, user="ann6", device="a") as one, \
            Stream(server.address, user="ann6", device="b") as two:
        one.live()
        two.live()
        direct(bob, "ann6", ["1", "2"])
        ids = [one.next("message")["_id"] for _ in range(2)]
        assert [two.next("message")["_id"] for _ in range(2)] == ids
    with Stream(server.address, user="ann6", device="a",
                last_event_id=ids[1]) as one, \
            Stream(server.address, user="ann6", device="b",
                   last_event_id=ids[0]) as two:
        assert two.next("message")["text"] == "2"
        one.live()
        direct(bob, "ann6", ["3"])
        assert one.next("message")["text"] == "3"


def test_an_acknowledgement_is_told_to_the_author(server):
    bob = Talker(server, "bob7")
    with Stream(server.address, user="ann7", device="d") as stream:
        stream.live()
        direct(bob, "ann7", ["1"])
        last = stream.next("message")["_id"]
    with Stream(server.address, user="ann7", device="d",
                last_event_id=last):
        delivered = bob.gets("delivered", user="ann7")
        assert delivered.data["seq"] == 1


def test_hidden_events_keep_their_ids(server):
    ann, eve = Talker(server, "ann8"), Talker(server, "eve8")
    ann.ask(type="create", conversation="#tea8")
    eve.ask(type="join", conversation="#tea8")
    ann.ask(type="block", user="eve8")
    with Stream(server.address, user="ann8") as stream:
        stream.live()
        sent = eve.ask(type="send", to="#tea8", text="x").data
        hidden = stream.next("hidden")
        assert hidden["seq"] == sent["seq"]
        assert "text" not in hidden
        assert hidden["_id"] == str(sent["id"])
        ann.ask(type="unblock", user="eve8")
        assert stream.next("unblocked")["user"] == "eve8"


def test_the_lobby_is_not_repeated():
    with Hosted(arguments=["--limits", "off"]) as server:
        bob = Talker(server, "bob9")
        bob.ask(type="send", to="#lobby", text="old9")
        with Stream(server.address, user="ann9") as stream:
            assert stream.next("message", text="old9")["history"]
            last = stream.live()
            bob.ask(type="send", to="#lobby", text="new9")
            stream.next("message", text="new9")
        with Stream(server.address, user="ann9", last_event_id=last) as stream:
            assert stream.next("message")["text"] == "new9"


def test_it_is_present(server):
    bob = Talker(server, "bob10")
    direct(bob, "bob10", ["x"])
    with Stream(server.address, user="ann10") as stream:
        stream.live()
        bob.ask(type="presence", users=["ann10"])
        bob.gets("presence", user="ann10", status="online")


def test_what_the_client_says_is_not_heard(server):
    bob = Talker(server, "bob11")
    with Stream(server.address, user="ann11") as stream:
        stream.live()
        rawhttp.send(stream.peer, b"GET /healthz HTTP/1.1\r\n" * 10000)
        direct(bob, "ann11", ["x"])
        assert stream.next("message", conversation="@ann11:bob11")


def test_heartbeats_are_comments():
    with Hosted(config=['ping_interval = "1s"']) as server, \
            Stream(server.address, user="ann") as stream:
        stream.live()
        stream.until(lambda: stream.parser.comments >= 2)


def test_a_slow_reader_goes_and_others_stay():
    with Hosted(arguments=["--limits", "off"], config=[
            'limits = { queue_hard = "512KiB",'
            ' queue_stall = "1s" }']) as server:
        bob = Talker(server, "bob")
        with Stream(server.address, user="ann") as slow, \
                Stream(server.address, user="ann", device="d") as stream:
            slow.live()
            stream.live()
            last = slow.parser.last_id
            n = 0
            while not any("reason=slow" in line for line in server.log):
                direct(bob, "ann", ["x" * 16000])
                assert stream.next("message")["text"] == "x" * 16000
                n += 1
            # What it had not read comes when it is back.
            with Stream(server.address, user="ann",
                        last_event_id=last) as again:
                for seq in range(1, n + 1):
                    assert again.next("message")["seq"] == seq


# ------------------------------------------------------------------ long poll

def test_a_poll_answers_with_what_there_is(server):
    bob = Talker(server, "bob20")
    with Poller(server.address, user="ann20") as poller:
        assert texts(poller.poll(0)) == []
        direct(bob, "ann20", ["1", "2"])
        assert texts(poller.poll()) == ["1", "2"]
        assert texts(poller.poll(0)) == []


def test_a_poll_waits(server):
    bob = Talker(server, "bob21")
    with Poller(server.address, user="ann21") as poller:
        poller.poll(0)
        poller.http.request("GET", target(
            {"user": "ann21", "last_event_id": poller.last_id}),
            headers={"Accept": "application/json"})
        bob.ask(type="presence", users=["ann21"])
        bob.gets("presence", user="ann21", status="online")
        direct(bob, "ann21", ["x"])
        answer = poller.http.getresponse()
        assert answer.getheader("Content-Type") == "application/json"
        assert texts(json.loads(answer.read())["events"]) == ["x"]


@pytest.mark.parametrize("device", [None, "phone"])
def test_between_polls_nothing_is_lost(server, device):
    ann, bob = f"ann22{device}".lower(), f"bob22{device}".lower()
    known(server, ann)
    talker = Talker(server, bob)
    got = []
    with Poller(server.address, user=ann,
                **({"device": device} if device else {})) as poller:
        for n in range(RESUMES):
            direct(talker, ann, [str(n)])
            if n % 2:
                got += texts(poller.poll())
        while len(got) < RESUMES:
            got += texts(poller.poll())
    assert got == [str(n) for n in range(RESUMES)]


def test_a_repeated_poll_repeats(server):
    bob = Talker(server, "bob23")
    with Poller(server.address, user="ann23") as poller:
        poller.poll(0)
        last = poller.last_id
        direct(bob, "ann23", ["1"])
        for _ in range(3):
            poller.last_id = last
            assert texts(poller.poll()) == ["1"]


def test_an_invitation_is_told_once():
    with Hosted(arguments=["--limits", "off"]) as server:
        bob = Talker(server, "bob24")
        bob.ask(type="create", conversation="#tea24", private=True)
        with Poller(server.address, user="ann24") as poller:
            poller.poll(0)
            bob.ask(type="invite", conversation="#tea24", user="ann24")
            [invited] = poller.poll()
            assert invited["type"] == "invited"
            bob.ask(type="send", to="#lobby", text="now24")
            events = poller.poll()
            assert texts(events, "#lobby") == ["now24"]
            assert "invited" not in [event["type"] for event in events]
            assert poller.poll(0) == []


def test_other_requests_follow_a_poll(server):
    with Poller(server.address, user="ann25") as poller:
        poller.poll(0)
        poller.http.request("GET", "/healthz")
        assert poller.http.getresponse().read() == b"ok\n"
        poller.poll(0)
    text = (f"GET {target({'user': 'ann25', 'poll': 0})} HTTP/1.1\r\n"
            "Host: localhost\r\n\r\n"
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
            "Connection: close\r\n\r\n").encode()
    first, second = rawhttp.ask(server.address, text)
    assert (first.status, second.body) == (200, b"ok\n")


@pytest.mark.parametrize("end, status, code", [
    ("replace", 409, "conflict"), ("kick", 403, "forbidden")])
def test_a_poll_that_is_ended_is_answered(end, status, code):
    with Hosted() as server, Poller(server.address) as poller:
        poller.http.request("GET", target({"user": "ann", "device": "d",
                                           "poll": 60}))
        while not json.loads(server.ctl("--json", "status")[1])["sessions"]:
            pass
        if end == "kick":
            assert server.ctl("kick", "ann")[0] == 0
        else:
            Talker(server, "ann", device="d")
        answer = poller.http.getresponse()
        assert answer.status == status
        assert json.loads(answer.read())["code"] == code


def test_more_than_an_answer_holds_comes_in_several(server):
    bob = Talker(server, "bob26")
    with Poller(server.address, user="ann26") as poller:
        poller.poll(0)
        direct(bob, "ann26", [f"{n:04}" + "x" * 15000 for n in range(60)])
        got, polls = [], 0
        while len(got) < 60:
            got += texts(poller.poll())
            polls += 1
        assert [text[:4] for text in got] == [f"{n:04}" for n in range(60)]
        assert polls > 1


# ------------------------------------------------------------ who may, and how

def ask(server, query, **fields):
    connection = http.client.HTTPConnection(*server.address, timeout=30)
    method = fields.pop("method", "GET")
    connection.request(method, target(query), headers={
        name.replace("_", "-"): value for name, value in fields.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, json.loads(body) if body.startswith(b"{") else None


@pytest.mark.parametrize("query, fields, status, says", [
    ({"user": "ann30", "poll": "61"}, {}, 400, "poll"),
    ({"user": "ann30", "poll": ""}, {}, 400, "poll"),
    ({"user": "ann30", "poll": "-1"}, {}, 400, "poll"),
    ({"user": "ann30", "last_event_id": "x"}, {}, 400, "Last-Event-ID"),
    ({"user": "ann30", "last_event_id": "9" * 30}, {}, 400, "Last-Event-ID"),
    ({"user": "ann30", "last_event_id": 1 << 53}, {}, 400, "Last-Event-ID"),
    ({"user": "ann30"}, {"Last_Event_ID": "-1"}, 400, "Last-Event-ID"),
    ({"user": "ann30", "device": "a b"}, {}, 400, "device"),
    ({"user": "a"}, {}, 400, "user"),
    ({}, {}, 401, "token"),
    ({}, {"Authorization": "Bearer x"}, 401, ""),
    ({}, {"Authorization": "Basic x"}, 401, "bearer"),
    ({"user": "ann30"}, {"Origin": "https://evil.example"}, 403, "Origin"),
    ({"user": "ann30"}, {"Host": "evil.example"}, 403, "Host"),
    ({"user": "ann30"}, {"method": "POST"}, 405, ""),
])
def test_what_is_wrong_is_said(server, query, fields, status, says):
    answer, problem = ask(server, query, **fields)
    assert answer.status == status, problem
    assert answer.getheader("Content-Type") == "application/problem+json"
    assert says in problem["detail"]


def test_a_head_alone_is_refused(server):
    answer, _ = ask(server, {"user": "ann31"}, method="HEAD")
    assert answer.status == 405


def test_pages_that_are_listed_may_read_it():
    with Hosted(config=['origins = { "https://app.example" }']) as server:
        answer, _ = ask(server, {"user": "ann", "poll": 0},
                        Origin="https://app.example")
        assert answer.status == 200
        assert answer.getheader("Access-Control-Allow-Origin") == \
            "https://app.example"
        assert answer.getheader("Vary") == "Origin"


def test_a_token_ends_the_stream_it_opened():
    with Hosted(auth="token") as server:
        status, output = server.ctl("token", "ann", "--ttl", "3s")
        assert status == 0
        bearer = f"Authorization: Bearer {output.split()[-1]}"
        with Stream(server.address, fields=[bearer]) as stream:
            assert stream.next("welcome")["user"] == "ann"
            assert stream.next("expiring")["in_ms"] <= 3000
            last = stream.to_end()[-1]
            assert (last["type"], last["code"]) == ("error", "unauthorized")


def test_the_same_device_takes_its_place(server):
    with Stream(server.address, user="ann32", device="d") as one:
        one.live()
        with Stream(server.address, user="ann32", device="d"):
            last = one.to_end()[-1]
            assert (last["type"], last["code"]) == ("error", "conflict")


def test_draining_says_goodbye():
    with Hosted() as server:
        stream = Stream(server.address, user="ann")
        poller = Poller(server.address, user="bob")
        poller.poll(0)
        poller.http.request("GET", target(
            {"user": "bob", "last_event_id": 0, "poll": 30}))
        talker = Talker(server, "eve")
        talker.ask(type="presence", users=["bob"])
        talker.gets("presence", user="bob", status="online")
        stream.live()
        server.ctl("drain")
        assert stream.next("bye")["reconnect_after_ms"] > 0
        events = json.loads(poller.http.getresponse().read())["events"]
        assert events[-1]["type"] == "bye"
        stream.close()
        poller.close()
        assert server.call(server.server.ended()) == 0


# --------------------------------------------------------- with all the rest

def post(server, path, body, token=None):
    connection = http.client.HTTPConnection(*server.address, timeout=30)
    fields = {"Content-Type": "application/json"}
    if token:
        fields["Authorization"] = "Bearer " + token
    connection.request("POST", path, json.dumps(body), fields)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status < 300, text
    return json.loads(text) if text else None


@pytest.fixture(scope="module")
def accounts():
    with Hosted(auth="token", workers=4,
                config=['accounts = { registration = "open" }'],
                arguments=["--limits", "off"]) as hosted:
        yield hosted


def register(server, name):
    return post(server, "/api/register",
                {"name": name, "password": "correct horse battery"})


def bearer(tokens):
    return [f"Authorization: Bearer {tokens['access_token']}"]


def test_what_rest_sends_is_told_by_every_transport(accounts):
    ann, bob = register(accounts, "ann1"), register(accounts, "bob1")
    socket = Talker(accounts, "bob1", token=bob["access_token"])
    with Stream(accounts.address, fields=bearer(bob)) as stream:
        stream.live()
        sent = post(accounts, "/api/messages",
                    {"to": "@bob1", "text": "x"}, ann["access_token"])
        message = stream.next("message")
        assert message["_id"] == str(sent["id"])
        assert socket.gets("message", text="x").data["id"] == sent["id"]


@pytest.mark.parametrize("everywhere", [False, True])
def test_a_sign_out_ends_what_it_opened(accounts, everywhere):
    name = "ann2" + str(everywhere).lower()
    register(accounts, name)
    here, there = (post(accounts, "/api/login", {
        "name": name, "password": "correct horse battery"}) for _ in "12")
    socket = Talker(accounts, name, token=here["access_token"])
    other = Talker(accounts, name, token=there["access_token"])
    with Stream(accounts.address, fields=bearer(here)) as stream:
        stream.live()
        post(accounts, "/api/logout", {"all": everywhere},
             here["access_token"])
        last = stream.to_end()[-1]
        assert (last["type"], last["code"]) == ("error", "unauthorized")
        accounts.call(socket.person.closed(4506))
    if everywhere:
        accounts.call(other.person.closed(4506))
    else:
        other.ask(type="ping")
    answer, problem = ask(accounts, {"poll": 0}, Authorization=bearer(
        here)[0].partition(" ")[2])
    assert answer.status == 401, problem


def test_who_is_banned_is_put_out(accounts):
    ann = register(accounts, "ann3")
    socket = Talker(accounts, "ann3", token=ann["access_token"])
    with Stream(accounts.address, fields=bearer(ann)) as stream:
        stream.live()
        status, output = accounts.ctl("ban", "ann3")
        assert status == 0, output
        assert stream.to_end()[-1]["code"] == "banned"
        accounts.call(socket.person.closed(4507))


def test_a_token_must_let_it_read(accounts):
    register(accounts, "ann4")
    status, output = accounts.ctl("token", "ann4", "--scope", "send")
    assert status == 0, output
    answer, problem = ask(accounts, {"poll": 0},
                          Authorization="Bearer " + output.split()[-1])
    assert (answer.status, problem["code"]) == (403, "forbidden")
