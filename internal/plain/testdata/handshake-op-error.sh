#!/bin/sh
# WireGuard, handshake with N peers
# op-error at 16,384 peers: handshake: create client: cannot allocate memory
# Found on 6.12.117+deb13-cloud-amd64: fails at 16384, not at 8192.
# Run as root: sh reproduce.sh [N]     Needs ip, wg (wireguard-tools) and awk.
# Makes the device wgplain, and deletes it.
n=${1:-16384}
dev=wgplain

# Peers with one allowed IP each. A key is any 32 bytes: here a counter, read as base64.
load() {
	ip link add dev $dev type wireguard && {
		echo "[Interface]"
		echo "PrivateKey = $(wg genkey)"
		awk -v n="$n" 'BEGIN { for (i = 1; i <= n; i++)
			printf "[Peer]\nPublicKey = %042dA=\nAllowedIPs = 10.%d.%d.%d/32\n",
				i, i / 65536, i / 256 % 256, i % 256 }'
	} | wg setconf $dev /proc/self/fd/0
}
now() { # ms since boot, in steps of 10
	read -r up _ </proc/uptime
	now=$((${up%.*} * 1000 + 1${up#*.} * 10 - 1000))
}
fail() { echo "FAILED: handshake at $n peers: $*"; exit 1; }

# Where peers use up the threads there may be, no program can be started once they are there: ip is
# started first, and reads what it is to do from a pipe. Of what the shell does after load, nothing forks.
# Expect: the kernel refuses it: cannot allocate memory; prints FAILED, exit status 1.
exec 3>&1
now; start=$now
out=$({
	trap 'for i in 1 2 3 4 5 6 7 8 ""; do echo "link del dev $dev$i"; done' EXIT
	echo "adding $n peers" >&3
	load || { echo "load failed"; exit; }
	echo "link set dev $dev up"
	echo "now: handshake: 8 times ip link add type wireguard" >&3
	for i in 1 2 3 4 5 6 7 8; do echo "link add dev $dev$i type wireguard"; done
} | ip -force -batch - 2>&1)
now
echo "$n peers and 8 devices, made and deleted: $((now - start)) ms"
case $out in
*'Object "load" is unknown'*) exit 2 ;;
*"RTNETLINK answers: "*)
	out=${out#*RTNETLINK answers: }
	fail "ip link add: ${out%%
*}" ;;
esac
