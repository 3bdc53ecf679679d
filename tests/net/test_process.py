# SPDX-License-Identifier: MIT
"""What rights the process keeps."""

import os
import pathlib
import stat
import subprocess

import pytest

from support.hosted import Hosted
from support.server import build_folder, environment

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop")


def status_of(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return dict(line.split(":\t", 1) for line in text.splitlines())


def start(tmp_path, *lines, data="data"):
    conf = tmp_path / "synctalkd.conf"
    conf.write_text("\n".join(lines) + "\n")
    done = subprocess.run(
        [build_folder() / "synctalkd", "-c", conf, "--data", tmp_path / data,
         "--listen", "127.0.0.1:0"], capture_output=True, text=True,
        timeout=60, env=environment())
    return done.returncode, done.stderr


@ROOT
def test_root_is_given_up(tmp_path):
    """All ids, all groups, all capabilities; the port was bound before."""
    server = Hosted(config=['process = { user = "nobody", '
                            'group = "nogroup" }'])
    os.chmod(server.server.folder, 0o755)
    server.server.data.mkdir()
    os.chown(server.server.data, 65534, 65534)
    with server:
        for task in pathlib.Path(f"/proc/{server.server.pid}/task").iterdir():
            status = status_of(f"{server.server.pid}/task/{task.name}")
            assert status["Uid"].split() == ["65534"] * 4
            assert status["Gid"].split() == ["65534"] * 4
            assert "0" not in status["Groups"].split()
            for kind in "CapPrm", "CapEff", "CapInh", "CapAmb":
                assert int(status[kind], 16) == 0
            assert status["NoNewPrivs"] == "1"
        made = server.server.data / "synctalkd.sock"
        assert made.stat().st_uid == 65534


@ROOT
def test_data_of_somebody_else(tmp_path):
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == 0 and parent != pathlib.Path("/"):
            parent.chmod(parent.stat().st_mode | stat.S_IXOTH)
    (tmp_path / "data").mkdir(0o700)
    status, said = start(tmp_path, 'process = { user = "nobody" }')
    assert status == 78
    assert f"chown -R nobody {tmp_path}/data" in said


@pytest.mark.parametrize("options, why", [
    ('user = "no-such-user"', 'there is no user "no-such-user"'),
    ('user = "nobody", group = "no-such"', 'there is no group "no-such"'),
    ('user = "root"', "root is root"),
    ('group = "nogroup"', "process.group needs process.user"),
])
def test_bad_users(tmp_path, options, why):
    status, said = start(tmp_path, "process = { " + options + " }")
    assert status == 78
    assert why in said


@ROOT
@pytest.mark.parametrize("core, owner", [("false", 0), ("true", 65534)])
def test_memory_is_not_shown(core, owner):
    """No core dump, and nothing in /proc for others of its user."""
    server = Hosted(config=[f"process = {{ core = {core} }}"])
    os.chmod(server.server.folder, 0o777)
    server.server.prefix = ["setpriv", "--reuid", "65534", "--regid",
                            "65534", "--clear-groups"]
    with server:
        pid = server.server.pid
        assert os.stat(f"/proc/{pid}/mem").st_uid == owner


def test_files_are_closed_to_others():
    with Hosted() as server:
        status = status_of(server.server.pid)
        assert status["NoNewPrivs"] == "1"
        assert status["Umask"] == "0027"
        for path in server.server.data.rglob("*"):
            assert path.stat().st_mode & 0o007 == 0
