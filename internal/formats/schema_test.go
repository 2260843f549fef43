package formats

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/explain"
	"brink/internal/summary"
)

// compiled is a JSON schema, with its formats checked.
func compiled(t testing.TB, text string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource("urn:test", doc))
	s, err := c.Compile("urn:test")
	require.NoError(t, err)
	return s
}

func valid(t testing.TB, s *jsonschema.Schema, text string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	return s.Validate(doc)
}

func TestSchemaTakesSummaries(t *testing.T) {
	var text strings.Builder
	require.NoError(t, Schema(&text))
	s := compiled(t, text.String())
	explained := broken()
	x := explain.Judge(
		[]explain.Arm{{Setup: explain.Setup{Name: "same", Factor: explain.Same, Machine: head("").Machine}, Failed: 3}},
	)
	explained.Explanation = &x
	for _, run := range append(runs()[:6], filled("text", 7), explained) { // the last of runs is no document
		assert.NoError(t, valid(t, s, written(t, JSON, run)), run.Run)
	}
	for old, wrong := range map[string]string{`"v": 1`: `"v": 2`, `"state": "ok"`: `"state": "fine"`,
		`"safe": 1000`: `"safe": "1000"`, `"run": `: `"id": `,
		`"clock": "icount"`: `"clock": "sun"`, `"start": "2026-01-02T`: `"start": "2026-13-02T`} {
		good := written(t, JSON, broken())
		require.Contains(t, good, old)
		assert.Error(t, valid(t, s, strings.ReplaceAll(good, old, wrong)), wrong)
	}
}

func FuzzJSON(f *testing.F) {
	hostile(f)
	s := compiled(f, string(schema))
	f.Fuzz(func(t *testing.T, text string, number int64) {
		for doc := range strings.Lines(written(t, JSON, filled(text, number), filled(text, number))) {
			require.NoError(t, valid(t, s, doc))
		}
	})
}

// node is a part of a schema.
type node struct {
	Ref         string          `json:"$ref"`
	Description string          `json:"description"`
	Type        any             `json:"type"`
	Properties  map[string]node `json:"properties"`
	Required    []string        `json:"required"`
	Items       *node           `json:"items"`
	Additional  *node           `json:"additionalProperties"`
	Defs        map[string]node `json:"$defs"`
}

// TestSchemaKnowsEveryField: the schema and the types say the same, and each field is described.
func TestSchemaKnowsEveryField(t *testing.T) {
	var root node
	require.NoError(t, json.Unmarshal(schema, &root))
	w := walker{t: t, defs: root.Defs, seen: map[string]bool{}}
	w.object("summary", reflect.TypeFor[summary.Summary](), root)
	for name := range root.Defs {
		assert.True(t, w.seen["#/$defs/"+name], "%s is in no document", name)
	}
	assert.Greater(t, w.fields, 150, "the types were walked")
}

type walker struct {
	t      *testing.T
	defs   map[string]node
	seen   map[string]bool
	fields int
}

func (w *walker) object(path string, typ reflect.Type, n node) {
	assert.Equal(w.t, "object", n.Type, path)
	known := map[string]bool{}
	w.members(path, typ, n, known)
	for name := range n.Properties {
		assert.True(w.t, known[name], "%s.%s is not in the type", path, name)
	}
}

func (w *walker) members(path string, typ reflect.Type, n node, known map[string]bool) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		tag := f.Tag.Get("json")
		if f.Anonymous && tag == "" {
			w.members(path, f.Type, n, known)
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		field, ok := n.Properties[name]
		if !assert.True(w.t, ok, "%s.%s is not in the schema", path, name) {
			continue
		}
		known[name] = true
		w.fields++
		assert.NotEmpty(w.t, field.Description, "%s.%s", path, name)
		assert.Equal(w.t, options == "", slices.Contains(n.Required, name), "%s.%s is required", path, name)
		w.value(path+"."+name, f.Type, field)
		if strings.HasSuffix(name, "_ns") || strings.HasSuffix(name, "_kb") || strings.HasSuffix(name, "_mb") ||
			strings.HasSuffix(name, "_ms") {
			assert.Regexp(w.t, `\b(ns|ms|KiB|MiB)\b`, field.Description, "%s.%s has a unit", path, name)
		}
	}
}

// value compares a type with what the schema says of it.
func (w *walker) value(path string, typ reflect.Type, n node) {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	kinds := map[reflect.Kind]string{
		reflect.String:  "string",
		reflect.Bool:    "boolean",
		reflect.Int:     "integer",
		reflect.Int64:   "integer",
		reflect.Uint64:  "integer",
		reflect.Float64: "number",
	}
	switch {
	case typ == reflect.TypeFor[time.Time]():
		assert.Equal(w.t, "string", n.Type, path)
	case kinds[typ.Kind()] != "":
		assert.Equal(w.t, kinds[typ.Kind()], n.Type, path)
	case typ.Kind() == reflect.Struct:
		def, ok := w.defs[strings.TrimPrefix(n.Ref, "#/$defs/")]
		require.True(w.t, ok, "%s: no %q", path, n.Ref)
		if !w.seen[n.Ref] {
			w.seen[n.Ref] = true
			w.object(path, typ, def)
		}
	case typ.Kind() == reflect.Slice || typ.Kind() == reflect.Array:
		assert.Contains(w.t, []any{"array", []any{"array", "null"}}, n.Type, path)
		require.NotNil(w.t, n.Items, path)
		w.value(path+"[]", typ.Elem(), *n.Items)
	case typ.Kind() == reflect.Map:
		assert.Equal(w.t, "object", n.Type, path)
		require.NotNil(w.t, n.Additional, path)
		w.value(path+"{}", typ.Elem(), *n.Additional)
	default:
		w.t.Errorf("%s: the test does not know %s", path, typ)
	}
}
