/* Compiled by the tests, as a kernel and as a module. MARK notes the offset behind an instruction of its line. */
#define MARK(number, function) \
	asm volatile("nop\n1:\tnop\n\t.pushsection .marks" number ",\"a\"\n\t.quad 1b - " function "\n\t.popsection" ::: "memory")

int value;

static inline __attribute__((always_inline)) void inner(void)
{
	value++;
	MARK("0", "outer"); /* line: inner */
}

static inline __attribute__((always_inline)) void middle(void)
{
	value += 2;
	inner(); /* line: middle */
}

__attribute__((noipa)) int outer(int x)
{
	value = x;
	middle(); /* line: outer */
	MARK("1", "outer"); /* line: plain */
	return value + x;
}

/* A second place in the line table, as functions of the scheduler have. */
__attribute__((noipa, section(".sched.text"))) int sleeper(int x)
{
	MARK("2", "sleeper"); /* line: sleeper */
	return value * x;
}

__attribute__((noipa, noreturn)) void die(void)
{
	for (;;)
		asm volatile("");
}

/* Ends with a call that never returns: what is on the stack lies behind the function. */
__attribute__((noipa)) void dies(void)
{
	value++;
	die(); /* line: dies */
}

static __attribute__((noipa)) int pair(int x)
{
	MARK("3", "pair"); /* line: pair one */
	return value;
}

static __attribute__((noipa)) int twin(int x)
{
	MARK("4", "twin");
	return value;
}

int other(int x);

void _start(void)
{
	other(pair(twin(outer(value) + sleeper(value))));
	dies();
}
