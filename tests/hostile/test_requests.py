# SPDX-License-Identifier: MIT
"""Requests that smuggle, confuse or overrun: RFC 9110 and RFC 9112.

Behind the bytes of each row follows a request that is in order.  A row that is
refused is answered once and the connection closed: what is behind it is never
taken for a request, for nobody knows where that would begin.  A row that is
served ends where the RFC says, so that the request behind it is answered with
the 404 that it deserves.  Each row is sent whole, and byte by byte.
"""

import pytest

from support import rawhttp

BEHIND = (b"GET /behind HTTP/1.1\r\nHost: localhost\r\n"
          b"Connection: close\r\n\r\n")
H = b"Host: localhost\r\n"
GET = b"GET /healthz HTTP/1.1\r\n"
POST = b"POST /healthz HTTP/1.1\r\n" + H
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
UPGRADE = (b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
           b"Sec-WebSocket-Version: 13\r\n")
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


def fields(*lines, first=GET):
    return first + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def body(*lines, text=b""):
    return fields(*lines, first=POST) + text


# Name, bytes, status of the refusal.
REFUSED = [
    # RFC 9112 section 6.3: where does the body end?
    ("length and chunks", body(b"Content-Length: 4",
     b"Transfer-Encoding: chunked", text=b"0\r\n\r\n"), 400),
    ("chunks and length", body(b"Transfer-Encoding: chunked",
     b"Content-Length: 4", text=b"0\r\n\r\n"), 400),
    ("length 0 and chunks", body(b"Content-Length: 0",
     b"Transfer-Encoding: chunked", text=b"0\r\n\r\n"), 400),
    ("length and unknown coding", body(b"Content-Length: 4",
     b"Transfer-Encoding: xchunked", text=b"abcd"), 400),
    ("two equal lengths", body(b"Content-Length: 4", b"Content-Length: 4",
     text=b"abcd"), 400),
    ("two lengths", body(b"Content-Length: 4", b"Content-Length: 0",
     text=b"abcd"), 400),
    ("lengths as a list", body(b"Content-Length: 4, 4", text=b"abcd"), 400),
    ("different lengths as a list", body(b"Content-Length: 4,0"), 400),
    ("length plus", body(b"Content-Length: +4", text=b"abcd"), 400),
    ("length minus", body(b"Content-Length: -4", text=b"abcd"), 400),
    ("length minus zero", body(b"Content-Length: -0"), 400),
    ("length in hexadecimal", body(b"Content-Length: 0x4"), 400),
    ("length of hexadecimal digits", body(b"Content-Length: 4a"), 400),
    ("length with a fraction", body(b"Content-Length: 4.0"), 400),
    ("length with an exponent", body(b"Content-Length: 1e1"), 400),
    ("length with a space inside", body(b"Content-Length: 4 0"), 400),
    ("length with an underscore", body(b"Content-Length: 1_0"), 400),
    ("length in quotes", body(b'Content-Length: "4"'), 400),
    ("length of nothing", body(b"Content-Length: "), 400),
    ("length with a vertical tab", body(b"Content-Length: \x0b4"), 400),
    ("length in Arabic digits",
     body("Content-Length: \u0664".encode()), 400),
    ("length over 64 bits",
     body(b"Content-Length: 18446744073709551620"), 413),
    ("length over 32 bits", body(b"Content-Length: 4294967300"), 413),
    ("length over the limit", body(b"Content-Length: 100000000"), 413),
    # RFC 9112 section 6.1: codings that a proxy may see another way.
    ("two codings", body(b"Transfer-Encoding: chunked",
     b"Transfer-Encoding: identity", text=b"0\r\n\r\n"), 400),
    ("the same coding twice", body(b"Transfer-Encoding: chunked",
     b"Transfer-Encoding: chunked", text=b"0\r\n\r\n"), 400),
    ("chunked twice in a list",
     body(b"Transfer-Encoding: chunked, chunked", text=b"0\r\n\r\n"), 501),
    ("chunked, then identity",
     body(b"Transfer-Encoding: chunked, identity", text=b"0\r\n\r\n"), 501),
    ("gzip, then chunked",
     body(b"Transfer-Encoding: gzip, chunked", text=b"0\r\n\r\n"), 501),
    ("identity", body(b"Transfer-Encoding: identity"), 501),
    ("a coding that begins as chunked",
     body(b"Transfer-Encoding: chunked-not"), 501),
    ("a coding that ends as chunked",
     body(b"Transfer-Encoding: xchunked"), 501),
    ("a coding with a parameter",
     body(b"Transfer-Encoding: chunked;q=1"), 501),
    ("a coding in quotes", body(b'Transfer-Encoding: "chunked"'), 501),
    ("a coding behind a comma", body(b"Transfer-Encoding: , chunked"), 501),
    ("a coding behind a vertical tab",
     body(b"Transfer-Encoding: \x0bchunked"), 400),
    ("a coding behind NUL", body(b"Transfer-Encoding: \x00chunked"), 400),
    ("an empty coding", body(b"Transfer-Encoding: "), 400),
    ("a space before the coding's colon",
     body(b"Transfer-Encoding : chunked", text=b"0\r\n\r\n"), 400),
    ("a tab before the length's colon",
     body(b"Content-Length\t: 4", text=b"abcd"), 400),
    ("a folded coding",
     body(b"Transfer-Encoding:\r\n chunked", text=b"0\r\n\r\n"), 400),
    ("a coding of HTTP/1.0", fields(b"Host: localhost",
     b"Transfer-Encoding: chunked",
     first=b"POST /healthz HTTP/1.0\r\n"), 400),
    # RFC 9112 section 7.1: chunks.
    ("a chunk without a size", CHUNKED + b"\r\n", 400),
    ("a chunk of an extension alone", CHUNKED + b";a=b\r\n\r\n", 400),
    ("a chunk size plus", CHUNKED + b"+4\r\nabcd\r\n0\r\n\r\n", 400),
    ("a chunk size minus", CHUNKED + b"-4\r\nabcd\r\n0\r\n\r\n", 400),
    ("a chunk size with 0x", CHUNKED + b"0x4\r\nabcd\r\n0\r\n\r\n", 400),
    ("a chunk size behind a space",
     CHUNKED + b" 4\r\nabcd\r\n0\r\n\r\n", 400),
    ("a chunk size before a space",
     CHUNKED + b"4 \r\nabcd\r\n0\r\n\r\n", 400),
    ("a chunk size before a tab",
     CHUNKED + b"4\t;a\r\nabcd\r\n0\r\n\r\n", 400),
    ("a chunk size with a fraction",
     CHUNKED + b"4.0\r\nabcd\r\n0\r\n\r\n", 400),
    ("a chunk size of 17 digits",
     CHUNKED + b"00000000000000004\r\nabcd\r\n0\r\n\r\n", 400),
    ("a chunk size that wraps at 64 bits",
     CHUNKED + b"10000000000000004\r\nabcd\r\n0\r\n\r\n", 400),
    ("a chunk size that wraps at 32 bits",
     CHUNKED + b"100000004\r\nabcd\r\n0\r\n\r\n", 400),
    ("a chunk size just below 32 bits", CHUNKED + b"ffffffff\r\n", 413),
    ("a chunk over the limit", CHUNKED + b"5f5e100\r\n", 413),
    ("a chunk line that ends in LF", CHUNKED + b"4\nabcd\r\n0\r\n\r\n", 400),
    ("a chunk line that ends in CR",
     CHUNKED + b"4\rabcd\r\n0\r\n\r\n", 400),
    ("LF in a chunk extension",
     CHUNKED + b"4;a\nb\r\nabcd\r\n0\r\n\r\n", 400),
    ("CR in a chunk extension",
     CHUNKED + b"4;a\rb\r\nabcd\r\n0\r\n\r\n", 400),
    ("NUL in a chunk extension",
     CHUNKED + b"4;\x00\r\nabcd\r\n0\r\n\r\n", 400),
    ("a chunk extension without an end",
     CHUNKED + b"4;" + b"a" * 400 + b"\r\nabcd\r\n0\r\n\r\n", 400),
    ("a chunk longer than it says",
     CHUNKED + b"4\r\nabcde\r\n0\r\n\r\n", 400),
    ("a chunk that ends in LF", CHUNKED + b"4\r\nabcd\n0\r\n\r\n", 400),
    ("a chunk that ends in nothing", CHUNKED + b"4\r\nabcd0\r\n\r\n", 400),
    ("a trailer with a space before its colon",
     CHUNKED + b"0\r\nA : b\r\n\r\n", 400),
    ("a folded trailer", CHUNKED + b"0\r\nA: b\r\n c\r\n\r\n", 400),
    ("a trailer that is none", CHUNKED + b"0\r\nabc\r\n\r\n", 400),
    ("NUL in a trailer", CHUNKED + b"0\r\nA: \x00\r\n\r\n", 400),
    ("trailers without an end",
     CHUNKED + b"0\r\n" + b"A: %s\r\n" % (b"b" * 500) * 60, 431),
    ("65 trailers", CHUNKED + b"0\r\n" + b"A: b\r\n" * 65, 431),
    # RFC 9112 sections 2.2 and 3: the request line.
    ("two empty lines before", b"\r\n\r\n" + fields(H[:-2]), 400),
    ("LF before", b"\n" + fields(H[:-2]), 400),
    ("a space before", b" " + fields(H[:-2]), 400),
    ("a request line that ends in LF", b"GET / HTTP/1.1\n" + H + b"\r\n",
     400),
    ("a request line that ends in CR", b"GET / HTTP/1.1\r" + H + b"\r\n",
     400),
    ("CR CR LF", b"GET / HTTP/1.1\r\r\n" + H + b"\r\n", 400),
    ("HTTP/0.9", b"GET /\r\n", 400),
    ("HTTP/0.9 by name", b"GET / HTTP/0.9\r\n\r\n", 505),
    ("HTTP/2 by name", b"GET / HTTP/2.0\r\n" + H + b"\r\n", 505),
    ("HTTP/3 by name", b"GET / HTTP/3.0\r\n" + H + b"\r\n", 505),
    ("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ("HTTP/11", b"GET / HTTP/11\r\n" + H + b"\r\n", 400),
    ("HTTP/1.10", b"GET / HTTP/1.10\r\n" + H + b"\r\n", 400),
    ("http/1.1", b"GET / http/1.1\r\n" + H + b"\r\n", 400),
    ("a version with a space", b"GET / HTTP/ 1.1\r\n" + H + b"\r\n", 400),
    ("a version of HTTPS", b"GET / HTTPS/1.1\r\n" + H + b"\r\n", 400),
    ("two spaces", b"GET  / HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("tabs for spaces", b"GET\t/\tHTTP/1.1\r\n" + H + b"\r\n", 400),
    ("a space in the target", b"GET /a b HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("a request in the target",
     b"GET / HTTP/1.1 HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("NUL in the target", b"GET /\x00 HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("an escape in the target", b"GET /\x1b[2J HTTP/1.1\r\n" + H + b"\r\n",
     400),
    ("DEL in the target", b"GET /\x7f HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("UTF-8 in the target",
     "GET /\u00e9 HTTP/1.1\r\n".encode() + H + b"\r\n", 400),
    ("no UTF-8 in the target", b"GET /\xff\xfe HTTP/1.1\r\n" + H + b"\r\n",
     400),
    ("no UTF-8 in the query", b"GET /?\xc0\xaf HTTP/1.1\r\n" + H + b"\r\n",
     400),
    ("a fragment", b"GET /#a HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("a target without a slash", b"GET healthz HTTP/1.1\r\n" + H + b"\r\n",
     400),
    ("a star for GET", b"GET * HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("an authority for GET", b"GET localhost:80 HTTP/1.1\r\n" + H + b"\r\n",
     400),
    ("another scheme", b"GET file:///etc/passwd HTTP/1.1\r\n" + H + b"\r\n",
     400),
    ("userinfo in the target",
     b"GET http://a@localhost/ HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("a target without a host", b"GET http:///healthz HTTP/1.1\r\n" + H
     + b"\r\n", 400),
    ("a backslash for a host", b"GET http:\\\\h/ HTTP/1.1\r\n" + H + b"\r\n",
     400),
    ("an over-long target",
     b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + H + b"\r\n", 414),
    ("a target without an end", b"GET /" + b"a" * 20000, 414),
    ("a method without an end", b"A" * 20000, 414),
    # RFC 9110 section 9: methods.
    ("CONNECT", b"CONNECT localhost:22 HTTP/1.1\r\n" + H + b"\r\n", 501),
    ("TRACE", b"TRACE / HTTP/1.1\r\n" + H + b"\r\n", 501),
    ("a method in lower case", b"get / HTTP/1.1\r\n" + H + b"\r\n", 501),
    ("an unknown method", b"PROPFIND / HTTP/1.1\r\n" + H + b"\r\n", 501),
    ("a method that is no token", b"G<T / HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("a method of high bytes", b"\xc3\x89 / HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("no method", b"/ HTTP/1.1\r\n" + H + b"\r\n", 400),
    # RFC 9112 section 5: fields.
    ("a space before the colon", fields(b"Host : localhost"), 400),
    ("no colon", fields(b"Host: localhost", b"Abc"), 400),
    ("no name", fields(b"Host: localhost", b": b"), 400),
    ("a name with a space", fields(b"Host: localhost", b"A b: c"), 400),
    ("a name with NUL", fields(b"Host: localhost", b"A\x00b: c"), 400),
    ("a name of UTF-8", fields(b"Host: localhost", b"\xc3\xa9: c"), 400),
    ("a name with a parenthesis", fields(b"Host: localhost", b"A(): c"),
     400),
    ("a folded value", fields(b"Host: localhost", b"A: b\r\n c"), 400),
    ("a value folded by a tab", fields(b"Host: localhost", b"A: b\r\n\tc"),
     400),
    ("a first field that is folded", GET + b" " + H + b"\r\n", 400),
    ("NUL in a value", fields(b"Host: localhost", b"A: b\x00c"), 400),
    ("an escape in a value", fields(b"Host: localhost", b"A: \x1b[2J"), 400),
    ("DEL in a value", fields(b"Host: localhost", b"A: \x7f"), 400),
    ("CR in a value", fields(b"Host: localhost", b"A: b\rContent-Length: 9"),
     400),
    ("LF in a value", fields(b"Host: localhost", b"A: b\nContent-Length: 9"),
     400),
    ("a head that ends in LF LF", GET + H[:-2] + b"\n\n", 400),
    ("a head that ends in CR CR", GET + H[:-2] + b"\r\r", 400),
    ("an empty line of LF", GET + H + b"\n", 400),
    ("65 fields", GET + H + b"A: b\r\n" * 64 + b"\r\n", 431),
    ("an over-long value", GET + H + b"A: " + b"b" * 17000 + b"\r\n\r\n",
     431),
    ("an over-long name", GET + H + b"a" * 17000 + b": b\r\n\r\n", 431),
    ("over-long fields",
     GET + H + b"A: %s\r\n" % (b"b" * 1000) * 17 + b"\r\n", 431),
    ("a field without an end", GET + H + b"A: " + b"b" * 17000, 431),
    # RFC 9112 section 3.2: Host.
    ("no Host", fields(b"A: b"), 400),
    ("two Hosts", fields(b"Host: localhost", b"Host: localhost"), 400),
    ("two Hosts of HTTP/1.0", fields(b"Host: a", b"host: b",
     first=b"GET /healthz HTTP/1.0\r\n"), 400),
    ("an empty Host", fields(b"Host:"), 400),
    ("a list of Hosts", fields(b"Host: localhost, evil"), 400),
    ("a Host with a path", fields(b"Host: localhost/x"), 400),
    ("a Host with userinfo", fields(b"Host: a@localhost"), 400),
    ("a Host with a scheme", fields(b"Host: http://localhost"), 400),
    ("a Host with a bad port", fields(b"Host: localhost:80x"), 400),
    ("a Host of a port", fields(b"Host: :80"), 400),
    ("a Host with a space", fields(b"Host: local host"), 400),
    ("a Host with an open bracket", fields(b"Host: [::1"), 400),
    ("an absolute target without Host",
     b"GET http://localhost/ HTTP/1.1\r\n\r\n", 400),
    # RFC 9110 section 10.1.1.
    ("an expectation that is unknown",
     body(b"Content-Length: 4", b"Expect: 200-ok", text=b"abcd"), 417),
    ("two expectations", body(b"Content-Length: 4", b"Expect: 100-continue",
     b"Expect: 100-continue", text=b"abcd"), 417),
    ("an expectation in a list", body(b"Content-Length: 4",
     b"Expect: 100-continue, x", text=b"abcd"), 417),
    ("a body too long to be expected",
     body(b"Content-Length: 100000000", b"Expect: 100-continue"), 413),
    # What is not HTTP.
    ("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
     + bytes(range(64)), 400),
    ("an SSH banner", b"SSH-2.0-OpenSSH_9.2\r\n", 400),
    ("PROXY protocol 1",
     b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + fields(H[:-2]), 400),
    ("PROXY protocol 2", b"\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c" + b"\x7f" * 12,
     400),
    ("SMTP", b"EHLO localhost\r\n", 400),
    ("Redis", b"*1\r\n$4\r\nPING\r\n", 400),
    ("a WebSocket frame", b"\x81\x85abcdefghi", 400),
    ("a garbled response", b"HTTP/1.1 200 OK\r\n\r\n", 400),
    ("zeros", bytes(100), 400),
]

# Name, bytes, statuses of what is served before the request behind.
SERVED = [
    ("as it should be", fields(b"Host: localhost"), [200]),
    ("an empty line before", b"\r\n" + fields(b"Host: localhost"), [200]),
    ("a pipeline", fields(b"Host: localhost") * 5, [200] * 5),
    ("HTTP/1.2", fields(H[:-2], first=b"GET /healthz HTTP/1.2\r\n"), [200]),
    ("HTTP/1.0 that is kept alive", fields(b"Connection: keep-alive",
     first=b"GET /healthz HTTP/1.0\r\n"), [200]),
    ("an absolute target", fields(H[:-2],
     first=b"GET http://localhost/healthz HTTP/1.1\r\n"), [200]),
    ("an absolute target of another host", fields(H[:-2],
     first=b"GET http://evil.example/healthz HTTP/1.1\r\n"), [200]),
    ("a star for OPTIONS", fields(H[:-2], first=b"OPTIONS * HTTP/1.1\r\n"),
     [404]),
    ("64 fields", GET + H + b"A: b\r\n" * 63 + b"\r\n", [200]),
    ("a body for GET", fields(H[:-2], b"Content-Length: 37",
     first=GET) + b"GET /smuggled HTTP/1.1\r\nHost: a.b\r\n\r\n"[:37],
     [200]),
    ("chunks for GET", fields(H[:-2], b"Transfer-Encoding: chunked")
     + b"4\r\nabcd\r\n0\r\n\r\n", [200]),
    ("a body that is a request", body(b"Content-Length: 41",
     text=b"GET /smuggled HTTP/1.1\r\nHost: local\r\n\r\n".ljust(41)), [405]),
    ("a length with zeros in front",
     body(b"Content-Length: 0000000000000000000004", text=b"abcd"), [405]),
    ("a length of an unknown field", body(b"Content_Length: 9"), [405]),
    ("a coding in capitals", body(b"TRANSFER-ENCODING: CHUNKED",
     text=b"0\r\n\r\n"), [405]),
    ("a coding behind a tab", body(b"Transfer-Encoding:\tchunked\t",
     text=b"0\r\n\r\n"), [405]),
    ("a field of TE", body(b"TE: chunked", b"Content-Length: 4",
     text=b"abcd"), [405]),
    ("chunk extensions",
     CHUNKED + b'4;a=b;c="d e"\r\nabcd\r\n0;x\r\n\r\n', [405]),
    ("a quote left open in a chunk extension",
     CHUNKED + b'4;a="\r\nabcd\r\n0\r\n\r\n', [405]),
    ("chunks of one byte", CHUNKED + b"1\r\na\r\n" * 20 + b"0\r\n\r\n",
     [405]),
    ("a chunk that looks like the last", CHUNKED
     + b"5\r\n0\r\n\r\n\r\n0\r\n\r\n", [405]),
    ("trailers that would frame", CHUNKED + b"0\r\nContent-Length: 99\r\n"
     b"Transfer-Encoding: gzip\r\nHost: evil\r\n\r\n", [405]),
    ("trailers that would close", CHUNKED + b"0\r\nConnection: close\r\n\r\n",
     [405]),
    ("an expectation", body(b"Content-Length: 4", b"Expect: 100-continue",
     text=b"abcd"), [405]),
    ("an expectation of nothing", body(b"Expect: 100-continue"), [405]),
    ("upgrade to HTTP/2", fields(H[:-2], b"Connection: Upgrade, "
     b"HTTP2-Settings", b"Upgrade: h2c",
     b"HTTP2-Settings: AAMAAABkAAQAAP__"), [200]),
    ("upgrade where there is no WebSocket",
     GET + H + UPGRADE + KEY + b"\r\n", [200]),
    ("upgrade by POST", b"POST /chat HTTP/1.1\r\n" + H + UPGRADE + KEY
     + b"Content-Length: 4\r\n\r\nabcd", [405]),
    ("a doubled slash", fields(H[:-2], first=b"GET //healthz HTTP/1.1\r\n"),
     [404]),
    ("a slash behind", fields(H[:-2], first=b"GET /healthz/ HTTP/1.1\r\n"),
     [404]),
    ("dots", fields(H[:-2], first=b"GET /x/../healthz HTTP/1.1\r\n"), [404]),
    ("a dot", fields(H[:-2], first=b"GET /./healthz HTTP/1.1\r\n"), [404]),
    ("a path out of the root",
     fields(H[:-2], first=b"GET /../../etc/passwd HTTP/1.1\r\n"), [404]),
    ("encoded dots", fields(H[:-2],
     first=b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n"), [404]),
    ("an encoded slash", fields(H[:-2],
     first=b"GET /%2fhealthz HTTP/1.1\r\n"), [404]),
    ("an encoded letter", fields(H[:-2],
     first=b"GET /%68ealthz HTTP/1.1\r\n"), [404]),
    ("an encoded NUL", fields(H[:-2],
     first=b"GET /healthz%00 HTTP/1.1\r\n"), [404]),
    ("an encoded line end", fields(H[:-2],
     first=b"GET /%0d%0aX:%20y HTTP/1.1\r\n"), [404]),
    ("an encoding that is none", fields(H[:-2],
     first=b"GET /%zz%4 HTTP/1.1\r\n"), [404]),
    ("an encoding cut off", fields(H[:-2], first=b"GET /% HTTP/1.1\r\n"),
     [404]),
    ("an encoding twice", fields(H[:-2],
     first=b"GET /%252e%252e/ HTTP/1.1\r\n"), [404]),
    ("UTF-8 overlong and encoded", fields(H[:-2],
     first=b"GET /%c0%ae%c0%ae/ HTTP/1.1\r\n"), [404]),
    ("no UTF-8, encoded", fields(H[:-2],
     first=b"GET /%ff%fe HTTP/1.1\r\n"), [404]),
    ("a path parameter", fields(H[:-2],
     first=b"GET /healthz;a=b HTTP/1.1\r\n"), [404]),
    ("a backslash", fields(H[:-2],
     first=b"GET /..\\..\\healthz HTTP/1.1\r\n"), [404]),
    ("a query of rubbish", fields(H[:-2],
     first=b"GET /healthz?%&=&&;%00%zz HTTP/1.1\r\n"), [200]),
    ("a case that is another", fields(H[:-2],
     first=b"GET /HEALTHZ HTTP/1.1\r\n"), [404]),
]

# Statuses of a pipeline whose last is bad: those before it are answered.
MIXED = [
    ("a good one, then garbage", fields(H[:-2]) + b"\x00\x01\x02\r\n",
     [200, 400]),
    ("a good one, then a smuggled one", fields(H[:-2])
     + body(b"Content-Length: 4", b"Transfer-Encoding: chunked",
            text=b"0\r\n\r\n"), [200, 400]),
    ("a body, then what was left of it", body(b"Content-Length: 4",
     text=b"abcdefgh\r\n"), [405, 400]),
    ("chunks, then what was left of them",
     CHUNKED + b"0\r\n\r\n0\r\n\r\n", [405, 400]),
    ("one that closes", fields(H[:-2], b"Connection: close")
     + fields(H[:-2]), [200]),
    ("HTTP/1.0 closes", fields(first=b"GET /healthz HTTP/1.0\r\n")
     + fields(H[:-2]), [200]),
    ("an upgrade without a key",
     b"GET /chat HTTP/1.1\r\n" + H + UPGRADE + b"\r\n", [400]),
    ("an upgrade with two keys",
     b"GET /chat HTTP/1.1\r\n" + H + UPGRADE + KEY * 2 + b"\r\n", [400]),
    ("an upgrade of HTTP/1.0",
     b"GET /chat HTTP/1.0\r\n" + H + UPGRADE + KEY + b"\r\n", [400]),
    ("an upgrade to another version", b"GET /chat HTTP/1.1\r\n" + H
     + UPGRADE.replace(b"13", b"8") + KEY + b"\r\n", [426]),
    ("an upgrade to nothing", b"GET /chat?user=ann HTTP/1.1\r\n" + H
     + b"\r\n", [426]),
    ("an upgrade from a foreign page", b"GET /chat?user=ann HTTP/1.1\r\n" + H
     + UPGRADE + KEY + b"Origin: http://evil.example\r\n\r\n", [403]),
    ("an upgrade under a foreign name", b"GET /chat?user=ann HTTP/1.1\r\n"
     b"Host: evil.example\r\n" + UPGRADE + KEY + b"\r\n", [403]),
    ("an upgrade with two Origins", b"GET /chat?user=ann HTTP/1.1\r\n" + H
     + UPGRADE + KEY + b"Origin: http://localhost\r\n" * 2 + b"\r\n", [403]),
]

ROWS = ([(name, data, [status]) for name, data, status in REFUSED]
        + [(name, data, statuses + [404])
           for name, data, statuses in SERVED]
        + MIXED)

# Cut off: nothing was asked, so nothing is answered.
HALF = [
    ("nothing", b""),
    ("a line end", b"\r\n"),
    ("half a method", b"GE"),
    ("half a head", GET + H),
    ("half a body", body(b"Content-Length: 100", text=b"abc")),
    ("half a chunk", CHUNKED + b"4\r\nab"),
    ("no last chunk", CHUNKED + b"4\r\nabcd\r\n"),
    ("no end of the trailers", CHUNKED + b"0\r\nA: b\r\n"),
]


def test_the_table_is_one():
    names = [row[0] for row in ROWS] + [row[0] for row in HALF]
    assert len(names) == len(set(names))
    assert len(names) >= 100


@pytest.mark.parametrize("name,data,statuses", ROWS,
                         ids=[row[0] for row in ROWS])
def test_request(server, name, data, statuses):
    # What is long is cut at places that meet no boundary of its own.
    for step in (0, 1 if len(data) < 2000 else 997):
        got = rawhttp.ask(server.address, data + BEHIND, step)
        assert [answer.status for answer in got] == statuses
        for answer in got:
            if answer.status >= 400:
                assert answer.fields["content-type"] == \
                    "application/problem+json"
        assert got[-1].fields.get("connection") == "close"


@pytest.mark.parametrize("name,data", HALF, ids=[row[0] for row in HALF])
def test_half_a_request(server, name, data):
    for step in (0, 1):
        with rawhttp.connect(server.address) as peer:
            rawhttp.send(peer, data, step)
            peer.shutdown(1)
            assert rawhttp.read_to_end(peer) == b""
