# Sourced by the scripts beside it: one clear line on failure, packages where we may.

fail() {
	echo "earshot: $*" >&2
	exit 1
}

# Installs Debian packages as root or by sudo without a password; false where it may not.
install_packages() {
	command -v apt-get >/dev/null || return 1
	if [ "$(id -u)" = 0 ]; then
		as_root=
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		as_root=sudo
	else
		return 1
	fi
	echo "Installing $* ..."
	$as_root apt-get -qq update >"$log" 2>&1
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -qq install -y --no-install-recommends "$@" >>"$log" 2>&1
}
