package proxies

// A faithful box asks a server in origin-form, and only a parent proxy in
// absolute-form.
//
// Quirk `keeps-absolute-form` (Quirks.KeepsAbsoluteForm): the request line goes
// on as the client wrote it, as through HAProxy; see changeRequest.
