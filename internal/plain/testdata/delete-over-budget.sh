#!/bin/sh
# WireGuard, delete with N peers
# over-budget at 83 peers (not at 82): delete takes 12.4 s, its budget is 2.02 s
# Found on 6.12.117+deb13-cloud-amd64: fails at 83, not at 82.
# Run as root: sh reproduce.sh [N]     Needs ip, wg (wireguard-tools) and awk.
# Makes the device wgplain, and deletes it.
n=${1:-1024}
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
fail() { echo "FAILED: delete at $n peers: $*"; exit 1; }
trap 'ip link del dev $dev 2>/dev/null' EXIT

echo "adding $n peers"
load && ip link set dev $dev up || exit 2

# Expect: takes more than its budget of 1.00 s + 1.00 ms each; prints FAILED, exit status 1.
limit=$((1000 + n)) # ms
echo "now: delete"
now; start=$now
msg=$(ip link del dev $dev 2>&1) || fail "$msg"
now; ms=$((now - start))
echo "delete of $n peers: $ms ms"
[ $ms -le $limit ] || fail "$ms ms, limit $limit ms"
