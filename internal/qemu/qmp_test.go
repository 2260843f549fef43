package qemu

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ok = `{"return":{}}`

type request struct {
	Execute   string
	Arguments json.RawMessage
}

// fakeQMP is a QEMU that answers what it is told to.
type fakeQMP struct {
	client, server net.Conn

	mu   sync.Mutex
	seen []request
}

// serve greets as QEMU does and then answers each command; an empty answer is silence.
func serve(t *testing.T, answer func(command string) string) *fakeQMP {
	t.Helper()
	s := &fakeQMP{}
	s.client, s.server = net.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		io.WriteString(s.server, `{"QMP":{"version":{"qemu":{"major":7}},"capabilities":["oob"]}}`+"\r\n")
	}()
	go func() {
		<-ended
		for d := json.NewDecoder(s.server); ; {
			var r request
			if d.Decode(&r) != nil {
				return
			}
			s.mu.Lock()
			s.seen = append(s.seen, r)
			s.mu.Unlock()
			if text := answer(r.Execute); text != "" {
				io.WriteString(s.server, text+"\r\n")
			}
		}
	}()
	t.Cleanup(func() { s.client.Close(); s.server.Close() })
	return s
}

func (s *fakeQMP) commands() (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.seen {
		names = append(names, r.Execute)
	}
	return names
}

func (s *fakeQMP) arguments(command string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.seen {
		if r.Execute == command {
			return string(r.Arguments)
		}
	}
	return ""
}

func TestQMPCommand(t *testing.T) {
	s := serve(t, func(command string) string {
		switch command {
		case "query-status":
			return `{"timestamp":{"seconds":1},"event":"RESUME"}` + "\n" + `{"return":{"running":true}}`
		case "device_add":
			return `{"error":{"class":"GenericError","desc":"'x' is not a valid device"}}`
		}
		return ok
	})
	q, err := NewQMP(t.Context(), s.client)
	require.NoError(t, err)
	require.ErrorContains(t, q.Do(t.Context(), "device_add", map[string]any{"driver": "x"}, nil), "qmp device_add: 'x' is not a valid device")
	var status struct{ Running bool }
	require.NoError(t, q.Do(t.Context(), "query-status", nil, &status))
	assert.True(t, status.Running, "an event between command and answer is not the answer")
	assert.Equal(t, "RESUME", (<-q.Events()).Name)
	assert.Equal(t, []string{"qmp_capabilities", "device_add", "query-status"}, s.commands())
	assert.JSONEq(t, `{"driver":"x"}`, s.arguments("device_add"))
	assert.Empty(t, s.arguments("query-status"))
}

func TestQMPEvents(t *testing.T) {
	s := serve(t, func(string) string { return ok })
	q, err := NewQMP(t.Context(), s.client)
	require.NoError(t, err)
	go func() {
		for range 3 * cap(q.events) { // more than anybody takes
			io.WriteString(s.server, `{"event":"STOP"}`+"\n")
		}
		io.WriteString(s.server, ok+"\n")
	}()
	<-q.replies // read on although nobody took an event
	got := 0
	s.server.Close()
	for e := range q.Events() { // ends: QEMU is gone
		assert.Equal(t, "STOP", e.Name)
		got++
	}
	assert.Equal(t, cap(q.events), got)
	require.Error(t, q.Do(t.Context(), "stop", nil, nil))
}

func TestQMPEventData(t *testing.T) {
	s := serve(t, func(string) string {
		return ok + `{"event":"SHUTDOWN","data":{"guest":true,"reason":"guest-reset"}}`
	})
	q, err := NewQMP(t.Context(), s.client)
	require.NoError(t, err)
	e := <-q.Events()
	assert.Equal(t, "SHUTDOWN", e.Name)
	assert.JSONEq(t, `{"guest":true,"reason":"guest-reset"}`, string(e.Data))
}

func TestQMPCancelled(t *testing.T) {
	asked := make(chan struct{})
	s := serve(t, func(command string) string {
		if command == "stop" {
			close(asked)
			return ""
		}
		return ok
	})
	q, err := NewQMP(t.Context(), s.client)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	require.ErrorIs(t, q.Do(ctx, "stop", nil, nil), context.Canceled)
	_, err = s.client.Write([]byte("x"))
	require.Error(t, err, "the late answer must not reach the next command")
	require.ErrorContains(t, q.Do(t.Context(), "cont", nil, nil), "qmp cont: ")
	_, open := <-q.Events()
	assert.False(t, open)
}

func TestQMPGoesAway(t *testing.T) {
	var s *fakeQMP
	s = serve(t, func(command string) string {
		if command == "quit" {
			s.server.Close()
		}
		return ok
	})
	q, err := NewQMP(t.Context(), s.client)
	require.NoError(t, err)
	require.ErrorIs(t, q.Do(t.Context(), "quit", nil, nil), io.ErrUnexpectedEOF)
}

func TestQMPNegotiationFails(t *testing.T) {
	s := serve(t, func(string) string { return `{"error":{"class":"CommandNotFound","desc":"what?"}}` })
	_, err := NewQMP(t.Context(), s.client)
	require.ErrorContains(t, err, "qmp qmp_capabilities: what?")
	_, err = s.client.Write([]byte("x"))
	assert.ErrorIs(t, err, io.ErrClosedPipe, "nobody else would close it")
}
