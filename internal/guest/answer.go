//go:build linux

package guest

import (
	"os"
	"path/filepath"

	"brink/internal/trial"
)

const (
	// answerPiece bounds the text of one event: the port takes 32 KiB in one write (drivers/char/virtio_console.c,
	// port_fops_write), and a second writer must not come between two halves.
	answerPiece = 12 << 10
	// answerFile bounds what is sent of one file.
	answerFile = 512 << 10
)

// answer sends the files the host asks for, until the port closes. It runs beside everything else in pid 1: a file that
// blocks, because the kernel holds its lock, blocks nothing but the answer.
func (s *supervisor) answer() {
	for {
		request, err := s.in.Request()
		if err != nil {
			return
		}
		for _, pattern := range request.Files {
			names, _ := filepath.Glob(pattern)
			for _, name := range names {
				text, err := os.ReadFile(name)
				if err != nil {
					text = []byte(err.Error() + "\n")
				}
				if s.sendFile(name, text[:min(len(text), answerFile)]) != nil {
					return
				}
			}
		}
		if s.send(trial.Event{Type: trial.EventGuest, Step: -1}) != nil {
			return
		}
	}
}

func (s *supervisor) sendFile(name string, text []byte) error {
	for len(text) > 0 {
		piece := text[:min(len(text), answerPiece)]
		text = text[len(piece):]
		if err := s.send(trial.Event{Type: trial.EventGuest, Step: -1, Name: name, Text: string(piece)}); err != nil {
			return err
		}
	}
	return nil
}
