package mutants

// Reason says why a client breaks musts beside the one that its defect is
// about. There are ten at most: where a defect would need another, its cases
// are too coarse.
type Reason string

// The reasons.
const (
	fallsSilent Reason = "it sends nothing more, or nothing for long, and what its user asked for waits with it"
	thrownOut   Reason = "the gateway does not serve what it sends, and ends its session or opens none"
	sentAgain   Reason = "what was processed is processed again, later and as something else"
	crossed     Reason = "answers cross, so that it knows neither the newest id nor the end of its session"
	misread     Reason = "it reads the server's bytes from the wrong place, and its user sees them twice or not at all"
	abandons    Reason = "the sessions that it leaves behind get no farewell, and what waited in them is gone"
	elsewhere   Reason = "it gets on where its settings lead nowhere, by going another way"
	uncurbed    Reason = "what it asks on the side comes to nothing, and it asks on without a pause"
	neverOver   Reason = "it does not end, and what it holds stays with it"
	swallowed   Reason = "what it took for an answer is none, so that it neither repeats nor backs off"
)
