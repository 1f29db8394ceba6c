package messenger

import (
	"fmt"
	"hash/fnv"
	"net"
	"strconv"
	"time"

	"gauntlet/harness/msn/msnp"
)

// profile is the message that follows a sign-in: what the servers know of the
// account, and from where the client came.
func (n *notification) profile() msnp.Command {
	m := msnp.Message{ContentType: msnp.ProfileType, Fields: n.profileFields()}
	return msnp.New("MSG", "Hotmail", "Hotmail").WithPayload(m.Payload())
}

func (n *notification) profileFields() []msnp.Field {
	fields := n.accountFields()
	if n.protocol >= properties {
		fields = append(fields, msnp.Field{Name: "ABCHMigrated", Value: "1"}) // contacts have ids
	}
	ip, port := n.origin()
	return append(fields, msnp.Field{Name: "ClientIP", Value: ip}, msnp.Field{Name: "ClientPort", Value: port})
}

func (n *notification) accountFields() []msnp.Field {
	id := fnv.New64a()
	_, _ = id.Write([]byte(key(n.account.email))) // a hash never fails
	return []msnp.Field{
		{Name: "LoginTime", Value: strconv.FormatInt(time.Now().Unix(), 10)},
		{Name: "EmailEnabled", Value: "0"},
		{Name: "MemberIdHigh", Value: strconv.Itoa(int(id.Sum64() >> 48))},
		{Name: "MemberIdLow", Value: strconv.Itoa(int(int32(id.Sum64())))},
		{Name: "lang_preference", Value: "1033"},
		{Name: "preferredEmail", Value: n.account.email},
		{Name: "country", Value: "US"},
		{Name: "PostalCode"},
		{Name: "Gender"},
		{Name: "Kid", Value: "0"},
		{Name: "Age"},
		{Name: "BDayPre"},
		{Name: "Birthday"},
		{Name: "Wallet"},
		{Name: "Flags", Value: "1073742915"},
		{Name: "sid", Value: "507"},
		{Name: "kv", Value: "5"},
		{Name: "MSPAuth", Value: fmt.Sprintf("%016x", n.m.random.Uint64())},
	}
}

// origin is the client's address as its profile shows it; behind the gateway
// the port is 0 (S19), and the address the gateway's.
func (l *link) origin() (ip, port string) {
	ip, port, err := net.SplitHostPort(l.conn.RemoteAddr().String())
	if err != nil || net.ParseIP(ip) == nil {
		ip, port = "0.0.0.0", "0" // an in-memory pair has no address
	}
	if l.http {
		port = "0"
	}
	return ip, port
}
