/* SPDX-License-Identifier: MIT */
#include "tests/contract/account_stage.h"

#include <stdio.h>
#include <string.h>

void
stand(struct harness *h, int64_t now_us)
{
	h->clock.fixed = 1;
	h->clock.now_us = now_us;
}

void
restart(struct harness *h)
{
	if (strcmp(h->kind, "lmdb") != 0)
		return;
	harness_close(h);
	harness_open(h);
}

void
make_hash(unsigned char hash[SECRET_HASH], unsigned n)
{
	uint64_t random = n + 1;
	size_t i;

	for (i = 0; i < SECRET_HASH; i++) {
		random = random * UINT64_C(6364136223846793005) +
		    UINT64_C(1442695040888963407);
		hash[i] = (unsigned char)(random >> 56);
	}
}

/* ------------------------------------------------------------------- writes */

static void *
make_with(enum store_write_kind kind, uint64_t uid, size_t size,
    struct store_write **write)
{
	*write = store_write_new(size);
	assert_non_null(*write);
	(*write)->kind = kind;
	(*write)->record.sender = uid;
	return (*write)->extra;
}

static const char *
copy(char **at, const char *text)
{
	const char *copied = *at;

	if (text == NULL)
		return NULL;
	strcpy(*at, text);
	*at += strlen(text) + 1;
	return copied;
}

static size_t
size_of(const char *text)
{
	return text != NULL ? strlen(text) + 1 : 0;
}

struct store_write *
make_account(enum store_write_kind kind, uint64_t uid,
    const struct store_account *from)
{
	struct store_account *account;
	struct store_write *write;
	char *at;

	account = make_with(kind, uid, sizeof(*account) +
	    size_of(from->email) + size_of(from->password) +
	    size_of(from->display_name) + size_of(from->avatar_url) +
	    size_of(from->about) + size_of(from->reason) +
	    size_of(from->expected), &write);
	write->account = account;
	*account = *from;
	at = (char *)(account + 1);
	account->email = copy(&at, from->email);
	account->password = copy(&at, from->password);
	account->display_name = copy(&at, from->display_name);
	account->avatar_url = copy(&at, from->avatar_url);
	account->about = copy(&at, from->about);
	account->reason = copy(&at, from->reason);
	account->expected = copy(&at, from->expected);
	return write;
}

struct store_write *
make_register(const char *name, const struct store_account *account)
{
	struct store_write *write = make_account(STORE_WRITE_REGISTER, 0,
	    account);

	snprintf(write->name, sizeof(write->name), "%s", name);
	return write;
}

struct store_write *
make_token(uint64_t uid, unsigned n, const char *device)
{
	struct store_token *token;
	struct store_write *write;

	token = make_with(STORE_WRITE_TOKEN, uid, sizeof(*token), &write);
	write->token = token;
	make_hash(token->hash, n);
	token->idle_us = 14 * DAY;
	token->absolute_us = 90 * DAY;
	snprintf(token->family.device, sizeof(token->family.device), "%s",
	    device);
	strcpy(token->family.address, "192.0.2.1");
	return write;
}

struct store_write *
make_refresh(unsigned n, unsigned next)
{
	struct store_write *write = make_token(0, n, "");

	write->kind = STORE_WRITE_REFRESH;
	make_hash(write->token->next, next);
	write->token->grace_us = 30 * SECOND;
	memset(&write->token->family, 0, sizeof(write->token->family));
	return write;
}

struct store_write *
make_sign_out(uint64_t uid, uint64_t family, const char *device)
{
	struct store_write *write;

	make_with(STORE_WRITE_SIGN_OUT, uid, 0, &write);
	write->family = family;
	snprintf(write->device, sizeof(write->device), "%s", device);
	return write;
}

void
give_code(struct store_write *write, struct store_code *code, unsigned n)
{
	make_hash(code->hash, n);
	write->code = code;
}

struct store_write *
make_code(enum store_write_kind kind, uint64_t uid, unsigned n, uint32_t uses,
    int64_t expires_us)
{
	struct store_code *code;
	struct store_write *write;

	code = make_with(kind, uid, sizeof(*code), &write);
	give_code(write, code, n);
	code->uses = uses;
	code->expires_us = expires_us;
	return write;
}

struct store_write *
make_reset(uint64_t uid, unsigned n, const char *password)
{
	struct reset {
		struct store_account account;
		struct store_code code;
		char password[64];
	} *reset;
	struct store_write *write;

	reset = make_with(STORE_WRITE_RESET, uid, sizeof(*reset), &write);
	snprintf(reset->password, sizeof(reset->password), "%s", password);
	reset->account.password = reset->password;
	write->account = &reset->account;
	give_code(write, &reset->code, n);
	return write;
}

struct store_write *
make_ban_range(const char *range, int64_t until_us)
{
	struct store_write *write;
	struct store_ban *ban;

	ban = make_with(STORE_WRITE_BAN_RANGE, 0, sizeof(*ban), &write);
	write->ban = ban;
	snprintf(ban->range, sizeof(ban->range), "%s", range);
	strcpy(ban->reason, "spam");
	ban->until_us = until_us;
	return write;
}

struct store_write *
make_unban_range(const char *range)
{
	struct store_write *write = make_ban_range(range, 0);

	write->kind = STORE_WRITE_UNBAN_RANGE;
	return write;
}

struct store_write *
make_lockdown(bool on)
{
	struct store_write *write;

	make_with(STORE_WRITE_LOCKDOWN, 0, 0, &write);
	write->forced = on;
	return write;
}

/* -------------------------------------------------------------- short forms */

uint64_t
enrol(struct harness *h, const char *name, const char *email,
    const char *password)
{
	const struct store_account account = {
	    .has = ACCOUNT_EMAIL | ACCOUNT_PASSWORD, .email = email,
	    .password = password};
	struct store_write *write;
	uint64_t uid;

	write = harness_done(h, make_register(name, &account));
	assert_int_equal(write->status, STORE_OK);
	uid = write->record.sender;
	store_write_unref(write);
	return uid;
}

uint64_t
sign_in(struct harness *h, uint64_t uid, unsigned n, const char *device)
{
	struct store_write *write = harness_done(h, make_token(uid, n,
	    device));
	uint64_t family = write->token->family.id;

	assert_int_equal(write->status, STORE_OK);
	assert_int_equal(write->token->family.uid, uid);
	store_write_unref(write);
	return family;
}

enum store_status
change(struct harness *h, uint64_t uid, const struct store_account *account)
{
	return harness_do(h, make_account(STORE_WRITE_ACCOUNT, uid, account));
}

enum store_status
refresh(struct harness *h, unsigned n, unsigned next)
{
	return harness_do(h, make_refresh(n, next));
}

void
refresh_many(struct harness *h, unsigned n, unsigned times)
{
	struct store_write *last = NULL;

	for (; times > 0; times--, n++) {
		store_write_unref(last);
		last = harness_submit(h, make_refresh(n, n + 1));
	}
	harness_settle(h);
	/* Were one of them not, none after it would be. */
	assert_int_equal(last->status, STORE_OK);
	store_write_unref(last);
}

void
fill_accounts(struct harness *h, uint64_t uid)
{
	const struct store_account account = {
	    .has = ACCOUNT_EMAIL | ACCOUNT_PASSWORD | ACCOUNT_ABOUT,
	    .email = "uid@example.org", .password = "$scrypt$1",
	    .about = "What I say of myself"};

	assert_int_equal(harness_do(h, make_account(STORE_WRITE_ACCOUNT, uid,
	    &account)), STORE_OK);
	sign_in(h, uid, 100, "phone");
	sign_in(h, uid, 200, "laptop");
	assert_int_equal(refresh(h, 100, 101), STORE_OK);
	assert_int_equal(refresh(h, 101, 102), STORE_OK);
	assert_int_equal(harness_do(h, make_code(STORE_WRITE_RESET_CODE, uid,
	    300, 0, 0)), STORE_OK);
	assert_int_equal(harness_do(h, make_code(STORE_WRITE_CODE, 0, 301, 5,
	    0)), STORE_OK);
	assert_int_equal(harness_do(h, make_ban_range("192.0.2.0/24",
	    INT64_MAX)), STORE_OK);
	assert_int_equal(harness_do(h, make_lockdown(true)), STORE_OK);
}

struct store_read *
ask_account(struct harness *h, uint64_t uid)
{
	struct store_read *read = harness_ask(h, make_read(STORE_READ_ACCOUNT,
	    uid, 0));

	assert_int_equal(read->status, STORE_OK);
	return read;
}

struct store_read *
ask_devices(struct harness *h, uint64_t uid)
{
	struct store_read *read = harness_ask(h, make_read(STORE_READ_DEVICES,
	    uid, 0));

	assert_int_equal(read->status, STORE_OK);
	return read;
}

bool
is_alive(struct harness *h, uint64_t uid, uint64_t family)
{
	struct store_read *read = make_read(STORE_READ_USER, uid, 0);
	bool alive;

	read->family = family;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	alive = read->access.family_alive;
	store_read_free(read);
	return alive;
}

size_t
count_feeds(const struct harness *h, unsigned *worker)
{
	size_t i, n = 0;

	for (i = 0; i < h->events_n; i++) {
		if (!h->events[i].feed)
			continue;
		n++;
		*worker = h->events[i].worker;
	}
	return n;
}
