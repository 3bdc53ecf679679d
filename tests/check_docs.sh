#!/bin/sh
# SPDX-License-Identifier: MIT
# docs/protocol.md and the sources name the same requests, events, error codes
# and close codes; the man page of synctalkd names the same options.  (The
# unit test of the configuration does this for its keys.)
set -u
cd "${srcdir:-$(dirname "$0")/..}" || exit 1
failed=0
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT

# Reserved: the sources know them, but nothing makes them yet.
reserved='held'

# The words in backquotes of the first cells of a section's tables.
documented()
{
	awk -v section="## $1" '
		/^## / { inside = $0 == section }
		inside && /^\| / { print $0 }' docs/protocol.md |
		sed 's/^| *\([^|]*\)|.*/\1/'
}

words()
{
	grep -o '`[a-z_]*`' | tr -d '`' | sort -u
}

# same WHAT SOURCES DOCS: both files list the same words.
same()
{
	missing=$(comm -23 "$folder/$2" "$folder/$3" | tr '\n' ' ')
	extra=$(comm -13 "$folder/$2" "$folder/$3" | tr '\n' ' ')
	if [ -n "$missing" ]; then
		echo "$1 not in the documents: $missing"
		failed=1
	fi
	if [ -n "$extra" ]; then
		echo "$1 documented, but not in the sources: $extra"
		failed=1
	fi
	if [ ! -s "$folder/$2" ]; then
		echo "$1: none found in the sources"
		failed=1
	fi
}

sed -n 's/.*{\.type = "\([a-z_]*\)".*/\1/p' src/chat/commands.c |
	sort -u >"$folder/requests"
documented 'What a client asks' | words >"$folder/requests.docs"
same requests requests requests.docs

{
	grep -oh '{\\"type\\":\\"[a-z_]*\\"' src/chat/wire_json*.c \
		src/server/*.c | sed 's/\\"$//; s/.*"//'
	grep -oh '? "hidden"' src/chat/wire_json.c | tr -d '? "'
	grep -oh '"unblocked"\|\[RECORD_[A-Z]*\] = "[a-z]*"' \
		src/chat/wire.c src/chat/wire_json.c |
		sed 's/.*"\([a-z]*\)"$/\1/'
	grep -oh ': "{\\"type\\":\\"[a-z]*' src/chat/wire_json.c |
		sed 's/.*"//'
} | grep . | grep -vx about | sort -u >"$folder/all" # RFC 9457: about:blank
echo "$reserved" | tr -s ' \t\n' '\n' | sort -u >"$folder/reserved"
comm -23 "$folder/all" "$folder/reserved" >"$folder/events"
documented 'What the server says' | words >"$folder/events.docs"
same events events events.docs

sed -n 's/.*X([A-Z_]*, "\([a-z_]*\)").*/\1/p' src/chat/codes.h |
	sort -u >"$folder/codes"
documented 'Errors' | words >"$folder/codes.docs"
same 'error codes' codes codes.docs

sed -n 's/^	X([A-Z_0-9]*, "[a-z_0-9]*", \([1-9][0-9]*\),.*/\1/p' \
	src/server/close_reasons.h | sort -u >"$folder/closes"
documented 'Closing' | grep -o '[1-4][0-9][0-9][0-9]' | grep -v 1000 |
	sort -u >"$folder/closes.docs"
same 'close codes' closes closes.docs

sed -n 's/^[	 ]*{"\([a-z-]*\)", [a-z]*_argument,.*/\1/p' \
	src/server/config_arguments.c | sort -u >"$folder/options"
grep '^\.It Fl' docs/man/synctalkd.8 | grep -o '\\-[a-z][a-z-]*' |
	sed 's/^..//' | sort -u >"$folder/options.docs"
same 'options of synctalkd' options options.docs

# Each test that docs/security.md names is there.
for test in $(grep -o '`tests/[^`]*\.[a-z]*`' docs/security.md | tr -d '`' |
	sort -u); do
	case $test in
	*NAME*) continue ;;
	esac
	if [ ! -e "$test" ]; then
		echo "docs/security.md names a test that is not there: $test"
		failed=1
	fi
done

exit $failed
