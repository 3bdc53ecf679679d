/* SPDX-License-Identifier: MIT */
#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "net/certificate.h"
#include "net/tls_bio.h"

/* Mozilla's server side TLS, intermediate, 5.7; TLS 1.3 has its own. */
#define CIPHERS "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:" \
	"DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:" \
	"DHE-RSA-CHACHA20-POLY1305"
#define CIPHERSUITES "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:" \
	"TLS_CHACHA20_POLY1305_SHA256"
#define GROUPS "X25519:prime256v1:secp384r1"
/* No keys of less than 112 bits of security: RSA from 2,048 bits. */
#define SECURITY_LEVEL 2
/* The longest name of a host (RFC 1035 section 2.3.4), and a NUL. */
#define HOST_SIZE 254

struct entry {
	struct certificate certificate;
	SSL_CTX *ssl;
};

struct tls_context {
	atomic_uint refs;
	struct tickets *tickets;
	BIO_METHOD *bio;
	char *plain;
	size_t n;
	struct entry entries[];
};

/* -------------------------------------------------------------- choosing */

static const struct entry *
find_entry(const struct tls_context *context, const char *name)
{
	char host[HOST_SIZE];
	size_t i, len = strlen(name);

	if (len >= sizeof(host))
		return NULL;
	for (i = 0; i <= len; i++)
		host[i] = name[i] >= 'A' && name[i] <= 'Z' ?
		    (char)(name[i] | 0x20) : name[i];
	for (i = 0; i < context->n; i++) {
		if (certificate_names(&context->entries[i].certificate, host,
		    false))
			return &context->entries[i];
	}
	for (i = 0; i < context->n; i++) {
		if (certificate_names(&context->entries[i].certificate, host,
		    true))
			return &context->entries[i];
	}
	return NULL;
}

/*
 * SNI (RFC 6066 section 3): an unknown name is served with the first
 * certificate, so that the client can say what is wrong.
 */
static int
on_servername(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	const struct tls_context *context = arg;
	const struct entry *entry;

	(void)alert;
	if (name == NULL)
		return SSL_TLSEXT_ERR_NOACK;
	entry = find_entry(context, name);
	if (entry == NULL)
		return SSL_TLSEXT_ERR_NOACK;
	if (SSL_set_SSL_CTX(ssl, entry->ssl) == NULL)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	return SSL_TLSEXT_ERR_OK;
}

/*
 * RFC 7301 section 3.2: who asks for protocols of which we speak none is
 * refused with no_application_protocol.
 */
static int
on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *in, unsigned in_len, void *arg)
{
	static const char ours[] = "http/1.1";
	unsigned at = 0;

	(void)ssl;
	(void)arg;
	while (at < in_len && in[at] < in_len - at) {
		if (in[at] == strlen(ours) &&
		    memcmp(in + at + 1, ours, in[at]) == 0) {
			*out = in + at + 1;
			*out_len = in[at];
			return SSL_TLSEXT_ERR_OK;
		}
		at += in[at] + 1U;
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int
on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seal)
{
	const struct tls_context *context =
	    SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	return tickets_prepare(context->tickets, name, iv, cipher, mac, seal);
}

/* --------------------------------------------------------------- building */

static int
set_parameters(SSL_CTX *ssl, struct tls_context *context)
{
	static const unsigned char session_id[] = "synctalk";

	SSL_CTX_set_security_level(ssl, SECURITY_LEVEL);
	SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION |
	    SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS |
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(ssl, TICKETS_LIFE_S);
	SSL_CTX_set_max_early_data(ssl, 0);
	SSL_CTX_set_app_data(ssl, context);
	SSL_CTX_set_tlsext_servername_callback(ssl, on_servername);
	SSL_CTX_set_tlsext_servername_arg(ssl, context);
	SSL_CTX_set_alpn_select_cb(ssl, on_alpn, NULL);
	return SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION) == 1 &&
	    SSL_CTX_set_cipher_list(ssl, CIPHERS) == 1 &&
	    SSL_CTX_set_ciphersuites(ssl, CIPHERSUITES) == 1 &&
	    SSL_CTX_set1_groups_list(ssl, GROUPS) == 1 &&
	    SSL_CTX_set_dh_auto(ssl, 1) == 1 &&
	    SSL_CTX_set_num_tickets(ssl, 1) == 1 &&
	    SSL_CTX_set_session_id_context(ssl, session_id,
	    sizeof(session_id) - 1) == 1 &&
	    SSL_CTX_set_tlsext_ticket_key_evp_cb(ssl, on_ticket) == 1 ?
	    0 : -1;
}

static int
build_entry(struct entry *entry, struct tls_context *context,
    const char *path, const char *key_path, struct error *err)
{
	struct certificate *certificate = &entry->certificate;
	const char *why;

	if (certificate_load(certificate, path, key_path, err) == -1)
		return -1;
	entry->ssl = SSL_CTX_new(TLS_server_method());
	if (entry->ssl == NULL || set_parameters(entry->ssl, context) == -1) {
		error_set(err, ERROR_SYSTEM, "cannot set up TLS");
		ERR_clear_error();
		return -1;
	}
	if (SSL_CTX_use_cert_and_key(entry->ssl, certificate->leaf,
	    certificate->key, certificate->chain, 1) != 1) {
		why = ERR_reason_error_string(ERR_peek_last_error());
		error_set(err, ERROR_CONFIG, "%s: this certificate cannot be "
		    "used (%s)", path, why != NULL ? why : "unknown");
		ERR_clear_error();
		return -1;
	}
	return 0;
}

struct tls_context *
tls_context_new(const struct tls_context_options *options, struct error *err)
{
	struct tls_context *context;
	const char *key;
	size_t i;

	context = calloc(1, sizeof(*context) +
	    options->n * sizeof(context->entries[0]));
	if (context == NULL)
		goto no_memory;
	atomic_init(&context->refs, 1);
	context->tickets = tickets_ref(options->tickets);
	context->bio = tls_bio_method();
	if (options->plain != NULL)
		context->plain = strdup(options->plain);
	if (context->bio == NULL ||
	    (options->plain != NULL && context->plain == NULL))
		goto no_memory;
	for (i = 0; i < options->n; i++) {
		key = options->keys != NULL ? options->keys[i] : NULL;
		context->n++;
		if (build_entry(&context->entries[i], context,
		    options->certificates[i], key, err) == -1)
			goto fail;
	}
	return context;
no_memory:
	error_set(err, ERROR_NOMEM, "no memory for TLS");
fail:
	tls_context_unref(context);
	return NULL;
}

struct tls_context *
tls_context_ref(struct tls_context *context)
{
	if (context != NULL)
		atomic_fetch_add(&context->refs, 1);
	return context;
}

void
tls_context_unref(struct tls_context *context)
{
	size_t i;

	if (context == NULL || atomic_fetch_sub(&context->refs, 1) != 1)
		return;
	for (i = 0; i < context->n; i++) {
		SSL_CTX_free(context->entries[i].ssl);
		certificate_fini(&context->entries[i].certificate);
	}
	tickets_unref(context->tickets);
	BIO_meth_free(context->bio);
	free(context->plain);
	free(context);
}

SSL *
tls_context_new_ssl(struct tls_context *context)
{
	return SSL_new(context->entries[0].ssl);
}

const char *
tls_context_plain(const struct tls_context *context)
{
	return context->plain;
}

BIO_METHOD *
tls_context_bio(const struct tls_context *context)
{
	return context->bio;
}
