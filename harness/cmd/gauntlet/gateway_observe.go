package main

import (
	"log/slog"
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/gateway"
)

// observers tells several of each event.
func observers(list ...func(history.Event)) func(history.Event) {
	return func(e history.Event) {
		for _, o := range list {
			o(e)
		}
	}
}

// logSessions writes a line when a session begins, signs in, ends, and when a
// request is refused.
func logSessions(log *slog.Logger) func(history.Event) {
	return func(e history.Event) {
		at := []any{"session", e.Session, "server", e.Server}
		switch e.Kind {
		case history.SessionOpened:
			log.Info("session opened", at...)
		case history.SessionIdentified:
			log.Info("session identified", append(at, "user", e.User)...)
		case history.SessionEnded:
			log.Info("session ended", append(at, "user", e.User, "why", e.Text)...)
		case history.Rejected:
			log.Warn("request refused", append(at, "user", e.User, "status", e.Status, "why", e.Text)...)
		}
	}
}

// gatewayMetrics are a gateway's numbers, in a registry of their own.
type gatewayMetrics struct {
	registry *prometheus.Registry
	opened   *prometheus.CounterVec
	ended    *prometheus.CounterVec
	requests *prometheus.CounterVec
	refused  *prometheus.CounterVec
	received prometheus.Counter
}

func newGatewayMetrics() *gatewayMetrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "gauntlet_gateway", Name: name, Help: help}, labels)
	}
	m := &gatewayMetrics{
		registry: prometheus.NewRegistry(),
		opened:   counter("sessions_opened_total", "Sessions that were opened.", "server"),
		ended:    counter("sessions_ended_total", "Sessions that have ended, by reason.", "server", "why"),
		requests: counter("requests_total", "Requests that were processed, by action.", "server", "action"),
		refused:  counter("requests_refused_total", "Requests that got an HTTP error.", "status", "why"),
		received: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "gauntlet_gateway", Name: "received_bytes_total", Help: "Bytes of MSNP in the bodies of processed requests.",
		}),
	}
	m.registry.MustRegister(m.opened, m.ended, m.requests, m.refused, m.received,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe counts an event. Reasons are of a fixed number, so they can be
// labels.
func (m *gatewayMetrics) observe(e history.Event) {
	switch e.Kind {
	case history.SessionOpened:
		m.opened.WithLabelValues(e.Server).Inc()
	case history.SessionEnded:
		m.ended.WithLabelValues(e.Server, e.Text).Inc()
	case history.Processed:
		m.requests.WithLabelValues(e.Server, e.Action).Inc()
		m.received.Add(float64(len(e.Data)))
	case history.Rejected:
		m.refused.WithLabelValues(strconv.Itoa(e.Status), e.Text).Inc()
	}
}

// sessionsOf adds the number of sessions that are open.
func (m *gatewayMetrics) sessionsOf(g *gateway.Gateway) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "gauntlet_gateway", Name: "sessions", Help: "Sessions that are open.",
	}, func() float64 { return float64(g.Sessions()) }))
}

func (m *gatewayMetrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}
