/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner.h"
#include "tests/contract/account_stage.h"
#include "tests/contract/table_stage.h"

/* Accounts: names, addresses, codes, bans, and who is erased. */

static uint64_t
find_by_email(struct harness *h, const char *email)
{
	struct store_read *read = store_read_new(strlen(email) + 1);
	uint64_t uid;

	assert_non_null(read);
	read->kind = STORE_READ_ACCOUNT;
	strcpy(read->extra, email);
	read->email = read->extra;
	harness_ask(h, read);
	uid = read->status == STORE_OK ? read->person.uid : 0;
	assert_int_equal(read->status == STORE_NOT_FOUND, uid == 0);
	store_read_free(read);
	return uid;
}

/* ----------------------------------------------------------------- register */

static void
an_account_is_registered(void **state)
{
	const struct store_account account = {.has = ACCOUNT_EMAIL |
	    ACCOUNT_PASSWORD | ACCOUNT_DISPLAY_NAME | ACCOUNT_AVATAR_URL |
	    ACCOUNT_ABOUT | ACCOUNT_FLAGS, .email = "ann@example.org",
	    .password = "$scrypt$1", .display_name = "Ann",
	    .avatar_url = "https://example.org/a.png", .about = "Hello",
	    .flags = ACCOUNT_BOT, .flags_mask = ACCOUNT_BOT};
	struct harness *h = *state;
	struct store_write *write;
	struct store_read *read;
	uint64_t ann;

	stand(h, START);
	write = harness_done(h, make_register("ann", &account));
	assert_int_equal(write->status, STORE_OK);
	assert_true(write->created);
	assert_int_equal(write->account->created_us, START);
	ann = write->record.sender;
	store_write_unref(write);
	restart(h);
	read = ask_account(h, ann);
	assert_string_equal(read->person.name, "ann");
	assert_true(read->access.claimed);
	assert_int_equal(read->access.flags, ACCOUNT_BOT);
	assert_true(read->account.claimed);
	assert_int_equal(read->account.flags, ACCOUNT_BOT);
	assert_string_equal(read->account.email, "ann@example.org");
	assert_string_equal(read->account.password, "$scrypt$1");
	assert_string_equal(read->account.display_name, "Ann");
	assert_string_equal(read->account.avatar_url,
	    "https://example.org/a.png");
	assert_string_equal(read->account.about, "Hello");
	assert_string_equal(read->account.reason, "");
	assert_int_equal(read->account.created_us, START);
	assert_int_equal(read->account.banned_until_us, 0);
	store_read_free(read);
	assert_int_equal(find_by_email(h, "ann@example.org"), ann);
	assert_int_equal(find_by_email(h, "ann@example.com"), 0);
	assert_int_equal(find_by_email(h, ""), 0);
}

static void
names_and_addresses_are_unique(void **state)
{
	const struct store_account other = {.has = ACCOUNT_EMAIL,
	    .email = "other@example.org"};
	const struct store_account same = {.has = ACCOUNT_EMAIL,
	    .email = "ann@example.org"};
	struct harness *h = *state;
	struct store_write *write;

	enrol(h, "ann", "ann@example.org", "hash");
	write = harness_done(h, make_register("ann", &other));
	assert_int_equal(write->status, STORE_EXISTS);
	assert_int_equal(write->account->taken, 0);
	store_write_unref(write);
	write = harness_done(h, make_register("bob", &same));
	assert_int_equal(write->status, STORE_EXISTS);
	assert_int_equal(write->account->taken, ACCOUNT_EMAIL);
	store_write_unref(write);
	/* Nothing is left of what was refused. */
	assert_int_equal(find_by_email(h, "other@example.org"), 0);
	enrol(h, "bob", "other@example.org", "hash");
}

static void
two_at_once(void **state)
{
	const struct store_account first = {.has = ACCOUNT_EMAIL,
	    .email = "ann@example.org"};
	const struct store_account second = {.has = ACCOUNT_EMAIL,
	    .email = "bob@example.org"};
	struct harness *h = *state;
	struct store_write *writes[3];
	int i;

	writes[0] = harness_submit(h, make_register("ann", &first));
	writes[1] = harness_submit(h, make_register("ann", &second));
	writes[2] = harness_submit(h, make_register("bob", &first));
	harness_settle(h);
	assert_int_equal(writes[0]->status, STORE_OK);
	assert_int_equal(writes[1]->status, STORE_EXISTS);
	assert_int_equal(writes[1]->account->taken, 0);
	assert_int_equal(writes[2]->status, STORE_EXISTS);
	assert_int_equal(writes[2]->account->taken, ACCOUNT_EMAIL);
	for (i = 0; i < 3; i++)
		store_write_unref(writes[i]);
	assert_int_equal(find_by_email(h, "bob@example.org"), 0);
}

/* A name that was made in open mode is its own until the operator gives it. */
static void
an_unclaimed_name_is_not_taken_over(void **state)
{
	struct store_account account = {.has = ACCOUNT_PASSWORD,
	    .password = "hash"};
	struct harness *h = *state;
	struct store_write *write;
	struct store_read *read;
	uint64_t ann, id;
	unsigned worker;

	stand(h, START);
	ann = add_user(h, "ann");
	read = ask_account(h, ann);
	assert_false(read->access.claimed);
	assert_int_equal(read->account.updated_us, START);
	store_read_free(read);
	id = sign_in(h, ann, 1, "");
	assert_int_equal(harness_do(h, make_register("ann", &account)),
	    STORE_EXISTS);
	assert_true(is_alive(h, ann, id));
	account.claim = true;
	harness_settle_feeds(h);
	harness_forget(h);
	stand(h, START + SECOND);
	write = harness_done(h, make_register("ann", &account));
	assert_int_equal(write->status, STORE_OK);
	assert_false(write->created);
	assert_true(write->account->signed_out);
	assert_int_equal(write->record.sender, ann);
	store_write_unref(write);
	harness_settle_feeds(h);
	assert_int_equal(count_feeds(h, &worker), 1);
	assert_int_equal(worker, owner_of(ann, WORKERS));
	assert_false(is_alive(h, ann, id));
	read = ask_account(h, ann);
	assert_true(read->access.claimed);
	assert_int_equal(read->access.tokens_from_us, START + SECOND);
	store_read_free(read);
	assert_int_equal(harness_do(h, make_register("ann", &account)),
	    STORE_EXISTS);
}

static void
what_is_too_long_is_refused(void **state)
{
	char text[ABOUT_MAX + 2];
	struct store_account account = {.has = ACCOUNT_ABOUT, .about = text};
	struct harness *h = *state;
	uint64_t ann = enrol(h, "ann", "", "hash");

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(harness_do(h, make_register("bob", &account)),
	    STORE_LIMIT);
	assert_int_equal(change(h, ann, &account), STORE_LIMIT);
	text[ABOUT_MAX] = '\0';
	assert_int_equal(change(h, ann, &account), STORE_OK);
	assert_int_equal(harness_do(h, make_register("bob", &account)),
	    STORE_OK);
}

/* The longest of everything fits. */
static void
everything_at_its_longest(void **state)
{
	static char texts[6][1100];
	static const size_t sizes[6] = {EMAIL_MAX, PASSWORD_HASH_MAX,
	    DISPLAY_NAME_MAX, AVATAR_URL_MAX, ABOUT_MAX, REASON_MAX};
	const struct store_account account = {.has = ACCOUNT_EMAIL |
	    ACCOUNT_PASSWORD | ACCOUNT_DISPLAY_NAME | ACCOUNT_AVATAR_URL |
	    ACCOUNT_ABOUT | ACCOUNT_BANNED, .email = texts[0],
	    .password = texts[1], .display_name = texts[2],
	    .avatar_url = texts[3], .about = texts[4], .reason = texts[5],
	    .banned_until_us = INT64_MAX};
	struct harness *h = *state;
	struct store_write *write;
	struct store_read *read;
	int i;

	for (i = 0; i < 6; i++) {
		memset(texts[i], 'a' + i, sizes[i]);
		texts[i][sizes[i]] = '\0';
	}
	write = harness_done(h, make_register(
	    "a2345678901234567890123456789012", &account));
	assert_int_equal(write->status, STORE_OK);
	restart(h);
	read = ask_account(h, write->record.sender);
	store_write_unref(write);
	assert_string_equal(read->account.email, texts[0]);
	assert_string_equal(read->account.about, texts[4]);
	assert_string_equal(read->account.reason, texts[5]);
	store_read_free(read);
	assert_int_not_equal(find_by_email(h, texts[0]), 0);
}

/* ------------------------------------------------------------------- change */

static void
an_account_is_changed(void **state)
{
	const struct store_account profile = {.has = ACCOUNT_DISPLAY_NAME,
	    .display_name = "Ann"};
	struct store_account account = {.has = ACCOUNT_EMAIL,
	    .email = "new@example.org"};
	struct harness *h = *state;
	struct store_write *write;
	struct store_read *read;
	uint64_t ann, bob;
	unsigned worker;
	int64_t version;

	stand(h, START);
	ann = enrol(h, "ann", "old@example.org", "hash");
	bob = enrol(h, "bob", "bob@example.org", "hash");
	harness_settle_feeds(h);
	harness_forget(h);
	write = harness_done(h, make_account(STORE_WRITE_ACCOUNT, ann,
	    &account));
	assert_int_equal(write->status, STORE_OK);
	assert_false(write->account->signed_out);
	version = write->account->updated_us;
	store_write_unref(write);
	harness_settle_feeds(h);
	assert_int_equal(count_feeds(h, &worker), 1);
	assert_int_equal(worker, owner_of(ann, WORKERS));
	assert_int_equal(find_by_email(h, "old@example.org"), 0);
	assert_int_equal(find_by_email(h, "new@example.org"), ann);
	assert_int_equal(change(h, bob, &account), STORE_EXISTS);
	assert_int_equal(change(h, ann, &account), STORE_OK);
	assert_int_equal(change(h, ann, &profile), STORE_OK);
	restart(h);
	read = ask_account(h, ann);
	assert_string_equal(read->account.display_name, "Ann");
	assert_string_equal(read->account.email, "new@example.org");
	assert_string_equal(read->account.password, "hash");
	/* A version of its own each time, though the clock stands. */
	assert_int_equal(read->account.updated_us, version + 2);
	store_read_free(read);
	account.email = "";
	assert_int_equal(change(h, ann, &account), STORE_OK);
	assert_int_equal(find_by_email(h, "new@example.org"), 0);
	assert_int_equal(change(h, 4711, &profile), STORE_NOT_FOUND);
}

static void
a_change_that_is_not_expected(void **state)
{
	struct store_account account = {.has = ACCOUNT_PASSWORD,
	    .password = "new", .expected = "other"};
	struct harness *h = *state;
	struct store_read *read;
	uint64_t ann;

	ann = enrol(h, "ann", "", "old");
	assert_int_equal(change(h, ann, &account), STORE_CONFLICT);
	account.expected = "old";
	assert_int_equal(change(h, ann, &account), STORE_OK);
	account.expected = NULL;
	account.version = 1;
	assert_int_equal(change(h, ann, &account), STORE_CONFLICT);
	read = ask_account(h, ann);
	account.version = read->account.updated_us;
	store_read_free(read);
	assert_int_equal(change(h, ann, &account), STORE_OK);
	assert_int_equal(change(h, ann, &account), STORE_CONFLICT);
}

/* A password or an address does, a ban or a profile does not. */
static void
what_claims_a_name(void **state)
{
	static const struct {
		struct store_account account;
		bool claims;
	} cases[] = {
	    {{.has = ACCOUNT_PASSWORD, .password = "hash"}, true},
	    {{.has = ACCOUNT_EMAIL, .email = "a@example.org"}, true},
	    {{.has = ACCOUNT_DISPLAY_NAME, .display_name = "Ann"}, false},
	    {{.has = ACCOUNT_BANNED, .banned_until_us = INT64_MAX}, false},
	    {{.sign_out = true}, false}};
	struct harness *h = *state;
	struct store_read *read;
	char name[8];
	uint64_t uid;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(name, sizeof(name), "u%zu", i);
		uid = add_user(h, name);
		assert_int_equal(change(h, uid, &cases[i].account), STORE_OK);
		read = ask_account(h, uid);
		assert_int_equal(read->access.claimed, cases[i].claims);
		store_read_free(read);
	}
}

static void
a_ban_is_told_and_ends(void **state)
{
	struct store_account account = {.has = ACCOUNT_BANNED,
	    .banned_until_us = INT64_MAX, .reason = "spam"};
	struct harness *h = *state;
	struct store_read *read;
	uint64_t ann;

	ann = enrol(h, "ann", "", "hash");
	assert_int_equal(change(h, ann, &account), STORE_OK);
	restart(h);
	read = harness_ask(h, make_read(STORE_READ_USER, ann, 0));
	assert_int_equal(read->access.banned_until_us, INT64_MAX);
	store_read_free(read);
	read = harness_ask(h, make_read(STORE_READ_PERSON, ann, 0));
	assert_int_equal(read->access.banned_until_us, INT64_MAX);
	store_read_free(read);
	account.banned_until_us = 0;
	assert_int_equal(change(h, ann, &account), STORE_OK);
	read = ask_account(h, ann);
	assert_int_equal(read->access.banned_until_us, 0);
	assert_string_equal(read->account.reason, "");
	store_read_free(read);
}

/* What makes the store grow is refused, what shuts somebody out is not. */
static void
the_disk_is_full(void **state)
{
	const struct store_account profile = {.has = ACCOUNT_ABOUT,
	    .about = "Hello"};
	const struct store_account ban = {.has = ACCOUNT_BANNED,
	    .banned_until_us = INT64_MAX};
	struct harness *h = *state;
	uint64_t ann = enrol(h, "ann", "", "hash");

	harness_close(h);
	h->min_free = UINT64_MAX;
	harness_open(h);
	assert_int_equal(harness_do(h, make_register("bob", &profile)),
	    STORE_NO_SPACE);
	assert_int_equal(change(h, ann, &profile), STORE_NO_SPACE);
	assert_int_equal(change(h, ann, &ban), STORE_OK);
	assert_int_equal(harness_do(h, make_sign_out(ann, 0, "")), STORE_OK);
}

/* ------------------------------------------------------------------ erasure */

static struct store_write *
make_erase(uint64_t uid, uint32_t limit)
{
	struct store_write *write = store_write_new(0);

	write->kind = STORE_WRITE_ERASE;
	write->record.sender = uid;
	write->limit = limit;
	return write;
}

static void
erase(struct harness *h, uint64_t uid)
{
	struct store_erase_at next = {0};
	struct store_write *write;

	do {
		write = make_erase(uid, 10);
		write->erase.from = next;
		harness_done(h, write);
		assert_int_equal(write->status, STORE_OK);
		next = write->erase.next;
		store_write_unref(write);
	} while (next.phase != 0);
}

/* From the moment it begins nobody is signed in; then nothing is left. */
static void
nothing_is_left_of_the_erased(void **state)
{
	const struct store_account account = {.has = ACCOUNT_EMAIL,
	    .email = "uid@example.org"};
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	uint64_t ann = add_user(h, "ann"), bob = enrol(h, "bob", "", "hash");
	uint64_t of_bob = sign_in(h, bob, 900, "");
	unsigned i;

	fill_accounts(h, ann);
	refresh_many(h, 102, 58);
	assert_int_equal(harness_do(h, make_erase(ann, 0)), STORE_OK);
	assert_int_equal(refresh(h, 160, 161), STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_token(ann, 500, "")),
	    STORE_NOT_FOUND);
	assert_int_equal(change(h, ann, &account), STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_reset(ann, 300, "new")),
	    STORE_NOT_FOUND);
	erase(h, ann);
	assert_int_equal(count_rows_of(kv, KV_ACCOUNT, ann), 0);
	assert_int_equal(count_rows_of(kv, KV_FAMILY, ann), 0);
	assert_int_equal(count_rows_with(kv, "uid@example.org"), 0);
	assert_int_equal(count_rows_with(kv, "What I say"), 0);
	for (i = 0; i < 2; i++) { /* bob's token, and the code to register */
		struct kv_bytes kept;
		struct key key;

		assert_int_equal(find_row(kv, i == 0 ? KV_TOKEN : KV_CODE, 1,
		    &key, &kept), false);
	}
	assert_true(is_alive(h, bob, of_bob));
	assert_int_equal(refresh(h, 900, 901), STORE_OK);
	assert_int_equal(harness_do(h, make_register("ann", &account)),
	    STORE_EXISTS);
	assert_int_equal(change(h, bob, &account), STORE_OK);
	assert_sound(kv);
}

/* --------------------------------------------------------------------- list */

static void
accounts_are_listed(void **state)
{
	static const char *const names[] = {"dan", "ann", "cat", "bob",
	    "ann.2"};
	struct harness *h = *state;
	struct store_read *read;
	size_t i;

	for (i = 0; i < 5; i++)
		enrol(h, names[i], "", "hash");
	add_user(h, "eve");
	erase(h, enrol(h, "dan.2", "", "hash"));
	read = make_read(STORE_READ_ACCOUNTS, 0, 0);
	read->limit = 3;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->people_n, 3);
	assert_true(read->more);
	assert_string_equal(read->people[0].name, "ann");
	assert_string_equal(read->people[1].name, "ann.2");
	assert_string_equal(read->people[2].name, "bob");
	assert_true(read->people[0].access.claimed);
	store_read_free(read);
	read = make_read(STORE_READ_ACCOUNTS, 0, 0);
	strcpy(read->name, "bob");
	read->limit = 3;
	harness_ask(h, read);
	assert_int_equal(read->people_n, 3);
	assert_false(read->more);
	assert_string_equal(read->people[0].name, "cat");
	assert_string_equal(read->people[2].name, "eve");
	assert_false(read->people[2].access.claimed);
	store_read_free(read);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(an_account_is_registered),
	    BOTH(names_and_addresses_are_unique),
	    BOTH(two_at_once),
	    BOTH(an_unclaimed_name_is_not_taken_over),
	    BOTH(what_is_too_long_is_refused),
	    BOTH(everything_at_its_longest),
	    BOTH(an_account_is_changed),
	    BOTH(a_change_that_is_not_expected),
	    BOTH(what_claims_a_name),
	    BOTH(a_ban_is_told_and_ends),
	    LMDB(the_disk_is_full),
	    BOTH(accounts_are_listed),
	    BOTH(nothing_is_left_of_the_erased)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
