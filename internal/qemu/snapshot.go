package qemu

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A snapshot is a folder with the guest's memory, shared copy-on-write by all clones, and the state of its devices.
func memoryFile(dir string) string { return filepath.Join(dir, "memory") }
func stateFile(dir string) string  { return filepath.Join(dir, "state") }

// MemoryFile returns the path to give as Config.Snapshot for a VM that will be saved to dir.
func MemoryFile(dir string) string { return memoryFile(dir) }

// ignoreShared leaves the memory out of the migration stream: it is in the file already (qapi/migration.json).
var ignoreShared = map[string]any{"capabilities": []map[string]any{{"capability": "x-ignore-shared", "state": true}}}

// Save stops the VM and keeps it in dir, where Config.Snapshot already put its memory. The VM is of no more use.
func (vm *VM) Save(ctx context.Context, dir string) error {
	if vm.Config.Snapshot != memoryFile(dir) {
		return fmt.Errorf("save snapshot: the VM does not keep its memory in %s", dir)
	}
	if err := vm.QMP.Do(ctx, "stop", nil, nil); err != nil {
		return fmt.Errorf("save snapshot: %w", err)
	}
	if err := vm.migrate(ctx, "migrate", "exec:cat > "+shellQuote(stateFile(dir))); err != nil {
		os.Remove(stateFile(dir))
		return fmt.Errorf("save snapshot: %w", err)
	}
	return nil
}

// restore loads the snapshot that the VM was started for, and lets the guest run.
func (vm *VM) restore(ctx context.Context) error {
	err := vm.migrate(ctx, "migrate-incoming", "exec:cat "+shellQuote(stateFile(vm.Config.Restore)))
	if err != nil {
		return fmt.Errorf("restore snapshot: %w", err)
	}
	return vm.QMP.Do(ctx, "cont", nil, nil)
}

func (vm *VM) migrate(ctx context.Context, command, uri string) error {
	if err := vm.QMP.Do(ctx, "migrate-set-capabilities", ignoreShared, nil); err != nil {
		return err
	}
	if err := vm.QMP.Do(ctx, command, map[string]any{"uri": uri}, nil); err != nil {
		return err
	}
	for {
		var info struct {
			Status string `json:"status"`
			Desc   string `json:"error-desc"`
		}
		if err := vm.QMP.Do(ctx, "query-migrate", nil, &info); err != nil {
			return err
		}
		switch info.Status {
		case "completed":
			return nil
		case "failed", "cancelled":
			return fmt.Errorf("migration %s %s", info.Status, info.Desc)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// shellQuote protects a path in QEMU's exec: URI, which a shell runs.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
