#!/bin/sh
# The README's commands on a bare Debian 12, in a folder of its own: what is installed here
# cannot hide a missing step. As root, with debootstrap; about 4 GB.
# Usage: try-bare.sh FOLDER [COMMAND], where COMMAND is make test unless it is given.
set -eu
[ $# -ge 1 ] || { echo "usage: try-bare.sh FOLDER [COMMAND]" >&2; exit 2; }
root=$1 command=${2:-make test}
source=$(cd "$(dirname "$0")/.." && pwd)

[ -x "$root/bin/sh" ] || debootstrap --variant=minbase \
	--include=git,make,python3,ca-certificates bookworm "$root" http://deb.debian.org/debian
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
trap 'umount "$root/proc" "$root/dev" 2>/dev/null || true' EXIT
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root/dev" || mount --bind /dev "$root/dev"
rm -rf "$root/root/earshot"
git clone -q "$source" "$root/root/earshot"
env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
	chroot "$root" sh -c "cd /root/earshot && $command"
