package formats

import (
	_ "embed"
	"encoding/json"
	"io"

	"brink/internal/summary"
)

//go:embed summary.schema.json
var schema []byte

// Schema writes the JSON Schema (draft 2020-12) of a summary: each field with its meaning and unit. It leaves room for
// fields that later versions add.
func Schema(w io.Writer) error {
	_, err := w.Write(schema)
	return err
}

// JSON writes the summary itself: of one run indented for people, of several one document a line (JSON Lines), so that
// a reader can take them as they come. Decoders of streams, jq among them, take both.
func JSON(w io.Writer, runs ...summary.Summary) error {
	if len(runs) == 1 {
		return summary.Write(w, runs[0])
	}
	out := json.NewEncoder(w)
	for _, s := range runs {
		if err := out.Encode(s); err != nil {
			return err
		}
	}
	return nil
}
