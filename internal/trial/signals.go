package trial

// Signals are the values of one second, by the names and in the units of the scenario's spec.
type Signals map[string]float64

// Flood is what a guest asks of the host: frames on all network cards that the host feeds, until the next Flood.
type Flood struct {
	ID   int     `json:"id"`   // of this flood; the Offered that answers it has the same
	Rate float64 `json:"rate"` // frames a second of host time; 0: no more
	Size int     `json:"size"` // of a frame, in bytes, without the FCS
	// Sources is how many source addresses the frames have, in turn.
	Sources int `json:"sources"`
}

// Offered says what became of a flood on one network card.
type Offered struct {
	ID       int     `json:"id"`
	Card     int     `json:"card"`     // of those that the host feeds, from 0 on
	Asked    float64 `json:"asked"`    // frames a second
	Rate     float64 `json:"rate"`     // frames a second that were offered
	Offered  int64   `json:"offered"`  // frames
	Accepted int64   `json:"accepted"` // frames that QEMU took
	NS       int64   `json:"ns"`       // host time
	// Late is how many frames were offered more than 10 ms after their time: QEMU took none, or the host was busy.
	Late int64  `json:"late"`
	Err  string `json:"err,omitempty"`
}

// Twin is how the second of two VMs that saw the same frames ended.
type Twin struct {
	Outcome Outcome `json:"outcome"`
	// Together: both VMs failed in the same way.
	Together bool `json:"together"`
	// NS is how much later than the first VM's this one's failure was seen, in host time; it may be negative.
	NS int64 `json:"ns,omitempty"`
	// Frames is how many frames had been offered to both between the two failures.
	Frames int64 `json:"frames,omitempty"`
}
