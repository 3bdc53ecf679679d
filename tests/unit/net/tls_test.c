/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <ev.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/tls.h"

static const struct clock system_clock;

/* A connection with TLS over a socket pair; the test is the client. */
struct fixture {
	struct conn conn; /* first */
	struct ev_loop *loop;
	struct timers *timers;
	struct conn_pool *pool;
	SSL *client;
	BIO *in, *out; /* of the client: what comes and what is to go */
	int peer;
	size_t step; /* bytes that the client sends at a time; 0: all */
	bool open;
	struct buf got;
	unsigned opened, drained;
	bool last_words;
	enum conn_end end;
};

static char certificate_path[] = "/tmp/synctalk-tls-XXXXXX";
static struct tls_context *context;
static SSL_CTX *client_context;

/* ------------------------------------------------------------------ stage */

static int
write_certificate(int fd)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	X509_EXTENSION *names;
	FILE *file = fdopen(fd, "w");

	assert_non_null(file);
	X509_set_version(x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
	X509_gmtime_adj(X509_getm_notBefore(x509), -60);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	X509_set_pubkey(x509, key);
	names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
	    "DNS:localhost,DNS:*.Example.org");
	assert_non_null(names);
	X509_add_ext(x509, names, -1);
	X509_sign(x509, key, EVP_sha256());
	PEM_write_X509(file, x509);
	PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	X509_EXTENSION_free(names);
	X509_free(x509);
	EVP_PKEY_free(key);
	return fclose(file);
}

static int
set_stage(void **state)
{
	char *files[] = { certificate_path };
	struct tls_context_options options = { .certificates = files,
		.n = 1 };
	struct error err;

	(void)state;
	if (write_certificate(mkstemp(certificate_path)) != 0)
		return -1;
	options.tickets = tickets_new(&system_clock, &err);
	context = tls_context_new(&options, &err);
	tickets_unref(options.tickets);
	client_context = SSL_CTX_new(TLS_client_method());
	return context == NULL || client_context == NULL ? -1 : 0;
}

static int
clear_stage(void **state)
{
	(void)state;
	tls_context_unref(context);
	SSL_CTX_free(client_context);
	return unlink(certificate_path);
}

static void
send_bytes(struct fixture *f, const void *data, size_t len)
{
	struct blob *blob = blob_new(data, len);

	assert_non_null(blob);
	conn_send(&f->conn, blob);
	blob_unref(blob);
}

static void
on_opened(struct conn *conn)
{
	((struct fixture *)(void *)conn)->opened++;
}

static void
on_input(struct conn *conn, struct buf *in)
{
	struct fixture *f = (struct fixture *)(void *)conn;

	assert_true(conn_is_open(conn));
	buf_append(&f->got, buf_start(in), buf_readable(in));
	buf_consume(in, buf_readable(in));
}

static void
on_drained(struct conn *conn)
{
	((struct fixture *)(void *)conn)->drained++;
}

static void
on_ended(struct conn *conn, enum conn_end why)
{
	struct fixture *f = (struct fixture *)(void *)conn;

	assert_int_equal(f->end, CONN_END_NONE);
	f->end = why;
	if (f->last_words) {
		send_bytes(f, "bye", 3);
		conn_shutdown(conn);
		return;
	}
	conn_close(conn);
	f->open = false;
}

static const struct conn_ops conn_ops = {
	.opened = on_opened,
	.input = on_input,
	.drained = on_drained,
	.ended = on_ended,
};

static void
begin_client(struct fixture *f)
{
	f->client = SSL_new(client_context);
	f->in = BIO_new(BIO_s_mem());
	f->out = BIO_new(BIO_s_mem());
	SSL_set_bio(f->client, f->in, f->out);
	SSL_set_connect_state(f->client);
}

static struct fixture *
setup(const struct conn_pool_options *options)
{
	struct conn_pool_options all = { 0 };
	struct fixture *f = calloc(1, sizeof(*f));
	int fds[2];

	assert_non_null(f);
	if (options != NULL)
		all = *options;
	f->loop = ev_loop_new(0);
	f->timers = timers_new(f->loop, NULL);
	all.loop = f->loop;
	all.ops = &conn_ops;
	all.timers = f->timers;
	f->pool = conn_pool_new(&all, NULL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fds), 0);
	f->peer = fds[0];
	f->open = true;
	begin_client(f);
	conn_open(&f->conn, f->pool, fds[1]);
	conn_set_layer(&f->conn, tls_new(context, fds[1], NULL, 0));
	assert_non_null(f->conn.layer);
	return f;
}

static void
teardown(struct fixture *f)
{
	if (f->open)
		conn_close(&f->conn);
	assert_int_equal(conn_pool_queued(f->pool), 0);
	close(f->peer);
	SSL_free(f->client);
	conn_pool_free(f->pool);
	timers_free(f->timers);
	ev_loop_destroy(f->loop);
	buf_fini(&f->got);
	free(f);
}

static void
turn(struct fixture *f)
{
	ev_run(f->loop, EVRUN_NOWAIT);
}

/* What the client's TLS has to say, to the server. */
static void
push(struct fixture *f)
{
	char data[65536];
	size_t at = 0, part;
	int n;

	while ((n = BIO_read(f->out, data, sizeof(data))) > 0) {
		for (at = 0; at < (size_t)n;) {
			part = f->step != 0 ? f->step : (size_t)n - at;
			part = part < (size_t)n - at ? part : (size_t)n - at;
			if (send(f->peer, data + at, part, MSG_NOSIGNAL) > 0)
				at += part;
			turn(f);
		}
	}
}

/* False: the server has closed the connection. */
static bool
pull(struct fixture *f)
{
	char data[4096];
	ssize_t n;

	turn(f);
	n = recv(f->peer, data, f->step != 0 ? f->step : sizeof(data), 0);
	if (n > 0)
		BIO_write(f->in, data, (int)n);
	return n != 0;
}

static void
handshake(struct fixture *f)
{
	while (SSL_do_handshake(f->client) != 1) {
		push(f);
		pull(f);
	}
	push(f);
	while (f->opened == 0)
		turn(f);
}

static void
client_writes(struct fixture *f, const void *data, size_t len)
{
	size_t done, at = 0;

	while (at < len && SSL_write_ex(f->client, (const char *)data + at,
	    len - at, &done) == 1)
		at += done;
	assert_int_equal(at, len);
	push(f);
	turn(f);
}

/* The next plaintext; 0: the end was announced, -1: it came without. */
static int
client_reads(struct fixture *f, void *data, int size)
{
	int n;

	while ((n = SSL_read(f->client, data, size)) <= 0) {
		if (SSL_get_error(f->client, n) == SSL_ERROR_ZERO_RETURN)
			return 0;
		assert_int_equal(SSL_get_error(f->client, n),
		    SSL_ERROR_WANT_READ);
		if (!pull(f))
			return -1;
	}
	return n;
}

static void
client_gets(struct fixture *f, const void *text, size_t len)
{
	char data[1024];
	size_t at = 0;
	int n;

	while (at < len) {
		n = client_reads(f, data, (int)sizeof(data));
		assert_true(n > 0 && (size_t)n <= len - at);
		assert_memory_equal(data, (const char *)text + at, (size_t)n);
		at += (size_t)n;
	}
}

static void
small_buffers(struct fixture *f)
{
	const int size = 4096;

	setsockopt(f->peer, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(f->conn.polled.fd, SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof(size));
}

/* ------------------------------------------------------------------ tests */

static void
test_both_ways(void **state)
{
	struct fixture *f = setup(NULL);

	f->step = *(const size_t *)*state;
	handshake(f);
	assert_int_equal(f->opened, 1);
	client_writes(f, "hello", 5);
	assert_int_equal(f->got.len, 5);
	assert_memory_equal(f->got.data, "hello", 5);
	send_bytes(f, "good day", 8);
	client_gets(f, "good day", 8);
	assert_null(f->conn.kept);
	assert_int_equal(f->conn.layer->unsent, 0);
	teardown(f);
}

/* What is queued before the handshake is over leaves after it. */
static void
test_queued_before(void **state)
{
	struct fixture *f = setup(NULL);

	(void)state;
	send_bytes(f, "early", 5);
	turn(f);
	conn_flush(&f->conn);
	assert_int_equal(conn_queued(&f->conn), 5);
	handshake(f);
	client_gets(f, "early", 5);
	teardown(f);
}

/* Long input in records of all sizes, cut anywhere. */
static void
test_long_input(void **state)
{
	struct fixture *f = setup(NULL);
	unsigned char data[20000];
	size_t i, len, total = 0;

	(void)state;
	handshake(f);
	f->step = 4099;
	for (i = 0; i < 200; i++) {
		len = i * 7919 % sizeof(data) + 1;
		memset(data, (int)i, len);
		client_writes(f, data, len);
		total += len;
	}
	while (f->got.len < total)
		turn(f);
	for (i = 0, total = 0; i < 200; i++) {
		len = i * 7919 % sizeof(data) + 1;
		memset(data, (int)i, len);
		assert_memory_equal(f->got.data + total, data, len);
		total += len;
	}
	assert_int_equal(f->got.len, total);
	teardown(f);
}

/* Partial writes lose and repeat nothing. */
static void
test_partial_writes(void **state)
{
	struct conn_pool_options options = { .queue_max = 16 << 20 };
	struct fixture *f = setup(&options);
	unsigned char *all = malloc(2 << 20);
	size_t i, j, len, total = 0;

	(void)state;
	assert_non_null(all);
	handshake(f);
	small_buffers(f);
	for (i = 0; i < 300; i++) {
		len = i % 50 == 0 ? 70000 : i * 7 % 900 + 1;
		for (j = 0; j < len; j++)
			all[total + j] = (unsigned char)(j * 31 + i);
		send_bytes(f, all + total, len);
		total += len;
	}
	client_gets(f, all, total);
	turn(f);
	turn(f);
	assert_int_equal(conn_queued(&f->conn), 0);
	assert_int_equal(f->conn.layer->unsent, 0);
	assert_int_equal(f->drained, 1);
	assert_int_equal(f->conn.polled.events & POLLER_WRITE, 0);
	free(all);
	teardown(f);
}

/* A client may ask for short records (RFC 6066 section 4). */
static void
test_short_records(void **state)
{
	struct fixture *f = setup(NULL);
	unsigned char data[20000];
	size_t i;

	(void)state;
	assert_int_equal(SSL_set_tlsext_max_fragment_length(f->client,
	    TLSEXT_max_fragment_length_512), 1);
	handshake(f);
	for (i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 31 >> 3);
	send_bytes(f, data, sizeof(data));
	client_gets(f, data, sizeof(data));
	teardown(f);
}

/*
 * Who asks for answers of TLS itself and reads none is not read from, and
 * costs no turns of the loop, until they have left.
 */
static void
test_unread_answers(void **state)
{
	struct fixture *f = setup(NULL);
	unsigned i;

	(void)state;
	handshake(f);
	small_buffers(f);
	for (i = 0; i < 8192; i++) {
		assert_int_equal(SSL_key_update(f->client,
		    SSL_KEY_UPDATE_REQUESTED), 1);
		assert_int_equal(SSL_do_handshake(f->client), 1);
		if (BIO_pending(f->out) > 4096 &&
		    (f->conn.polled.events & POLLER_READ) != 0)
			push(f);
	}
	assert_true(f->conn.layer->unsent > 0);
	assert_int_equal(f->conn.polled.events & POLLER_READ, 0);
	while (f->conn.layer->unsent > 0)
		pull(f);
	assert_int_not_equal(f->conn.polled.events & POLLER_READ, 0);
	teardown(f);
}

/*
 * A slow one whose queue is dropped while a record is half sent gets the rest
 * of it, and last words that still decrypt.
 */
static void
test_last_words(void **state)
{
	struct conn_pool_options options = { .queue_max = 50000 };
	struct fixture *f = setup(&options);
	char text[20001], got[4096];
	size_t total = 0;
	int n, last = 0;

	(void)state;
	handshake(f);
	small_buffers(f);
	f->last_words = true;
	memset(text, 'x', 20000);
	while (f->end == CONN_END_NONE) {
		send_bytes(f, text, 20000);
		turn(f);
	}
	assert_int_equal(f->end, CONN_END_SLOW);
	while ((n = client_reads(f, got, (int)sizeof(got))) > 0) {
		total += (size_t)n;
		last = n;
	}
	/* Announced, behind what had begun to leave. */
	assert_int_equal(n, 0);
	assert_int_equal(total % 20000, 3);
	assert_true(last >= 3);
	assert_memory_equal(got + last - 3, "bye", 3);
	teardown(f);
}

/* It moves to another loop with what is queued, unsent and not yet read. */
static void
test_move(void **state)
{
	struct conn_pool_options options = { .queue_max = 1 << 20 };
	struct fixture *f = setup(&options), *g = setup(&options);
	char text[100000];

	(void)state;
	handshake(f);
	small_buffers(f);
	memset(text, 'y', sizeof(text));
	send_bytes(f, text, sizeof(text));
	turn(f);
	assert_true(f->conn.layer->unsent > 0);
	conn_detach(&f->conn);
	client_writes(f, "after the move", 14);
	assert_int_equal(f->got.len, 0);
	conn_attach(&f->conn, g->pool);
	while (f->got.len < 14)
		turn(g);
	assert_memory_equal(f->got.data, "after the move", 14);
	while (conn_queued(&f->conn) > 0 || f->conn.layer->unsent > 0) {
		turn(g);
		pull(f);
	}
	client_gets(f, text, sizeof(text));
	conn_close(&f->conn);
	f->open = false;
	teardown(f);
	teardown(g);
}

/* After a PROXY header the hello may have come already, in part or whole. */
static void
test_early(void **state)
{
	struct fixture *f = setup(NULL);
	char data[4096];
	int n, cut, fds[2];

	(void)state;
	for (cut = 1; cut <= 3; cut++) {
		conn_close(&f->conn);
		close(f->peer);
		SSL_free(f->client);
		begin_client(f);
		f->opened = 0;
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM |
		    SOCK_NONBLOCK, 0, fds), 0);
		f->peer = fds[0];
		SSL_do_handshake(f->client);
		n = BIO_read(f->out, data, sizeof(data));
		assert_true(n > 3);
		conn_open(&f->conn, f->pool, fds[1]);
		conn_set_layer(&f->conn, tls_new(context, fds[1], data,
		    (size_t)(n * cut / 3)));
		conn_resume(&f->conn);
		if (cut < 3)
			assert_true(send(f->peer, data + n * cut / 3,
			    (size_t)(n - n * cut / 3), 0) > 0);
		handshake(f);
		client_writes(f, "x", 1);
		assert_int_equal(f->got.len, cut);
	}
	teardown(f);
}

static void
test_peer_closes(void **state)
{
	struct fixture *f = setup(NULL);

	(void)state;
	handshake(f);
	/* In one segment with the last words, and without a FIN. */
	SSL_write(f->client, "bye", 3);
	SSL_shutdown(f->client);
	push(f);
	turn(f);
	turn(f);
	assert_false(f->open);
	assert_int_equal(f->end, CONN_END_PEER);
	assert_int_equal(f->got.len, 3);
	teardown(f);
}

static void
test_shutdown(void **state)
{
	struct fixture *f = setup(NULL);
	char data[64];

	(void)state;
	handshake(f);
	send_bytes(f, "last", 4);
	conn_shutdown(&f->conn);
	client_gets(f, "last", 4);
	assert_int_equal(client_reads(f, data, sizeof(data)), 0);
	client_writes(f, "still heard", 11);
	assert_int_equal(f->got.len, 11);
	teardown(f);
}

static void
test_garbage(void **state)
{
	struct fixture *f = setup(NULL);
	char data[256];

	(void)state;
	memset(data, 'x', sizeof(data));
	assert_int_equal(send(f->peer, data, sizeof(data), 0), sizeof(data));
	f->last_words = true;
	turn(f);
	turn(f);
	assert_int_equal(f->end, CONN_END_PEER);
	assert_int_equal(f->opened, 0);
	assert_non_null(f->conn.layer->failure);
	teardown(f);
}

/* Keys change after six hours; the former ones open for six more. */
static void
test_tickets(void **state)
{
	struct clock clock = { .fixed = 1, .now_us = 1000000 };
	struct tickets *tickets = tickets_new(&clock, NULL);
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *mac = EVP_MAC_CTX_new(hmac);
	unsigned char name[TICKETS_NAME_SIZE], iv[EVP_MAX_IV_LENGTH];
	const int64_t life_us = TICKETS_LIFE_S * INT64_C(1000000);
	unsigned char other[TICKETS_NAME_SIZE];

	(void)state;
	assert_int_equal(tickets_prepare(tickets, name, iv, cipher, mac, 1),
	    1);
	assert_int_equal(tickets_prepare(tickets, name, iv, cipher, mac, 0),
	    1);
	clock.now_us += life_us + 1000;
	/* It opens, and is to be replaced. */
	assert_int_equal(tickets_prepare(tickets, name, iv, cipher, mac, 0),
	    2);
	assert_int_equal(tickets_prepare(tickets, other, iv, cipher, mac, 1),
	    1);
	assert_memory_not_equal(name, other, sizeof(name));
	clock.now_us += life_us;
	assert_int_equal(tickets_prepare(tickets, name, iv, cipher, mac, 0),
	    0);
	assert_int_equal(tickets_prepare(tickets, other, iv, cipher, mac, 0),
	    2);
	clock.now_us += 5 * life_us;
	assert_int_equal(tickets_prepare(tickets, other, iv, cipher, mac, 0),
	    0);
	EVP_MAC_CTX_free(mac);
	EVP_MAC_free(hmac);
	EVP_CIPHER_CTX_free(cipher);
	tickets_unref(tickets);
}

int
main(void)
{
	static size_t whole = 0, bytes = 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_both_ways, &whole),
		cmocka_unit_test_prestate(test_both_ways, &bytes),
		cmocka_unit_test(test_queued_before),
		cmocka_unit_test(test_long_input),
		cmocka_unit_test(test_partial_writes),
		cmocka_unit_test(test_short_records),
		cmocka_unit_test(test_unread_answers),
		cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_early),
		cmocka_unit_test(test_peer_closes),
		cmocka_unit_test(test_shutdown),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_tickets),
	};

	return cmocka_run_group_tests(tests, set_stage, clear_stage);
}
