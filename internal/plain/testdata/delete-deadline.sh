#!/bin/sh
# WireGuard, delete with N peers
# deadline at 32,768 peers: delete not done after 300 s
# Found on 6.12.117+deb13-cloud-amd64: fails at 32768, not at 16384.
# Run as root: sh reproduce.sh [N]     Needs ip, wg (wireguard-tools) and awk.
# Makes the device wgplain, and deletes it.
n=${1:-32768}
dev=wgplain

# Peers with one allowed IP each. A key is any 32 bytes: here a counter, read as base64.
load() {
	ip link add dev $dev type wireguard && {
		echo "[Interface]"
		awk -v n="$n" 'BEGIN { for (i = 1; i <= n; i++)
			printf "[Peer]\nPublicKey = %042dA=\nAllowedIPs = 10.%d.%d.%d/32\n",
				i, i / 65536, i / 256 % 256, i % 256 }'
	} | wg setconf $dev /proc/self/fd/0
}
now() { # ms since boot, in steps of 10
	read -r up _ </proc/uptime
	now=$((${up%.*} * 1000 + 1${up#*.} * 10 - 1000))
}
fail() { echo "FAILED: delete at $n peers: $*"; exit 1; }
trap 'ip link del dev $dev 2>/dev/null' EXIT

echo "adding $n peers"
load && ip link set dev $dev up || exit 2

# Expect: takes more than 5m0s; prints FAILED, exit status 1.
limit=$((300000)) # ms
echo "now: delete"
now; start=$now
msg=$(ip link del dev $dev 2>&1) || fail "$msg"
now; ms=$((now - start))
echo "delete of $n peers: $ms ms"
[ $ms -le $limit ] || fail "$ms ms, limit $limit ms"
