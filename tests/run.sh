#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the whole quick suite against a build: `make check`, then the tests in
# Python: conversations, faults, programs, what is hostile; then the parsers of
# what strangers send are fuzzed, each for FUZZ_SECONDS (60).
#
#	tests/run.sh BUILD_DIR
#
# The last line is "N passed, N failed"; the status is 1 if any failed.
set -u
[ $# -eq 1 ] || { echo "usage: $0 BUILD_DIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd) || exit 2
build=$(cd "$1" && pwd) || exit 2
log=$(mktemp) || exit 2
trap 'rm -f "$log"' EXIT
passed=0
failed=0

# count REGEX: the number in what it finds last in the log, or 0.
count()
{
	number=$(grep -o "$1" "$log" | tail -n 1 | grep -o '[0-9]*')
	echo "${number:-0}"
}

cd "$build" || exit 2
make check >"$log" 2>&1
status=$?
cat "$log"
passed=$((passed + $(count '# PASS: *[0-9]*')))
broken=$(($(count '# FAIL: *[0-9]*') + $(count '# ERROR: *[0-9]*') +
	$(count '# XPASS: *[0-9]*')))
if [ "$status" -ne 0 ] && [ "$broken" -eq 0 ]; then
	broken=1 # it did not even build
fi
failed=$((failed + broken))
for one in tests/unit/*/*.log tests/contract/*.log tests/*.log; do
	[ -f "${one%.log}.trs" ] || continue
	grep -q '^:test-result: \(PASS\|SKIP\)' "${one%.log}.trs" ||
		tail -n 40 "$one"
done

# Each conversation has a server of its own and mostly waits: four at a time.
parallel=
if /usr/bin/python3 -c 'import xdist' 2>/dev/null; then
	parallel='-n 4'
fi
# shellcheck disable=SC2086 # two words
SYNCTALK_BUILD=$build PYTHONDONTWRITEBYTECODE=1 \
	/usr/bin/python3 -m pytest -p no:cacheprovider -q --tb=short \
	--rootdir "$here" $parallel "$here" >"$log" 2>&1
status=$?
cat "$log"
good=$(count '[0-9]* passed')
bad=$(($(count '[0-9]* failed') + $(count '[0-9]* error')))
if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
	bad=1
fi
passed=$((passed + good))
failed=$((failed + bad))

# Nothing else runs now.  Each target counts as a test.
targets='http jwt json'
# shellcheck disable=SC2086 # a list of words
FUZZ_CC=${FUZZ_CC:-clang} "$here/fuzz/run.sh" "${FUZZ_SECONDS:-60}" \
	$targets >"$log" 2>&1
cat "$log"
good=$(grep -c ': [0-9]* inputs, no finding$' "$log")
passed=$((passed + good))
failed=$((failed + $(echo "$targets" | wc -w) - good))

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
