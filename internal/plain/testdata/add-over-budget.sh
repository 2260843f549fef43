#!/bin/sh
# WireGuard, add with N peers
# over-budget at 2,048 peers
# Found on 6.12.117+deb13-cloud-amd64: fails at 2048, not at 1024.
# Run as root: sh reproduce.sh [N]     Needs ip, wg (wireguard-tools) and awk.
# Makes the device wgplain, and deletes it.
n=${1:-2048}
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
fail() { echo "FAILED: add at $n peers: $*"; exit 1; }
trap 'ip link del dev $dev 2>/dev/null' EXIT

echo "adding $n peers"
load && ip link set dev $dev up || exit 2
last=$(printf '%042dA=' "$n")
wg set $dev peer "$last" remove || exit 2

# Expect: takes more than its budget of 50.0 ms; prints FAILED, exit status 1.
limit=$((50)) # ms
echo "now: add"
now; start=$now
msg=$(wg set $dev peer "$last" allowed-ips 10.255.255.254/32 2>&1) || fail "$msg"
now; ms=$((now - start))
echo "add of $n peers: $ms ms"
[ $ms -le $limit ] || fail "$ms ms, limit $limit ms"
