package page

import (
	"reflect"
	"strings"

	"brink/internal/summary"
)

// hostileText is what a guest may write to whoever reads of it: markup, ways out of a script and of an attribute, terminal
// escapes, control characters, a change of direction, invisible characters, bytes that are no text.
const hostileText = "</script><script>window.owned=1;document.title='owned'</script><img src=x onerror=window.owned=1>\"' onclick=window.owned=1 " +
	"javascript:window.owned=1 ${`x`} {{.Run}} \x1b[31m\x1b]0;owned\x07\x00\x7f\u009b31m\r\u202egnp.exe\u2066\u200b\ufeff\u2028\xff --><!-- ]]> \\u003c &lt;b&gt;"

// hostile is the sample with that text in every field that is a text, numbers apart: guest, kernel, scenario, console, all of it.
// Words that brink gives a meaning stay what they are.
func hostile() summary.Summary {
	s := sample()
	s.Signals = signals(s.Scenario.Sizes)
	s.Findings[1].Console = append(s.Findings[1].Console, summary.Line{})
	poison(reflect.ValueOf(&s).Elem(), "")
	return s
}

// meant are the fields whose values decide what is drawn: with other words there would be less to attack.
var meant = map[string]bool{"State": true, "Expected": true, "Basis": true, "Class": true, "Verdict": true}

func poison(v reflect.Value, field string) {
	switch v.Kind() {
	case reflect.String:
		if !meant[field] && v.CanSet() {
			v.SetString(field + hostileText)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			poison(v.Elem(), field)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			poison(v.Index(i), field) // elements are named as their list
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			if v.Type().Elem().Kind() == reflect.String {
				v.SetMapIndex(k, reflect.ValueOf(hostileText))
				v.SetMapIndex(reflect.ValueOf(k.String()+hostileText), reflect.ValueOf(hostileText))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().PkgPath() != "time" {
				poison(v.Field(i), v.Type().Field(i).Name)
			}
		}
	}
}

// hiddenIn lists what is in a text and would be obeyed instead of shown.
func hiddenIn(text string) (found []rune) {
	for _, r := range text {
		if r < 0x20 && r != '\n' && r != '\t' || strings.ContainsRune("\x7f\u009b\u202e\u2066\u200b\ufeff\u2028\ufffd", r) {
			found = append(found, r)
		}
	}
	return found
}
