package mutants

// ignoresGWIP stays where it opened its session.
var ignoresGWIP = Mutant{
	Name:     "ignores-gw-ip",
	Defect:   "ignores GW-IP",
	Violates: "gateway-ip.followed",
	Seen:     "BitlBee; Escargot's web client",
	New:      onAnswers(withoutGWIP),
}

func withoutGWIP(a *answer) {
	if h, ok := a.session(); ok {
		h.GatewayIP, h.HasGatewayIP = "", false
		a.setSession(h)
	}
}
