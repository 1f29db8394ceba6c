package proxies

// goproxyPlain is goproxy as it comes out of the box, with nothing done about
// it: what a proxy written in an afternoon does to the protocol. In a spec's
// text it is the word `plain`.
func goproxyPlain() Quirks {
	return Quirks{
		Cancels:               true,
		CanonicalNames:        true,
		CompletesCut:          true,
		FailureStatus:         500,
		InventsAcceptEncoding: true,
		InventsFields:         true,
		PassesHopByHop:        true,
		PoolPerHost:           2,
		Reframes:              true,
	}
}
