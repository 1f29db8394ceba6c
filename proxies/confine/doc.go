// Package confine keeps a foreign program to what it is for, from within the
// process that is about to become it: a view of the machine's files in which
// little can be written and no socket is found, no power of root's, limits on
// what it takes, no system calls that only others need, and Landlock where the
// kernel has it. The package knows files, users, limits and calls; it knows nothing
// of networks. Package netns imports it.
package confine

// Place is where a program lives.
type Place struct {
	// Folder is its own: it may write there, as far as its user may.
	Folder string
	// Needs are the files without which it cannot do, and Sees what else it is told
	// of. They stay in sight, to be read.
	Needs, Sees []string
	// Hides are sockets in whose place there is nothing.
	Hides []string
	// Apart says that this process may change its mounts and its user: it is in
	// namespaces that were made for it.
	Apart bool
	// Mark is by which the program and all that it starts are found, whatever
	// they do to their environment.
	Mark string
	// Group has the folders of its control group, separated by colons; empty if it has none.
	Group string
}

// bounds are the limits of a program together with all that it starts.
type bounds struct {
	memory    uint64 // bytes
	processes uint64 // threads, too
}

// together returns those that hold for any program.
func together() bounds { return bounds{memory: mostMemory, processes: mostProcesses} }

// The limits of a program. Each process has them for itself, except the number of processes,
// which all programs of a run share. With a control group, those of memory and processes
// also hold for a program together with all that it starts.
const (
	mostMemory    = 4 << 30 // bytes of data that are its own
	mostFile      = 1 << 28 // bytes of each file
	mostFiles     = 4096    // open at a time
	mostProcesses = 4096    // threads, too
	mostTemporary = "256m"  // of /tmp
)
