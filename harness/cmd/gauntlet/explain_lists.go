package main

import (
	"fmt"
	"io"

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
			fmt.Fprintf(out, "\nfor example:\n  %s\n", how)
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
