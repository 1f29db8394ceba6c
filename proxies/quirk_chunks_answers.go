package proxies

// A faithful box ends an answer whose length it does not know as the server
// did, with the connection.
//
// Quirk `chunks-answers` (Quirks.ChunksAnswers): a client of HTTP/1.1 gets it in
// chunks, and keeps its connection; see keepFraming.
