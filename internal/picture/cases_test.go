package picture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// Ramps as brink measures them, for the tests and to be looked at: go test ./internal/picture -look DIR.
func cases() map[string]Ramp {
	return map[string]Ramp{
		"delete": deleteRamp(), "load": loadRamp(), "lookup": lookupRamp(), "quadratic": quadraticRamp(), "panic": panicRamp(),
		"knee": kneeRamp(), "none": {Title: "none", Axis: "peers"}, "one": {Title: "one size", Axis: "peers",
			Points: []Point{{Size: 4096, Samples: []time.Duration{time.Millisecond, 2 * time.Millisecond}}}},
		"failing": {Title: "handshake", Subtitle: "only failing sizes", Axis: "peers", Unit: "peer", Points: []Point{{Size: 16384, Failed: true},
			{Size: 32768, Failed: true}}, Broken: 16384, Failure: "op-error: create client: cannot allocate memory"},
		"hostile": hostileRamp(), "livelock": livelockRamp(), "hostile signal": hostileSignal(),
	}
}

const wireguard = "wireguard on debian:6.1.0-37/cloud-amd64, tcg, 2,048 MiB, 2 vCPU, clock: instructions"

func deleteRamp() Ramp {
	r := Ramp{Title: "delete: remove the device with all its peers", Subtitle: wireguard, Axis: "peers", Unit: "peer", Waits: true,
		Budget: func(n int64) time.Duration { return time.Second + time.Duration(n)*20*time.Millisecond },
		Model: func(n float64) (mid, low, high float64) {
			mid = 80e6 + 12.03e6*n
			return mid, mid * 0.985, mid * 1.015
		},
		ModelName: "a + b·n, 12.0 ms a peer [11.9, 12.2]", Broken: 32768, Safe: 16384,
		Failure: "deadline, delete not done after 300 s, its task is in state D in __wait_rcu_gp"}
	for n, s := int64(1024), 12.4; n <= 16384; n, s = n*2, s*1.998 {
		r.Points = append(r.Points, Point{Size: n, Samples: seconds(s)})
	}
	r.Points = append(r.Points, Point{Size: 32768, Failed: true})
	return r
}

func loadRamp() Ramp {
	r := Ramp{Title: "load: one device with all peers, in one go", Subtitle: wireguard, Axis: "peers", Unit: "peer", Safe: 131072,
		Budget:    func(n int64) time.Duration { return 100*time.Millisecond + time.Duration(n)*time.Millisecond },
		Model:     func(n float64) (mid, low, high float64) { return 1e6 + 370e3*n, 0.9e6 + 362e3*n, 1.1e6 + 378e3*n },
		ModelName: "a + b·n, 370 µs a peer [362, 378]"}
	rnd := rand.New(rand.NewPCG(1, 2))
	for n := int64(1024); n <= 131072; n *= 2 {
		var s []float64
		for range 5 {
			s = append(s, 370e-6*float64(n)*(1+0.03*rnd.NormFloat64()))
		}
		r.Points = append(r.Points, Point{Size: n, Samples: seconds(s...)})
	}
	return r
}

func lookupRamp() Ramp {
	r := Ramp{Title: "lookup: find one peer by its key", Subtitle: wireguard, Axis: "peers", Unit: "peer", Safe: 131072,
		Budget:    func(int64) time.Duration { return time.Millisecond },
		Model:     func(float64) (mid, low, high float64) { return 21e3, 20.4e3, 21.7e3 },
		ModelName: "a, 21.0 µs [20.4, 21.7]"}
	rnd := rand.New(rand.NewPCG(3, 4))
	for n := int64(1024); n <= 131072; n *= 2 {
		var s []float64
		for range 64 {
			s = append(s, 21e-6*math.Exp(0.08*rnd.NormFloat64()+0.5*math.Max(0, rnd.NormFloat64()-1.8)))
		}
		r.Points = append(r.Points, Point{Size: n, Samples: seconds(s...)})
	}
	return r
}

func quadraticRamp() Ramp {
	r := Ramp{Title: "scan: walk the list for every entry", Subtitle: "seeded on debian:6.12, kvm, 512 MiB, 1 vCPU, clock: wall", Axis: "entries",
		Unit: "entry", Seeded: true, Safe: 16000, Broken: 32000, Failure: "over-budget, scan takes 1.05 s, its budget is 330 ms",
		Budget:    func(n int64) time.Duration { return 10*time.Millisecond + time.Duration(n)*10*time.Microsecond },
		Model:     func(n float64) (mid, low, high float64) { m := curve(n); return m, m * 0.93, m * 1.08 },
		ModelName: "a + b·n, from the knee on c·n^1.98 [1.91, 2.06]", Knee: &Interval{8200, 6500, 10100}}
	rnd := rand.New(rand.NewPCG(5, 6))
	for n := int64(500); n <= 64000; n *= 2 {
		var s []float64
		for range 5 {
			s = append(s, curve(float64(n))/1e9*(1+0.05*rnd.NormFloat64()))
		}
		r.Points = append(r.Points, Point{Size: n, Samples: seconds(s...)})
	}
	return r
}

func curve(n float64) float64 { return 2e6 + 900*n + 1.1*math.Pow(math.Max(0, n-8200), 1.98) }

func panicRamp() Ramp {
	r := Ramp{Title: "add: one more entry", Subtitle: "seeded on debian:6.12, tcg, 512 MiB, 1 vCPU, clock: instructions", Axis: "entries",
		Unit: "entry", Seeded: true, Safe: 39600, Broken: 40000, Failure: "panic seeded_panic",
		Model: func(n float64) (mid, low, high float64) { return 3.1e3, 3.0e3, 3.25e3 }, ModelName: "a, 3.10 µs [3.00, 3.25]",
		Budget: func(int64) time.Duration { return 20 * time.Microsecond }}
	for _, n := range []int64{1000, 2000, 4000, 8000, 16000, 32000, 36000, 38000, 39000, 39600} {
		r.Points = append(r.Points, Point{Size: n, Samples: seconds(3.1e-6, 3.05e-6, 3.2e-6, 3.12e-6)})
	}
	return r
}

// kneeRamp jumps where a cache is full.
func kneeRamp() Ramp {
	r := Ramp{Title: "reclaim: the limit of one cgroup hit", Subtitle: "cgroups on debian:7.2, kvm, 4,096 MiB, 4 vCPU, clock: wall", Axis: "cgroups",
		Unit: "cgroup", Safe: 64000, Knee: &Interval{5650, 4000, 8000}, Budget: func(int64) time.Duration { return 50 * time.Second },
		Model: func(n float64) (mid, low, high float64) {
			mid = 4e6
			if n > 5650 {
				mid = 35e6
			}
			return mid, mid * 0.8, mid * 1.25
		}, ModelName: "a, from the knee on b"}
	rnd := rand.New(rand.NewPCG(7, 8))
	for n := int64(500); n <= 64000; n *= 2 {
		var s []float64
		mid, _, _ := r.Model(float64(n))
		for range 7 {
			s = append(s, mid/1e9*math.Exp(0.15*rnd.NormFloat64()))
		}
		r.Points = append(r.Points, Point{Size: n, Samples: seconds(s...)})
	}
	return r
}

// hostileRamp has everything that a broken record or a hostile guest could hold.
func hostileRamp() Ramp {
	long := ""
	for i := range 300 {
		long += fmt.Sprintf("word%d ", i)
	}
	return Ramp{Title: "<script>alert('1')</script> & \x1b[31mred\x00 \u202eleft 漢字 " + long, Subtitle: "]]> \"quoted\" \xff\xfe " + long,
		Axis: "pe\ners<b>", Failure: "panic\a </text><script> " + long, ModelName: "</svg>" + long, Safe: 1, Broken: 1e12,
		Points: []Point{{Size: 1, Samples: []time.Duration{1, 0, -5}}, {Size: 1e12, Samples: []time.Duration{math.MaxInt64, time.Hour}},
			{Size: 1e12, Samples: []time.Duration{time.Hour}}, {Size: 0, Samples: []time.Duration{time.Second}}, {Size: -3}, {Size: math.MaxInt64}},
		Model: func(n float64) (mid, low, high float64) {
			switch {
			case n < 1e3:
				return math.NaN(), 0, 1
			case n < 1e6:
				return n, -n, math.Inf(1)
			case n < 1e7:
				return math.Inf(1), n, n
			}
			return n * 10, n * 20, math.NaN()
		},
		Budget: func(n int64) time.Duration { return time.Duration(-n) },
		Knee:   &Interval{1e6, math.NaN(), math.Inf(1)}, Waits: true, Seeded: true}
}

func seconds(all ...float64) (out []time.Duration) {
	for _, s := range all {
		out = append(out, time.Duration(s*1e9))
	}
	return out
}

// livelockRamp is a signal whose level collapses; it is 0 in the end.
func livelockRamp() Ramp {
	r := Ramp{Title: "processed: frames that the stack processed", Subtitle: "promisc on debian:6.1/amd64, tcg, clock icount", Axis: "pps", Unit: "frame a second",
		Safe: 2000, Broken: 4000, Failure: "receive livelock", Signal: &Signal{Name: "processed", Unit: "/s", Limit: func(n float64) float64 {
			if n < 4000 {
				return math.NaN()
			}
			return 139_000
		}}}
	for n, level := range map[int64]float64{500: 50_000, 1000: 100_000, 2000: 200_000, 3000: 278_000, 4000: 15_000, 8000: 3000} {
		r.Points = append(r.Points, Point{Size: n, Values: []float64{level, level * 1.25, level * 0.8}})
	}
	r.Points = append(r.Points, Point{Size: 16_000, Values: []float64{0, 0}})
	return r
}

func hostileSignal() Ramp {
	r := hostileRamp()
	r.Signal = &Signal{Name: r.Title, Unit: r.Title, Limit: func(n float64) float64 { return math.Inf(1) }}
	for i := range r.Points {
		r.Points[i].Values = []float64{math.NaN(), math.Inf(1), -1, 1e300, 1e-300}
	}
	return r
}
