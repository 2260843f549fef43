/* Has static functions of the same names as one.c: pair is longer here, twin is as long. */
extern int value;

static __attribute__((noipa)) int pair(int x)
{
	asm volatile(".skip 256, 0x90");
	return value;
}

static __attribute__((noipa)) int twin(int x)
{
	asm volatile("nop\n\tnop" ::: "memory");
	return value;
}

int other(int x)
{
	return pair(twin(x));
}
