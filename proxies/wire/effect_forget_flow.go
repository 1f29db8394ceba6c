package wire

// forgetFlowEffect has the router that translates addresses forget the
// connection: nothing gets through any more, and nobody is told.
type forgetFlowEffect struct{}

func (forgetFlowEffect) Strike(s *Strike) { s.ForgetFlow() }
