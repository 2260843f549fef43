package promisc

import "brink/internal/scenario"

// plain returns the scripts that show the scenario's failures without brink. A veth pair stands for the network card, which
// matters to none of these ops. They begin from an idle bridge that filters VLANs only where that is what grows.
func plain() []scenario.Plain {
	idle := map[string][]string{PPS: {"0"}, VLANs: {"0"}, MACs: {"0"}}
	return []scenario.Plain{
		{Title: "containers created, or destroyed all at once", Only: idle, Tools: []string{"ip", "awk"},
			Ops: []string{"destroy-all"}, Script: plainHead + plainContainers},
		{Title: "a bridge with many addresses behind one port", Only: idle, Tools: []string{"ip", "bridge", "awk"},
			Ops: []string{"port-down", "fdb-flush", "fdb-dump"}, Script: plainHead + plainFDB},
		{Title: "a range of VLANs on every port of a bridge", Only: idle, Tools: []string{"ip", "bridge", "awk"},
			Ops: []string{"vlan-add", "vlan-delete"}, Script: plainHead + plainVLANs},
	}
}

const plainHead = `#!/bin/sh
# Linux bridge, {{.Op}} with N
# {{.Title}}
# Found on {{.KernelRelease}}: {{.Sizes}}.
# Run as root: sh reproduce.sh [N]     Needs ip and bridge (iproute2) and awk.
# Makes the devices brplain and plain*, and deletes them.
n=${1:-{{.N}}}
br=brplain
now() { # ms since boot, in steps of 10
	read -r up _ </proc/uptime
	now=$((${up%.*} * 1000 + 1${up#*.} * 10 - 1000))
}
fail() { echo "FAILED: {{.Op}} at $n: $*"; exit 1; }
# Expect: {{.Expect}}.
{{- if .Limit}}
limit=$(({{.Limit}})) # ms
{{- end}}
`

// plainContainers asks for the RTNL lock again and again while the namespaces go, and keeps the longest wait.
const plainContainers = `
each() { awk -v n="$n" "BEGIN { for (i = 1; i <= n; i++) { $1 } }"; }
trap 'ip link del $br 2>/dev/null' EXIT
ip link add $br type bridge && ip link set $br up || exit 2
echo "creating $n containers"
each 'print "netns add plain" i
print "link add plain" i " type veth peer name eth0 netns plain" i
print "link set plain" i " master brplain up"' | ip -batch - || exit 2
each 'print "-n plain" i " link set eth0 up"' | while read -r line; do ip $line || exit 2; done || exit 2

echo "now: {{.Op}}"
now; begin=$now longest=0
each 'print "netns del plain" i' | ip -batch - || exit 2
while :; do
	now; start=$now
	msg=$(ip link set lo mtu 65536 2>&1) || fail "$msg"
	now; ms=$((now - start))
	[ $ms -le $longest ] || longest=$ms
	set -- /sys/class/net/plain*
	[ -e "$1" ] || break
done
echo "$n containers gone after $((now - begin)) ms; another request waited up to $longest ms"
{{- if .Limit}}
[ $longest -le $limit ] || fail "$longest ms, limit $limit ms"
{{- end}}
`

const plainFDB = `
trap 'ip link del plain0 2>/dev/null; ip link del $br 2>/dev/null' EXIT
ip link add $br type bridge vlan_default_pvid 0 && ip link add plain0 type veth peer name peer0 || exit 2
ip link set $br up && ip link set plain0 master $br up && ip link set peer0 up || exit 2
until read -r state </sys/class/net/plain0/brport/state && [ "$state" = 3 ]; do :; done # forwarding
echo "adding $n addresses"
awk -v n="$n" 'BEGIN { for (i = 0; i < n; i++)
	printf "fdb add 06:b0:%02x:%02x:%02x:%02x dev plain0 master dynamic\n", i / 16777216, i / 65536 % 256, i / 256 % 256, i % 256
}' | bridge -batch - || exit 2

echo "now: {{.Op}}"
now; start=$now
{{- if eq .Op "port-down"}}
msg=$(ip link set plain0 down 2>&1) || fail "$msg"
{{- else if eq .Op "fdb-flush"}}
msg=$(ip link set $br type bridge fdb_flush 2>&1) || fail "$msg"
{{- else}}
msg=$(bridge fdb show br $br 2>&1 >/dev/null) || fail "$msg"
{{- end}}
now; ms=$((now - start))
echo "{{.Op}} with $n addresses: $ms ms"
{{- if .Limit}}
[ $ms -le $limit ] || fail "$ms ms, limit $limit ms"
{{- end}}
`

const plainVLANs = `ports=$(({{index .Settings "ports"}} + 1)) # the card, and containers

trap 'while [ $ports -gt 0 ]; do ip link del plain$ports 2>/dev/null; ports=$((ports - 1)); done; ip link del $br 2>/dev/null' EXIT
ip link add $br type bridge vlan_filtering 1 && ip link set $br up || exit 2
i=0
while [ $((i += 1)) -le $ports ]; do
	ip link add plain$i type veth peer name peer$i && ip link set plain$i master $br up || exit 2
done
range() { # add or del
	i=0
	while [ $((i += 1)) -le $ports ]; do echo "vlan $1 vid 2-$n dev plain$i"; done | bridge -batch - 2>&1
}
{{- if eq .Op "vlan-delete"}}
echo "giving $ports ports $n VLANs"
range add || exit 2
{{- end}}

echo "now: {{.Op}}"
now; start=$now
msg=$(range {{if eq .Op "vlan-delete"}}del{{else}}add{{end}}) || fail "$msg"
now; ms=$((now - start))
echo "{{.Op}}, $n VLANs on $ports ports: $ms ms"
{{- if .Limit}}
[ $ms -le $limit ] || fail "$ms ms, limit $limit ms"
{{- end}}
`
