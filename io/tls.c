/* SPDX-License-Identifier: BSD-2-Clause */

#include "io/tls.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

/* Octets asked of the kernel at a time: many records. */
#define READ_AHEAD (64 * 1024)
/* TLS 1.3 servers send two tickets a handshake, each good for one connection. */
#define SESSIONS_MAX 4

struct tls {
	SSL_CTX *context;
};

struct tls_peer {
	const struct tls *tls;
	const struct tls_identity *identity;
	struct addr addr;
	SSL_SESSION *sessions[SESSIONS_MAX]; /* the newest last */
	unsigned session_count;
	uint64_t resumed;
	bool wrong_pin;	 /* in the handshake under way */
	const char *why; /* the last one failed; NULL: it did not */
};

struct tls_link {
	SSL *ssl;
	struct tls_peer *peer;
	bool up;
	bool broken; /* nothing can be said over it any more */
};

/* ---- who it is ---- */

bool tls_pin_read(uint8_t pin[TLS_PIN], const char *text, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t out[TLS_PIN + 1];

	/* 32 octets are 43 digits and a "="; the decoder takes more than that. */
	for (size_t i = 0; i < 43 && i < len; i++)
		if (text[i] == '\0' || strchr(digits, text[i]) == NULL)
			return false;
	if (len != 44 || text[43] != '=' ||
	    EVP_DecodeBlock(out, (const unsigned char *)text, (int)len) != sizeof(out))
		return false;
	memcpy(pin, out, TLS_PIN);
	return true;
}

/* SHA-256 over the SubjectPublicKeyInfo (RFC 7858 4.2, RFC 7469 2.4). */
static bool has_pinned_key(const struct tls_identity *identity, X509 *certificate)
{
	unsigned char *der = NULL;
	uint8_t digest[EVP_MAX_MD_SIZE];
	int len = certificate ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der) : 0;
	bool found = false;

	if (len > 0 && EVP_Digest(der, (size_t)len, digest, NULL, EVP_sha256(), NULL) == 1)
		for (unsigned i = 0; i < identity->pin_count; i++)
			found |= memcmp(identity->pins[i], digest, TLS_PIN) == 0;
	OPENSSL_free(der);
	return found;
}

static bool wants_chain(const struct tls_identity *identity)
{
	return !identity->anybody && (identity->name != NULL || identity->pin_count == 0);
}

/* Instead of OpenSSL's verification: 1 when the certificate is one that the peer has to have. */
static int verify(X509_STORE_CTX *store, void *arg)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_peer *peer = SSL_get_app_data(ssl);

	(void)arg;
	if (peer->identity->anybody)
		return 1;
	if (wants_chain(peer->identity) && X509_verify_cert(store) <= 0)
		return 0;
	if (peer->identity->pin_count == 0 ||
	    has_pinned_key(peer->identity, X509_STORE_CTX_get0_cert(store)))
		return 1;
	peer->wrong_pin = true;
	X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
	return 0;
}

/* The name or address that the certificate must hold: no wildcards inside labels, no Common Name
 * (RFC 9525). */
static bool expect(SSL *ssl, const struct tls_peer *peer)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	const struct tls_identity *identity = peer->identity;
	const struct addr *addr = &peer->addr;

	if (identity->name != NULL && SSL_set_tlsext_host_name(ssl, identity->name) != 1)
		return false;
	if (!wants_chain(identity))
		return true;
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
						       X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (identity->name != NULL)
		return X509_VERIFY_PARAM_set1_host(param, identity->name, 0) == 1;
	if (addr->sa.sa_family == AF_INET6)
		return X509_VERIFY_PARAM_set1_ip(param, addr->in6.sin6_addr.s6_addr, 16) == 1;
	return X509_VERIFY_PARAM_set1_ip(param, (const unsigned char *)&addr->in.sin_addr, 4) == 1;
}

/* ---- sessions ---- */

/* A ticket came: kept for the next connection, in place of the oldest. */
static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct tls_peer *peer = SSL_get_app_data(ssl);

	if (peer->session_count == SESSIONS_MAX) {
		SSL_SESSION_free(peer->sessions[0]);
		memmove(peer->sessions, peer->sessions + 1,
			--peer->session_count * sizeof(peer->sessions[0]));
	}
	peer->sessions[peer->session_count++] = session;
	return 1; /* it is ours now */
}

/* A ticket of TLS 1.3 is used once only, lest connections be recognised (RFC 8446 C.4). */
static void resume(SSL *ssl, struct tls_peer *peer)
{
	SSL_SESSION *session;

	if (peer->session_count == 0)
		return;
	session = peer->sessions[peer->session_count - 1];
	SSL_set_session(ssl, session);
	if (SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION)
		return;
	SSL_SESSION_free(session);
	peer->session_count--;
}

/* ---- what all share ---- */

static bool set_up(SSL_CTX *context)
{
	static const unsigned char alpn[] = {3, 'd', 'o', 't'};

	SSL_CTX_set_options(context,
			    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
				    /* many close without a word; frames tell what was cut off */
				    SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					  SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_default_read_buffer_len(context, READ_AHEAD);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, keep_session);
	SSL_CTX_set_cert_verify_callback(context, verify, NULL);
	return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_alpn_protos(context, alpn, sizeof(alpn)) == 0;
}

struct tls *tls_create(const char *ca_file, struct buf *errors)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (tls != NULL)
		tls->context = SSL_CTX_new(TLS_client_method());
	if (tls == NULL || tls->context == NULL || !set_up(tls->context)) {
		buf_add_str(errors, "TLS: out of memory\n");
		tls_destroy(&tls);
	} else if (ca_file != NULL && SSL_CTX_load_verify_file(tls->context, ca_file) != 1) {
		unsigned long error = ERR_peek_error();

		buf_addf(errors, "%s: %s\n", ca_file,
			 ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error))
						 : "no certificates of authorities (PEM)");
		tls_destroy(&tls);
	} else if (ca_file == NULL) {
		(void)SSL_CTX_set_default_verify_paths(tls->context);
	}
	ERR_clear_error();
	return tls;
}

void tls_destroy(struct tls **tls)
{
	if (*tls == NULL)
		return;
	SSL_CTX_free((*tls)->context);
	free(*tls);
	*tls = NULL;
}

struct tls_peer *tls_peer_create(const struct tls *tls, const struct tls_identity *identity,
				 const struct addr *addr)
{
	struct tls_peer *peer = calloc(1, sizeof(*peer));

	if (peer == NULL)
		return NULL;
	peer->tls = tls;
	peer->identity = identity;
	peer->addr = *addr;
	return peer;
}

void tls_peer_destroy(struct tls_peer **peer)
{
	if (*peer == NULL)
		return;
	for (unsigned i = 0; i < (*peer)->session_count; i++)
		SSL_SESSION_free((*peer)->sessions[i]);
	free(*peer);
	*peer = NULL;
}

const char *tls_peer_problem(const struct tls_peer *peer)
{
	return peer->why;
}

uint64_t tls_peer_resumed(const struct tls_peer *peer)
{
	return peer->resumed;
}

/* ---- a connection ---- */

struct tls_link *tls_start(struct tls_peer *peer, int fd)
{
	struct tls_link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return NULL;
	link->peer = peer;
	link->ssl = SSL_new(peer->tls->context);
	if (link->ssl == NULL || SSL_set_fd(link->ssl, fd) != 1 || !expect(link->ssl, peer)) {
		ERR_clear_error();
		tls_end(&link);
		return NULL;
	}
	SSL_set_app_data(link->ssl, peer);
	SSL_set_verify(link->ssl, peer->identity->anybody ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
		       NULL);
	SSL_set_connect_state(link->ssl);
	resume(link->ssl, peer);
	return link;
}

void tls_end(struct tls_link **link)
{
	if (*link == NULL)
		return;
	/* One try: what the socket does not take now is not worth waiting for. */
	if ((*link)->up && !(*link)->broken)
		(void)SSL_shutdown((*link)->ssl);
	ERR_clear_error();
	SSL_free((*link)->ssl);
	free(*link);
	*link = NULL;
}

/* What OpenSSL says of a call that did not do what it should; errno is as the call left it. */
static enum tls_result result_of(struct tls_link *link, int returned)
{
	int error = errno;
	unsigned long reason = ERR_peek_error();

	switch (SSL_get_error(link->ssl, returned)) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANTS_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANTS_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_CLOSED;
	case SSL_ERROR_SYSCALL:
		link->broken = true;
		errno = error;
		return error != 0 ? TLS_ERRNO : TLS_CLOSED;
	default:
		break;
	}
	link->broken = true;
	if (SSL_get_verify_result(link->ssl) != X509_V_OK && !link->up &&
	    !link->peer->identity->anybody)
		return TLS_UNTRUSTED;
	if (ERR_GET_LIB(reason) == ERR_LIB_SSL && ERR_GET_REASON(reason) >= SSL_AD_REASON_OFFSET)
		return TLS_REFUSED;
	if (ERR_GET_LIB(reason) == ERR_LIB_SSL &&
	    ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return TLS_CLOSED;
	return TLS_MALFORMED;
}

static void remember_why(struct tls_link *link, enum tls_result result, int error)
{
	struct tls_peer *peer = link->peer;
	const char *why = ERR_reason_error_string(ERR_peek_error());

	if (result == TLS_UNTRUSTED && peer->wrong_pin)
		why = "its key is not the pinned one";
	else if (result == TLS_UNTRUSTED)
		why = X509_verify_cert_error_string(SSL_get_verify_result(link->ssl));
	else if (result == TLS_ERRNO)
		why = strerrordesc_np(error);
	else if (result == TLS_CLOSED)
		why = "closed in the handshake";
	else if (why == NULL)
		why = "no TLS";
	peer->why = why;
}

enum tls_result tls_handshake(struct tls_link *link)
{
	enum tls_result result;
	int returned, error;

	ERR_clear_error();
	errno = 0;
	link->peer->wrong_pin = false;
	returned = SSL_do_handshake(link->ssl);
	if (returned == 1) {
		link->up = true;
		link->peer->why = NULL;
		link->peer->resumed += SSL_session_reused(link->ssl) == 1;
		return TLS_DONE;
	}
	result = result_of(link, returned);
	error = errno;
	if (result != TLS_WANTS_READ && result != TLS_WANTS_WRITE)
		remember_why(link, result, error);
	errno = error;
	return result;
}

enum tls_result tls_read(struct tls_link *link, uint8_t *into, size_t room, size_t *got)
{
	ERR_clear_error();
	errno = 0;
	if (SSL_read_ex(link->ssl, into, room, got) == 1)
		return TLS_DONE;
	return result_of(link, 0);
}

enum tls_result tls_write(struct tls_link *link, const uint8_t *data, size_t len, size_t *taken)
{
	ERR_clear_error();
	errno = 0;
	if (SSL_write_ex(link->ssl, data, len, taken) == 1)
		return TLS_DONE;
	return result_of(link, 0);
}
