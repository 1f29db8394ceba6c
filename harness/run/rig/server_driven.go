package rig

import (
	"fmt"
	"slices"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
)

// ServerDriven is a case as a client can run it that only connects: the server
// side does what the user would. The contact calls, where the user was to call;
// what the user was to say is left out; what the contact says is not waited
// for, as nobody tells when it was shown. signsOut tells whether the client says
// OUT when it is asked to end. The reason says why the case cannot be put so.
func ServerDriven(c catalogue.Case, signsOut bool) (driven catalogue.Case, reason string) {
	driven = c
	driven.Workload = nil
	for _, step := range c.Workload {
		if s, kept := serverStep(step, signsOut); kept {
			driven.Workload = append(driven.Workload, s)
		}
	}
	driven.Proves = slices.DeleteFunc(slices.Clone(c.Proves), needsUser)
	switch {
	case slices.ContainsFunc(c.Workload, func(s workload.Step) bool { return s.Verb == workload.Vain }):
		return c, "nobody but the client itself can tell what its user was told"
	case len(driven.Proves) == 0:
		return c, "all that it proves needs a client that can be told what to say, and tells what it shows"
	case !slices.Equal(driven.Workload, c.Workload) && aimsAtUser(c) != "":
		return c, fmt.Sprintf("its fault waits for what the user does (%s), and this client only connects", aimsAtUser(c))
	}
	return driven, ""
}

func serverStep(step workload.Step, signsOut bool) (workload.Step, bool) {
	switch step.Verb {
	case workload.OpenChat:
		return workload.Step{Verb: workload.Invited}, true
	case workload.Hear:
		return workload.Step{Verb: workload.Said, Count: step.Count}, true
	case workload.Send, workload.Leave:
		return step, false
	case workload.SignOut:
		return step, signsOut
	}
	return step, true
}

// needsUser tells of the requirements on what the user says.
func needsUser(id requirement.ID) bool {
	return slices.Contains([]requirement.ID{"command.not-lost", "command.not-doubled", "command.in-order"}, id)
}

// serverWords are what a fault may wait for where the server side drives: what
// each client does by itself, once it is signed in or called.
var serverWords = []string{"request", "poll", "open", "VER", "CVR", "USR", "SYN", "CHG", "QRY", "ANS", "OUT"}

// aimsAtUser is the trigger that waits for something else; empty if there is
// none.
func aimsAtUser(c catalogue.Case) string {
	for _, f := range c.Faults {
		if f.Trigger.Word != "" && !slices.Contains(serverWords, f.Trigger.Word) {
			return f.Trigger.String()
		}
	}
	return ""
}
