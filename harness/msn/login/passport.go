package login

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// nexus tells where to log in: Passport 1.4, by header.
func (h *Handler) nexus(w http.ResponseWriter, _ *http.Request, _ []byte) {
	// Clients look for this name as it is written, so it is not canonicalised.
	w.Header()["PassportURLs"] = []string{"DARealm=Passport.Net,DALogin=login.live.com/login2.srf,DAReg=https://accountservices.passport.net/,Properties=https://accountservices.passport.net/,Privacy=http://login.passport.com/,GeneralRedir=http://nexusrdr.passport.com/redir.asp,Help=http://login.passport.net/,ConfigVersion=15"}
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
}

const passport14 = "Passport 1.4"

// passport takes an address and a password in the Authorization field, percent
// encoded, and gives a ticket.
func (h *Handler) passport(w http.ResponseWriter, r *http.Request, _ []byte) {
	said, is := strings.CutPrefix(r.Header.Get("Authorization"), "Passport1.4 ")
	if !is {
		h.refused("", passport14, "no credentials")
		refusePassport(w, "no credentials: want Authorization: Passport1.4 …")
		return
	}
	fields := commaFields(said)
	email, password := decoded(fields["sign-in"]), decoded(fields["pwd"])
	pass, err := h.directory.Login(email, password)
	if err != nil {
		h.refused(email, passport14, err.Error())
		refusePassport(w, "wrong password")
		return
	}
	h.granted(email, passport14)
	w.Header()["Authentication-Info"] = []string{fmt.Sprintf(
		"Passport1.4 da-status=success,tname=MSPAuth,tname=MSPProf,tname=MSPSec,from-PP='t=%s&p=',ru=http://messenger.msn.com", pass.Ticket)}
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
}

// refusePassport says so in the form that clients show as a wrong password.
func refusePassport(w http.ResponseWriter, why string) {
	w.Header()["WWW-Authenticate"] = []string{"Passport1.4 da-status=failed,srealm=Passport.NET,ts=-3,prompt,cburl=https://login.live.com/,cbtxt=" + url.QueryEscape(why)}
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusUnauthorized)
}

// commaFields reads name=value,name=value; what has no value is left out.
func commaFields(text string) map[string]string {
	fields := map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		if name, value, ok := strings.Cut(part, "="); ok {
			fields[strings.ToLower(strings.TrimSpace(name))] = value
		}
	}
	return fields
}

// decoded is a percent-encoded value; a value that is not stands for itself.
func decoded(value string) string {
	if plain, err := url.PathUnescape(value); err == nil {
		return plain
	}
	return value
}
