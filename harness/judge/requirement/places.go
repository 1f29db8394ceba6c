package requirement

const (
	openingSpecs = "specs/gateway_opening_test.go"
	behindSpecs  = "specs/command_gateway_test.go"
	answersSpecs = "specs/gateway_answers_test.go"
	idsSpecs     = "specs/gateway_ids_test.go"
	orderSpecs   = "specs/gateway_order_test.go"
	endingSpecs  = "specs/gateway_ending_test.go"
	usualSpecs   = "specs/gateway_usual_test.go"
	boxSpecs     = "specs/box_statements_test.go"
	keepingSpecs = "specs/box_keeping_test.go"
)

// places lists the statements of the source in their order.
var places = []Place{
	{Statement: 1, Says: "HTTP is the application protocol of the web.", Reason: "it names the ground on which all else stands"},
	{Statement: 2, Says: "The reader is expected to know HTTP/1.1.", Reason: "it speaks of the reader"},
	{Statement: 3, Says: "There is no standard way to be interactive over HTTP; this one is Microsoft's.", Reason: "it tells where the protocol comes from"},
	{Statement: 4, Says: "It has nothing to do with the method CONNECT.", Reason: "it keeps two things apart, and asks for neither"},
	{Statement: 5, Says: "The dispatch host is gateway.messenger.hotmail.com, on port 80.", Spec: openingSpecs},
	{Statement: 6, Says: "That server was never seen to send a client to another notification server.", Spec: behindSpecs},
	{Statement: 7, Says: "The HTTP method has something like such a transfer all the same.", Spec: idsSpecs},
	{Statement: 8, Says: "HTTP mostly carries HTML but can carry anything.", Reason: "it says that the idea is possible"},
	{Statement: 9, Says: "The server can send nothing that the client has not asked for.", Spec: answersSpecs},
	{Statement: 10, Says: "Clients put commands into the bodies of requests.", Spec: answersSpecs},
	{Statement: 11, Says: "The server queues commands and sends them in the bodies of answers.", Spec: answersSpecs},
	{Statement: 12, Says: "A client that has nothing to send for a few seconds should poll."},
	{Statement: 13, Says: "The official client polls every two seconds."},
	{Statement: 14, Says: "A client waits for the answer before it sends another request.", Spec: orderSpecs},
	{Statement: 15, Says: "A command sent while a poll is unanswered gets HTTP 400.", Spec: orderSpecs},
	{Statement: 16, Says: "Normally one connection is kept for the whole session.", Spec: endingSpecs},
	{Statement: 17, Says: "The protocol seems to bear a connection that is broken and made again.", Spec: endingSpecs},
	{Statement: 18, Says: "That was not tested.", Reason: "it is the question that this project answers"},
	{Statement: 19, Says: "In the initial profile ClientPort is 0.", Spec: usualSpecs},
	{Statement: 20, Says: "PNG makes the server send an HTTP error and disconnect.", Spec: usualSpecs},
	{Statement: 21, Says: "Apart from that the protocol works as usual.", Spec: usualSpecs},
	{Statement: 22, Says: "Most testing was done with version 5 of the official client, whose HTTP support is poor.", Reason: "it tells of the author's tests"},
	{Statement: 23, Says: "Version 5 is the first to offer the option plainly, and so was hardly tested.", Reason: "it is a guess about a product's history"},
	{Statement: 24, Says: "Later versions are hoped to be better.", Reason: "it is a hope"},
	{Statement: 25, Says: "The official client misbehaves with proxies on ports other than 80.", Spec: boxSpecs},
	{Statement: 26, Says: "It does not always keep to one request at a time."},
	{Statement: 27, Says: "So it is sometimes thrown out with a 400.", Spec: orderSpecs},
	{Statement: 28, Says: "Its menu confuses the use of an HTTP proxy with that of a SOCKS proxy."},
	{Statement: 29, Says: "The two do wholly different work.", Spec: boxSpecs},
	{Statement: 30, Says: "The proxy is most likely not required by the protocol.", Spec: boxSpecs},
	{Statement: 31, Says: "Some proxies intercept connections without the client's knowledge.", Spec: boxSpecs},
	{Statement: 32, Says: "The official client cannot handle these at all.", Spec: boxSpecs},
	{Statement: 33, Says: "With a proxy given, it ignores the switch for its use."},
	{Statement: 34, Says: "It always tries to connect directly first."},
	{Statement: 35, Says: "Commands are sent by POST to a script.", Spec: openingSpecs},
	{Statement: 36, Says: "Their replies come in the answers.", Spec: answersSpecs},
	{Statement: 37, Says: "The first request opens a session with a notification server or a switchboard.", Spec: openingSpecs},
	{Statement: 38, Says: "For a notification server it goes to the dispatch host.", Spec: openingSpecs},
	{Statement: 39, Says: "For a switchboard it goes to the address given in XFR.", Spec: openingSpecs},
	{Statement: 40, Says: "Commands are in the body, one a request.", Spec: answersSpecs},
	{Statement: 41, Says: "The first request carries one as well.", Spec: openingSpecs},
	{Statement: 42, Says: "An idle client polls; the official one after two seconds."},
	{Statement: 43, Says: "Answers have a field X-MSN-Messenger.", Spec: answersSpecs},
	{Statement: 44, Says: "It names an address to send the next request to.", Spec: idsSpecs},
	{Statement: 45, Says: "It has a session id to send with the next request.", Spec: idsSpecs},
	{Statement: 46, Says: "When the session is being closed it says Session=close as well.", Spec: endingSpecs},
	{Statement: 47, Says: "The id seems to be a long constant number, a dot and a short changing one.", Reason: "it is an observation that one is told not to rely on"},
	{Statement: 48, Says: "The id is to be treated as an arbitrary string.", Spec: idsSpecs},
	{Statement: 49, Says: "The official client tries to keep one connection throughout."},
	{Statement: 50, Says: "The id presumably serves where a proxy closes the connection in mid session.", Spec: keepingSpecs},
	{Statement: 51, Says: "If the server does not end the session with the connection, the client has to send OUT.", Spec: endingSpecs},
	{Statement: 52, Says: "Otherwise it ends by a time-out of the server's.", Spec: endingSpecs},
	{Statement: 53, Says: "The script is /gateway/gateway.dll.", Spec: openingSpecs},
	{Statement: 54, Says: "Its arguments are Action, Server, IP and SessionID.", Spec: openingSpecs},
	{Statement: 55, Says: "The official client sends Proxy-Connection: Keep-Alive and Pragma: no-cache.", Spec: keepingSpecs},
	{Statement: 56, Says: "HTTP/1.1 has replaced these by Connection: Keep-Alive.", Reason: "it is a remark on HTTP's history"},
	{Statement: 57, Says: "They are presumably there for old proxies on the way.", Spec: keepingSpecs},
	{Statement: 58, Says: "The official client sends User-Agent: MSMSGS."},
	{Statement: 59, Says: "The server does not care about the user agent.", Spec: openingSpecs},
	{Statement: 60, Says: "The examples were moved to a page of their own for their long URLs.", Reason: "it is a remark on layout"},
	{Statement: 61, Says: "They can be seen there.", Reason: "it points to another page"},
}
