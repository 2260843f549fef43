#!/bin/sh
# WireGuard, grow with N peers
# oops at 2,048 peers
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
fail() { echo "FAILED: grow at $n peers: $*"; exit 1; }
trap 'ip link del dev $dev 2>/dev/null' EXIT

# Expect: oops, as the kernel's log tells.
echo "now: grow"
now; start=$now
msg=$({ load && ip link set dev $dev up; } 2>&1) || fail "$msg"
now; ms=$((now - start))
echo "grow of $n peers: $ms ms"
