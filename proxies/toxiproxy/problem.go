package toxiproxy

import (
	"errors"
	"net/http"
)

// problem is an error as the API tells of it.
type problem struct {
	Message string `json:"error"`
	Status  int    `json:"status"`
}

// The problems, in Toxiproxy's words.
var (
	badBody       = problem{"bad request body", http.StatusBadRequest}
	missingField  = problem{"missing required field", http.StatusBadRequest}
	wrongStream   = problem{"stream was invalid, can be either upstream or downstream", http.StatusBadRequest}
	wrongType     = problem{"invalid toxic type", http.StatusBadRequest}
	proxyNotFound = problem{"proxy not found", http.StatusNotFound}
	proxyExists   = problem{"proxy already exists", http.StatusConflict}
	toxicNotFound = problem{"toxic not found", http.StatusNotFound}
	toxicExists   = problem{"toxic already exists", http.StatusConflict}
)

func (p problem) Error() string { return p.Message }

// about is the problem with what it is about.
func (p problem) about(what string) problem {
	p.Message += ": " + what
	return p
}

// Refused is an error of Options.Stand that is the client's own, with its status
// of HTTP.
func Refused(status int, why string) error { return problem{why, status} }

// asProblem is an error as the API tells of it; what is none of the client's is the
// server's.
func asProblem(err error) problem {
	var p problem
	if errors.As(err, &p) {
		return p
	}
	return problem{err.Error(), http.StatusInternalServerError}
}
