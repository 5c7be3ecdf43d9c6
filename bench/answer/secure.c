/* SPDX-License-Identifier: BSD-2-Clause */

#include "bench/answer/secure.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct secure {
	SSL_CTX *context;
};

struct secure_link {
	SSL *ssl;
	int fd;
};

/* The client's only protocol, if it names one (RFC 7301). */
static int choose_dot(SSL *ssl, const unsigned char **out, unsigned char *out_len,
		      const unsigned char *in, unsigned in_len, void *arg)
{
	static const unsigned char dot[] = {3, 'd', 'o', 't'};

	(void)ssl, (void)arg;
	return SSL_select_next_proto((unsigned char **)(uintptr_t)out, out_len, dot, sizeof dot, in,
				     in_len) == OPENSSL_NPN_NEGOTIATED
		       ? SSL_TLSEXT_ERR_OK
		       : SSL_TLSEXT_ERR_ALERT_FATAL;
}

struct secure *secure_create(const char *path)
{
	static const unsigned char name[] = "bench";
	struct secure *secure = calloc(1, sizeof *secure);
	SSL_CTX *context = secure ? SSL_CTX_new(TLS_server_method()) : NULL;

	if (!context || SSL_CTX_use_certificate_chain_file(context, path) != 1 ||
	    SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM) != 1) {
		ERR_print_errors_fp(stderr);
		SSL_CTX_free(context);
		free(secure);
		return NULL;
	}
	SSL_CTX_set_mode(context,
			 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_default_read_buffer_len(context, 64 * 1024);
	SSL_CTX_set_session_id_context(context, name, sizeof name);
	SSL_CTX_set_alpn_select_cb(context, choose_dot, NULL);
	secure->context = context;
	return secure;
}

void secure_destroy(struct secure **secure)
{
	if (*secure)
		SSL_CTX_free((*secure)->context);
	free(*secure);
	*secure = NULL;
}

struct secure_link *secure_accept(struct secure *secure, int fd)
{
	struct secure_link *link = calloc(1, sizeof *link);

	if (!link)
		return NULL;
	link->fd = fd;
	link->ssl = SSL_new(secure->context);
	if (!link->ssl || SSL_set_fd(link->ssl, fd) != 1) {
		secure_end(&link);
		return NULL;
	}
	SSL_set_accept_state(link->ssl);
	return link;
}

void secure_end(struct secure_link **link)
{
	if (*link && SSL_is_init_finished((*link)->ssl))
		(void)SSL_shutdown((*link)->ssl);
	ERR_clear_error();
	if (*link)
		SSL_free((*link)->ssl);
	free(*link);
	*link = NULL;
}

/* As the call below would have it. */
static ssize_t failed(struct secure_link *link)
{
	switch (SSL_get_error(link->ssl, 0)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		errno = EPROTO;
		return -1;
	}
}

ssize_t secure_read(struct secure_link *link, void *into, size_t room)
{
	size_t got;

	ERR_clear_error();
	return SSL_read_ex(link->ssl, into, room, &got) == 1 ? (ssize_t)got : failed(link);
}

ssize_t secure_write(struct secure_link *link, const void *data, size_t len)
{
	size_t taken;

	ERR_clear_error();
	return SSL_write_ex(link->ssl, data, len, &taken) == 1 ? (ssize_t)taken : failed(link);
}

void secure_write_half(struct secure_link *link, const void *data, size_t len)
{
	BIO *memory = BIO_new(BIO_s_mem());
	char *record;
	long record_len;

	if (!memory)
		return;
	SSL_set0_wbio(link->ssl, memory);
	if (secure_write(link, data, len) > 0 &&
	    (record_len = BIO_get_mem_data(memory, &record)) > 0)
		(void)!send(link->fd, record, (size_t)record_len / 2, MSG_NOSIGNAL);
}

bool secure_was_resumed(const struct secure_link *link)
{
	return SSL_session_reused(link->ssl) == 1;
}
