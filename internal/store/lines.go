package store

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// readLines reads a record of one JSON value a line; a record that is not there is empty. A torn last line is left out;
// any other bad line is an error.
func readLines[T any](path string, parse func([]byte) (T, error)) ([]T, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("open record: %w", err)
	}
	defer f.Close()
	values, err := parseLines(f, parse)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return values, nil
}

func parseLines[T any](r io.Reader, parse func([]byte) (T, error)) ([]T, error) {
	var values []T
	in := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return values, nil // what has no newline is torn
		} else if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		v, err := parse(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		values = append(values, v)
	}
}

// appendLine writes one value as one line. A full disk takes half a line, and the next one must not be glued to it.
func appendLine(f *os.File, value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write record: %w", errors.Join(err, cutTornLine(f)))
	}
	return nil
}
