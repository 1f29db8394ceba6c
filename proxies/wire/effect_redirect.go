package wire

// redirectEffect sends the client elsewhere.
type redirectEffect struct{}

func (redirectEffect) Strike(s *Strike) {
	host := s.after("to")
	if host == "" {
		host = "login.example"
	}
	s.Instead(page("302 Found", "Moved", "Location: http://"+host+"/login"))
}
