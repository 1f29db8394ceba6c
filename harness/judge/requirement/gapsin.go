package requirement

// GapsIn is Gaps of other tables than our own: whoever takes a proof away from
// a copy of Places or All finds out whether that is noticed.
func GapsIn(places []Place, requirements []Requirement, proved func(ID) bool) []error {
	return gaps(places, requirements, proved)
}
