// Package grid puts runs side by side that belong together. In a grid all runs ramp the same axis, and in each of them another
// axis stands still at another value. In a series the runs ramp several axes, one after the other. From what the runs measured
// it makes one document: what each op and signal was at each size and value, where each failure lies for each value, and what
// that says about the threshold: whether it is one of the ramped quantity, of the other one, or of their product.
//
// It is pure: it reads no files, and what it knows of a run it has from the run's table. It draws no conclusion on a single run;
// those are internal/judge's.
package grid
