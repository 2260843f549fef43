package main

import (
	"fmt"
	"os"
	"path/filepath"

	"brink/internal/store"
)

// checkOutput refuses a file that could not be written, before the work for it is done.
func checkOutput(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return usagef("%s is a folder: name a file", path)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return usagef("there is no folder %s for %s: make it, or write elsewhere", filepath.Dir(path), filepath.Base(path))
	}
	return nil
}

// writeOutput writes a file whole or not at all. What is there and no plain file (a pipe, a device) is written to, and not
// replaced.
func writeOutput(path string, text []byte) error {
	if info, err := os.Lstat(path); err != nil || info.Mode().IsRegular() {
		return store.WriteFile(path, text)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
