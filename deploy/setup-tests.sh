#!/bin/sh
# What only the tests need from the system: a browser, a PostgreSQL to throw away, wrk, which
# asks for pages in masses, and the library that Playwright's own node is linked with.
# Where it may not install them, those tests fail and say the same.
set -u
cd "$(dirname "$0")/.."
log=$(mktemp) && trap 'rm -f "$log"' EXIT
. deploy/system.sh

has_postgres() {
	command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

missing=
command -v chromium >/dev/null || missing="$missing chromium"
has_postgres || missing="$missing postgresql"
command -v wrk >/dev/null || missing="$missing wrk"
ls /usr/lib/*/libatomic.so.1 /usr/lib*/libatomic.so.1 >/dev/null 2>&1 ||
	ldconfig -p 2>/dev/null | grep -q 'libatomic\.so\.1 ' || missing="$missing libatomic1"
if [ -n "$missing" ] && ! install_packages $missing; then
	echo "earshot: some tests will fail: apt-get install$missing" >&2
fi
