#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Builds the fuzz targets from the sources, in a temporary folder, and runs
# each for SECONDS (60), all at the same time.  Says of each "no finding" or "a
# finding"; of one it keeps the input, and exits with 1.
#
#	tests/fuzz/run.sh [SECONDS [TARGET...]]
#
# FUZZ_CC names another clang.
set -eu

seconds=${1:-60}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- http ws json terms search jwt keys proxy
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/synctalk-fuzz.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

cc=${FUZZ_CC:-clang}
cflags="-std=c11 -D_GNU_SOURCE -g -O1 -fno-omit-frame-pointer
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
	-I$root/src $(pkg-config --cflags jansson libcrypto)"
libs="$(pkg-config --libs jansson libcrypto) -lcrypt"

build() {
	# shellcheck disable=SC2086
	"$cc" $cflags -o "$work/$1" "$root/tests/fuzz/$1_fuzz.c" \
		"$root/tests/support/transcript.c" \
		"$root"/src/base/*.c "$root"/src/http/*.c "$root"/src/ws/*.c \
		"$root/src/net/proxy.c" "$root/src/net/ip.c" \
		"$root/src/store/terms.c" "$root/src/store/mention.c" \
		"$root/src/chat/search_query.c" \
		"$root"/src/auth/[!h]*.c $libs # all but the hasher, of threads
}

run() {
	mkdir "$work/$1.corpus"
	"$work/$1" -max_total_time="$seconds" -max_len=20000 -timeout=10 \
		-rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 \
		-artifact_prefix="$work/$1-" \
		"$work/$1.corpus" "$root/tests/fuzz/corpus/$1" \
		>"$work/$1.log" 2>&1
}

for target; do
	build "$target"
done
# All at once: each has its time, and its own core where there are as many.
for target; do
	run "$target" && : >"$work/$target.well" &
done
wait
failed=0
for target; do
	if [ -e "$work/$target.well" ]; then
		awk -v target="$target" '/number_of_executed_units/ {
			print target ": " $2 " inputs, no finding" }' \
			"$work/$target.log"
	else
		cat "$work/$target.log"
		for input in "$work/$target"-*; do
			[ -e "$input" ] || continue
			cp "$input" .
			echo "$target: kept as ./${input##*/}"
		done
		echo "$target: a finding"
		failed=1
	fi
done
exit $failed
