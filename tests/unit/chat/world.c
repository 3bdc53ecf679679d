/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ev.h>

#define GIVE_UP_S 20

void
world_init(struct world *world)
{
	struct store_options stored = {.kind = "memory",
	    .workers = WORLD_WORKERS, .log = &world->log};
	struct chat_options options;
	struct error err = {0};
	unsigned i;

	memset(world, 0, sizeof(*world));
	world->log.level = LOG_LEVEL_WARN;
	world->limits = chat_limits_default;
	world->limits.off = true;
	world->limits.presence_grace_ms = 50;
	world->loop = ev_loop_new(0);
	world->timers = timers_new(world->loop, &err);
	world->store = store_open(&stored, &err);
	world->bus = bus_open_local(WORLD_WORKERS, &err);
	assert_non_null(world->loop);
	assert_non_null(world->timers);
	assert_non_null(world->store);
	assert_non_null(world->bus);
	for (i = 0; i < WORLD_WORKERS; i++) {
		options = (struct chat_options){.worker = i,
		    .workers = WORLD_WORKERS, .store = world->store,
		    .bus = world->bus, .timers = world->timers,
		    .clock = &world->clock, .log = &world->log,
		    .server = "test", .limits = &world->limits};
		/* The owner of a worker's mail is its slot. */
		world->slots[i].mailbox =
		    mailbox_new(world->loop, &world->slots[i], &err);
		assert_non_null(world->slots[i].mailbox);
		options.mailbox = world->slots[i].mailbox;
		world->slots[i].chat = chat_new(&options, &err);
		assert_non_null(world->slots[i].chat);
	}
}

void
world_fini(struct world *world)
{
	unsigned i;

	store_close(world->store);
	for (i = 0; i < WORLD_WORKERS; i++)
		mailbox_free(world->slots[i].mailbox);
	for (i = 0; i < WORLD_WORKERS; i++)
		chat_free(world->slots[i].chat);
	bus_close(world->bus);
	timers_free(world->timers);
	ev_loop_destroy(world->loop);
}

int
world_setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world_init(world);
	*state = world;
	return 0;
}

int
world_teardown(void **state)
{
	world_fini(*state);
	free(*state);
	return 0;
}

void
world_limit(struct world *world)
{
	unsigned i;

	for (i = 0; i < WORLD_WORKERS; i++)
		chat_set_limits(world->slots[i].chat, &world->limits);
}

static void
gave_up(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)events;
	*(bool *)timer->data = true;
	ev_break(loop, EVBREAK_ALL);
}

void
world_until(struct world *world, bool (*done)(void *arg), void *arg)
{
	bool late = false;
	ev_timer limit;

	ev_timer_init(&limit, gave_up, GIVE_UP_S, 0);
	limit.data = &late;
	ev_timer_start(world->loop, &limit);
	while (!done(arg) && !late)
		ev_run(world->loop, EVRUN_ONCE);
	ev_timer_stop(world->loop, &limit);
	if (late)
		fail_msg("what the test waits for did not happen");
}

/* ------------------------------------------------------------------ accounts */

struct made {
	uint64_t uid;
};

static void
user_made(struct store_write *write)
{
	struct made *made = write->arg;

	made->uid = write->record.sender;
}

static bool
is_made(void *arg)
{
	return ((struct made *)arg)->uid != 0;
}

uint64_t
world_user(struct world *world, const char *name)
{
	struct store_write *write = store_write_new(0);
	struct made made = {0};

	assert_non_null(write);
	write->kind = STORE_WRITE_USER;
	write->done = user_made;
	write->arg = &made;
	write->urgent = true;
	strcpy(write->name, name);
	store_submit(world->store, write);
	world_until(world, is_made, &made);
	return made.uid;
}

/* ------------------------------------------------------------------- clients */

static void
op_send(struct session *session, struct blob *frame, uint64_t id)
{
	struct client *client = (struct client *)session;
	json_t *said = json_loadb((char *)blob_payload(frame), frame->len, 0,
	    NULL);

	if (said == NULL)
		said = json_stringn((char *)blob_payload(frame), frame->len);
	assert_non_null(said);
	if (id != 0) {
		assert_true(id > client->last_id);
		client->last_id = id;
	}
	json_array_append_new(client->said, said);
}

static void
op_end(struct session *session, enum session_end why)
{
	struct client *client = (struct client *)session;

	client->ended = true;
	client->why = why;
}

static void
op_park(struct session *session, bool parked)
{
	((struct client *)session)->parked = parked;
}

static void
op_ping(struct session *session, uint32_t mark)
{
	struct client *client = (struct client *)session;

	client->mark = mark;
	client->pinged = true;
}

/* A token is the number of its family, and lets read. */
static int
op_verify(struct session *session, const char *text, size_t len,
    struct session_token *token, struct error *err)
{
	(void)session;
	*token = (struct session_token){.family = strtoull(text, NULL, 10),
	    .scopes = SCOPE_READ};
	if (token->family != 0)
		return 0;
	error_set(err, ERROR_INPUT, "`%.*s` is no token", (int)len, text);
	return -1;
}

static void
op_renew(struct session *session, const struct session_token *token)
{
	((struct client *)session)->renewed = token->family;
}

static size_t
op_queued(const struct session *session)
{
	return ((const struct client *)session)->queued;
}

static void
op_live(struct session *session, uint64_t id)
{
	struct client *client = (struct client *)session;

	assert_true(id >= client->last_id);
	client->last_id = id;
}

static const struct session_ops ops = {.send = op_send, .live = op_live,
    .end = op_end,
    .park = op_park, .ping = op_ping, .verify = op_verify, .renew = op_renew,
    .queued = op_queued};

const struct session_ops *
world_ops(void)
{
	return &ops;
}

struct client *
client_begin(struct world *world, const char *name, const char *device,
    bool pings)
{
	struct client *client = calloc(1, sizeof(*client));
	struct session_options options = {.device = device,
	    .ack_client = !pings, .pings = pings,
	    .transport = TRANSPORT_WEBSOCKET,
	    .token = {.scopes = SCOPE_ALL}};

	assert_non_null(client);
	options.uid = world_user(world, name);
	client->world = world;
	client->said = json_array();
	client->session.ops = &ops;
	assert_int_equal(0, session_open(&client->session,
	    world->slots[options.uid % WORLD_WORKERS].chat, &options));
	return client;
}

struct client *
client_open(struct world *world, const char *name, const char *device,
    bool pings)
{
	struct client *client = client_begin(world, name, device, pings);

	client_next(client, "welcome");
	return client;
}

void
client_close(struct client *client)
{
	session_close(&client->session);
	json_decref(client->said);
	free(client);
}

static bool
is_ready(void *arg)
{
	return !((struct client *)arg)->parked;
}

void
client_say(struct client *client, const char *format, ...)
{
	char text[4096];
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	world_until(client->world, is_ready, client);
	session_receive(&client->session, text, (size_t)len);
}

void
client_send(struct client *client, const char *to, const char *text)
{
	client_say(client, "{\"type\":\"send\",\"to\":\"%s\",\"text\":\"%s\"}",
	    to, text);
}

void
client_join(struct client *client, const char *group)
{
	client_say(client, "{\"type\":\"join\",\"conversation\":\"%s\"}",
	    group);
	client_next(client, "ok");
}

struct wanted {
	struct client *client;
	const char *type;
	json_t *found;
};

static bool
has_come(void *arg)
{
	struct wanted *wanted = arg;
	json_t *said;

	while (wanted->client->seen < json_array_size(wanted->client->said)) {
		said = json_array_get(wanted->client->said,
		    wanted->client->seen++);
		if (json_is_object(said) &&
		    strcmp(text_in(said, "type"), wanted->type) == 0) {
			wanted->found = said;
			return true;
		}
	}
	return false;
}

json_t *
client_next(struct client *client, const char *type)
{
	struct wanted wanted = {.client = client, .type = type};

	world_until(client->world, has_come, &wanted);
	return wanted.found;
}

long long
number_in(const json_t *said, const char *key)
{
	const json_t *member = json_object_get(said, key);

	if (!json_is_integer(member))
		fail_msg("no number `%s`", key);
	return json_integer_value(member);
}

const char *
text_in(const json_t *said, const char *key)
{
	const json_t *member = json_object_get(said, key);

	if (!json_is_string(member))
		fail_msg("no text `%s`", key);
	return json_string_value(member);
}
