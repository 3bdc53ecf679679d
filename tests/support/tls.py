# SPDX-License-Identifier: MIT
"""Certificates for tests, and a TLS client of which the test owns each byte."""

import contextlib
import os
import pathlib
import shutil
import ssl
import subprocess
import tempfile

from . import rawhttp


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, timeout=60,
                   capture_output=True)


class Authority:
    """Issues certificates into a folder of its own."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="synctalk-ca-"))
        self.certificate = self.folder / "ca.pem"
        self._key = self.folder / "ca.key"
        self._serial = 1
        self._new_key(self._key, "ec")
        openssl("req", "-x509", "-new", "-key", self._key, "-days", 30,
                "-subj", "/CN=Test Authority", "-out", self.certificate)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def _new_key(path, kind):
        if kind == "rsa":
            openssl("genrsa", "-out", path, 2048)
        else:
            openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout",
                    "-out", path)
        os.chmod(path, 0o600)

    def issue(self, file, names=("localhost", "127.0.0.1"), days=30,
              kind="ec"):
        """(certificate, key): paths; without names there is no SAN."""
        self._serial += 1
        certificate = self.folder / f"{file}.pem"
        key = self.folder / f"{file}.key"
        request = self.folder / f"{file}.csr"
        extensions = self.folder / f"{file}.ext"
        words = [("IP:" if name[0].isdigit() else "DNS:") + name
                 for name in names]
        extensions.write_text(
            "basicConstraints = CA:FALSE\n" +
            (f"subjectAltName = {','.join(words)}\n" if words else ""))
        self._new_key(key, kind)
        openssl("req", "-new", "-key", key, "-subj", f"/CN={file}",
                "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate,
                "-CAkey", self._key, "-set_serial", self._serial,
                "-days", days, "-extfile", extensions, "-out", certificate)
        return certificate, key

    def context(self, verify=True, alpn=()):
        """Of a client that trusts this authority alone."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        if not verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if alpn:
            context.set_alpn_protocols(list(alpn))
        return context


def config(*pairs):
    """Lines of a configuration with these (certificate, key)."""
    files = ", ".join(f'"{pair[0]}"' for pair in pairs)
    keys = ", ".join(f'"{pair[1]}"' for pair in pairs)
    return [f"tls = {{ certificates = {{ {files} }}, keys = {{ {keys} }} }}"]


def port_of(server, scheme="https"):
    """Of the place that speaks so."""
    for place in server.places:
        if place.startswith(f"{scheme}://"):
            return int(place.rpartition(":")[2])
    raise AssertionError(f"no {scheme}:// in {server.places}")


class Peer:
    """A TLS client over a raw socket; `step` cuts what it sends."""

    def __init__(self, address, context, name="localhost", step=0,
                 before=b"", session=None):
        self.step = step
        self.socket = rawhttp.connect(address)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._in, self._out,
                                    server_hostname=name, session=session)
        self._before = before

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def push(self):
        """Sends what TLS has to say."""
        data = self._before + self._out.read()
        self._before = b""
        rawhttp.send(self.socket, data, self.step)

    def _pull(self):
        data = self.socket.recv(65536)
        if data:
            self._in.write(data)
        else:
            self._in.write_eof()

    def _until_done(self, call, *arguments):
        while True:
            try:
                result = call(*arguments)
                self.push()
                return result
            except ssl.SSLWantReadError:
                self.push()
                self._pull()

    def handshake(self):
        self._until_done(self.tls.do_handshake)
        return self

    def write(self, data):
        while data:
            data = data[self._until_done(self.tls.write, data):]

    def read(self, size=65536):
        """b"" at the end, if it was announced (close_notify)."""
        with contextlib.suppress(ssl.SSLZeroReturnError):
            return self._until_done(self.tls.read, size)
        return b""

    def read_to_end(self):
        data = bytearray()
        while piece := self.read():
            data += piece
        return bytes(data)
