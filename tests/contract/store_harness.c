/* SPDX-License-Identifier: MIT */
#include "tests/contract/store_harness.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "store/lmdb.h"
#include "store/memory.h"

static void
feed(void *arg, struct store_write *write);

static void
remember(struct harness *harness, unsigned worker, bool is_feed,
    struct store_write *write)
{
	struct harness_event *event;

	if (harness->events_n == harness->events_size) {
		harness->events_size = harness->events_size * 2 + 64;
		harness->events = realloc(harness->events,
		    harness->events_size * sizeof(*harness->events));
		assert_non_null(harness->events);
	}
	event = &harness->events[harness->events_n++];
	event->worker = worker;
	event->feed = is_feed;
	event->write = store_write_ref(write);
}

static void
feed(void *arg, struct store_write *write)
{
	struct harness_worker *worker = arg;

	remember(worker->harness, worker->index, true, write);
}

static void
written(struct store_write *write)
{
	struct harness *harness = write->arg;

	remember(harness, write->worker, false, write);
	harness->pending--;
}

static void
answered(struct store_read *read)
{
	struct harness *harness = read->arg;

	harness->pending--;
}

struct kv *
harness_kv(const struct harness *harness)
{
	const struct kv_lmdb_options options = {
	    .folder = harness->folder, .readers = 4};
	struct error err = {0};
	struct kv *kv;

	kv = strcmp(harness->kind, "lmdb") == 0 ? kv_lmdb_open(&options, &err)
						: kv_memory_open(&err);
	if (kv == NULL)
		fail_msg("%s", err.text);
	return kv;
}

void
harness_open(struct harness *harness)
{
	const struct store_options options = {.kind = harness->kind,
	    .folder = harness->folder, .workers = WORKERS,
	    .device_max = 3, .log = &harness->log,
	    .min_free = harness->min_free != 0 ? harness->min_free : 1};
	struct error err = {0};
	struct kv *kv = harness_kv(harness);
	unsigned i;

	if (harness->wrap != NULL)
		kv = harness->wrap(kv, harness->wrap_arg);
	harness->store = store_open_over(kv, &options, &harness->clock, &err);
	if (harness->store == NULL)
		fail_msg("%s", err.text);
	for (i = 0; i < WORKERS; i++) {
		harness->workers[i].harness = harness;
		harness->workers[i].index = i;
		harness->workers[i].mailbox =
		    mailbox_new(harness->loop, &harness->workers[i], &err);
		assert_non_null(harness->workers[i].mailbox);
		store_attach(harness->store, i, harness->workers[i].mailbox,
		    feed, &harness->workers[i]);
	}
}

void
harness_close(struct harness *harness)
{
	unsigned i;

	harness_settle(harness);
	store_close(harness->store);
	harness->store = NULL;
	harness_forget(harness);
	for (i = 0; i < WORKERS; i++)
		mailbox_free(harness->workers[i].mailbox);
}

int
harness_setup(void **state)
{
	struct harness *harness = calloc(1, sizeof(*harness));

	assert_non_null(harness);
	harness->kind = *state;
	snprintf(harness->folder, sizeof(harness->folder),
	    "/tmp/store_test.XXXXXX");
	assert_non_null(mkdtemp(harness->folder));
	harness->log.level = LOG_LEVEL_OFF;
	harness->loop = ev_loop_new(EVFLAG_AUTO);
	assert_non_null(harness->loop);
	*state = harness;
	alarm(60); /* a test that hangs ends */
	harness_open(harness);
	return 0;
}

int
harness_teardown(void **state)
{
	static const char *const files[] = {
	    "search/lock", "search/data.mdb", "search/lock.mdb",
	    "lock", "data.mdb", "lock.mdb"};
	struct harness *harness = *state;
	char path[128];
	size_t i;

	if (harness->store != NULL)
		harness_close(harness);
	ev_loop_destroy(harness->loop);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", harness->folder,
		    files[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/search", harness->folder);
	rmdir(path);
	rmdir(harness->folder);
	free(harness->events);
	free(harness);
	alarm(0);
	return 0;
}

/* -------------------------------------------------------------------- doing */

struct store_write *
harness_submit(struct harness *harness, struct store_write *write)
{
	assert_non_null(write);
	write->done = written;
	write->arg = harness;
	harness->pending++;
	store_write_ref(write);
	store_submit(harness->store, write);
	return write;
}

void
harness_settle(struct harness *harness)
{
	while (harness->pending != 0)
		ev_run(harness->loop, EVRUN_ONCE);
}

void
harness_settle_feeds(struct harness *harness)
{
	struct store_write *write;
	unsigned i;

	for (i = 0; i < WORKERS; i++) {
		write = make_leave(0, 0); /* refused */
		write->worker = i;
		harness_do(harness, write);
	}
}

struct store_write *
harness_done(struct harness *harness, struct store_write *write)
{
	harness_submit(harness, write);
	harness_settle(harness);
	return write;
}

enum store_status
harness_do(struct harness *harness, struct store_write *write)
{
	enum store_status status;

	status = harness_done(harness, write)->status;
	store_write_unref(write);
	return status;
}

struct store_read *
harness_ask(struct harness *harness, struct store_read *read)
{
	assert_non_null(read);
	read->done = answered;
	read->arg = harness;
	harness->pending++;
	store_query(harness->store, read);
	harness_settle(harness);
	return read;
}

void
harness_forget(struct harness *harness)
{
	size_t i;

	for (i = 0; i < harness->events_n; i++)
		store_write_unref(harness->events[i].write);
	harness->events_n = 0;
}

/* ------------------------------------------------------------------- making */

struct store_write *
make_append(uint64_t sender, uint64_t conv, uint64_t peer, const char *id,
    const char *text)
{
	size_t id_len = id != NULL ? strlen(id) : 0, text_len = strlen(text);
	struct store_write *write = store_write_new(id_len + text_len);

	assert_non_null(write);
	write->kind = STORE_WRITE_APPEND;
	write->peer = peer;
	write->fingerprint = hash_bytes(text, text_len);
	write->record.conv = conv;
	write->record.sender = sender;
	write->record.sender_name = "somebody";
	write->record.transport = TRANSPORT_REST;
	if (id_len != 0)
		memcpy(write->extra, id, id_len);
	memcpy(write->extra + id_len, text, text_len);
	write->record.client_msg_id = write->extra;
	write->record.client_msg_id_len = (uint8_t)id_len;
	write->record.text = write->extra + id_len;
	write->record.text_len = (uint32_t)text_len;
	return write;
}

static struct store_write *
make(enum store_write_kind kind, uint64_t sender, size_t extra)
{
	struct store_write *write = store_write_new(extra);

	assert_non_null(write);
	write->kind = kind;
	write->record.sender = sender;
	return write;
}

struct store_write *
make_join(uint64_t sender, const char *name)
{
	struct store_write *write = make(STORE_WRITE_JOIN, sender, 0);

	snprintf(write->name, sizeof(write->name), "%s", name);
	return write;
}

struct store_write *
make_leave(uint64_t sender, uint64_t conv)
{
	struct store_write *write = make(STORE_WRITE_LEAVE, sender, 0);

	write->record.conv = conv;
	return write;
}

struct store_write *
make_block(uint64_t sender, uint64_t peer, bool on)
{
	struct store_write *write = make(
	    on ? STORE_WRITE_BLOCK : STORE_WRITE_UNBLOCK, sender, 0);

	write->peer = peer;
	return write;
}

struct store_write *
make_user(const char *name)
{
	struct store_write *write = make(STORE_WRITE_USER, 0, 0);

	snprintf(write->name, sizeof(write->name), "%s", name);
	return write;
}

struct store_write *
make_device(uint64_t sender, const char *device,
    const struct store_cursor *cursors, size_t n)
{
	struct store_write *write =
	    make(STORE_WRITE_DEVICE, sender, n * sizeof(*cursors));

	snprintf(write->device, sizeof(write->device), "%s", device);
	write->cursors = (struct store_cursor *)(void *)write->extra;
	write->cursors_n = n;
	if (n != 0)
		memcpy(write->cursors, cursors, n * sizeof(*cursors));
	return write;
}

struct store_write *
make_cursors(uint64_t sender, const char *device,
    const struct store_cursor *cursors, size_t n)
{
	struct store_write *write = make_device(sender, device, cursors, n);

	write->kind = STORE_WRITE_CURSORS;
	write->urgent = true;
	return write;
}

struct store_read *
make_read(enum store_read_kind kind, uint64_t uid, uint64_t conv)
{
	struct store_read *read = store_read_new(0);

	assert_non_null(read);
	read->kind = kind;
	read->uid = uid;
	read->conv = conv;
	read->limit = 100;
	return read;
}

/* -------------------------------------------------------------- short forms */

uint64_t
add_user(struct harness *harness, const char *name)
{
	struct store_write *write = harness_done(harness, make_user(name));
	uint64_t uid = write->record.sender;

	assert_int_equal(write->status, STORE_OK);
	store_write_unref(write);
	return uid;
}

uint64_t
join(struct harness *harness, uint64_t uid, const char *name)
{
	struct store_write *write =
	    harness_done(harness, make_join(uid, name));
	uint64_t conv = write->record.conv;

	assert_int_equal(write->status, STORE_OK);
	store_write_unref(write);
	return conv;
}

uint64_t
say(struct harness *harness, uint64_t sender, uint64_t conv, const char *text)
{
	struct store_write *write = harness_done(harness,
	    make_append(sender, conv, 0, NULL, text));
	uint64_t seq = write->record.seq;

	assert_int_equal(write->status, STORE_OK);
	store_write_unref(write);
	return seq;
}

uint64_t
say_to(struct harness *harness, uint64_t sender, uint64_t peer,
    const char *text)
{
	struct store_write *write = harness_done(harness,
	    make_append(sender, 0, peer, NULL, text));
	uint64_t conv = write->record.conv;

	assert_int_equal(write->status, STORE_OK);
	store_write_unref(write);
	return conv;
}
