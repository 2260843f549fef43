package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// writeHead writes the head of what a folder holds; what names that in errors.
func writeHead(dir, file, what string, head any) error {
	text, err := json.MarshalIndent(head, "", "  ")
	if err != nil {
		return fmt.Errorf("encode head of the %s: %w", what, err)
	}
	return WriteFile(filepath.Join(dir, file), append(text, '\n'))
}

// parseHead reads the head of what a folder holds. A folder without it is ErrNoRun.
func parseHead[T any](dir, file, what string, parse func([]byte) (T, error)) (head T, err error) {
	path := filepath.Join(dir, file)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return head, fmt.Errorf("%s: %w", dir, ErrNoRun)
	} else if err != nil {
		return head, fmt.Errorf("read head of the %s: %w", what, err)
	}
	if head, err = parse(text); err != nil {
		err = fmt.Errorf("read %s: %w", path, err)
	}
	return head, err
}

// withHead returns the IDs of the folders below root that have a head of that name, oldest first.
func withHead(root, file string) ([]string, error) {
	heads, err := filepath.Glob(filepath.Join(root, "*", file))
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(heads))
	for i, h := range heads {
		ids[i] = filepath.Base(filepath.Dir(h))
	}
	slices.Sort(ids)
	return ids, nil
}
