package history

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

const schemaFile = "../../../fixtures/schemas/history.schema.json"

// The schema of histories says of each kind what its row does. When the table was
// changed on purpose, UPDATE_SCHEMAS=1 go test ./harness/judge/history writes it anew.
func TestTheSchemaSaysWhatTheTableDoes(t *testing.T) {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var kinds, rows []string
	for _, v := range Variants() {
		kinds = append(kinds, quoted(t, string(v.Kind)))
		rows = append(rows, "        "+schemaOf(t, v))
	}
	want := regexp.MustCompile(`"kind": \{"enum": \[.*\]\}`).ReplaceAllLiteralString(string(text), `"kind": {"enum": [`+strings.Join(kinds, ", ")+`]}`)
	want = regexp.MustCompile(`(?s)("allOf": \[\n)(?:        \{.*?\n)?      \]`).ReplaceAllStringFunc(want, func(string) string {
		return "\"allOf\": [\n" + strings.Join(rows, ",\n") + "\n      ]"
	})
	if os.Getenv("UPDATE_SCHEMAS") != "" {
		if err := os.WriteFile(schemaFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(text) {
		t.Error("the schema says something else than the table: UPDATE_SCHEMAS=1 go test ./harness/judge/history writes it anew")
	}
}

// schemaOf is what holds for the events of a kind. A text that is not UTF-8 stands in
// bytes64, and data in one of three fields.
func schemaOf(t *testing.T, v Variant) string {
	then := []string{
		`"description": ` + quoted(t, v.Words),
		`"properties": {"from": {"enum": ` + list(t, v.From) + `}}`,
	}
	if numbers := (v.Needs &^ textual() &^ data).Names(); len(numbers) > 0 {
		then = append(then, `"required": `+list(t, numbers))
	}
	if texts := (v.Needs & textual()).Names(); len(texts) > 0 {
		then = append(then, `"anyOf": [{"required": `+list(t, texts)+`}, {"required": ["bytes64"]}]`)
	}
	if v.Needs&data != 0 {
		then = append(then, `"$ref": "#/$defs/data"`)
	}
	names := (v.Needs | v.May).Names()
	if n := len(names); n > 0 && names[n-1] == "data" {
		names = append(names[:n-1], "raw", "raw64", "ref")
	}
	allowed := `{"$ref": "#/$defs/always"}`
	if len(names) > 0 {
		allowed = `{"anyOf": [` + allowed + `, {"enum": ` + list(t, names) + `}]}`
	}
	then = append(then, `"propertyNames": `+allowed)
	return fmt.Sprintf(`{"if": {"properties": {"kind": {"const": %s}}}, "then": {%s}}`, quoted(t, string(v.Kind)), strings.Join(then, ", "))
}

// textual are the fields of texts.
func textual() (p fields) {
	event := reflect.TypeFor[Event]()
	for i := range fieldNames {
		if event.Field(fixed+i).Type.Kind() == reflect.String {
			p |= 1 << i
		}
	}
	return p
}

func list[T ~string](t *testing.T, words []T) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = quoted(t, string(w))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
