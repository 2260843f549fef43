#include "textflag.h"

// func clone(flags, nr, a1, a2, a3 uintptr) (pid int)
//
// clone(2) with the parent's stack. The child does one system call and then sleeps for ever; it touches no memory, so it
// may share the parent's.
TEXT ·clone(SB), NOSPLIT, $0-48
	MOVQ nr+8(FP), R12
	MOVQ a1+16(FP), R13
	MOVQ a2+24(FP), R9
	MOVQ a3+32(FP), BX
	MOVQ flags+0(FP), DI
	XORQ SI, SI
	XORQ DX, DX
	XORQ R10, R10
	XORQ R8, R8
	MOVQ $56, AX // clone
	SYSCALL
	TESTQ AX, AX
	JZ   child
	MOVQ AX, pid+40(FP)
	RET

child:
	MOVQ R12, AX
	MOVQ R13, DI
	MOVQ R9, SI
	MOVQ BX, DX
	XORQ R10, R10
	SYSCALL

pause:
	MOVQ $34, AX // pause
	SYSCALL
	JMP  pause
