package soak

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFit(t *testing.T) {
	for _, c := range []struct {
		name             string
		free             int64
		memory           int64
		cores, cpus      int
		asked, arms, vms int
		text, slow       string
	}{
		{"six on two cores", 8192, 512, 2, 1, 6, 1, 6, "6 VMs of 512 MiB, 2 cores",
			"6 vCPUs share 2 cores: each VM runs at about 33% of its speed while all of them work"},
		{"crowded", 8192, 512, 2, 2, 4, 1, 4, "4 VMs of 512 MiB, 2 cores",
			"8 vCPUs share 2 cores: each VM runs at about 25% of its speed while all of them work; more than 6 add hardly any VM time that does something"},
		{"four fit", 3200, 512, 2, 1, 6, 1, 4, "6 VMs asked for, 4 fit: each takes 512 MiB and 192 MiB for QEMU, of 3200 MiB that are free 320 MiB are left to the host", "4 vCPUs share"},
		{"equal arms", 4000, 512, 8, 1, 6, 2, 4, "6 VMs asked for, 4 fit: each takes 512 MiB and 192 MiB for QEMU, of 4000 MiB that are free 400 MiB are left to the host; each kernel gets as many as the other", ""},
		{"odd", 64000, 512, 8, 1, 5, 2, 4, "5 VMs asked for, 4 fit: each kernel gets as many as the other", ""},
		{"large host", 64000, 2048, 8, 1, 100, 1, 28, "100 VMs asked for, 28 fit: each takes 2048 MiB and 192 MiB for QEMU, of 64000 MiB that are free 1024 MiB are left to the host", "28 vCPUs share"},
		{"unknown", 0, 512, 0, 1, 6, 1, 6, "6 VMs of 512 MiB", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Fit(Host{c.free * mib, c.cores}, Guest{Memory: c.memory * mib, CPUs: c.cpus}, c.asked, c.arms)
			require.NoError(t, err)
			assert.Equal(t, c.vms, r.VMs)
			assert.Equal(t, c.asked, r.Asked)
			assert.Equal(t, c.text, r.Text)
			if c.slow == "" {
				assert.Empty(t, r.Slow)
			} else {
				assert.Contains(t, r.Slow, c.slow)
			}
		})
	}
}

func TestFitRefuses(t *testing.T) {
	h, g := Host{1000 * mib, 2}, Guest{Memory: 512 * mib}
	for _, c := range []struct {
		g           Guest
		asked, arms int
		says        string
	}{
		{g, 0, 1, "0 VMs cannot soak anything: give a number from 1 on"},
		{g, -3, 2, "-3 VMs cannot soak anything: give a number from 2 on"},
		{g, 1, 2, "two kernels side by side take at least 2 VMs, not 1"},
		{Guest{Memory: 2048 * mib}, 4, 1, "1 VM does not fit: each takes 2048 MiB"},
		{g, 4, 2, "2 VMs do not fit: each takes 512 MiB"},
		{Guest{}, 4, 1, "a guest with 0 bytes of memory does not boot"},
	} {
		_, err := Fit(h, c.g, c.asked, c.arms)
		assert.ErrorContains(t, err, c.says)
	}
}
