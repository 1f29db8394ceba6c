package near

import "testing"

func TestDistance(t *testing.T) {
	for pair, want := range map[[2]string]int{
		{"answer", "answer"}: 0, {"awnser", "answer"}: 2, {"", "abc"}: 3, {"abc", ""}: 3, {"kitten", "sitting"}: 3,
		{"*", "anything"}: 0, {"a*c", "abbbc"}: 0, {"a*", ""}: 1, {"?b", "ab"}: 0, {"*x", "abc"}: 1,
	} {
		if got := distance(pair[0], pair[1]); got != want {
			t.Errorf("%q: %d, want %d", pair, got, want)
		}
	}
}

func TestSuggest(t *testing.T) {
	type colour string
	for word, want := range map[string]string{
		"gren": "allowed: red, green (did you mean green?)", "": "allowed: red, green", "violet": "allowed: red, green",
	} {
		if got := Suggest(word, []colour{"red", "green"}); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}
