package qemu

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"sync"
)

// QMP is a connection to QEMU's machine protocol (docs/interop/qmp-spec.txt).
type QMP struct {
	conn    net.Conn
	mu      sync.Mutex // one command at a time
	replies chan qmpMessage
	events  chan QMPEvent
}

// QMPEvent is something QEMU says by itself, as SHUTDOWN or STOP.
type QMPEvent struct {
	Name string          `json:"event"`
	Data json.RawMessage `json:"data"`
}

type qmpMessage struct {
	QMPEvent
	Return json.RawMessage `json:"return"`
	Error  *struct {
		Class string `json:"class"`
		Desc  string `json:"desc"`
	} `json:"error"`
	Greeting *json.RawMessage `json:"QMP"`
}

// NewQMP negotiates on a fresh connection.
func NewQMP(ctx context.Context, conn net.Conn) (*QMP, error) {
	q := &QMP{conn: conn, replies: make(chan qmpMessage, 1), events: make(chan QMPEvent, 64)}
	go q.read()
	if err := q.Do(ctx, "qmp_capabilities", nil, nil); err != nil {
		conn.Close()
		return nil, err
	}
	return q, nil
}

// Events delivers QEMU's events; it is closed when QEMU is gone.
func (q *QMP) Events() <-chan QMPEvent { return q.events }

// Do runs one command and decodes its answer into result, which may be nil.
func (q *QMP) Do(ctx context.Context, command string, args, result any) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	request := map[string]any{"execute": command}
	if args != nil {
		request["arguments"] = args
	}
	if err := json.NewEncoder(q.conn).Encode(request); err != nil {
		return fmt.Errorf("qmp %s: %w", command, err)
	}
	select {
	case <-ctx.Done():
		q.conn.Close() // the late answer must not be taken for another command's
		return fmt.Errorf("qmp %s: %w", command, ctx.Err())
	case m, ok := <-q.replies:
		switch {
		case !ok:
			return fmt.Errorf("qmp %s: %w", command, io.ErrUnexpectedEOF)
		case m.Error != nil:
			return fmt.Errorf("qmp %s: %s", command, m.Error.Desc)
		case result != nil:
			return json.Unmarshal(m.Return, result)
		}
		return nil
	}
}

func (q *QMP) read() {
	defer close(q.events)
	defer close(q.replies)
	d := json.NewDecoder(q.conn)
	for {
		var m qmpMessage
		if d.Decode(&m) != nil {
			return
		}
		switch {
		case m.Greeting != nil:
		case m.Name != "":
			select {
			case q.events <- m.QMPEvent:
			default: // nobody listens: an event is never worth a stuck QEMU
			}
		default:
			q.replies <- m
		}
	}
}
