package main

import (
	"fmt"
	"os"
	"strings"
)

// reproduce is the command that runs one case alone, as this one was called.
func (f *certifyFlags) reproduce(id string) string {
	words := []string{program(), "certify", "--case", id}
	for _, flag := range []struct{ name, value, usual string }{
		{"client", f.subject.value, builtIn},
		{"mode", f.mode, usualMode[f.subject.kind]},
		{"box", f.box, ""},
		{"file", f.file, ""},
		{"silence", f.silence.String(), "0s"},
	} {
		if flag.value != flag.usual {
			words = append(words, "--"+flag.name, quoted(flag.value))
		}
	}
	if f.strict {
		words = append(words, "--strict")
	}
	return strings.Join(append(words, "--seed", fmt.Sprint(f.seed)), " ")
}

// program is how this command was called: by its name, or through go run.
func program() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./harness/cmd/gauntlet"
	}
	return quoted(os.Args[0])
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=@%+,", r)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
