package main

import (
	"fmt"
	"io"
	"net/http"
	"strconv"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// said is a topic of which there is no more to say than a sentence, and how it is
// asked for.
func said(kind, name, what, how string) topic {
	return topic{kind, name, func(out io.Writer) {
		fmt.Fprintf(out, "%s %s: %s\n", kind, name, what)
		if how != "" {
			fmt.Fprintf(out, "\nfor example:\n\t%s\n", how)
		}
	}}
}

// callTopics are the words of a call: who is certified, on what, by what, and what
// it has to be able to do.
func callTopics() []topic {
	run := program() + " certify "
	all := []topic{
		said("client", certify.BuiltIn, "the reference client, which passes every case; others are compared with it", run+"--client "+certify.BuiltIn),
		said("kind of client", string(adapter.Driven), "a program that does what it is told on stdin, and says on stdout what its user sees; its file says mode: driven", run+"--client FILE.yaml"),
		said("kind of client", string(adapter.BlackBox), "a program that only signs in and stays: the server side calls it and writes to it; its file says mode: black-box", run+"--client FILE.yaml"),
		said("mode", string(rig.Virtual), "everything is in memory, and time goes by at once; for clients in Go", run+"--mode virtual"),
		said("mode", string(rig.Loopback), "real sockets on this machine, in real time; nobody sees what a program connects to beside", run+"--mode loopback"),
		said("mode", string(rig.Netns), "real sockets and real interception in network namespaces of our own, in real time; Linux only, the default for programs there", run+"--mode netns"),
		said("level of a requirement", string(requirement.Must), "a client that breaks it fails", program()+" list --requirements"),
		said("level of a requirement", string(requirement.Should), "a client that does not keep it is told so, and fails by it with --strict alone", run+"--strict"),
		said("level of a requirement", string(requirement.Informational), "it is told of, and never fails anybody", program()+" list --requirements"),
	}
	for _, p := range []struct {
		place    fault.Place
		what, at string
	}{
		{fault.AtAccept, "an attempt to connect, which a fault names by its number", "hop 0: on connection 2: refuse"},
		{fault.AtMoment, "a moment of the run, whatever is under way then", "hop 0: at 30s: blackhole"},
	} {
		all = append(all, said("landmark", p.place.String(), p.what, "faults: ['"+p.at+"']"))
	}
	for _, a := range adapter.EveryAbility() {
		all = append(all, said("ability", string(a), "a client can "+a.Doc(), "supports: ["+string(a)+"]"))
	}
	return all
}

// answers are the statuses of HTTP of which there is something to say on this way.
var answers = map[int]string{
	200: "the usual answer; whatever the server has to say stands in its body. A page with it that lacks X-MSN-Messenger is of somebody else, a portal for instance",
	302: "somebody on the way wants the client elsewhere: no gateway says it, and the request is not to be made there (route.no-redirect)",
	400: "the gateway refuses a request beside another of its session, one with an older SessionID, and one of a session that has ended (S15, S27)",
	403: "a proxy forbids it, with a page of its own, by the address or the type of the body as a rule",
	404: "nobody there knows such an address: it is no gateway, or the request's target was changed on the way",
	407: "a proxy asks for credentials; without them it serves no request (route.credentials, route.challenge-told)",
	408: "the other side did not wait any longer for the whole request",
	417: "a proxy refuses Expect: 100-continue; without it the request is welcome",
	429: "there were too many requests: Retry-After says when to come back (connection.waits-as-told)",
	500: "something failed at the gateway or at a proxy; whether the command was carried out is not known",
	501: "a proxy does not know the method or how the body is coded, such as in chunks",
	502: "a proxy did not reach the gateway, or did not understand its answer; the command may have been carried out (connection.session-survives)",
	503: "a proxy or the gateway has no room at the moment: Retry-After says when to come back (connection.waits-as-told)",
	504: "a proxy waited in vain for the gateway's answer; the command may have been carried out (connection.session-survives)",
	511: "the network wants a person to sign in first, at a portal",
}

// answerTopics are the statuses of answers; an error that is not known here is one of
// its class to a client (RFC 9110, section 15).
func answerTopics() (all []topic) {
	for n := 100; n < 600; n++ {
		means := answers[n]
		switch text := http.StatusText(n); {
		case text == "" || means == "" && n < 400:
			continue
		case means == "" && n < 500:
			means = "the request is refused as it is; to a client it is as 400"
		case means == "":
			means = "the other side cannot do it; to a client it is as 500"
		}
		example := ""
		if n >= 400 {
			example = fmt.Sprintf("faults: ['hop 0: on poll 2, answer: status %d']", n)
		}
		all = append(all, said("status of HTTP", strconv.Itoa(n), http.StatusText(n)+": "+means, example))
	}
	return all
}

// boxTopics are the boxes: their kinds, those that have names, and the real ones.
func boxTopics() ([]topic, error) {
	all := []topic{said("way", "direct", "there is no box between the client and the gateway", "chain: []")}
	for _, k := range proxies.Kinds() {
		all = append(all, said("kind of box", string(k), k.Doc(), fmt.Sprintf(`chain: ["%s port %d"]`, k, k.DefaultPort())))
	}
	for _, name := range certify.Products() {
		all = append(all, said("real proxy", name, "the program itself, in place of the forward box", program()+" certify --mode loopback --box "+name))
	}
	profiles, err := library().Profiles()
	for _, p := range profiles {
		all = append(all, said("profile of a box", p.Name, p.Why, fmt.Sprintf(`chain: ["profile %s"]`, p.Name)))
	}
	return all, err
}

// levelTopics are the levels of certification of the newest edition.
func levelTopics() (all []topic, err error) {
	newest, err := library().Newest()
	for _, l := range newest.Levels {
		what := fmt.Sprintf("%s; %d cases of edition %s", l.Asks, len(l.Cases), newest.Name)
		all = append(all, said("level of certification", l.Name, what, program()+" certify --level "+quoted(l.Name)))
	}
	return all, err
}

// eventTopics are the kinds of events that a history is made of.
func eventTopics() (all []topic) {
	for _, v := range history.Variants() {
		all = append(all, topic{"kind of event", string(v.Kind), func(out io.Writer) { explainEvent(out, v) }})
	}
	return all
}

// explainEvent tells what an event of a kind says; seq, at, from and kind each has.
func explainEvent(out io.Writer, v history.Variant) {
	fmt.Fprintf(out, "kind of event %s: %s\n\n", v.Kind, v.Words)
	for _, from := range v.From {
		fmt.Fprintf(out, "seen from    %s\n", from)
	}
	if v.Needs != 0 {
		fmt.Fprintf(out, "has          %s\n", v.Needs)
	}
	if v.May != 0 {
		fmt.Fprintf(out, "may have     %s\n", v.May)
	}
}
