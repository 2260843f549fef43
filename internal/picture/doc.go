// Package picture draws the ramp of one op, cost against size on two logarithmic axes, or a signal in its place: for a
// page or a mail as SVG or PNG, for a terminal or a pipe as text. It draws what it is given and concludes nothing: fits,
// knees, safe and broken sizes come from its caller. It knows no runs, no kernels and no files. In the same ways it draws
// one op or signal over two axes, as a table with shades (Grid).
//
// What it believes:
//
//   - Every sample is drawn, where it is: no jitter, no boxes. What cannot stand on a logarithmic axis is counted in a note.
//   - Nothing is told by colour alone. Lines differ in their dashes, marks in their shapes, and safe and broken sizes are written
//     out, so that a grey print tells the same.
//   - A fit beyond the sizes that were measured is a guess and is dotted.
//   - Texts may come from a guest. They are cleaned before anything is measured or drawn.
//   - The same ramp gives the same bytes.
//
// Note: the canvases of gonum.org/v1/plot are used (vgsvg, vgimg), not its Plot type. That type links twelve fonts and a PDF
// writer, three times as much as is used here, and has no place for labels outside the data. plotter.Function is not used either:
// its points lie evenly on a linear axis, and a curve on a logarithmic one comes out as a few straight lines.
package picture
