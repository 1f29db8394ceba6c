package requirement

// table is the catalogue of requirements. A requirement is only worth its
// place when an oracle judges it and a case proves it; a spec checks both.
var table = []Requirement{
	{
		ID: "exchange.one-in-flight", Level: Must, Standing: Agreed,
		Sentence:   "A client waits for the whole answer, or gives up the connection, before it sends the next request of the same session.",
		Statements: []Statement{14, 15, 26, 27},
		Rationale:  "The gateway answers a second request with 400 and ends the session.",
		Evidence:   []Evidence{Wire},
	},
	{
		ID: "session-id.newest", Level: Must, Standing: Agreed,
		Sentence:   "Each request carries, unchanged, the SessionID of the newest answer that arrived whole.",
		Statements: []Statement{43, 45, 48},
		Rationale:  "The id is the only thing by which the gateway knows the session, and it changes with each answer.",
		Evidence:   []Evidence{Wire},
	},
	{
		ID: "connection.session-survives", Level: Must, Standing: Agreed,
		Sentence:   "After a lost connection the client goes on with the same session instead of opening another.",
		Statements: []Statement{17, 50},
		Rationale:  "Proxies drop connections all day; the session does not live in one.",
		Evidence:   []Evidence{Wire, Gateway},
	},
	{
		ID: "command.carried-out", Level: Must, Standing: Agreed,
		Sentence:   "What the user asks for (signing in, opening a chat, sending, leaving) is done in the end, although the network was disturbed on the way.",
		Statements: []Statement{10, 17, 35, 36},
		Rationale:  "A client that survives on the wire and leaves its user waiting has not survived.",
		Evidence:   []Evidence{Word, Ends},
	},
	{
		ID: "command.not-lost", Level: Must, Standing: Agreed,
		Sentence:   "What the user sends arrives, whatever happened to the connection that carried it, or the user is told of the doubt.",
		Statements: []Statement{10, 17, 35, 40},
		Rationale:  "A message that vanishes silently is the worst outcome for a user.",
		Evidence:   []Evidence{Ends, Word},
	},
	{
		ID: "command.not-doubled", Level: Must, Standing: Agreed,
		Sentence:   "What the user sends arrives once.",
		Statements: []Statement{14, 17},
		Rationale:  "A repeated request is recognised by its bytes; the same message in another request is a second message.",
		Evidence:   []Evidence{Ends},
	},
	{
		ID: "command.in-order", Level: Must, Standing: Agreed,
		Sentence:   "What the user sends arrives in the order in which it was sent.",
		Statements: []Statement{14, 40},
		Rationale:  "One request at a time exists to keep the order.",
		Evidence:   []Evidence{Ends},
	},
	{
		ID: "answer.delivered", Level: Must, Standing: Agreed,
		Sentence:   "What the server queued for the client reaches the user once and in order.",
		Statements: []Statement{9, 11, 36},
		Rationale:  "An answer that was cut or lost is asked for again with the id that came before it.",
		Evidence:   []Evidence{Ends, Word},
	},
	{
		ID: "poll.keeps-going", Level: Must, Standing: Agreed,
		Sentence:   "A signed-in client with nothing to send asks for queued commands at least every 30 seconds, also after a fault.",
		Statements: []Statement{9, 12, 42},
		Rationale:  "The server cannot speak unless it is asked; a client that falls silent is gone.",
		Evidence:   []Evidence{Wire, Gateway},
	},
	{
		ID: "close.says-out", Level: Must, Standing: Agreed,
		Sentence:   "A client that leaves sends OUT.",
		Statements: []Statement{51},
		Rationale:  "Otherwise its session lives on, and its contacts see it, until the gateway's time-out.",
		Evidence:   []Evidence{Gateway},
	},
}
