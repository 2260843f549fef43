package lab

import (
	"errors"
	"slices"
	"sync"
	"time"

	"brink/internal/flood"
	"brink/internal/inject"
	"brink/internal/qemu"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// floodPatience is how long a VM that has asked for frames waits for one beside it that has not, in host time.
const floodPatience = 30 * time.Second

// feed gives the VMs of one trial the frames that they ask for, one flood at a time. Several VMs get the same flood frame by
// frame: it begins when all that are left have asked for it, and ends when the first of them has had enough, for its events
// are the record.
type feed struct {
	mu       sync.Mutex
	vms      []*fedVM
	stream   *inject.Stream
	members  []int // places of the VMs that the stream feeds
	before   int64 // frames of the streams that are over
	patience time.Duration
	timer    *time.Timer
	closed   bool
}

// fedVM is a VM, as far as frames go.
type fedVM struct {
	cards []*inject.Card
	asked trial.Flood // what it wants now; no rate: nothing
	since time.Time   // when it asked
	begun bool        // and got
	gone  bool        // its trial is over
	done  []trial.Offered
}

func newFeed(vms int) *feed {
	d := &feed{patience: floodPatience}
	for range vms {
		d.vms = append(d.vms, &fedVM{})
	}
	return d
}

// plug opens the links of a VM's network cards that the host feeds.
func (d *feed) plug(vm int, nics []scenario.NIC, s qemu.Sockets) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, nic := range nics {
		if nic.Link != scenario.Host {
			continue
		}
		c, err := inject.Open(s.NICHost(i), s.NICGuest(i))
		if err != nil {
			return err
		}
		d.vms[vm].cards = append(d.vms[vm].cards, c)
	}
	return nil
}

// ask takes in what a VM wants from now on. An error says that the scenario wants what cannot be.
func (d *feed) ask(vm int, f trial.Flood) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := d.vms[vm]
	switch {
	case v.gone || d.closed:
		return nil
	case len(v.cards) == 0:
		return errors.New("the guest asks for frames and has no network card that the host feeds")
	}
	if f.Rate != 0 {
		if _, err := flood.New(f); err != nil {
			return err
		}
	}
	v.asked, v.since, v.begun = f, time.Now(), false
	d.decide()
	return nil
}

// decide ends the flood that nobody wants any more and begins the next one.
func (d *feed) decide() {
	if d.stream != nil {
		if d.wanted() {
			return
		}
		d.end()
	}
	group, all := d.asking()
	if len(group) == 0 {
		return
	}
	first := d.vms[group[0]]
	for _, i := range group {
		if d.vms[i].since.Before(first.since) {
			first = d.vms[i]
		}
	}
	if left := d.patience - time.Since(first.since); !all && left > 0 {
		d.again(left)
		return
	}
	d.begin(slices.DeleteFunc(group, func(i int) bool { return d.vms[i].asked.ID != first.asked.ID }))
}

// wanted reports whether the first of the VMs that the stream feeds, and whose trial goes on, still wants it.
func (d *feed) wanted() bool {
	for _, vm := range d.members {
		if v := d.vms[vm]; !v.gone {
			return v.begun && v.asked.Rate > 0
		}
	}
	return false
}

// asking returns the VMs that wait for a flood; all says that nobody is missing and that it is the same one.
func (d *feed) asking() (group []int, all bool) {
	all = true
	for i, v := range d.vms {
		switch {
		case v.gone:
		case v.asked.Rate > 0 && !v.begun:
			group = append(group, i)
			all = all && v.asked.ID == d.vms[group[0]].asked.ID
		default:
			all = false
		}
	}
	return group, all
}

// again decides once more after a while.
func (d *feed) again(after time.Duration) {
	if d.timer != nil {
		d.timer.Stop()
	}
	d.timer = time.AfterFunc(after, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if !d.closed && d.stream == nil {
			d.decide()
		}
	})
}

// begin starts the flood that the first of the VMs has asked for.
func (d *feed) begin(group []int) {
	f := d.vms[group[0]].asked
	cards := make([][]*inject.Card, len(group))
	for i, vm := range group {
		cards[i], d.vms[vm].begun = d.vms[vm].cards, true
	}
	s, err := inject.Start(f, cards...)
	if err != nil {
		for _, vm := range group {
			d.vms[vm].done = append(d.vms[vm].done, trial.Offered{ID: f.ID, Asked: f.Rate, Err: err.Error()})
		}
		return
	}
	d.stream, d.members = s, group
}

// end stops the flood and keeps what became of it for the record of each VM whose trial goes on.
func (d *feed) end() {
	for i, offered := range d.stream.Stop() {
		if v := d.vms[d.members[i]]; !v.gone {
			v.done = append(v.done, offered...)
		}
	}
	d.before += d.stream.Offered()
	d.stream, d.members = nil, nil
}

// take returns what is to be recorded for a VM: of floods that are over.
func (d *feed) take(vm int) []trial.Offered {
	d.mu.Lock()
	defer d.mu.Unlock()
	done := d.vms[vm].done
	d.vms[vm].done = nil
	return done
}

// leave takes a VM out whose trial is over: the others need not wait for it. What became of its flood is then to be taken.
func (d *feed) leave(vm int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := d.vms[vm]
	if v.gone {
		return
	}
	switch i := slices.Index(d.members, vm); {
	case i >= 0 && d.fed() == 1:
		d.end()
	case i >= 0:
		v.done = append(v.done, d.stream.Leave(i)...)
	}
	v.gone = true
	d.decide()
}

// fed is how many VMs the stream still feeds.
func (d *feed) fed() (n int) {
	for _, vm := range d.members {
		if !d.vms[vm].gone {
			n++
		}
	}
	return n
}

// frames is how many frames have been offered in this trial, to all VMs that still took some.
func (d *feed) frames() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stream == nil {
		return d.before
	}
	return d.before + d.stream.Offered()
}

// close stops everything. The VMs may be gone already.
func (d *feed) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.timer != nil {
		d.timer.Stop()
	}
	if d.stream != nil {
		d.end()
	}
	var errs []error
	for _, v := range d.vms {
		for _, c := range v.cards {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}
