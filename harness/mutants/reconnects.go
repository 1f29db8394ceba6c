package mutants

// reconnects takes a new connection for each request.
var reconnects = Mutant{
	Name:     "reconnects",
	Defect:   "makes a new connection for each request",
	Correct:  true,
	Violates: "connection.kept",
	Seen:     "MSNPSharp, emesene 2: what their libraries do",
	New:      onAnswers(announceClose),
}

// announceClose has the client believe that each answer is the connection's
// last.
func announceClose(a *answer) {
	a.set("Proxy-Connection", "")
	a.set("Connection", "close")
}
