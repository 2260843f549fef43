package report

import (
	"fmt"
	"text/tabwriter"
	"unicode/utf8"
)

// widest is how many columns of a terminal a table may have; apart is the room between its cells. The rest of the guest has
// many rows, which are not worth a second block for its last columns.
const (
	widest     = 118
	widestRest = 140
	apart      = 2
)

// each heads the cost of a unit, which stands beside its op.
const each = "each"

// table lines up cells, right-aligned, the header first. What is too wide comes in several blocks, each of which begins with
// the first so many columns.
func (p *printer) table(rows [][]string, keys int) { p.within(widest, rows, keys) }

// within is table for a width of its own.
func (p *printer) within(most int, rows [][]string, keys int) {
	for i, columns := range blocks(rows, keys, most) {
		if i > 0 {
			p.printf("\n")
		}
		tw := tabwriter.NewWriter(p.w, 0, 0, apart, ' ', tabwriter.AlignRight)
		for _, row := range rows {
			for _, c := range columns {
				fmt.Fprint(tw, cellAt(row, c)+"\t")
			}
			fmt.Fprintln(tw)
		}
		if err := tw.Flush(); err != nil && p.err == nil {
			p.err = err
		}
	}
}

// blocks parts the columns of a table so that none is too wide, if that can be.
func blocks(rows [][]string, keys, most int) (all [][]int) {
	var block []int
	for c := range keys {
		block = append(block, c)
	}
	for _, group := range groups(rows, keys) {
		if len(block) > keys && width(rows, append(block[:len(block):len(block)], group...)) > most {
			all, block = append(all, block), block[:keys:keys]
		}
		block = append(block, group...)
	}
	return append(all, block)
}

// groups are the columns after the first, those that belong together in one.
func groups(rows [][]string, keys int) (all [][]int) {
	columns := 0
	for _, row := range rows {
		columns = max(columns, len(row))
	}
	for c := keys; c < columns; c++ {
		if n := len(all); n > 0 && cellAt(rows[0], c) == each {
			all[n-1] = append(all[n-1], c)
		} else {
			all = append(all, []int{c})
		}
	}
	return all
}

func cellAt(row []string, column int) string {
	if column < len(row) {
		return row[column]
	}
	return ""
}

// width is that of some columns side by side.
func width(rows [][]string, columns []int) (sum int) {
	for _, c := range columns {
		most := 0
		for _, row := range rows {
			most = max(most, utf8.RuneCountInString(cellAt(row, c)))
		}
		sum += most + apart
	}
	return sum
}
