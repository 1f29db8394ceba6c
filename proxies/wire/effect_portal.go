package wire

// portalEffect answers as a captive portal does: with success, and a page that
// nobody has asked for.
type portalEffect struct{}

func (portalEffect) Strike(s *Strike) {
	s.Instead(page("200 OK", "Welcome! Please sign in to use this network", "Cache-Control: no-store"))
}
