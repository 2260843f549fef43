package picture

import "image/color"

// The colours of Okabe and Ito's set, which people with any colour vision can tell apart, and greys.
// (Color Universal Design, 2008)
var (
	blue      = color.NRGBA{0x00, 0x72, 0xB2, 0xFF}
	vermilion = color.NRGBA{0xD5, 0x5E, 0x00, 0xFF}
	green     = color.NRGBA{0x00, 0x8A, 0x63, 0xFF} // a little darker than theirs: it is used for text
	purple    = color.NRGBA{0xCC, 0x79, 0xA7, 0xFF}
	red       = color.NRGBA{0xB3, 0x1B, 0x1B, 0xFF}
	black     = color.NRGBA{0x1A, 0x1A, 0x1A, 0xFF}
	grey      = color.NRGBA{0x55, 0x55, 0x55, 0xFF}
	pale      = color.NRGBA{0xE4, 0xE4, 0xE4, 0xFF}
	paler     = color.NRGBA{0xF2, 0xF2, 0xF2, 0xFF}
	white     = color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}
	amber     = color.NRGBA{0xFF, 0xC2, 0x0A, 0xFF}
)

// faint makes a colour translucent.
func faint(k color.NRGBA, alpha float64) color.NRGBA {
	k.A = uint8(alpha*255 + 0.5)
	return k
}

// How lines and texts look.
var (
	fitStroke    = stroke{faint(vermilion, 0.75), 3.4, nil} // wide enough to be seen beneath the median
	guessStroke  = stroke{vermilion, 2.4, []float64{2.4, 4}}
	medianStroke = stroke{blue, 1.2, nil}
	budgetStroke = stroke{black, 1.4, []float64{8, 4}}
	safeStroke   = stroke{green, 1.8, nil}
	brokenStroke = stroke{red, 2, []float64{7, 3, 2, 3}}
	kneeStroke   = stroke{purple, 1.4, []float64{1.5, 2.5}}

	titleScript  = script{19, true, black}
	smallScript  = script{12.5, false, grey}
	labelScript  = script{13, false, black}
	tickScript   = script{12.5, false, black}
	seededScript = script{13, true, black}
	safeScript   = script{13, true, green}
	brokenScript = script{13, true, red}
)
