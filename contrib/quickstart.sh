#!/bin/sh
# SPDX-License-Identifier: MIT
# From a fresh clone to a running demo server: installs what the build needs,
# builds in ./build, starts a server for people of this machine.
#
#	contrib/quickstart.sh          http://127.0.0.1:8000
#	PORT=8001 contrib/quickstart.sh
set -eu
cd "$(dirname "$0")/.."
. contrib/packages.sh
port=${PORT:-8000}

taken()
{
	command -v bash >/dev/null &&
		bash -c ": </dev/tcp/127.0.0.1/$port" 2>/dev/null
}

complain()
{
	echo "Port $port is taken: is a SyncTalk running already?" >&2
	echo "    PORT=8001 contrib/quickstart.sh     takes another one" >&2
	exit 1
}

! taken || complain
# shellcheck disable=SC2086 # a list of words
need_packages $BUILD_PACKAGES
build build
mkdir -p scripts/local
! taken || complain

server=
test "$port" = 8000 || server=" --server http://127.0.0.1:$port"
cat <<END

SyncTalk is built. Now, each in a terminal of its own, in $PWD:

    ./build/synctalk$server alice
    ./build/synctalk$server bob

Or in a browser: http://127.0.0.1:$port/

Type "Hello", "@bob are you there?", "/join tea", "/help". Or without our
client:

    npx wscat -c 'ws://127.0.0.1:$port/chat?user=carol'

Programs use REST too: docs/rest.md, http://127.0.0.1:$port/openapi.json.
Messages are kept in ./data. Your own commands and rules go to ./scripts/local
and take effect with ./build/synctalkctl reload; docs/lua.md shows how. Ctrl-C
stops the server.

END
exec ./build/synctalkd --listen "127.0.0.1:$port" --data data \
	--scripts scripts --auth open
