package promisc

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/scenario"
	module "brink/vmimages/seedednic"
)

func TestSpec(t *testing.T) {
	require.NoError(t, Spec().Check())
	for _, a := range Spec().Axes {
		s, err := Spec().Settings(nil)
		require.NoError(t, err)
		for _, size := range []int64{a.From, a.To} {
			setup := scenario.Setup{Axis: a.Name, Sizes: []int64{size}, Settings: s, Clock: "icount", Release: "6.1",
				Config: map[string]string{"BRIDGE_VLAN_FILTERING": "y"}}
			on := Spec().On(a.Name, s)
			axis, err := on.Axis(a.Name)
			require.NoError(t, err)
			setup.MemoryMB = axis.Memory(size) >> 20
			assert.NoError(t, on.Refuse(setup), "the default ladder of %s fits into the guest it chooses", a.Name)
		}
	}
}

// TestEveryHeldQuantityIsAnOption: what is ramped on one axis can be held on the others.
func TestEveryHeldQuantityIsAnOption(t *testing.T) {
	s, err := Spec().Settings(nil)
	require.NoError(t, err)
	for _, a := range Spec().Axes {
		assert.Contains(t, s, a.Name)
	}
	assert.Equal(t, 0, s.Int(PPS), "idle unless told otherwise")
}

func TestSeededDriver(t *testing.T) {
	assert.Equal(t, module.Name, SeededDevice)
	assert.Equal(t, module.Parameters, SeededParameters)
}

func TestNeeds(t *testing.T) {
	virtio := func(l scenario.Link) scenario.NIC { return scenario.NIC{Model: "virtio-net-pci", Link: l} }
	sending := scenario.NIC{Model: sender, Link: scenario.Hub}
	tests := map[string]struct {
		set     map[string]string
		modules []string
		built   []string
		nics    []scenario.NIC
	}{
		"default": {nil, []string{"virtio_net"}, nil, []scenario.NIC{virtio(scenario.Hub), sending}},
		"another card": {map[string]string{"nic": "rtl8139"}, []string{"8139cp", "virtio_net"}, nil,
			[]scenario.NIC{{Model: "rtl8139", Link: scenario.Hub}, sending}},
		"from the host": {map[string]string{"source": "host", "nic": "e1000"}, []string{"e1000"}, nil,
			[]scenario.NIC{{Model: "e1000", Link: scenario.Host}}},
		"pktgen": {map[string]string{"source": "pktgen"}, []string{"virtio_net", "pktgen"}, nil,
			[]scenario.NIC{virtio(scenario.Hub), sending}},
		"seeded": {map[string]string{"nic": "seeded"}, []string{"virtio_net"}, []string{"seedednic"},
			[]scenario.NIC{virtio(scenario.Hub), sending}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := Spec().Settings(tt.set)
			require.NoError(t, err)
			on := Spec().On(PPS, s)
			assert.Equal(t, append([]string{"bridge", "veth", "netconsole"}, tt.modules...), on.Modules)
			assert.Equal(t, tt.built, on.Built)
			assert.Equal(t, tt.nics, on.NICs)
			assert.Equal(t, tt.built != nil, on.Seeded, "what is planted is marked")
		})
	}
}

func TestRefuse(t *testing.T) {
	tests := map[string]struct {
		axis   string
		size   int64
		set    map[string]string
		setup  scenario.Setup
		errors string
	}{
		"fits": {Containers, 320, nil, scenario.Setup{MemoryMB: 512, Clock: "icount"}, ""},
		"host in no real time": {PPS, 500, map[string]string{"source": "host"}, scenario.Setup{MemoryMB: 512, Clock: "icount"},
			"source=host: frames that the host injects come in real time: add --clock wall"},
		"host": {PPS, 500, map[string]string{"source": "host"}, scenario.Setup{MemoryMB: 512, Clock: "wall"}, ""},
		"FDB beyond memory": {MACs, 1 << 20, nil, scenario.Setup{MemoryMB: 400, Clock: "icount"},
			"1048576 macs with these settings need about 489 MiB and the guest has 400 MiB: give it --memory 489M, or choose less"},
		"held FDB beyond memory": {Containers, 320, map[string]string{"macs": "1000000"}, scenario.Setup{MemoryMB: 512, Clock: "icount"},
			"need about 552 MiB"},
		"VLANs on all ports": {VLANs, 4094, map[string]string{"containers": "1000", "ports": "1000"}, scenario.Setup{MemoryMB: 1024, Clock: "icount"},
			"4094 vlans with these settings need about"},
		"no filtering": {VLANs, 64, nil, scenario.Setup{MemoryMB: 512, Clock: "icount", Release: "6.1.0", Config: map[string]string{}},
			"the kernel 6.1.0 is built without CONFIG_BRIDGE_VLAN_FILTERING"},
		"no filtering wanted": {MACs, 64, nil, scenario.Setup{MemoryMB: 512, Clock: "icount", Release: "6.1.0", Config: map[string]string{}}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			set, err := Spec().Settings(tt.set)
			require.NoError(t, err)
			tt.setup.Axis, tt.setup.Sizes, tt.setup.Settings = tt.axis, []int64{tt.size}, set
			err = Spec().Refuse(tt.setup)
			if tt.errors == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.errors)
		})
	}
}

func TestTooManyContainers(t *testing.T) {
	axis, err := Spec().Axis(Containers)
	require.NoError(t, err)
	_, err = axis.Sizes([]int64{MaxContainers + 1})
	require.ErrorContains(t, err, "choose sizes from 1 to 1022 (a bridge holds 1023 ports, BR_MAX_PORTS, and the NIC takes one)")
}
