# Tries the driver over a pair of veth devices: sh driver.sh FRAMES_PER_SECOND. Ends with 1 at the first thing that is
# wrong.
rate=$1
p=/sys/module/seedednic/parameters
at=5000
fail() { echo "FAILED: driver at $rate frames: $*"; exit 1; }
tell() { echo "$2" 2>/dev/null >$p/$1; } # a parameter
refused() { tell "$@" && fail "$* is not refused"; }
is() { # what it is, as it is in a file of a device
	read -r value <"/sys/class/net/$1" && [ "$value" = "$2" ] || fail "$1 is $value, want $2"
}
module() { while read -r line; do case $line in *seedednic*) echo "$line" ;; esac; done </etc/brink/modules.scenario; }
attach() {
	tell lower x1 || fail "attach"
	ip link set bnic0 up && ip link set bnic0 master br0 || fail "make bnic0 a port"
}
flood() { # so many frames at so many a second, from the other end
	for line in "pkt_size 60" "count $1" "ratep $2" "dst_mac 02:00:00:00:00:09"; do echo "$line" >/proc/net/pktgen/x0; done
	echo start >/proc/net/pktgen/pgctrl
}

echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 # no frames but ours
ip link add x0 type veth peer name x1 && ip link add br0 type bridge forward_delay 0 || exit 2
for d in x0 br0; do ip link set $d up || exit 2; done
echo "add_device x0" >/proc/net/pktgen/kpktgend_0 || exit 2

refused lower nonsense
refused lower lo
refused lower 1234567890123456
tell lower x1 || fail "attach to a device that is down"
ip link set bnic0 up 2>/dev/null && fail "up without the lower device"
tell lower "" || fail "detach"
ip link set x1 up || exit 2

echo "now: coming and going"
for round in 1 2 3; do
	attach
	refused lower x0
	is bnic0/carrier 1
	is x1/flags 0x1303 # promiscuous and all multicast, as a port of a bridge is
	ip link set bnic0 mtu 9000 2>/dev/null && fail "an MTU above the lower device's"
	ip link set x1 mtu 1400 && is bnic0/mtu 1400
	ip link set x1 mtu 1500 && ip link set bnic0 mtu 1500 || fail "set the MTU back"
	ip link set bnic0 nomaster && is x1/flags 0x1003
	ip link set bnic0 promisc on && is x1/flags 0x1103
	ip link set bnic0 down && is x1/flags 0x1003
	tell lower "" || fail "detach"
	[ -e /sys/class/net/bnic0 ] && fail "bnic0 is there without a lower device"
	rmmod seedednic || fail "unload"
	insmod "$(module)" lower=x1 || fail "load with a lower device"
	is bnic0/operstate down
	rmmod seedednic || fail "unload with a lower device"
	is x1/flags 0x1003
	insmod "$(module)" || fail "load"
done

echo "now: below the rate, and with none"
attach
tell at $at
flood 1000 2000
is bnic0/statistics/rx_packets 1000
is bnic0/statistics/rx_dropped 0
ip link set bnic0 down && flood 100 2000
is bnic0/statistics/rx_packets 1000
ip link set bnic0 up
tell at 0
tell peak 0
flood $((rate * 2)) "$rate"
is bnic0/statistics/rx_packets $((rate * 2 + 1000))
read -r peak <$p/peak
echo "measured $peak frames/s"
[ $((peak * 100)) -ge $((rate * 99)) ] && [ $((peak * 100)) -le $((rate * 101)) ] || fail "measured $peak"

echo "now: at the rate"
tell at $at
flood $((rate * 2)) "$rate"
ip link del x0 # and x1 with it
[ -e /sys/class/net/bnic0 ] && fail "bnic0 is there without its lower device"
read -r lower <$p/lower
[ -z "$lower" ] || fail "its lower device is still $lower"
