package symbols

import (
	"errors"
	"fmt"
	"strings"
)

// Decoder decodes the traces of one kernel. It opens a file when the first line asks for it. It is not for several
// goroutines at once.
type Decoder struct {
	files  Files
	images map[string]*image // by module, "" is vmlinux; nil where there is none
	errs   []error
}

// Open makes a decoder of the debug files of a kernel release in dir; see Find.
func Open(dir, release string) (*Decoder, error) {
	files, err := Find(dir, release)
	if err != nil {
		return nil, err
	}
	return New(files), nil
}

// New makes a decoder of these files.
func New(files Files) *Decoder { return &Decoder{files: files, images: map[string]*image{}} }

// Close unmaps the files.
func (d *Decoder) Close() error {
	var errs []error
	for _, i := range d.images {
		if i != nil {
			errs = append(errs, i.close())
		}
	}
	clear(d.images)
	return errors.Join(errs...)
}

// Err tells of debug files that are there but could not be read; lines that need them are not decoded.
func (d *Decoder) Err() error { return errors.Join(d.errs...) }

// Decode adds file:line to a line of a trace that holds function+0xOFFSET/0xSIZE, with a [module] or without, and puts a
// line marked [inline] before it for each function that was inlined there, the innermost first. Paths are relative to the
// kernel tree. It returns the line as it was and false if there is nothing to decode, no debug file for it, or if the
// size says that the debug file is of another build.
func (d *Decoder) Decode(line string) (string, bool) {
	t, ok := parseTrace(line)
	if !ok {
		return line, false
	}
	image := d.image(t.module)
	if image == nil {
		return line, false
	}
	frames := image.lookup(t)
	if len(frames) == 0 {
		return line, false
	}
	var out strings.Builder
	for _, f := range frames[:len(frames)-1] {
		fmt.Fprintf(&out, "%s%s %s:%d [inline]\n", t.before, f.Function, f.File, f.Line)
	}
	last := frames[len(frames)-1]
	fmt.Fprintf(&out, "%s %s:%d%s", t.before+t.text, last.File, last.Line, t.after)
	return out.String(), true
}

// image returns the debug file of a module, nil if there is none that can be read.
func (d *Decoder) image(module string) *image {
	if i, ok := d.images[module]; ok {
		return i
	}
	path := d.files.VMLinux
	if module != "" {
		path = d.files.Modules[module]
	}
	var i *image
	if path != "" {
		var err error
		if i, err = openImage(path); err != nil {
			d.errs = append(d.errs, err)
		}
	}
	d.images[module] = i
	return i
}
