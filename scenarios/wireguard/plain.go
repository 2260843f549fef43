package wireguard

import "brink/internal/scenario"

// plain returns the scripts that show the scenario's failures without brink. They load the peers with wg setconf: one
// message a peer or many, the kernel's state afterwards is the same. Keys are a counter in base64: the kernel takes any 32
// bytes for a public key.
func plain() []scenario.Plain {
	only := map[string][]string{"devices": {"1"}, "allowed-ips": {"1"}, "ipv6": {"0"}}
	tools := []string{"ip", "wg", "awk"}
	return []scenario.Plain{
		{Title: "one op on a device full of peers", Only: only, Tools: tools, Script: plainHead + plainLoad + plainOp,
			Ops: []string{"load", "dump", "delete", "add", "remove", "update"}},
		{Title: "all peers at once into a fresh device, for what breaks while it grows", Only: only, Tools: tools,
			Script: plainHead + plainLoad + plainOp, Ops: []string{"grow"},
			Kinds: []string{"panic", "oops", "warning", "soft-lockup", "hard-lockup", "rcu-stall", "hung-task", "oom", "kernel-error",
				"deadline", "unresponsive", "vm-died"}},
		{Title: "more devices beside one full of peers", Only: only, Tools: tools, Script: plainHead + plainLoad + plainSecond,
			Ops: []string{"handshake"}, Kinds: []string{"op-error", "kernel-error"}},
	}
}

// plainHead is what all scripts begin with. It cleans up at the end, which a kernel that cannot fork any more makes fail.
const plainHead = `#!/bin/sh
# WireGuard, {{.Op}} with N peers
# {{.Title}}
# Found on {{.KernelRelease}}: {{.Sizes}}.
# Run as root: sh reproduce.sh [N]     Needs ip, wg (wireguard-tools) and awk.
# Makes the device wgplain, and deletes it.
`

const plainLoad = `n=${1:-{{.N}}}
dev=wgplain

# Peers with one allowed IP each. A key is any 32 bytes: here a counter, read as base64.
load() {
	ip link add dev $dev type wireguard && {
		echo "[Interface]"
{{- if eq (index .Settings "private-key") "true"}}
		echo "PrivateKey = $(wg genkey)"
{{- end}}
		awk -v n="$n" 'BEGIN { for (i = 1; i <= n; i++)
			printf "[Peer]\nPublicKey = %042dA=\nAllowedIPs = 10.%d.%d.%d/32\n",
				i, i / 65536, i / 256 % 256, i % 256 }'
	} | wg setconf $dev /proc/self/fd/0
}
now() { # ms since boot, in steps of 10
	read -r up _ </proc/uptime
	now=$((${up%.*} * 1000 + 1${up#*.} * 10 - 1000))
}
fail() { echo "FAILED: {{.Op}} at $n peers: $*"; exit 1; }
`

// plainOp times one op. For the ops that take one peer the script takes the last.
const plainOp = `trap 'ip link del dev $dev 2>/dev/null' EXIT
{{- if and (ne .Op "load") (ne .Op "grow")}}

echo "adding $n peers"
load && ip link set dev $dev up || exit 2
{{- end}}
{{- if or (eq .Op "add") (eq .Op "remove") (eq .Op "update")}}
last=$(printf '%042dA=' "$n")
{{- end}}
{{- if eq .Op "add"}}
wg set $dev peer "$last" remove || exit 2
{{- end}}

# Expect: {{.Expect}}.
{{- if .Limit}}
limit=$(({{.Limit}})) # ms
{{- end}}
echo "now: {{.Op}}"
now; start=$now
{{- if or (eq .Op "load") (eq .Op "grow")}}
msg=$({ load && ip link set dev $dev up; } 2>&1) || fail "$msg"
{{- else if eq .Op "dump"}}
msg=$(wg show $dev dump 2>&1 >/dev/null) || fail "$msg"
{{- else if eq .Op "delete"}}
msg=$(ip link del dev $dev 2>&1) || fail "$msg"
{{- else if eq .Op "add"}}
msg=$(wg set $dev peer "$last" allowed-ips 10.255.255.254/32 2>&1) || fail "$msg"
{{- else if eq .Op "remove"}}
msg=$(wg set $dev peer "$last" remove 2>&1) || fail "$msg"
{{- else if eq .Op "update"}}
msg=$(wg set $dev peer "$last" allowed-ips 10.255.255.254/32 persistent-keepalive off 2>&1) || fail "$msg"
{{- end}}
now; ms=$((now - start))
echo "{{.Op}} of $n peers: $ms ms"
{{- if .Limit}}
[ $ms -le $limit ] || fail "$ms ms, limit $limit ms"
{{- end}}
`

// plainSecond makes more devices, as the client of a handshake needs one. One would do on a kernel that has no thread left;
// but the programs that loaded the peers have ended, and each gave one back.
const plainSecond = `
# Where peers use up the threads there may be, no program can be started once they are there: ip is
# started first, and reads what it is to do from a pipe. Of what the shell does after load, nothing forks.
# Expect: {{.Expect}}.
exec 3>&1
now; start=$now
out=$({
	trap 'for i in 1 2 3 4 5 6 7 8 ""; do echo "link del dev $dev$i"; done' EXIT
	echo "adding $n peers" >&3
	load || { echo "load failed"; exit; }
	echo "link set dev $dev up"
	echo "now: {{.Op}}: 8 times ip link add type wireguard" >&3
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
`
