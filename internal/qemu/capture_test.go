package qemu

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// registers is what QEMU 7.2 prints for two CPUs, shortened.
const registers = "\r\nCPU#0\r\nRAX=0000000000000000 RBX=ffffffff82a13940\r\nR14=0000000000000000 R15=0000000000000000\r\n" +
	"RIP=ffffffff81c0f6ab RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\r\nES =0000 0000000000000000 ffffffff 00000000\r\n" +
	"\r\nCPU#1\r\nRAX=0000000000000001 RBX=0000000000000000\r\n" +
	"RIP=ffffffffc0a3d0f2 RFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=0\r\nES =0000 0000000000000000 ffffffff 00000000\r\n"

func TestParseRegisters(t *testing.T) {
	states := ParseRegisters(registers)
	assert.Equal(t, []CPUState{
		{CPU: 0, RIP: 0xffffffff81c0f6ab, Kernel: true, Interrupts: true, Halted: true},
		{CPU: 1, RIP: 0xffffffffc0a3d0f2, Kernel: true},
	}, states)
	assert.False(t, states[0].Masked())
	assert.True(t, states[1].Masked())
	assert.Empty(t, ParseRegisters(""))
	assert.Empty(t, ParseRegisters("CPU#0\r\nEIP=0000fff0 EFL=00000002"), "not in 64-bit mode: no word of it")
}
