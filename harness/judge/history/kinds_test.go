package history

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// fixed is how many fields at the beginning of Event each event has.
const fixed = 4

// placeFields are the fields of an event that depend on its kind, by JSON name in order.
func placeFields() (names []string) {
	t := reflect.TypeFor[Event]()
	for i := fixed; i < t.NumField(); i++ {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// fill is an event of that kind and vantage with something in these fields.
func fill(kind Kind, from Vantage, these fields) Event {
	e := Event{Seq: 1, From: from, Kind: kind}
	v := reflect.ValueOf(&e).Elem()
	for i := range fieldNames {
		if these>>i&1 == 0 {
			continue
		}
		switch f := v.Field(fixed + i); f.Kind() {
		case reflect.Int:
			f.SetInt(1)
		case reflect.String:
			f.SetString("x")
		default:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		}
	}
	return e
}

func TestNamesAreThoseOfTheFields(t *testing.T) {
	if names := placeFields(); !slices.Equal(names, fieldNames[:]) {
		t.Errorf("the names are\n%q, the fields\n%q", fieldNames, names)
	}
	for i, name := range fieldNames {
		e := fill(Accepted, AtHop, 1<<i)
		if got := e.filled(); got != 1<<i || got.String() != name {
			t.Errorf("of an event with %s alone: %s", name, got)
		}
	}
	if e := (Event{Labels: []string{}, Data: []byte{}}); e.filled() != 0 {
		t.Errorf("of an event with nothing: %s", e.filled())
	}
}

// kindsInSource are the strings of the constants of type Kind.
func kindsInSource(t *testing.T) (kinds []Kind) {
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Kind" {
				text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				kinds = append(kinds, Kind(text))
			}
		}
		return true
	})
	return kinds
}

func TestEachKindHasOneRow(t *testing.T) {
	var rows []Kind
	for _, v := range Variants() {
		rows = append(rows, v.Kind)
	}
	slices.Sort(rows)
	kinds := kindsInSource(t)
	slices.Sort(kinds)
	if !slices.Equal(rows, kinds) {
		t.Errorf("rows: %q\nkinds: %q", rows, kinds)
	}
}

func TestWordsAreOfFieldsThatThereAre(t *testing.T) {
	named := regexp.MustCompile(`(?:^|; )(\w+): `)
	for _, v := range Variants() {
		if v.Words == "" || v.Needs&v.May != 0 {
			t.Errorf("%s: no words, or %s both needed and not", v.Kind, v.Needs&v.May)
		}
		for _, m := range named.FindAllStringSubmatch(v.Words, -1) {
			if !slices.Contains((v.Needs | v.May).Names(), m[1]) {
				t.Errorf("%s: %s is told of and is no field of it", v.Kind, m[1])
			}
		}
	}
}

// Each row is tried from each vantage point, without each field that it needs, and with
// each that it does not have.
func TestEventsHaveTheFieldsOfTheirKind(t *testing.T) {
	fits := func(e Event, want string) {
		t.Helper()
		err := e.isOfItsKind()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%+v: %v, want %q", e, err, want)
		}
	}
	for _, v := range Variants() {
		for _, from := range []Vantage{AtHop, AtGateway, AtMessenger, AtLogin, AtClient, AtDial, AtRig, "", "hops"} {
			want := ""
			if !slices.Contains(v.From, from) {
				want = fmt.Sprintf(`is no %q, as it is seen from %q (`, v.Kind, from)
			}
			fits(fill(v.Kind, from, v.Needs), want)
			fits(fill(v.Kind, from, v.Needs|v.May), want)
		}
		for i, name := range fieldNames {
			switch p := fields(1 << i); {
			case v.Needs&p != 0:
				fits(fill(v.Kind, v.From[0], v.Needs&^p), "as it lacks "+name+" (")
			case v.May&p == 0:
				fits(fill(v.Kind, v.From[0], v.Needs|p), "as it has "+name+" (")
			default:
				fits(fill(v.Kind, v.From[0], v.Needs|p), "")
			}
		}
	}
	fits(fill("closed?", AtHop, conn|by|how), `a kind that this Gauntlet does not know, "closed?"`)
	fits(fill("", AtHop, 0), "a kind that this Gauntlet does not know")
	fits(fill(Closed, AtRig, conn|text|data), `event 1 is no "closed", as it is seen from "rig" and lacks by, how and has text, data (gauntlet explain "closed" tells`)
}

func TestCheckNamesTheFirstEventThatIsNone(t *testing.T) {
	_, events := sample()
	if err := Check(events); err != nil {
		t.Error(err)
	}
	events[5].By, events[2].Session = "", 0
	if err := Check(events); err == nil || !strings.HasPrefix(err.Error(), `what was recorded is no history: event 3 is no "processed", as it lacks session (`) {
		t.Error(err)
	}
}
