package picture

// charset is what a picture made of text is drawn with.
type charset struct {
	median, sample, budget, safe, broken, knee, guess rune

	side, tick, corner, floor, mark rune // the frame

	dots bool // curves are made of braille dots, otherwise of fit and guess
	fit  rune
}

var (
	unicodeSet = charset{median: '●', sample: '○', budget: '╌', safe: '┊', broken: '×', knee: '░', guess: '⠂',
		side: '│', tick: '┤', corner: '└', floor: '─', mark: '┴', dots: true, fit: '⠒'}
	asciiSet = charset{median: 'O', sample: 'o', budget: '-', safe: '|', broken: 'X', knee: ':', guess: '.',
		side: '|', tick: '+', corner: '+', floor: '-', mark: '+', fit: '*'}
)

// Heights of what may meet in one cell: samples hide everything else.
const (
	topKnee uint8 = iota + 1
	topBudget
	topSafe
	topFit
	topBroken
	topSample
	topMedian
)

// braille is U+2800 and a bit a dot: two columns, four rows. (The Unicode Standard, 21.1)
var braille = [4][2]uint8{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}
