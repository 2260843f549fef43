//go:build linux

package guest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"

	zfscrypt "brink/scenarios/zfs-crypt"
	"brink/scenarios/zfs-crypt/guest/zfsctl"
)

// twin is one of the two datasets that are written to in the same way.
type twin struct {
	dataset string
	pool    *pool
	data    []byte
}

// randomness returns what is written and a raw key, from the seed.
func randomness(seed uint64) (data, key []byte) {
	var start [32]byte
	for i := range 8 {
		start[i] = byte(seed >> (8 * i))
	}
	source := rand.NewChaCha8(start)
	data, key = make([]byte, mib), make([]byte, zfsctl.KeySize)
	_, _ = source.Read(data)
	_, _ = source.Read(key)
	return data, key
}

func cipherOf(name string) zfsctl.Cipher {
	switch name {
	case zfscrypt.GCM:
		return zfsctl.AES256GCM
	case zfscrypt.CCM:
		return zfsctl.AES256CCM
	}
	return zfsctl.Off
}

// makeTwins makes both datasets.
func (s *scenario) makeTwins(shape shape) error {
	record := zfsctl.Uint64("recordsize", uint64(shape.Record)<<10)
	cipher, key := cipherOf(s.plan.Settings["cipher"]), s.key
	if cipher == zfsctl.Off {
		key = nil
	}
	s.plain = &twin{dataset: poolName + "/plain", pool: s.pool, data: s.data}
	s.encrypted = &twin{dataset: poolName + "/encrypted", pool: s.pool, data: s.data}
	if err := s.pool.create(s.plain.dataset, zfsctl.Off, nil, record); err != nil {
		return err
	}
	return s.pool.create(s.encrypted.dataset, cipher, key, record)
}

// dropTwins removes them.
func (s *scenario) dropTwins() error {
	s.kept = kept{}
	for _, t := range []*twin{s.plain, s.encrypted} {
		if err := s.pool.destroy(t.dataset); err != nil {
			return err
		}
	}
	return nil
}

// write writes what the shape asks for into new files, by as many writers. It returns when the kernel has taken it.
func (t *twin) write(shape shape) error {
	var wait sync.WaitGroup
	all := shape.sizes()
	failed := make([]error, len(all))
	for i, sizes := range all {
		wait.Go(func() { failed[i] = t.writer(i, sizes) })
	}
	wait.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *twin) writer(id int, sizes []int) error {
	for i, size := range sizes {
		if err := t.file(fmt.Sprintf("%d-%d", id, i), size); err != nil {
			return err
		}
	}
	return nil
}

// file writes one file.
func (t *twin) file(name string, size int) error {
	path := filepath.Join(mountPoint(t.dataset), name)
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	defer unix.Close(fd)
	for size > 0 {
		n, err := unix.Write(fd, t.data[:min(size, len(t.data))])
		if err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		size -= n
	}
	return nil
}

// empty removes all files, and waits until that is on disk.
func (t *twin) empty() error {
	dir := mountPoint(t.dataset)
	names, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range names {
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
			return err
		}
	}
	return t.pool.sync()
}
