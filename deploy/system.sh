# Sourced by the scripts beside it: one clear line on failure, packages where we may.

fail() {
	echo "earshot: $*" >&2
	exit 1
}

# By which encoders and servers send; everything else works without it.
has_srt() {
	ls /usr/lib/*/libsrt*.so.1.5 /usr/lib*/libsrt*.so.1.5 2>/dev/null | grep -q .
}

# Sets as_root to what makes a command root's: nothing, or sudo without a password; false
# where we may not.
may_be_root() {
	as_root=
	[ "$(id -u)" = 0 ] && return
	as_root=sudo
	command -v sudo >/dev/null && sudo -n true 2>/dev/null
}

# Installs Debian packages; false where it may not.
install_packages() {
	command -v apt-get >/dev/null && may_be_root || return 1
	echo "Installing $* ..."
	$as_root apt-get -qq update >"$log" 2>&1
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -qq install -y --no-install-recommends "$@" >>"$log" 2>&1
}
