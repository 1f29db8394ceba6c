package gateway

import (
	"net/http"
	"time"
)

// Why a request was rejected: the Text of a Rejected event and the one line of
// the answer's body.
const (
	ReasonMethod       = "the gateway takes POST only"
	ReasonPath         = "the gateway is at /gateway/gateway.dll"
	ReasonTarget       = "not a request target"
	ReasonRepeated     = "a parameter is repeated"
	ReasonAction       = "unknown Action"
	ReasonServer       = "Server is neither NS nor SB"
	ReasonIP           = "IP is missing or not a host"
	ReasonNoID         = "SessionID is missing"
	ReasonSurplusID    = "an open carries no SessionID"
	ReasonTooLarge     = "the body is too large"
	ReasonSlow         = "the body came too slowly"
	ReasonCutShort     = "the body was cut short"
	ReasonUnknown      = "unknown SessionID"
	ReasonStale        = "stale SessionID"
	ReasonEnded        = "the session has ended"
	ReasonOverlap      = "overlap: another request of the session is pending"
	ReasonDuplicate    = "the request was processed before"
	ReasonElsewhere    = "the session belongs to another connection"
	ReasonStranger     = "the session belongs to another address"
	ReasonMachine      = "the session is at another machine"
	ReasonMaintenance  = "the gateway is under maintenance"
	ReasonPNG          = "PNG is not accepted over HTTP"
	ReasonUnreceived   = "too many answers were never acknowledged"
	ReasonBacklog      = "the messenger does not read"
	ReasonFull         = "too many sessions"
	ReasonConnections  = "too many connections of one address"
	ReasonAddress      = "too many sessions of one address"
	ReasonHaste        = "this address opens sessions too fast"
	ReasonMemory       = "too little memory is left"
	ReasonNoMessenger  = "the messenger cannot be reached"
	ReasonShuttingDown = "the gateway is shutting down"
)

// Why a session ended: the Text of a SessionEnded event.
const (
	EndedByOUT        = "OUT"
	EndedByIdling     = "idle"
	EndedByOverlap    = "overlap"
	EndedByMessenger  = "messenger"
	EndedByPNG        = "PNG"
	EndedByConnection = "connection" // of a session that is bound to one
	EndedByGateway    = "closed"     // the gateway itself
	EndedByForgetting = "forgotten"  // all sessions at once, by Forget
)

// refusal is an HTTP error about to be given.
type refusal struct {
	status int
	reason string
	ends   bool          // the connection is closed after it
	retry  time.Duration // when to come again, 0 if that is not said
}

// bad is the refusal of a request that the protocol does not allow; the
// connection goes on.
func bad(reason string) *refusal {
	return &refusal{status: http.StatusBadRequest, reason: reason}
}

// greedy is the refusal of an open by somebody who takes too much.
func greedy(reason string) *refusal {
	return &refusal{status: http.StatusTooManyRequests, reason: reason}
}

// fatal is a refusal after which the connection is closed.
func fatal(status int, reason string) *refusal {
	return &refusal{status: status, reason: reason, ends: true}
}

// busy is the refusal of a request that may succeed another time.
func busy(reason string) *refusal {
	return &refusal{status: http.StatusServiceUnavailable, reason: reason}
}
