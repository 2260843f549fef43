package vmimages

import (
	"fmt"
	"io"
	"math"
	"path"
	"sort"
	"strings"
)

// File types and permissions of a cpio entry (inode(7)).
const (
	typeDir  = 0o040000
	typeFile = 0o100000
	typeChar = 0o020000

	// archiveBlock is what an archive is padded to; the kernel skips the zeros (init/initramfs.c).
	archiveBlock = 512
)

// cpioEntry is one file, folder or device of an initramfs. Owner and time are always 0.
type cpioEntry struct {
	name         string // without a leading slash
	mode         uint32
	data         []byte
	major, minor uint32
}

// writeArchive writes entries as one newc archive (Documentation/driver-api/early-userspace/buffer-format.rst), sorted,
// with the folders they lie in, so that the same entries make the same bytes. Archives can be put one after another.
func writeArchive(w io.Writer, entries []cpioEntry) error {
	entries, err := ordered(entries)
	if err != nil {
		return err
	}
	c := cpioWriter{w: w}
	for _, e := range entries {
		c.entry(e)
	}
	c.ino = -1 // the trailer has inode 0
	c.entry(cpioEntry{name: "TRAILER!!!"})
	c.pad(archiveBlock)
	if c.err != nil {
		return fmt.Errorf("write cpio: %w", c.err)
	}
	return nil
}

// ordered adds missing folders and sorts: a folder comes before what lies in it.
func ordered(entries []cpioEntry) ([]cpioEntry, error) {
	byName := map[string]cpioEntry{}
	for _, e := range entries {
		if e.name == "" || e.name != path.Clean(e.name) || path.IsAbs(e.name) || strings.HasPrefix(e.name, "..") {
			return nil, fmt.Errorf("write cpio: bad file name %q", e.name)
		}
		if _, twice := byName[e.name]; twice {
			return nil, fmt.Errorf("write cpio: %s is there twice", e.name)
		}
		byName[e.name] = e
	}
	for _, e := range entries {
		for dir := path.Dir(e.name); dir != "."; dir = path.Dir(dir) {
			if have, ok := byName[dir]; ok {
				if have.mode&typeDir == 0 {
					return nil, fmt.Errorf("write cpio: %s is a file and a folder", dir)
				}
				break
			}
			byName[dir] = cpioEntry{name: dir, mode: typeDir | 0o755}
		}
	}
	all := make([]cpioEntry, 0, len(byName))
	for _, e := range byName {
		all = append(all, e)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].name < all[j].name })
	return all, nil
}

// cpioWriter writes entries until the first error.
type cpioWriter struct {
	w   io.Writer
	n   int64
	ino int64
	err error
}

func (c *cpioWriter) entry(e cpioEntry) {
	if c.err == nil && len(e.data) > math.MaxUint32 {
		c.err = fmt.Errorf("%s has %d bytes, more than a cpio can hold", e.name, len(e.data))
	}
	links := 1
	if e.mode&typeDir != 0 {
		links = 2
	}
	c.ino++
	header := fmt.Sprintf("070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", c.ino, e.mode, 0, 0, links, 0,
		len(e.data), 0, 0, e.major, e.minor, len(e.name)+1, 0)
	c.write([]byte(header + e.name + "\x00"))
	c.pad(4)
	c.write(e.data)
	c.pad(4)
}

func (c *cpioWriter) pad(block int64) {
	if rest := c.n % block; rest != 0 {
		c.write(make([]byte, block-rest))
	}
}

func (c *cpioWriter) write(p []byte) {
	if c.err != nil {
		return
	}
	n, err := c.w.Write(p)
	c.n += int64(n)
	c.err = err
}

// AppendFile writes files as one more archive, to be put behind an initramfs, e.g. to add a trial's plan. Names are
// absolute paths in the guest; the folders they lie in are added. Programs (ELF or #!) are made executable.
func AppendFile(w io.Writer, files map[string][]byte) error {
	return writeArchive(w, fileEntries(files))
}

func fileEntries(files map[string][]byte) []cpioEntry {
	entries := make([]cpioEntry, 0, len(files))
	for name, data := range files {
		mode := uint32(0o644)
		if s := string(data[:min(len(data), 4)]); strings.HasPrefix(s, "#!") || s == "\x7fELF" {
			mode = 0o755
		}
		entries = append(entries, cpioEntry{name: strings.TrimPrefix(name, "/"), mode: typeFile | mode, data: data})
	}
	return entries
}
