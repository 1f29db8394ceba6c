package rig

import (
	"gauntlet/harness/judge/history"
	"gauntlet/proxies/fault"
)

// FaultReport says what became of one fault of the case.
type FaultReport struct {
	Text        string `json:"text"`
	Fired       int    `json:"fired"` // how often
	Connections []int  `json:"connections"`
}

// faultReports finds in a history which faults fired, and on which connections
// of their hop.
func faultReports(faults []fault.Fault, events []history.Event) []FaultReport {
	reports := make([]FaultReport, len(faults))
	for i, f := range faults {
		reports[i] = FaultReport{Text: f.String(), Connections: []int{}}
		for j := range events {
			if e := &events[j]; e.Kind == history.Fired && e.Hop == f.Hop && e.Fault == reports[i].Text {
				reports[i].Fired++
				reports[i].Connections = append(reports[i].Connections, e.Conn)
			}
		}
	}
	return reports
}
