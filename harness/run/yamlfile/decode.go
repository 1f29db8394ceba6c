package yamlfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// mostMistakes is how many mistakes of a document are told: each costs a decoding. Behind
// so many in a file no further document is read.
const (
	mostMistakes = 100
	tooMany      = "there are more mistakes than are told at a time"
)

// sourceKey leads to the lines of the file in the context of a decoding.
type sourceKey struct{}

// decode reads body into target and notes all mistakes. It reports whether target can be
// used: it can if nothing but top-level keys had to be left out, and cannot after a mistake
// deeper down.
func decode(source lines, body ast.Node, target any, m *Mistakes) bool {
	top, cuts := size(body), 0
	ctx := context.WithValue(context.Background(), sourceKey{}, source)
	for range mostMistakes {
		into := reflect.New(reflect.TypeOf(target).Elem())
		err := decodeNode(ctx, body, into.Interface())
		if err == nil {
			if size(body) != top-cuts {
				return false
			}
			reflect.ValueOf(target).Elem().Set(into.Elem())
			return true
		}
		if !m.tell(err, body, into.Type().Elem()) {
			return false
		}
		cuts++
	}
	m.Add(begin(body), tooMany)
	return false
}

// size returns how many keys a mapping has.
func size(n ast.Node) int {
	if m, is := n.(*ast.MappingNode); is {
		return len(m.Values)
	}
	return 0
}

// decodeNode reads a node into the type that it, or a part of it, has. It guards
// against the decoder's own mistakes.
func decodeNode(ctx context.Context, n ast.Node, target any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("this cannot be read: %v", r)
		}
	}()
	return yaml.NewDecoder(&bytes.Buffer{}, yaml.Strict()).DecodeFromNodeContext(ctx, n, target)
}

// tell notes a decoder's mistake and takes what it is about out of the document;
// it reports whether there is a rest.
func (m *Mistakes) tell(err error, body ast.Node, t reflect.Type) bool {
	var wrong yaml.Error
	if !errors.As(err, &wrong) || wrong.GetToken() == nil {
		m.Add(Place{1, 1}, "%v", err)
		return false
	}
	at, within := cut(body, t, wrong.GetToken())
	rest := at != nil
	if !rest {
		at = body
	}
	var (
		unknown  *yaml.UnknownFieldError
		mismatch *yaml.TypeError
		other    *yaml.UnexpectedNodeTypeError
	)
	switch {
	case errors.As(err, &unknown):
		m.Unknown(begin(at), "key", wrong.GetToken().Value, keysOf(within))
	case errors.As(err, &mismatch):
		m.Add(begin(at), "%s is wanted here, not %s", kindOfGo(mismatch.DstType), kindOf(at))
	case errors.As(err, &other):
		m.Add(begin(at), "%s is wanted here, not %s", kinds[other.Expected], kindOf(at))
	case rest || body.GetToken() == wrong.GetToken():
		m.Add(begin(at), "%s", wrong.GetMessage())
	default:
		m.syntax(wrong)
	}
	return rest
}

// syntax notes an error of goccy's at its place.
func (m *Mistakes) syntax(err error) {
	var wrong yaml.Error
	if errors.As(err, &wrong) && wrong.GetToken() != nil {
		m.Add(placeOf(wrong.GetToken()), "%s", wrong.GetMessage())
		return
	}
	m.Add(Place{1, 1}, "%v", err)
}

// cut takes the entry or the item out of n, which is decoded into t, at which a
// token stands. It returns its key or value, and the type of what it stood in;
// nothing if that is n itself.
func cut(n ast.Node, t reflect.Type, wanted *token.Token) (at ast.Node, within reflect.Type) {
	switch n := n.(type) {
	case *ast.MappingNode:
		for i, pair := range n.Values {
			for _, side := range []ast.Node{pair.Key, pair.Value} {
				if side.GetToken() == wanted {
					n.Values = slices.Delete(n.Values, i, i+1)
					return side, t
				}
			}
			if at, within := cut(pair.Value, part(t, pair.Key.GetToken().Value), wanted); at != nil {
				return at, within
			}
		}
	case *ast.SequenceNode:
		for i, item := range n.Values {
			if item.GetToken() == wanted {
				n.Values = slices.Delete(n.Values, i, i+1)
				return item, t
			}
			if at, within := cut(item, part(t, ""), wanted); at != nil {
				return at, within
			}
		}
	case *ast.AnchorNode:
		return cut(n.Value, t, wanted)
	case *ast.TagNode:
		return cut(n.Value, t, wanted)
	}
	return nil, nil
}

// part is the type that a key of t has, or an item; nil if there is none.
func part(t reflect.Type, key string) reflect.Type {
	switch t = dereferenced(t); {
	case t == nil:
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Map:
		return t.Elem()
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			if keyOf(t.Field(i)) == key {
				return t.Field(i).Type
			}
		}
	}
	return nil
}

func dereferenced(t reflect.Type) reflect.Type {
	if t != nil && t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// keysOf are the keys of a struct in the order of its fields.
func keysOf(t reflect.Type) []string {
	var keys []string
	t = dereferenced(t)
	for i := 0; t != nil && t.Kind() == reflect.Struct && i < t.NumField(); i++ {
		if key := keyOf(t.Field(i)); key != "" && key != "-" {
			keys = append(keys, key)
		}
	}
	return keys
}

func keyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return key
}

// kinds name nodes as messages do.
var kinds = map[ast.NodeType]string{
	ast.StringType: "a text", ast.LiteralType: "a text", ast.BoolType: "true or false", ast.NullType: "nothing",
	ast.IntegerType: "a number", ast.FloatType: "a number", ast.InfinityType: "a number", ast.NanType: "a number",
	ast.SequenceType: "a list", ast.MappingType: "a mapping",
}

func kindOf(n ast.Node) string {
	if name, ok := kinds[n.Type()]; ok {
		return name
	}
	return n.Type().YAMLName()
}

// kindOfGo names what is decoded into a type of Go's.
func kindOfGo(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "a mapping"
	}
	return "a number"
}

// wanted is the mistake that a node is not what its key takes.
func wanted(what string, n ast.Node) error {
	hint := ""
	if what == "a text" && (kindOf(n) == "a number" || kindOf(n) == "true or false") {
		hint = "; put it in quotes"
	}
	return &yaml.SyntaxError{Token: n.GetToken(), Message: fmt.Sprintf("%s is wanted here, not %s%s", what, kindOf(n), hint)}
}

// first is the token with which a node begins: that of a block mapping is its
// first colon.
func first(n ast.Node) *token.Token {
	if m, is := n.(*ast.MappingNode); is && len(m.Values) > 0 && n.GetToken().Type != token.MappingStartType {
		return m.Values[0].Key.GetToken()
	}
	return n.GetToken()
}

func begin(n ast.Node) Place { return placeOf(first(n)) }

func placeOf(t *token.Token) Place { return Place{t.Position.Line, t.Position.Column} }

// plainly notes what is more than lists, mappings and texts: a few anchors make
// much of little, and what is meant twice cannot be pointed at.
type plainly struct{ *Mistakes }

func (p plainly) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		p.Add(begin(n), "plain lists, mappings and texts belong here: no %s here", kindOf(n))
		return nil
	case *ast.NullNode:
		p.Add(begin(n), "nothing stands here")
	}
	return p
}
