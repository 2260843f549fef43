package picture

import (
	"bytes"
	"fmt"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// timelines are those that a picture must cope with.
func timelines() map[string]Timeline {
	plain := Timeline{Title: "soak of pagecache", Subtitle: "1.3 per VM-hour (0.36 to 3.4), 4 failures in 3.02 VM-hours", Length: 30 * time.Minute,
		Arms: []string{"debian:6.1"}}
	for slot := range 6 {
		at := time.Duration(0)
		for i := 0; at < plain.Length; i++ {
			b := TimelineBar{Slot: slot, Start: at, Loaded: at + 20*time.Second, End: min(plain.Length, at+time.Duration(5+3*slot+2*i)*time.Minute)}
			if b.End < plain.Length {
				b.Failure = []string{"oops:find_lock_entries:mm", "hung-task:xfs_buf_lock:xfs"}[(slot+i)%3%2]
			}
			plain.Bars, at = append(plain.Bars, b), b.End
		}
	}
	plain.Bars[3].Failure, plain.Bars[3].Lost, plain.Bars[3].Loaded = "", true, 0
	two := plain
	two.Seeded, two.Arms, two.Bars = true, []string{"debian:6.1", "debian:6.12"}, append([]TimelineBar(nil), plain.Bars...)
	for i := range two.Bars {
		two.Bars[i].Arm = two.Bars[i].Slot % 2
	}
	many := Timeline{Title: strings.Repeat("long ", 60), Length: 240 * time.Hour}
	for i := range 500 {
		many.Bars = append(many.Bars, TimelineBar{Slot: i % 100, Start: time.Duration(i/100) * time.Hour, Loaded: time.Duration(i/100)*time.Hour + 1,
			End: time.Duration(i/100+1) * time.Hour, Failure: fmt.Sprintf("panic:%d:mm", i%9)})
	}
	return map[string]Timeline{"plain": plain, "two": two, "many": many, "empty": {},
		"strange": {Title: "<b>&\x1b[31m", Length: -1, Arms: []string{"</text>"},
			Bars: []TimelineBar{{Slot: -1}, {Arm: -1}, {Arm: 7, Start: 5, End: 1, Failure: "<script>"}, {Start: 1 << 62, End: 1 << 62}}}}
}

func TestTimelineSVG(t *testing.T) {
	for name, line := range timelines() {
		t.Run(name, func(t *testing.T) {
			var a, b bytes.Buffer
			require.NoError(t, TimelineSVG(&a, line))
			require.NoError(t, TimelineSVG(&b, line))
			assert.Equal(t, a.String(), b.String(), "the same soak, the same bytes")
			said := strings.Join(texts(t, a.String()), "\n")
			assert.Equal(t, line.Seeded, strings.Contains(said, "SEEDED"))
			assert.NotContains(t, a.String(), "NaN")
			if name == "two" {
				for _, want := range []string{"A: debian:6.1", "B: debian:6.12", "x oops:find_lock_entries:mm", "x hung-task:xfs_buf_lock:xfs", "30m", "10m", "?"} {
					assert.Contains(t, said, want, "nothing is told by colour alone")
				}
			}
			if name == "many" {
				assert.Contains(t, said, "240h")
				assert.Contains(t, said, "a  56 x panic:0:mm")
			}
		})
	}
}

func TestTimelinePNG(t *testing.T) {
	for name, line := range timelines() {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, TimelinePNG(&b, line))
			img, err := png.Decode(&b)
			require.NoError(t, err)
			assert.Equal(t, Width, img.Bounds().Dx())
			assert.Equal(t, Height, img.Bounds().Dy())
		})
	}
}

func TestShortTime(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", 5 * time.Second: "5s", 90 * time.Second: "1m30s", 10 * time.Minute: "10m", time.Hour: "1h",
		10 * time.Hour: "10h", 90 * time.Minute: "1h30m", 48 * time.Hour: "48h"} {
		assert.Equal(t, want, shortTime(d))
	}
}

func TestTickStep(t *testing.T) {
	for _, length := range []time.Duration{0, time.Second, time.Minute, 30 * time.Minute, 12 * time.Hour, 100 * 24 * time.Hour} {
		step := tickStep(length)
		require.Positive(t, step)
		assert.LessOrEqual(t, length/step, time.Duration(10), length)
	}
}
