package msnp

import "fmt"

// Code is the number of an error reply.
type Code int

// The error replies that servers are known to give.
const (
	InvalidSyntax      Code = 200
	InvalidParameter   Code = 201
	InvalidUser        Code = 205
	DomainMissing      Code = 206
	AlreadySignedIn    Code = 207
	InvalidUserName    Code = 208
	InvalidNick        Code = 209
	ListFull           Code = 210
	AlreadyThere       Code = 215
	NotOnList          Code = 216
	UserOffline        Code = 217
	AlreadyInMode      Code = 218
	OppositeList       Code = 219
	SwitchboardFailed  Code = 280
	TransferFailed     Code = 281
	BadClientFile      Code = 282
	InternalError      Code = 500
	CommandDisabled    Code = 502
	ChallengeWrong     Code = 540
	ServerBusy         Code = 600
	ServerUnavailable  Code = 601
	CallingTooFast     Code = 713
	NotExpected        Code = 715
	ChangingTooFast    Code = 800
	AuthFailed         Code = 911
	NotAllowedHidden   Code = 913
	NotAcceptingNew    Code = 910
	KidWithoutPassport Code = 923
	NotVerified        Code = 924
)

var codeTexts = map[Code]string{
	InvalidSyntax:      "invalid syntax",
	InvalidParameter:   "invalid parameter",
	InvalidUser:        "invalid user",
	DomainMissing:      "domain name missing",
	AlreadySignedIn:    "already signed in",
	InvalidUserName:    "invalid user name",
	InvalidNick:        "invalid nickname",
	ListFull:           "list full",
	AlreadyThere:       "user already there",
	NotOnList:          "not on the list",
	UserOffline:        "user not online",
	AlreadyInMode:      "already in that mode",
	OppositeList:       "user is on the opposite list",
	SwitchboardFailed:  "switchboard failed",
	TransferFailed:     "transfer to a switchboard failed",
	BadClientFile:      "invalid client file",
	InternalError:      "internal server error",
	CommandDisabled:    "command disabled",
	ChallengeWrong:     "challenge answered wrongly",
	ServerBusy:         "server busy",
	ServerUnavailable:  "server unavailable",
	CallingTooFast:     "calling too fast",
	NotExpected:        "command not expected",
	ChangingTooFast:    "changing too fast",
	AuthFailed:         "authentication failed",
	NotAllowedHidden:   "not allowed while hidden",
	NotAcceptingNew:    "server accepts nobody new",
	KidWithoutPassport: "child's account without consent",
	NotVerified:        "account not verified",
}

// Text says what the code means, in English.
func (c Code) Text() string {
	if text, known := codeTexts[c]; known {
		return text
	}
	return "unknown error"
}

// String is the code and its meaning.
func (c Code) String() string { return fmt.Sprintf("%03d (%s)", int(c), c.Text()) }

// Reply is the error reply to the command numbered trid.
func (c Code) Reply(trid uint32) Command {
	return Numbered(fmt.Sprintf("%03d", int(c)), trid)
}
