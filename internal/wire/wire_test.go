package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/trial"
)

func TestRoundTrip(t *testing.T) {
	events := []trial.Event{
		{V: 1, Type: trial.EventHello, Step: -1, Hello: &trial.Hello{Build: "b", Cmdline: "a \"b\"\n\u2028"}},
		{V: 1, Type: trial.EventBegin, Size: 1 << 40, Op: "load"},
		{V: 1, Type: trial.EventOpError, Err: &trial.OpError{Errno: 12, Name: "ENOMEM", Message: "cannot"}},
		{V: 1, Type: trial.EventDone, Step: -1, Text: strings.Repeat("long ", 100_000)},
	}
	var sent bytes.Buffer
	for _, e := range events {
		require.NoError(t, Write(&sent, e))
	}
	// A virtio port hands out what it has: any piece of a line.
	for name, r := range map[string]io.Reader{"whole": bytes.NewReader(sent.Bytes()),
		"bytes": iotest.OneByteReader(bytes.NewReader(sent.Bytes())), "halves": iotest.HalfReader(bytes.NewReader(sent.Bytes()))} {
		in := NewReader(r)
		for _, want := range events {
			got, err := in.Event()
			require.NoError(t, err, name)
			assert.Equal(t, want, got, name)
		}
		_, err := in.Event()
		assert.Equal(t, io.EOF, err, name)
	}
}

func TestPlanRoundTrip(t *testing.T) {
	want := trial.Plan{V: trial.Version, Scenario: "fake", Trial: 2, Steps: []trial.Step{{Kind: trial.StepCanary}}}
	var sent bytes.Buffer
	require.NoError(t, Write(&sent, want))
	got, err := NewReader(&sent).Plan()
	require.NoError(t, err)
	assert.Equal(t, want, got)

	for line, text := range map[string]string{"{\n": ErrLine.Error(), `{"v":1}` + "\n": "names no scenario", `{"v":7}` + "\n": "plan has version 7"} {
		_, err := NewReader(strings.NewReader(line)).Plan()
		assert.ErrorContains(t, err, text)
	}
}

func TestGarbageIsErrLine(t *testing.T) {
	for _, line := range []string{"", "hello", "{}", "[]", "null", `{"v":1,"type":"op-error"}`, `{"v":9,"type":"done"}`, "\x00\xff", `{"type":`} {
		_, err := NewReader(strings.NewReader(line + "\n")).Event()
		assert.ErrorIs(t, err, ErrLine, "%q", line)
	}
}

// endless is a guest that never ends its line; it counts what was taken from it.
type endless int

func (e *endless) Read(p []byte) (int, error) {
	*e += endless(len(p))
	return copy(p, bytes.Repeat([]byte("x"), len(p))), nil
}

func TestLineIsBounded(t *testing.T) {
	var guest endless
	_, err := NewReader(&guest).Event()
	require.ErrorIs(t, err, ErrLine)
	assert.ErrorContains(t, err, "longer than")
	assert.LessOrEqual(t, int(guest), MaxLine, "more was buffered than a message may be long")
	assert.Greater(t, int(guest), MaxLine/2)
}

func TestTornLastLineIsNoMessage(t *testing.T) {
	var sent bytes.Buffer
	require.NoError(t, Write(&sent, trial.Event{V: 1, Type: trial.EventDone}))
	whole := sent.Len()
	require.NoError(t, Write(&sent, trial.Event{V: 1, Type: trial.EventWorker, Text: "x"}))
	for cut := whole; cut < sent.Len(); cut++ {
		in := NewReader(bytes.NewReader(sent.Bytes()[:cut]))
		_, err := in.Event()
		require.NoError(t, err)
		_, err = in.Event()
		assert.Equal(t, io.EOF, err, "cut at byte %d", cut)
	}
}

func TestBrokenConnectionIsNotTheGuestsFault(t *testing.T) {
	reset := errors.New("connection reset by peer")
	_, err := NewReader(iotest.ErrReader(reset)).Event()
	require.ErrorIs(t, err, reset)
	assert.NotErrorIs(t, err, ErrLine)
}

// calls counts writes.
type calls struct{ n int }

func (c *calls) Write(p []byte) (int, error) { c.n++; return len(p), nil }

func TestOneMessageIsOneWrite(t *testing.T) {
	var w calls
	require.NoError(t, Write(&w, trial.Event{Type: trial.EventDone, Text: strings.Repeat("x", 1<<20)}))
	assert.Equal(t, 1, w.n)
	require.ErrorContains(t, Write(&w, make(chan int)), "encode message")
	_, closed := io.Pipe()
	require.NoError(t, closed.Close())
	require.ErrorContains(t, Write(closed, 1), "write message")
}

func FuzzEvent(f *testing.F) {
	for _, line := range []string{`{"v":1,"type":"done","step":-1}`, `{"v":1,"type":"hello","hello":{"build":"b"}}` + "\nx",
		`{"v":1,"type":"op-error","err":{"errno":12}}`, "", "\n\n", `{"v":1,"type":"trial","plan":{}}` + "\r\n"} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		in := NewReader(bytes.NewReader(text))
		for range bytes.Count(text, []byte("\n")) {
			e, err := in.Event()
			if err != nil {
				if !errors.Is(err, ErrLine) {
					t.Fatalf("%v", err)
				}
				continue
			}
			again, err := json.Marshal(e)
			if err != nil {
				t.Fatalf("an event that was read cannot be written: %v", err)
			}
			if _, err := trial.ParseEvent(again); err != nil {
				t.Fatalf("%s cannot be read back: %v", again, err)
			}
		}
		if _, err := in.Event(); err != io.EOF {
			t.Fatalf("at the end: %v", err)
		}
	})
}
