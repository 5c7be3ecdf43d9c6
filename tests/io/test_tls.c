/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Streams with TLS against a server of our own in a thread: who is believed and who is not,
 * sessions that are resumed, and what a server may do wrong. Authorities and certificates are made
 * here.
 */
#include "io/tls.h"

#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/stream.h"
#include "tests/tap.h"

/* ---- certificates ---- */

struct certificate {
	EVP_PKEY *key;
	X509 *x509;
};

static void add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	if (!extension || X509_add_ext(x509, extension, -1) != 1)
		abort();
	X509_EXTENSION_free(extension);
}

/* names: of the subjectAltName; NULL: an authority. issuer NULL: signed by itself. From and to:
 * days from now. */
static struct certificate make_certificate(const char *names, const struct certificate *issuer,
					   int from, int to)
{
	struct certificate made = {EVP_EC_gen("P-256"), X509_new()};
	X509_NAME *name = X509_get_subject_name(made.x509);
	static long serial = 1;
	char cn[40];

	X509_set_version(made.x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(made.x509), serial++);
	snprintf(cn, sizeof(cn), "%s %ld", names ? "server" : "authority", serial);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(made.x509, X509_get_subject_name(issuer ? issuer->x509 : made.x509));
	X509_gmtime_adj(X509_getm_notBefore(made.x509), from * 86400L);
	X509_gmtime_adj(X509_getm_notAfter(made.x509), to * 86400L);
	X509_set_pubkey(made.x509, made.key);
	if (names)
		add_extension(made.x509, issuer ? issuer->x509 : made.x509, NID_subject_alt_name,
			      names);
	else
		add_extension(made.x509, made.x509, NID_basic_constraints, "critical,CA:TRUE");
	if (X509_sign(made.x509, issuer ? issuer->key : made.key, EVP_sha256()) == 0)
		abort();
	return made;
}

static void pin_of(const struct certificate *certificate, uint8_t pin[TLS_PIN])
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(certificate->key, &der);

	if (len <= 0 || EVP_Digest(der, (size_t)len, pin, NULL, EVP_sha256(), NULL) != 1)
		abort();
	OPENSSL_free(der);
}

/* ---- the server ---- */

enum manner { ECHOES, CLOSES, GARBAGE, SILENT, CLOSES_AFTER_HANDSHAKE };

struct server {
	const struct certificate *certificate;
	enum manner manner;
	int least, most; /* versions; 0: any */
	int listener;
	struct addr addr;
	pthread_t thread;
	int connections, resumed, dots, names;
	int stop[2];
};

static int heard_dot(SSL *ssl, const unsigned char **out, unsigned char *out_len,
		     const unsigned char *in, unsigned in_len, void *arg)
{
	struct server *server = arg;

	(void)ssl;
	if (in_len == 4 && memcmp(in, "\3dot", 4) == 0)
		server->dots++;
	*out = in + 1;
	*out_len = in[0];
	return SSL_TLSEXT_ERR_OK;
}

static void echo(SSL *ssl)
{
	static char data[70000];
	int got;

	while ((got = SSL_read(ssl, data, sizeof(data))) > 0)
		if (SSL_write(ssl, data, got) != got)
			return;
}

static void talk(struct server *server, SSL_CTX *context, int fd)
{
	SSL *ssl = SSL_new(context);
	char octet;

	SSL_set_fd(ssl, fd);
	if (server->manner == GARBAGE && write(fd, "220 mail.example ESMTP\r\n", 24) != 24)
		abort();
	if (server->manner == CLOSES)
		shutdown(fd, SHUT_WR);
	if (server->manner != ECHOES && server->manner != CLOSES_AFTER_HANDSHAKE)
		while (read(fd, &octet, 1) > 0)
			;
	else if (SSL_accept(ssl) == 1) {
		server->resumed += SSL_session_reused(ssl);
		server->names += SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) != NULL;
		if (server->manner == ECHOES)
			echo(ssl);
		SSL_shutdown(ssl);
	}
	ERR_clear_error();
	SSL_free(ssl);
	close(fd);
}

static void *serve(void *arg)
{
	struct server *server = arg;
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	int fd;

	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_use_certificate(context, server->certificate->x509);
	SSL_CTX_use_PrivateKey(context, server->certificate->key);
	SSL_CTX_set_session_id_context(context, (const unsigned char *)"t", 1);
	SSL_CTX_set_alpn_select_cb(context, heard_dot, server);
	SSL_CTX_set_min_proto_version(context, server->least);
	SSL_CTX_set_max_proto_version(context, server->most);
	while ((fd = accept(server->listener, NULL, NULL)) >= 0) {
		server->connections++;
		talk(server, context, fd);
	}
	SSL_CTX_free(context);
	return NULL;
}

static void start_server(struct server *server)
{
	addr_parse(&server->addr, "127.0.0.1", 1);
	addr_set_port(&server->addr, 0);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server->listener, &server->addr.sa, server->addr.len) != 0 ||
	    listen(server->listener, 8) != 0 ||
	    getsockname(server->listener, &server->addr.sa, &server->addr.len) != 0 ||
	    pthread_create(&server->thread, NULL, serve, server) != 0)
		abort();
}

static void stop_server(struct server *server)
{
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->listener);
}

/* ---- the client ---- */

static struct event_base *base;
static struct stream_inbox inbox;

struct heard {
	int ups, ends, messages;
	size_t octets;
	bool wrong;
	enum stream_end why;
};

static void on_up(void *owner)
{
	((struct heard *)owner)->ups++;
}

/* Each octet of a message says how long it is. */
static void on_messages(void *owner, const struct stream_message *messages, unsigned count)
{
	struct heard *heard = owner;

	for (unsigned i = 0; i < count; i++) {
		heard->messages++;
		heard->octets += messages[i].len;
		for (size_t at = 0; at < messages[i].len; at++)
			heard->wrong |= messages[i].data[at] != (uint8_t)messages[i].len;
	}
}

static void on_end(void *owner, enum stream_end why)
{
	((struct heard *)owner)->ends++;
	((struct heard *)owner)->why = why;
}

static const struct stream_events events = {on_up, on_messages, on_end};

static bool wait_for(const int *count, int want)
{
	int64_t deadline = clock_mono_ns() + 10 * NS_PER_S;

	while (*count < want && clock_mono_ns() < deadline) {
		struct timeval tick = {0, 10000};

		event_base_loopexit(base, &tick);
		event_base_loop(base, EVLOOP_ONCE);
	}
	return *count >= want;
}

static struct stream *start(const struct server *server, struct tls_peer *peer, int idle_ms,
			    struct heard *heard)
{
	memset(heard, 0, sizeof(*heard));
	return stream_connect(&(struct stream_config){.base = base,
						      .inbox = &inbox,
						      .to = &server->addr,
						      .tls = peer,
						      .idle_ms = idle_ms,
						      .events = &events,
						      .owner = heard});
}

static const char *const end_words[] = {
	[STREAM_CLOSED] = "closed",	  [STREAM_REFUSED] = "refused",
	[STREAM_UNTRUSTED] = "untrusted", [STREAM_UNREACHABLE] = "unreachable",
	[STREAM_RESET] = "reset",	  [STREAM_MALFORMED] = "malformed",
	[STREAM_IDLE] = "idle",
};

/* What becomes of one connection: "up" and why it failed else. */
static void meet(struct server *server, const struct tls *tls, const struct tls_identity *identity,
		 const char *want, const char *name)
{
	struct tls_peer *peer;
	struct stream *stream;
	struct heard heard;
	char got[256];
	int64_t deadline = clock_mono_ns() + 10 * NS_PER_S;

	start_server(server);
	peer = tls_peer_create(tls, identity, &server->addr);
	stream = start(server, peer, 500, &heard);
	while (heard.ups + heard.ends == 0 && clock_mono_ns() < deadline)
		event_base_loop(base, EVLOOP_ONCE);
	if (heard.ups > 0)
		strcpy(got, "up");
	else
		snprintf(got, sizeof(got), "%s: %s", end_words[heard.why],
			 tls_peer_problem(peer) ? tls_peer_problem(peer) : "-");
	is_str(got, want, name);
	stream_destroy(&stream);
	tls_peer_destroy(&peer);
	stop_server(server);
}

static struct certificate authority, other_authority, good, other_name, expired, early, of_itself,
	of_other, wildcard;
static struct tls *ours, *systems;
static char ca_path[] = "/tmp/servfail-test-ca-XXXXXX";

static void make_all(void)
{
	struct buf errors = BUF_EMPTY;
	FILE *file = fdopen(mkstemp(ca_path), "w");

	authority = make_certificate(NULL, NULL, -10, 10);
	other_authority = make_certificate(NULL, NULL, -10, 10);
	good = make_certificate("DNS:dot.example,IP:127.0.0.1", &authority, -1, 1);
	other_name = make_certificate("DNS:other.example,IP:192.0.2.1", &authority, -1, 1);
	wildcard = make_certificate("DNS:*.r.example", &authority, -1, 1);
	expired = make_certificate("DNS:dot.example,IP:127.0.0.1", &authority, -3, -1);
	early = make_certificate("DNS:dot.example,IP:127.0.0.1", &authority, 1, 3);
	of_itself = make_certificate("DNS:dot.example,IP:127.0.0.1", NULL, -1, 1);
	of_other = make_certificate("DNS:dot.example,IP:127.0.0.1", &other_authority, -1, 1);
	if (!file || PEM_write_X509(file, authority.x509) != 1 || fclose(file) != 0)
		abort();
	ours = tls_create(ca_path, &errors);
	systems = tls_create(NULL, &errors);
	ok(ours && systems && errors.len == 0, "authorities");
	ok(!tls_create("/nonexistent/ca.pem", &errors), "a file that is not there");
	is_str(buf_text(&errors), "/nonexistent/ca.pem: No such file or directory\n", "says so");
	buf_clear(&errors);
	ok(!tls_create("/dev/null", &errors), "a file without certificates");
	is_str(buf_text(&errors), "/dev/null: no certificates of authorities (PEM)\n", "says so");
	buf_free(&errors);
}

/* ---- who is believed ---- */

static void test_identity(void)
{
	const struct tls_identity name = {.name = "dot.example"}, below = {.name = "dot.r.example"},
				  address = {.name = NULL}, anybody = {.anybody = true};
	struct tls_identity pin = {.pin_count = 2},
			    name_and_pin = {.name = "dot.example", .pin_count = 1};
	const struct {
		const char *name;
		const struct certificate *certificate;
		const struct tls_identity *identity;
		const struct tls *tls;
		const char *want;
	} cases[] = {
		{"the right name", &good, &name, ours, "up"},
		{"the right address", &good, &address, ours, "up"},
		{"a wildcard", &wildcard, &below, ours, "up"},
		{"a wrong name", &other_name, &name, ours, "untrusted: hostname mismatch"},
		{"a wrong address", &other_name, &address, ours, "untrusted: IP address mismatch"},
		{"a name instead of the address", &wildcard, &address, ours,
		 "untrusted: IP address mismatch"},
		{"expired", &expired, &name, ours, "untrusted: certificate has expired"},
		{"not yet valid", &early, &name, ours, "untrusted: certificate is not yet valid"},
		{"signed by itself", &of_itself, &name, ours, "untrusted: self-signed certificate"},
		{"signed by nobody we know", &of_other, &name, ours,
		 "untrusted: unable to get local issuer certificate"},
		{"not by the system's authorities", &good, &name, systems,
		 "untrusted: unable to get local issuer certificate"},
		{"anybody: signed by itself", &of_itself, &anybody, ours, "up"},
		{"anybody: expired", &expired, &anybody, systems, "up"},
		{"the pinned key, signed by itself", &of_itself, &pin, ours, "up"},
		{"another key, signed well", &good, &pin, ours,
		 "untrusted: its key is not the pinned one"},
		{"the pinned key, but not the name's", &of_itself, &name_and_pin, ours,
		 "untrusted: self-signed certificate"},
		{"the name, but not the pinned key", &good, &name_and_pin, ours,
		 "untrusted: its key is not the pinned one"},
	};

	pin_of(&other_name, pin.pins[0]);
	pin_of(&of_itself, pin.pins[1]);
	pin_of(&of_itself, name_and_pin.pins[0]);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct server server = {.certificate = cases[i].certificate};

		meet(&server, cases[i].tls, cases[i].identity, cases[i].want, cases[i].name);
		is_int(server.names,
		       cases[i].identity->name && server.resumed == 0 &&
			       strcmp(cases[i].want, "up") == 0,
		       "SNI where there is a name");
	}
	pin_of(&good, name_and_pin.pins[0]);
	meet(&(struct server){.certificate = &good}, ours, &name_and_pin, "up",
	     "both the name and the pinned key");
}

static void test_manners(void)
{
	const struct tls_identity name = {.name = "dot.example"};
	struct server server = {.certificate = &good, .most = TLS1_2_VERSION};

	meet(&server, ours, &name, "up", "TLS 1.2");
	is_int(server.dots, 1, "asks for the protocol by its name");
	meet(&(struct server){.certificate = &good, .least = TLS1_3_VERSION}, ours, &name, "up",
	     "TLS 1.3");
	meet(&(struct server){.certificate = &good, .most = TLS1_1_VERSION}, ours, &name,
	     "refused: tlsv1 alert protocol version", "no less");
	meet(&(struct server){.certificate = &good, .manner = GARBAGE}, ours, &name,
	     "malformed: wrong version number", "no TLS");
	meet(&(struct server){.certificate = &good, .manner = CLOSES}, ours, &name,
	     "closed: closed in the handshake", "closes at once");
	meet(&(struct server){.certificate = &good, .manner = SILENT}, ours, &name, "idle: -",
	     "says nothing");
}

/* ---- what goes over it ---- */

static void send_many(struct stream *stream, int count, size_t *octets)
{
	static uint8_t message[FRAME_MESSAGE];

	for (int i = 0; i < count; i++) {
		size_t len = i % 40 == 39 ? 20000 : (size_t)(i % 300 + 1);

		memset(message, (int)len, len);
		while (!stream_send(stream, message, len)) {
			stream_flush(stream);
			event_base_loop(base, EVLOOP_ONCE);
		}
		*octets += len;
		if (i % 10 == 0)
			stream_flush(stream);
	}
	stream_flush(stream);
}

static void test_exchange(int version)
{
	const struct tls_identity name = {.name = "dot.example"};
	struct server server = {.certificate = &good, .least = version, .most = version};
	struct tls_peer *peer;
	struct heard heard;
	struct stream *stream;
	size_t octets = 0;

	start_server(&server);
	peer = tls_peer_create(ours, &name, &server.addr);
	for (int round = 0; round < 6; round++) {
		octets = 0;
		stream = start(&server, peer, 5000, &heard);
		send_many(stream, 2000, &octets);
		wait_for(&heard.messages, 2000);
		if (heard.messages != 2000 || heard.octets != octets || heard.wrong ||
		    heard.ends > 0)
			ok(false, "round %d: %d messages, %zu of %zu octets, ends %d", round,
			   heard.messages, heard.octets, octets, heard.ends);
		stream_destroy(&stream);
	}
	ok(heard.octets == octets, "thousands of messages there and back");
	is_int((long long)tls_peer_resumed(peer), 5, "sessions are resumed");
	tls_peer_destroy(&peer);
	stop_server(&server);
	is_int(server.connections, 6, "six connections");
	is_int(server.resumed, 5, "the server says so, too");
}

static void test_end(void)
{
	const struct tls_identity name = {.name = "dot.example"};
	struct server server = {.certificate = &good, .manner = CLOSES_AFTER_HANDSHAKE};
	struct tls_peer *peer;
	struct heard heard;
	struct stream *stream;

	start_server(&server);
	peer = tls_peer_create(ours, &name, &server.addr);
	stream = start(&server, peer, 5000, &heard);
	ok(wait_for(&heard.ends, 1) && heard.ups == 1 && heard.why == STREAM_CLOSED,
	   "closed by the other side");
	stream_destroy(&stream);
	tls_peer_destroy(&peer);
	stop_server(&server);

	server = (struct server){.certificate = &good};
	start_server(&server);
	peer = tls_peer_create(ours, &name, &server.addr);
	stream = start(&server, peer, 100, &heard);
	ok(wait_for(&heard.ends, 1) && heard.ups == 1 && heard.why == STREAM_IDLE, "idle");
	stream_destroy(&stream);
	tls_peer_destroy(&peer);
	stop_server(&server);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	alarm(120);
	base = event_base_new();
	make_all();
	test_identity();
	test_manners();
	test_exchange(TLS1_2_VERSION);
	test_exchange(TLS1_3_VERSION);
	test_end();
	unlink(ca_path);
	return done_testing();
}
