#!/bin/sh
# What only the tests need from the system: a browser, a PostgreSQL to throw away, wrk, which
# asks for pages in masses, libsrt, coturn, which relays media, and the library that Playwright's own node is linked with.
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
has_srt || missing="$missing libsrt1.5-gnutls"
if ! command -v turnserver >/dev/null; then
	missing="$missing coturn"
	# Debian starts it as it is installed, for everybody; the tests start one of their own
	command -v systemctl >/dev/null && may_be_root && $as_root systemctl --quiet mask coturn
fi
if [ -n "$missing" ] && ! install_packages $missing; then
	echo "earshot: some tests will fail: apt-get install$missing" >&2
fi
