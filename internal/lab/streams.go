package lab

import (
	"errors"
	"io"

	"brink/internal/trial"
	"brink/internal/wire"
)

// message is one thing that came from the agent, or why nothing more does.
type message struct {
	event trial.Event
	err   error
}

// readAgent reads the agent's events until its channel ends or says something that is none.
func readAgent(r io.Reader, done <-chan struct{}) <-chan message {
	c := make(chan message, 64)
	go func() {
		defer close(c)
		in := wire.NewReader(r)
		for {
			e, err := in.Event()
			if err != nil && !errors.Is(err, wire.ErrLine) {
				return // QEMU is going; its own word decides
			}
			select {
			case c <- message{e, err}:
			case <-done:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return c
}

// readConsole reads the console in the pieces it comes in.
func readConsole(r io.Reader, done <-chan struct{}) <-chan []byte {
	c := make(chan []byte, 64)
	go func() {
		defer close(c)
		for {
			buffer := make([]byte, 16<<10)
			n, err := r.Read(buffer)
			if n > 0 {
				select {
				case c <- buffer[:n]:
				case <-done:
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return c
}
