#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what the tests need, builds with sanitizers in ./build-test, and
# runs the whole suite.  The last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 1
. contrib/packages.sh

give_up()
{
	echo "$1"
	echo "0 passed, 1 failed"
	exit 1
}

# shellcheck disable=SC2086 # a list of words
need_packages $TEST_PACKAGES || give_up "Packages are missing."
build build-test --enable-developer || give_up "The build failed."
exec tests/run.sh "$PWD/build-test"
