# SPDX-License-Identifier: MIT
# Sourced by quickstart.sh and test.sh.

BUILD_PACKAGES="gcc make autoconf automake pkg-config libc6-dev libev-dev
	libcurl4-openssl-dev libcrypt-dev liblua5.4-dev liblmdb-dev
	libssl-dev libjansson-dev libedit-dev
	uthash-dev zlib1g-dev"
TEST_PACKAGES="$BUILD_PACKAGES libcmocka-dev lua-check clang libclang-rt-dev
	mandoc python3 python3-pytest python3-pytest-xdist python3-websockets
	nginx haproxy openssl systemd
	python3-jsonschema chromium curl"

# Those of the packages that are not installed.
missing_packages()
{
	for package; do
		dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null |
			grep -q '^install ok installed' || echo "$package"
	done
}

# Installs what is missing; without the right to do so, names it and fails.
need_packages()
{
	if ! command -v dpkg-query >/dev/null; then
		echo "This system has no Debian packages. What Debian calls"
		echo "$*" | tr -s '\n\t' '  '
		echo "must be there; going on in the hope that it is."
		return 0
	fi
	# shellcheck disable=SC2046,SC2086 # lists of words
	set -- $(missing_packages $*)
	test $# -gt 0 || return 0
	as_root=
	if test "$(id -u)" -ne 0; then
		as_root=sudo
		if ! command -v sudo >/dev/null; then
			echo "Please let root install these packages, and try" \
				"again:"
			echo "    apt-get install $*"
			return 1
		fi
	fi
	echo "Installing $*"
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -q update &&
		$as_root env DEBIAN_FRONTEND=noninteractive \
			apt-get -q -y --no-install-recommends install "$@"
}

# build FOLDER [OPTION...]: configures (once) and builds there.
build()
{
	folder=$1
	shift
	test -x configure || autoreconf -fi || return
	mkdir -p "$folder" || return
	if ! test -f "$folder/Makefile"; then
		(cd "$folder" && ../configure "$@") || return
	fi
	make -C "$folder" -j "$(nproc 2>/dev/null || echo 1)"
}
