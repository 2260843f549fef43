package qemu

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/trial"
)

func TestWithoutWhatIsOptional(t *testing.T) {
	full := Config{Accel: TCG, Clock: trial.ClockICount, MemoryMB: 512, CPUs: 1, Cmdline: []string{"own=1"}}
	devices, arguments := full.Optional()
	assert.Equal(t, []string{"pvpanic"}, devices)
	assert.Contains(t, arguments, "mitigations=off")
	bare := full
	bare.Without = append(devices, arguments...)
	assert.Equal(t, "console=ttyS0 panic=-1 reboot=t no_timer_check tsc_early_khz=1000000 nolapic_timer brink.guest=1 own=1", bare.KernelCmdline())
	again, same := bare.Optional()
	assert.Equal(t, devices, again)
	assert.Equal(t, arguments, same)

	a, b := full.Args(Sockets{}, ""), bare.Args(Sockets{}, "")
	assert.Contains(t, a, "pvpanic")
	assert.NotContains(t, b, "pvpanic")
	assert.Len(t, b, len(a)-2)
	assert.Equal(t, "-device", b[len(b)-2])
	assert.Contains(t, b[len(b)-1], "virtserialport")

	one := full
	one.Without = []string{"quiet"}
	require.Contains(t, full.KernelCmdline(), " quiet ")
	assert.Equal(t, strings.Replace(full.KernelCmdline(), " quiet ", " ", 1), one.KernelCmdline())
}
