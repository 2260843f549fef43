// Package wire is the language between host and agent: JSON lines. The guest sends events. The host sends a plan where the
// guest has none, and may then ask for files. It knows nothing of QEMU, ports or files beyond io.Reader and io.Writer.
package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"brink/internal/trial"
)

// Build identifies the sources both programs were built from; the Makefile sets it. A host and an agent with different
// builds do not work together.
var Build = "dev"

// PortName is the name of the virtio-serial port, as in /sys/class/virtio-ports/*/name.
const PortName = "brink.ctl"

// PlanPath is where a booted guest finds its plan. A guest without one sends a parked hello and waits for the plan on
// the port: that is what a snapshot is made of.
const PlanPath = "/etc/brink/plan.json"

// Argument is on the kernel command line of every brink guest; the agent refuses to start without it.
const Argument = "brink.guest=1"

// MaxLine bounds one message.
const MaxLine = 4 << 20

// ErrLine says that a peer sent something that is not a message.
var ErrLine = errors.New("malformed message")

// Write sends one message as one line in a single write, so that messages of several writers do not mix.
func Write(w io.Writer, message any) error {
	line, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	if _, err := w.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write message: %w", err)
	}
	return nil
}

// Reader reads messages.
type Reader struct{ lines *bufio.Scanner }

// NewReader returns a Reader that never buffers more than MaxLine.
func NewReader(r io.Reader) *Reader {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), MaxLine)
	s.Split(wholeLines)
	return &Reader{s}
}

// wholeLines leaves out a last line without its newline: the guest was stopped in the middle of it.
func wholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if atEOF && bytes.IndexByte(data, '\n') < 0 {
		return len(data), nil, nil
	}
	return bufio.ScanLines(data, atEOF)
}

// Event reads the agent's next event. It returns io.EOF at the end, ErrLine when a line is not an event, and the
// connection's own error when that breaks.
func (r *Reader) Event() (trial.Event, error) {
	line, err := r.line()
	if err != nil {
		return trial.Event{}, err
	}
	e, err := trial.ParseEvent(line)
	if err != nil {
		return trial.Event{}, fmt.Errorf("%w: %v", ErrLine, err)
	}
	return e, nil
}

// Plan reads a plan sent by the host.
func (r *Reader) Plan() (trial.Plan, error) {
	var p trial.Plan
	line, err := r.line()
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(line, &p); err != nil {
		return p, fmt.Errorf("%w: %v", ErrLine, err)
	}
	return p, p.Check()
}

// Request asks the agent for what only the guest can say. It answers with guest events, the last one without a name.
type Request struct {
	Files []string `json:"files"` // absolute paths; "*" is allowed as in a shell
}

// Request reads a request of the host.
func (r *Reader) Request() (Request, error) {
	var q Request
	line, err := r.line()
	if err != nil {
		return q, err
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return q, fmt.Errorf("%w: %v", ErrLine, err)
	}
	return q, nil
}

func (r *Reader) line() ([]byte, error) {
	if r.lines.Scan() {
		return r.lines.Bytes(), nil
	}
	switch err := r.lines.Err(); err {
	case nil:
		return nil, io.EOF
	case bufio.ErrTooLong:
		return nil, fmt.Errorf("%w: it is longer than %d bytes", ErrLine, MaxLine)
	default:
		return nil, fmt.Errorf("read message: %w", err)
	}
}
