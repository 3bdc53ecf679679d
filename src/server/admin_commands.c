/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "auth/trust.h"
#include "base/clock.h"
#include "base/scope.h"
#include "server/address.h"
#include "server/admin.h"
#include "server/admin_bans.h"
#include "server/admin_users.h"
#include "server/bans.h"
#include "server/client.h"
#include "server/erasure.h"
#include "server/numbers.h"
#include "server/reload.h"
#include "server/round.h"
#include "server/server.h"
#include "server/story.h"
#include "server/worker.h"

static const struct clock system_clock;

static const char *
argument(const json_t *arguments, const char *name)
{
	return json_string_value(json_object_get(arguments, name));
}

/* Gathers a text and answers with it; without memory, with an error. */
static void
answer_buf(struct admin_client *client, struct buf *text, json_t *data)
{
	buf_putc(text, '\0');
	if (text->failed) {
		json_decref(data);
		admin_fail(client, "no memory for the answer");
	} else {
		admin_answer(client, text->data, data);
	}
	buf_fini(text);
}

/* A round whose answers all go to the client. */
static void
ask(struct admin_client *client, round_ask *question, round_done *done)
{
	struct error err;

	if (round_begin(client->server, question, done, client, &err) == -1)
		admin_fail(client, err.text);
}

/* ------------------------------------------------------------------ status */

static void
ask_status(struct worker *worker, struct round_part *part)
{
	struct numbers *numbers = calloc(1, sizeof(*numbers));

	if (numbers != NULL)
		numbers_take(worker, numbers);
	part->result = numbers;
	round_answer(part);
}

static void
sum_status(struct round *round, struct numbers *sum)
{
	size_t i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < round->n; i++) {
		if (round->parts[i].result != NULL)
			numbers_add(sum, round->parts[i].result);
		free(round->parts[i].result);
	}
}

static json_t *
closed_counts(const struct numbers *numbers)
{
	json_t *object = json_object();
	enum close_reason reason;

	for (reason = 0; reason < CLOSE_REASONS_COUNT; reason++) {
		if (numbers->closed[reason] != 0)
			json_object_set_new(object,
			    close_reason_info(reason)->name,
			    json_integer((json_int_t)numbers->closed[reason]));
	}
	return object;
}

static json_t *
listener_names(const struct server *server)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < server->listeners_n; i++)
		json_array_append_new(array,
		    json_string(listener_name(server->listeners[i])));
	return array;
}

static const char *
state_name(const struct server *server)
{
	static const char *const names[] = {
		[SERVER_STARTING] = "starting", [SERVER_RUNNING] = "running",
		[SERVER_DRAINING] = "draining", [SERVER_STOPPED] = "stopped",
	};

	return names[server->state];
}

static int64_t
uptime_s(const struct server *server)
{
	return (clock_realtime_us(&system_clock) - server->started_us) /
	    1000000;
}

static json_t *
status_data(const struct server *server, const struct numbers *sum)
{
	char epoch[17]; /* as `welcome` has it */

	snprintf(epoch, sizeof(epoch), "%016llx",
	    (unsigned long long)store_epoch(server->store));
	return json_pack("{s:s,s:s,s:I,s:I,s:I,s:s,s:s,s:I,s:I,s:I,s:I,s:I,"
	    "s:I,s:I,s:I,s:I,s:b,s:I,s:o,s:o}", "version", SYNCTALK_VERSION,
	    "state", state_name(server),
	    "uptime_s", (json_int_t)uptime_s(server),
	    "pid", (json_int_t)getpid(),
	    "workers", (json_int_t)server->workers_n,
	    "store", store_kind(server->store),
	    "epoch", epoch,
	    "generation", (json_int_t)reload_generation(server->reload),
	    "connections", (json_int_t)sum->connections,
	    "accepted", (json_int_t)sum->accepted,
	    "sessions", (json_int_t)sum->chat.sessions,
	    "people", (json_int_t)sum->chat.people,
	    "messages", (json_int_t)sum->chat.appended,
	    "deliveries", (json_int_t)sum->chat.delivered,
	    "refusals", (json_int_t)numbers_refused(sum),
	    "queued_bytes", (json_int_t)sum->queued,
	    "lockdown", bans_locked_down(server->bans),
	    "banned_ranges", (json_int_t)bans_count(server->bans),
	    "closed", closed_counts(sum), "listeners", listener_names(server));
}

static void
on_status(struct round *round)
{
	struct admin_client *client = round->arg;
	const struct server *server = round->server;
	struct buf text = { 0 };
	struct numbers sum;

	sum_status(round, &sum);
	buf_printf(&text, "%s, %s for %lld s, pid %ld\n"
	    "%zu workers, store %s, scripts of generation %u\n"
	    "%zu connections, %zu sessions of %zu people\n"
	    "%llu messages taken, %llu deliveries, %llu refusals, "
	    "%zu bytes queued", SERVER_NAME, state_name(server),
	    (long long)uptime_s(server), (long)getpid(), server->workers_n,
	    store_kind(server->store), reload_generation(server->reload),
	    sum.connections, sum.chat.sessions, sum.chat.people,
	    (unsigned long long)sum.chat.appended,
	    (unsigned long long)sum.chat.delivered,
	    (unsigned long long)numbers_refused(&sum), sum.queued);
	if (bans_locked_down(server->bans))
		buf_puts(&text, "\nLOCKED DOWN: nobody registers, no guests, "
		    "slow mode everywhere; `lockdown off` ends it");
	answer_buf(client, &text, status_data(server, &sum));
}

static void
run_status(struct admin_client *client, const json_t *arguments)
{
	(void)arguments;
	ask(client, ask_status, on_status);
}

/* ---------------------------------------------------------------- sessions */

static void
see_session(void *arg, const struct session *session)
{
	const struct client *client = client_of_session(session);
	char since[CLOCK_TEXT_SIZE];

	clock_format((int64_t)client->since_s * 1000000, since);
	json_array_append_new(arg, json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I}",
	    "name", session_user(session), "device", session->device,
	    "transport", client->readable ? "text" : "websocket",
	    "address", address_text(client->address), "since", since,
	    "queued", (json_int_t)conn_queued(&client->conn),
	    "session", (json_int_t)session->id));
}

static void
ask_sessions(struct worker *worker, struct round_part *part)
{
	json_t *array = json_array();

	if (array != NULL)
		chat_each_session(worker->chat, see_session, array);
	part->result = array;
	round_answer(part);
}

static void
on_sessions(struct round *round)
{
	struct admin_client *client = round->arg;
	struct buf text = { 0 };
	json_t *all = json_array(), *one;
	size_t i, at;

	for (i = 0; i < round->n; i++) {
		json_array_extend(all, round->parts[i].result);
		json_decref(round->parts[i].result);
	}
	buf_printf(&text, "%zu sessions", json_array_size(all));
	json_array_foreach(all, at, one)
		buf_printf(&text, "\n%-20s %-16s %-10s %-16s %s %s bytes %lld",
		    argument(one, "name"), argument(one, "device"),
		    argument(one, "transport"), argument(one, "address"),
		    argument(one, "since"), "queued", (long long)
		    json_integer_value(json_object_get(one, "queued")));
	answer_buf(client, &text, json_pack("{s:o}", "sessions", all));
}

static void
run_sessions(struct admin_client *client, const json_t *arguments)
{
	(void)arguments;
	ask(client, ask_sessions, on_sessions);
}

/* -------------------------------------------------------------------- kick */

struct kick {
	struct admin_client *client;
	char name[NAME_BYTES_MAX + 1];
	char device[DEVICE_MAX + 1]; /* "": all */
};

struct search {
	const char *name;
	uint64_t uid; /* 0: not here */
};

static void
see_name(void *arg, const struct session *session)
{
	struct search *search = arg;

	if (strcmp(session_user(session), search->name) == 0)
		search->uid = session->uid;
}

static void
ask_kick(struct worker *worker, struct round_part *part)
{
	const struct kick *kick = part->round->arg;
	struct search search = { .name = kick->name };
	size_t n = 0;

	chat_each_session(worker->chat, see_name, &search);
	if (search.uid != 0)
		n = chat_kick(worker->chat, search.uid,
		    kick->device[0] != '\0' ? kick->device : NULL);
	part->result = (void *)(uintptr_t)n;
	round_answer(part);
}

static void
on_kicked(struct round *round)
{
	struct kick *kick = round->arg;
	char text[NAME_BYTES_MAX + 64];
	size_t i, n = 0;

	for (i = 0; i < round->n; i++)
		n += (size_t)(uintptr_t)round->parts[i].result;
	if (n == 0) {
		snprintf(text, sizeof(text), "%s is not connected%s",
		    kick->name, kick->device[0] != '\0' ?
		    " with this device" : "");
		admin_fail(kick->client, text);
	} else {
		snprintf(text, sizeof(text), "closed %zu session%s of %s", n,
		    n == 1 ? "" : "s", kick->name);
		admin_answer(kick->client, text,
		    json_pack("{s:I}", "sessions", (json_int_t)n));
	}
	free(kick);
}

static void
run_kick(struct admin_client *client, const json_t *arguments)
{
	const char *name = argument(arguments, "name");
	const char *device = argument(arguments, "device");
	struct kick *kick = calloc(1, sizeof(*kick));
	struct error err;

	if (kick == NULL) {
		admin_fail(client, "no memory to kick");
	} else if (name == NULL || !name_fold(name, strlen(name),
	    kick->name)) {
		admin_fail(client, "kick needs the name of a person");
	} else if (device != NULL && !device_valid(device, strlen(device))) {
		admin_fail(client, "device must be the name of a device");
	} else {
		kick->client = client;
		if (device != NULL)
			strcpy(kick->device, device);
		if (round_begin(client->server, ask_kick, on_kicked, kick,
		    &err) == 0)
			return;
		admin_fail(client, err.text);
	}
	free(kick);
}

/* ------------------------------------------------------------------- others */

/* A token is good for a hundred years at most, as in the configuration. */
#define TTL_MAX_S (INT64_C(100) * 365 * 86400)

static void
run_token(struct admin_client *client, const json_t *arguments)
{
	struct server *server = client->server;
	const json_t *ttl = json_object_get(arguments, "ttl_s");
	const char *name = argument(arguments, "name");
	char token[TOKEN_MAX + 1], folded[NAME_BYTES_MAX + 1];
	int64_t ttl_s = server->config->token.ttl_s;
	struct token_grant grant = { .subject = folded, .scopes = SCOPE_ALL };
	const char *scope = argument(arguments, "scope");
	struct error err;

	if (name == NULL || !name_fold(name, strlen(name), folded)) {
		admin_fail(client, "token needs the name of a person");
		return;
	}
	if (json_is_integer(ttl))
		ttl_s = json_integer_value(ttl);
	if ((ttl != NULL && !json_is_integer(ttl)) || ttl_s <= 0 ||
	    ttl_s > TTL_MAX_S) {
		admin_fail(client, "ttl_s must be a number of seconds, at "
		    "most a hundred years");
		return;
	}
	if (scope != NULL && scopes_parse(scope, strlen(scope),
	    &grant.scopes) == -1) {
		admin_fail(client, "scope must be words of read, send, groups "
		    "and account, with spaces between them");
		return;
	}
	grant.ttl_s = ttl_s;
	if (trust_sign(server->material.trust, &grant, time(NULL), token,
	    &err) == -1) {
		admin_fail(client, err.text);
		return;
	}
	admin_answer(client, token, json_pack("{s:s,s:s,s:I}", "token", token,
	    "name", folded, "ttl_s", (json_int_t)ttl_s));
}

static void
on_reloaded(void *arg, const struct error *err)
{
	struct admin_client *client = arg;
	uint32_t generation = reload_generation(client->server->reload);
	char text[64];

	if (err != NULL) {
		admin_fail(client, err->text);
		return;
	}
	snprintf(text, sizeof(text), "generation %u is in force", generation);
	admin_answer(client, text, json_pack("{s:I}", "generation",
	    (json_int_t)generation));
}

static void
run_reload(struct admin_client *client, const json_t *arguments)
{
	(void)arguments;
	reload_begin(client->server->reload, on_reloaded, client);
}

static void
run_lua_hooks(struct admin_client *client, const json_t *arguments)
{
	struct buf json = { 0 }, text = { 0 };
	json_t *data = NULL;

	(void)arguments;
	reload_hooks(client->server->reload, &json);
	if (!json.failed)
		data = json_loadb(json.data, json.len, 0, NULL);
	buf_fini(&json);
	reload_describe(client->server->reload, &text);
	answer_buf(client, &text, data);
}

static void
run_erase(struct admin_client *client, const json_t *arguments)
{
	const char *name = argument(arguments, "name");
	char folded[NAME_BYTES_MAX + 1];

	if (name == NULL || !name_fold(name, strlen(name), folded))
		admin_fail(client, "erase needs the name of a person");
	else
		erasure_begin(client, folded);
}

static void
run_why(struct admin_client *client, const json_t *arguments)
{
	const json_t *seq = json_object_get(arguments, "seq");
	const struct story_question question = {
		.message = argument(arguments, "message"),
		.refused = argument(arguments, "refused"),
		.seq = json_is_integer(seq) ? (uint64_t)json_integer_value(seq)
					    : 0,
	};

	story_begin(client, &question);
}

static void
run_drain(struct admin_client *client, const json_t *arguments)
{
	struct server *server = client->server;

	(void)arguments;
	admin_answer(client, "draining", NULL);
	server_drain(server);
}

static void
run_stop(struct admin_client *client, const json_t *arguments)
{
	struct server *server = client->server;

	(void)arguments;
	admin_answer(client, "stopping", NULL);
	server_stop(server);
}

admin_run *
admin_find_command(const char *name)
{
	static const struct {
		const char *name;
		admin_run *run;
	} commands[] = {
		{ "status", run_status },
		{ "sessions", run_sessions },
		{ "reload", run_reload },
		{ "lua hooks", run_lua_hooks },
		{ "token", run_token },
		{ "kick", run_kick },
		{ "erase", run_erase },
		{ "why", run_why },
		{ "ban", admin_ban },
		{ "unban", admin_unban },
		{ "bans", admin_bans },
		{ "lockdown", admin_lockdown },
		{ "drain", run_drain },
		{ "stop", run_stop },
	};
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].run;
	}
	return users_find_command(name);
}
