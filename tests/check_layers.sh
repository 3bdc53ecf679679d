#!/bin/sh
# SPDX-License-Identifier: MIT
# The folders of src are the architecture: fails on an include against the
# dependency rule of docs/architecture.md, on a source in no known folder, on
# a file over 800 lines and on a function over 60.
set -u
cd "${srcdir:-$(dirname "$0")/..}" || exit 1
failed=0

complain()
{
	echo "$1"
	failed=1
}

# What the sources of a folder may include: folders, or single headers.
may_include()
{
	case $1 in
	base)   echo 'base/' ;;
	net)    echo 'base/ net/' ;;
	http)   echo 'base/ http/' ;;
	ws)     echo 'base/ http/request.h http/field.h ws/' ;;
	store)  echo 'base/ net/ store/' ;;
	bus)    echo 'base/ net/ bus/' ;;
	auth)   echo 'base/ net/mailbox.h auth/' ;;
	chat)   echo 'base/ net/mailbox.h net/timers.h store/store.h
		store/read.h store/write.h store/status.h store/permission.h
		store/record.h bus/bus.h chat/' ;;
	fetch)  echo 'base/ net/range.h fetch/' ;;
	script) echo 'base/ store/record.h chat/policy.h chat/codes.h
		fetch/fetch.h script/' ;;
	api)    echo 'base/ net/mailbox.h net/timers.h http/ auth/
		store/store.h store/read.h store/write.h store/status.h
		store/account.h store/record.h chat/chat.h chat/call.h
		chat/codes.h chat/session.h chat/text.h chat/vocabulary.h
		api/' ;;
	server) echo 'base/ net/ http/ ws/ auth/ store/store.h store/record.h
		store/account.h bus/bus.h chat/ script/script.h fetch/fetch.h
		api/api.h api/access.h api/route.h server/' ;;
	client) echo 'base/ ws/ store/record.h client/' ;;
	ctl)    echo 'base/ store/ ctl/' ;;
	main.c) echo 'base/ api/document.h server/' ;;
	*)      return 1 ;;
	esac
}

# Is include $2 allowed by the words after it?
allowed()
{
	include=$1
	shift
	for word in "$@"; do
		case $include in
		"$word" | "${word%/}"/*) [ "${word%/}" != "$word" ] ||
			[ "$include" = "$word" ] && return 0 ;;
		esac
	done
	return 1
}

for file in $(find src -name '*.[ch]' ! -name config.h | sort); do
	folder=${file#src/}
	folder=${folder%%/*}
	words=$(may_include "$folder") || {
		complain "$file: no rule for its folder"
		continue
	}
	for include in $(sed -n 's/^#include "\(.*\)".*/\1/p' "$file"); do
		# shellcheck disable=SC2086 # a list of words
		allowed "$include" $words ||
			complain "$file: must not include $include"
	done
done

for file in $(find src lua tests \( -name '*.[ch]' -o -name '*.lua' \
	-o -name '*.py' \) ! -name config.h | sort); do
	lines=$(wc -l <"$file")
	[ "$lines" -le 800 ] || complain "$file: $lines lines, 800 at most"
done

long=$(find src tests -name '*.[ch]' ! -name config.h -exec awk '
	FNR == 1 { name = ""; start = 0 }
	/^[a-z_].*\(/ { name = $0; sub(/\(.*/, "", name) }
	/^\{/ { start = FNR }
	/^\}/ {
		if (start && FNR - start - 1 > 60)
			print FILENAME ":" start ": " name "() has " \
			    FNR - start - 1 " lines, 60 at most"
		start = 0
	}' {} +)
[ -z "$long" ] || complain "$long"

exit $failed
