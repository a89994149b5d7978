#!/bin/sh
# Builds .venv and node_modules as the lock files say. Usage: setup.sh [gpu|cpu]
# Quick when nothing has changed since the last time.
set -u
cd "$(dirname "$0")/.."
log=$(mktemp) && trap 'rm -f "$log" "$log.failed"' EXIT
. deploy/system.sh

is_new_enough() {
	"$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

has_gpu_environment() {
	ls -d .venv/lib/python*/site-packages/onnxruntime_gpu-*.dist-info >/dev/null 2>&1
}

# node --test and npm ci need 20; an older or missing one is replaced from PyPI.
has_node() {
	command -v npm >/dev/null &&
		node -e 'process.exit(parseInt(process.versions.node) < 20)' 2>/dev/null
}

make_environment() {
	is_new_enough .venv/bin/python && return
	is_new_enough python3 || fail "Python 3.11 or newer is needed, as python3."
	if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
		install_packages python3-venv ||
			fail "Python's venv module is missing: apt-get install python3-venv"
	fi
	python3 -m venv --clear .venv >"$log" 2>&1 ||
		fail "$PWD/.venv cannot be made: $(tail -n 1 "$log")"
}

get_uv() {
	[ -x .venv/bin/uv ] && return
	.venv/bin/python -m ensurepip >"$log" 2>&1
	.venv/bin/python -m pip install --quiet --retries 2 --disable-pip-version-check \
		'uv>=0.13' >"$log" 2>&1 || say_why "The Python packages"
}

sync_packages() {
	echo "Getting the Python packages ..."
	: >"$log"
	{ .venv/bin/uv sync --locked $groups 2>&1 || : >"$log.failed"; } | show_downloads
	[ ! -e "$log.failed" ] || say_why "The Python packages"
}

# Everything goes to the log; the large downloads, which take a while, are shown as well.
show_downloads() {
	while IFS= read -r line; do
		printf '%s\n' "$line" >>"$log"
		case $line in *Downloading*\(*B\)*) echo "  ${line# }" ;; esac
	done
}

get_modules() {
	echo "Getting the browser's packages ..."
	PATH="$PATH:$PWD/.venv/bin" npm ci --ignore-scripts --no-audit --no-fund \
		--fetch-retries 1 --loglevel error >"$log" 2>&1 ||
		say_why "The browser's packages"
}

get_srt() {
	has_srt || install_packages libsrt1.5-gnutls ||
		echo "earshot: no source comes by SRT without: apt-get install libsrt1.5-gnutls" >&2
}

say_why() {
	reason="$(grep -v '^[[:space:]]*$' "$log" | tail -n 1)"
	offline='name resolution|lookup address|failed to fetch|unreachable|timed out'
	if grep -qiE "$offline|connect|ENOTFOUND|EAI_AGAIN" "$log"; then
		reason="the package registry cannot be reached. Is this machine online?"
	fi
	fail "$1 are not complete: $reason"
}

wanted=${1:-}
[ -z "$wanted" ] && has_gpu_environment && wanted=gpu
# Both onnxruntime distributions write one folder: never the two in one environment.
groups=
[ "$wanted" = gpu ] && groups="--no-group cpu --extra gpu"

state="$wanted $(cat uv.lock pyproject.toml package-lock.json deploy/setup.sh | cksum)"
if [ "$(cat .venv/setup-done 2>/dev/null)" = "$state" ] && [ -d node_modules ]; then
	exit 0
fi
[ -w . ] || fail "$PWD cannot be written. Clone into a folder of yours."
make_environment
rm -f .venv/setup-done
has_node || groups="$groups --group frontend"
get_uv
sync_packages
get_modules
get_srt
echo "$state" >.venv/setup-done
