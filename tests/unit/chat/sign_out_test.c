/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chat/state.h"
#include "store/account.h"
#include "store/readers.h"
#include "world.h"

/* Who is signed out is put out; and what comes with a token. */

/* The next answer about a person is held back. */
static struct {
	bool hold;
	store_read_done *done;
	struct store_read *read; /* held */
} gate;

bool __real_readers_submit(struct readers *readers, struct store_read *read);
bool __wrap_readers_submit(struct readers *readers, struct store_read *read);

static void
keep_answer(struct store_read *read)
{
	gate.read = read;
}

bool
__wrap_readers_submit(struct readers *readers, struct store_read *read)
{
	if (gate.hold && read->kind == STORE_READ_USER) {
		gate.hold = false;
		gate.done = read->done;
		read->done = keep_answer;
	}
	return __real_readers_submit(readers, read);
}

static bool
is_held(void *arg)
{
	(void)arg;
	return gate.read != NULL;
}

struct done {
	bool done;
	uint64_t family;
};

static void
on_done(struct store_write *write)
{
	struct done *done = write->arg;

	assert_int_equal(STORE_OK, write->status);
	done->done = true;
	if (write->kind == STORE_WRITE_TOKEN)
		done->family = write->token->family.id;
}

static bool
is_done(void *arg)
{
	return ((struct done *)arg)->done;
}

/* Extra has room for what a write of accounts points to. */
static struct store_write *
write_new(enum store_write_kind kind, uint64_t uid)
{
	struct store_write *write =
	    store_write_new(sizeof(struct store_account) +
		sizeof(struct store_token));

	assert_non_null(write);
	write->kind = kind;
	write->record.sender = uid;
	write->urgent = true;
	return write;
}

static uint64_t
submit(struct world *world, struct store_write *write)
{
	struct done done = {0};

	write->done = on_done;
	write->arg = &done;
	store_submit(world->store, write);
	world_until(world, is_done, &done);
	return done.family;
}

/* The id of a sign-in, whose first token is known by its device. */
static uint64_t
family_of(struct world *world, uint64_t uid, const char *device)
{
	struct store_write *write = write_new(STORE_WRITE_TOKEN, uid);
	struct store_token *token = (struct store_token *)(void *)write->extra;

	memset(token, 0, sizeof(*token));
	token->hash[0] = (unsigned char)device[0];
	token->idle_us = token->absolute_us = INT64_C(3600000000);
	strcpy(token->family.device, device);
	write->token = token;
	return submit(world, write);
}

static struct client *
come(struct world *world, const char *name, const char *device,
    struct session_token token)
{
	struct session_options options = {.device = device,
	    .ack_client = true, .transport = TRANSPORT_WEBSOCKET};
	struct client *client = calloc(1, sizeof(*client));

	assert_non_null(client);
	options.uid = world_user(world, name);
	token.scopes |= token.scopes == 0 ? SCOPE_ALL : 0;
	options.token = token;
	client->world = world;
	client->said = json_array();
	client->session.ops = world_ops();
	assert_int_equal(0, session_open(&client->session,
	    world->slots[options.uid % WORLD_WORKERS].chat, &options));
	return client;
}

static struct client *
open_with(struct world *world, const char *name, const char *device,
    uint64_t family)
{
	struct client *client = come(world, name, device,
	    (struct session_token){.family = family,
		.issued_s = INT64_MAX});

	client_next(client, "welcome");
	return client;
}

static bool
has_ended(void *arg)
{
	return ((struct client *)arg)->ended;
}

static void
expect_end(struct client *client, enum session_end why)
{
	world_until(client->world, has_ended, client);
	assert_int_equal(why, client->why);
}

/* It is there, and what it asks is answered. */
static void
expect_there(struct client *client)
{
	client_say(client, "{\"type\":\"ping\"}");
	client_next(client, "pong");
	assert_false(client->ended);
}

static void
sign_out(struct world *world, uint64_t uid, uint64_t family,
    const char *device)
{
	struct store_write *write = write_new(STORE_WRITE_SIGN_OUT, uid);

	write->family = family;
	strcpy(write->device, device);
	submit(world, write);
}

static void
one_sign_in_ends(void **state)
{
	struct world *world = *state;
	uint64_t ann = world_user(world, "ann");
	uint64_t one = family_of(world, ann, "p");
	uint64_t two = family_of(world, ann, "q");
	struct client *first = open_with(world, "ann", "p", one);
	struct client *second = open_with(world, "ann", "q", two);
	struct client *by_operator = open_with(world, "ann", "", 0);

	sign_out(world, ann, one, "");
	expect_end(first, SESSION_END_SIGNED_OUT);
	expect_there(second);
	expect_there(by_operator);
	client_close(first);
	client_close(second);
	client_close(by_operator);
}

static void
all_sign_ins_end(void **state)
{
	struct world *world = *state;
	struct client *bob = open_with(world, "bob", "", 0);
	uint64_t ann = world_user(world, "ann");
	uint64_t one = family_of(world, ann, "p");
	struct client *first = open_with(world, "ann", "p", one);
	struct client *second = open_with(world, "ann", "", 0);

	sign_out(world, ann, 0, "");
	expect_end(first, SESSION_END_SIGNED_OUT);
	expect_end(second, SESSION_END_SIGNED_OUT);
	expect_there(bob);
	client_close(first);
	client_close(second);
	client_close(bob);
}

/* Whatever a connection of the sign-in called itself. */
static void
a_device_is_signed_out(void **state)
{
	struct world *world = *state;
	uint64_t ann = world_user(world, "ann");
	uint64_t one = family_of(world, ann, "p");
	uint64_t two = family_of(world, ann, "q");
	struct client *named = open_with(world, "ann", "p", 0);
	struct client *nameless = open_with(world, "ann", "", one);
	struct client *other = open_with(world, "ann", "q", two);

	sign_out(world, ann, 0, "p");
	expect_end(named, SESSION_END_SIGNED_OUT);
	expect_end(nameless, SESSION_END_SIGNED_OUT);
	expect_there(other);
	client_close(named);
	client_close(nameless);
	client_close(other);
}

static void
change(struct world *world, uint64_t uid, struct store_account change)
{
	struct store_write *write = write_new(STORE_WRITE_ACCOUNT, uid);

	write->account = (struct store_account *)(void *)write->extra;
	*write->account = change;
	submit(world, write);
}

static void
a_new_password_keeps_its_sign_in(void **state)
{
	struct world *world = *state;
	uint64_t ann = world_user(world, "ann");
	uint64_t one = family_of(world, ann, "p");
	uint64_t two = family_of(world, ann, "q");
	struct client *kept = open_with(world, "ann", "p", one);
	struct client *other = open_with(world, "ann", "q", two);

	change(world, ann, (struct store_account){.has = ACCOUNT_DISPLAY_NAME,
	    .display_name = "Ann"});
	expect_there(other);
	change(world, ann, (struct store_account){.has = ACCOUNT_PASSWORD,
	    .password = "x", .sign_out = true, .keep_family = one});
	expect_end(other, SESSION_END_SIGNED_OUT);
	expect_there(kept);
	client_close(kept);
	client_close(other);
}

static void
who_is_shut_out_is_put_out(void **state)
{
	const struct {
		struct store_account change;
		enum session_end why;
	} ways[] = {
	    {{.has = ACCOUNT_FLAGS, .flags = ACCOUNT_DISABLED,
		 .flags_mask = ACCOUNT_DISABLED}, SESSION_END_DISABLED},
	    {{.has = ACCOUNT_FLAGS, .flags = ACCOUNT_DEACTIVATED,
		 .flags_mask = ACCOUNT_DEACTIVATED},
		SESSION_END_SIGNED_OUT},
	    {{.has = ACCOUNT_BANNED, .banned_until_us = INT64_MAX,
		 .reason = "x"}, SESSION_END_BANNED}};
	static const char *const names[] = {"ann", "bob", "eve"};
	struct world *world = *state;
	struct client *there, *late;
	size_t i;

	for (i = 0; i < 3; i++) {
		there = open_with(world, names[i], "", 0);
		change(world, there->session.uid, ways[i].change);
		expect_end(there, ways[i].why);
		/* Nor does anyone come in who was on the way. */
		late = come(world, names[i], "",
		    (struct session_token){.issued_s = INT64_MAX});
		expect_end(late, ways[i].why);
		assert_int_equal(0, json_array_size(late->said));
		client_close(there);
		client_close(late);
	}
}

static void
a_void_token_does_not_come_in(void **state)
{
	struct world *world = *state;
	uint64_t ann = world_user(world, "ann");
	uint64_t one = family_of(world, ann, "p");
	struct client *client;

	sign_out(world, ann, 0, "");
	client = come(world, "ann", "", (struct session_token){.family = one});
	expect_end(client, SESSION_END_SIGNED_OUT);
	client_close(client);
	client = come(world, "ann", "", (struct session_token){.issued_s = 1});
	expect_end(client, SESSION_END_SIGNED_OUT);
	client_close(client);
	client = open_with(world, "ann", "", family_of(world, ann, ""));
	expect_there(client);
	client_close(client);
}

static void
refresh(struct world *world, unsigned char shown, unsigned char next)
{
	struct store_write *write = write_new(STORE_WRITE_REFRESH, 0);

	write->token = (struct store_token *)(void *)write->extra;
	*write->token = (struct store_token){
	    .idle_us = INT64_C(3600000000),
	    .absolute_us = INT64_C(3600000000)};
	write->token->hash[0] = shown;
	write->token->next[0] = next;
	store_submit(world->store, write);
}

static void
a_used_refresh_token_ends_its_sign_in(void **state)
{
	struct world *world = *state;
	uint64_t ann = world_user(world, "ann");
	uint64_t one = family_of(world, ann, "p");
	uint64_t two = family_of(world, ann, "q");
	struct client *client = open_with(world, "ann", "p", one);
	struct client *other = open_with(world, "ann", "q", two);

	refresh(world, 'p', 1);
	refresh(world, 1, 2);
	expect_there(client);
	refresh(world, 'p', 3);
	expect_end(client, SESSION_END_SIGNED_OUT);
	expect_there(other);
	client_close(client);
	client_close(other);
}

static void
a_token_is_renewed(void **state)
{
	struct world *world = *state;
	uint64_t ann = world_user(world, "ann");
	uint64_t one = family_of(world, ann, "p");
	uint64_t two = family_of(world, ann, "q");
	struct client *client = open_with(world, "ann", "p", one);

	client_say(client, "{\"type\":\"auth\",\"token\":\"%llu\",\"ref\":1}",
	    (unsigned long long)two);
	client_next(client, "ok");
	assert_int_equal(two, client->renewed);
	/* It goes on under that one alone, and with its scopes. */
	sign_out(world, ann, one, "");
	expect_there(client);
	client_say(client, "{\"type\":\"send\",\"to\":\"#lobby\","
	    "\"text\":\"x\"}");
	assert_string_equal("forbidden",
	    text_in(client_next(client, "error"), "code"));
	client_say(client, "Hello");
	assert_string_equal("forbidden",
	    text_in(client_next(client, "error"), "code"));
	client_say(client, "{\"type\":\"auth\",\"token\":\"%llu\"}",
	    (unsigned long long)one);
	assert_string_equal("unauthorized",
	    text_in(client_next(client, "error"), "code"));
	assert_int_equal(two, client->renewed);
	sign_out(world, ann, two, "");
	expect_end(client, SESSION_END_SIGNED_OUT);
	client_close(client);
}

/* Between the look at the new token and the answer. */
static void
a_token_is_signed_out_while_it_renews(void **state)
{
	struct world *world = *state;
	uint64_t ann = world_user(world, "ann");
	uint64_t one = family_of(world, ann, "p");
	uint64_t two = family_of(world, ann, "q");
	struct client *client = open_with(world, "ann", "p", one);
	struct client *other = open_with(world, "ann", "q", two);

	memset(&gate, 0, sizeof(gate));
	gate.hold = true;
	client_say(client, "{\"type\":\"auth\",\"token\":\"%llu\"}",
	    (unsigned long long)two);
	world_until(world, is_held, NULL);
	sign_out(world, ann, two, "");
	expect_end(other, SESSION_END_SIGNED_OUT);
	gate.done(gate.read);
	assert_string_equal("unavailable",
	    text_in(client_next(client, "error"), "code"));
	assert_int_equal(0, client->renewed);
	sign_out(world, ann, one, "");
	expect_end(client, SESSION_END_SIGNED_OUT);
	client_close(client);
	client_close(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(one_sign_in_ends),
	    WORLD_TEST(all_sign_ins_end),
	    WORLD_TEST(a_device_is_signed_out),
	    WORLD_TEST(a_new_password_keeps_its_sign_in),
	    WORLD_TEST(who_is_shut_out_is_put_out),
	    WORLD_TEST(a_void_token_does_not_come_in),
	    WORLD_TEST(a_used_refresh_token_ends_its_sign_in),
	    WORLD_TEST(a_token_is_renewed),
	    WORLD_TEST(a_token_is_signed_out_while_it_renews)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
