/* A newcomer's client in C, written with nothing but the README. It has one mistake: when
 * it is told to end, it leaves without saying OUT. */
#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char proxy_host[256], proxy_port[16], gateway[256], user[256];
static volatile sig_atomic_t leaving;
static int trid;

struct session { char id[128], host[256], ip[256], kind[4]; int live; char in[65536]; size_t have; };
static struct session ns = {.kind = "NS"}, sb = {.kind = "SB"};

static void on_term(int s) { (void)s; leaving = 1; }

/* MD5, of RFC 1321, for short texts. */
static void md5hex(const char *s, char *out) {
	static const int shift[16] = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};
	uint32_t h[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
	size_t n = strlen(s), total = ((n + 8) / 64 + 1) * 64;
	uint64_t bits = n * 8;
	uint8_t *m = calloc(total, 1);
	memcpy(m, s, n); m[n] = 0x80; memcpy(m + total - 8, &bits, 8);
	for (size_t o = 0; o < total; o += 64) {
		uint32_t *w = (uint32_t *)(m + o), a = h[0], b = h[1], c = h[2], d = h[3];
		for (int i = 0; i < 64; i++) {
			uint32_t f[4] = {(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)}, t = d;
			int g[4] = {i, (5 * i + 1) % 16, (3 * i + 5) % 16, 7 * i % 16}, q = i / 16, r = shift[q * 4 + i % 4];
			a += f[q] + w[g[q]] + (uint32_t)(fabs(sin(i + 1)) * 4294967296.0);
			d = c; c = b; b += a << r | a >> (32 - r); a = t;
		}
		h[0] += a; h[1] += b; h[2] += c; h[3] += d;
	}
	for (int i = 0; i < 16; i++) sprintf(out + 2 * i, "%02x", ((uint8_t *)h)[i]);
	free(m);
}

static int dial(void) {
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *r;
	if (getaddrinfo(proxy_host, proxy_port, &hints, &r)) return -1;
	int fd = socket(r->ai_family, SOCK_STREAM, 0);
	struct timeval t = {20, 0};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	if (connect(fd, r->ai_addr, r->ai_addrlen)) { close(fd); fd = -1; }
	freeaddrinfo(r);
	return fd;
}

static char *header(char *head, const char *name) {
	size_t n = strlen(name);
	for (char *l = strstr(head, "\r\n"); l; l = strstr(l + 2, "\r\n"))
		if (!strncasecmp(l + 2, name, n) && l[2 + n] == ':') return l + 3 + n;
	return NULL;
}
static void value(const char *from, const char *key, char *to, size_t n) {
	const char *p = strstr(from, key); size_t len;
	if (!p) return;
	p += strlen(key); len = strcspn(p, ";\r\n ");
	if (len < n) { memcpy(to, p, len); to[len] = 0; }
}

static int conn = -1;
/* One request; the connection is kept. 1 if an answer came. */
static int post_once(struct session *s, const char *query, const char *body) {
	static char out[70000], in[262144];
	int n = snprintf(out, sizeof out, "POST http://%s/gateway/gateway.dll?%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: mine/0.1\r\n"
		"Content-Type: application/x-msn-messenger\r\nContent-Length: %zu\r\n\r\n%s", s->host, query, s->host, strlen(body), body);
	if (conn < 0 && (conn = dial()) < 0) return 0;
	if (send(conn, out, n, MSG_NOSIGNAL) != n) { close(conn); conn = -1; return 0; }
	size_t have = 0; char *end = NULL; size_t want = 0;
	while (!end || have < want) {
		ssize_t r = recv(conn, in + have, sizeof in - have - 1, 0);
		if (r < 0 && errno == EINTR) continue;
		if (r <= 0) { close(conn); conn = -1; return 0; }
		have += r; in[have] = 0;
		if (!end && (end = strstr(in, "\r\n\r\n"))) {
			char *l; end[2] = 0; l = header(in, "Content-Length");
			want = (end + 4 - in) + (l ? strtoul(l, NULL, 10) : 0);
		}
	}
	char *m = header(in, "X-MSN-Messenger"), *c = header(in, "Connection");
	if (c && !strncasecmp(c, " close", 6)) { close(conn); conn = -1; }
	if (!m) { fprintf(stderr, "no X-MSN-Messenger: %.40s\n", in); return 0; }
	m = strndup(m, strcspn(m, "\r"));
	value(m, "SessionID=", s->id, sizeof s->id);
	value(m, "GW-IP=", s->host, sizeof s->host);
	s->live = !strstr(m, "Session=close");
	free(m);
	memcpy(s->in + s->have, end + 4, have - (end + 4 - in)); s->have += have - (end + 4 - in); s->in[s->have] = 0;
	return 1;
}
static int post(struct session *s, const char *query, const char *body) {
	for (int i = 0; i < 3; i++) { if (post_once(s, query, body)) return 1; fprintf(stderr, "%s: again\n", s->kind); sleep(1); }
	return 0;
}
static int command(struct session *s, const char *text) {
	char q[512];
	if (!s->live) { strcpy(s->host, gateway); snprintf(q, sizeof q, "Action=open&Server=%s&IP=%s", s->kind, s->ip); }
	else snprintf(q, sizeof q, "SessionID=%s", s->id);
	fprintf(stderr, "%s > %.60s", s->kind, text);
	return post(s, q, text);
}
static int poll_(struct session *s) { char q[256]; snprintf(q, sizeof q, "Action=poll&SessionID=%s", s->id); return post(s, q, ""); }

static char wanted[8]; static int came; /* the answer that we wait for */
static void handle(struct session *s) {
	char *e, line[1024], out[2048];
	while ((e = strstr(s->in, "\r\n"))) {
		size_t n = e - s->in, used = n + 2, payload = 0; char body[8192] = "";
		snprintf(line, sizeof line, "%.*s", (int)n, s->in);
		if (!strncmp(line, "MSG ", 4)) payload = strtoul(strrchr(line, ' '), NULL, 10);
		if (s->have < used + payload) return;
		memcpy(body, s->in + used, payload); body[payload] = 0;
		memmove(s->in, s->in + used + payload, s->have - used - payload + 1); s->have -= used + payload;
		fprintf(stderr, "%s < %s\n", s->kind, line);
		if (!strncmp(line, "CHL ", 4)) {
			char key[256], hex[33]; snprintf(key, sizeof key, "%sQ1P7W2E4J9R8U3S5", line + 6); md5hex(key, hex);
			snprintf(out, sizeof out, "QRY %d msmsgs@msnmsgr.com 32\r\n%s", ++trid, hex); command(s, out);
		} else if (!strncmp(line, "RNG ", 4)) {
			char id[64], addr[128], auth[128]; sscanf(line, "RNG %63s %127s CKI %127s", id, addr, auth);
			char *colon = strchr(addr, ':'); if (colon) *colon = 0;
			memset(&sb, 0, sizeof sb); strcpy(sb.kind, "SB"); strcpy(sb.ip, addr);
			snprintf(out, sizeof out, "ANS %d %s %s %s\r\n", ++trid, user, auth, id); command(&sb, out);
		} else if (!strncmp(line, "MSG ", 4)) {
			if (strstr(body, "text/plain")) printf("%s\n", strstr(body, "\r\n\r\n") + 4);
			fflush(stdout);
		} else if (!strncmp(line, "BYE ", 4)) { s->live = 0; /* the chat is over */
		} else if (!strncmp(line, wanted, 3)) came = 1;
	}
}
static int ask(const char *name, const char *fmt, const char *arg) {
	strcpy(wanted, name); came = 0;
	char out[1024], args[900]; snprintf(args, sizeof args, fmt, arg);
	snprintf(out, sizeof out, "%s %d %s\r\n", name, ++trid, args);
	if (!command(&ns, out)) return 0;
	for (int i = 0; i < 10; i++) {
		handle(&ns);
		if (came) return 1;
		sleep(1); if (!poll_(&ns)) return 0;
	}
	return 0;
}
int main(int argc, char **argv) {
	for (int i = 1; i < argc; i++) {
		if (!strncmp(argv[i], "--proxy=", 8)) sscanf(argv[i] + 8, "%255[^:]:%15s", proxy_host, proxy_port);
		if (!strncmp(argv[i], "--gateway=", 10)) snprintf(gateway, sizeof gateway, "%s", argv[i] + 10);
		if (!strncmp(argv[i], "--user=", 7)) snprintf(user, sizeof user, "%s", argv[i] + 7);
	}
	struct sigaction a = {.sa_handler = on_term}; sigaction(SIGTERM, &a, NULL);
	strcpy(ns.ip, "messenger.hotmail.com");
	if (!*proxy_host) { strcpy(proxy_host, gateway); strcpy(proxy_port, "80"); }
	if (!ask("VER", "MSNP8 CVR0", "") || !ask("CVR", "0x0409 win 4.10 i386 MSNMSGR 5.0 MSMSGS %s", user) || !ask("USR", "TWN I %s", user)
		|| !ask("USR", "TWN S t=x", "") || !ask("SYN", "0", "") || !ask("CHG", "NLN", "")) { fprintf(stderr, "could not sign in\n"); return 1; }
	while (!leaving) {
		sleep(2); if (leaving) break;
		if (!ns.live) { fprintf(stderr, "the session is gone\n"); return 1; }
		if (!poll_(&ns)) { fprintf(stderr, "the network is gone\n"); return 1; }
		handle(&ns);
		if (sb.live) { poll_(&sb); handle(&sb); }
	}
	return 0; /* the mistake: no OUT */
}
