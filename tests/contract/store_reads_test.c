/* SPDX-License-Identifier: MIT */
#include "tests/contract/store_harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static struct store_read *
ask(struct harness *h, enum store_read_kind kind, uint64_t uid, uint64_t conv)
{
	return harness_ask(h, make_read(kind, uid, conv));
}

static struct store_read *
ask_named(struct harness *h, enum store_read_kind kind, const char *name)
{
	struct store_read *read = make_read(kind, 0, 0);

	snprintf(read->name, sizeof(read->name), "%s", name);
	return harness_ask(h, read);
}

/* ------------------------------------------------------------------- people */

static void
people_by_name_and_number(void **state)
{
	static const char names[3][NAME_BYTES_MAX + 1] = {"bob", "nobody", "ann"};
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	struct store_read *read;
	struct store_write *seen;

	read = ask_named(h, STORE_READ_USER, "ann");
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->person.uid, ann);
	assert_true(read->person.created_us > 0);
	assert_int_equal(read->person.last_seen_us, 0);
	store_read_free(read);
	seen = store_write_new(0);
	seen->kind = STORE_WRITE_SEEN;
	seen->record.sender = bob;
	seen->seen_us = 1234;
	seen->urgent = true;
	assert_int_equal(harness_do(h, seen), STORE_OK);
	read = ask(h, STORE_READ_USER, bob, 0);
	assert_string_equal(read->person.name, "bob");
	assert_int_equal(read->person.last_seen_us, 1234);
	store_read_free(read);
	read = ask_named(h, STORE_READ_USER, "nobody");
	assert_int_equal(read->status, STORE_NOT_FOUND);
	store_read_free(read);
	read = make_read(STORE_READ_PEOPLE, 0, 0);
	read->names = names;
	read->names_n = 3;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->people_n, 3);
	assert_int_equal(read->people[0].uid, bob);
	assert_int_equal(read->people[0].last_seen_us, 1234);
	assert_int_equal(read->people[1].uid, 0);
	assert_int_equal(read->people[2].uid, ann);
	store_read_free(read);
}

static void
what_signing_in_needs(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t eve = add_user(h, "eve"), tea = join(h, ann, "#tea");
	uint64_t direct = say_to(h, bob, ann, "hi");
	const struct store_cursor first[] = {{tea, 1}, {direct, 0}};
	struct store_read *read;
	size_t i;

	harness_do(h, make_block(ann, eve, true));
	harness_do(h, make_device(ann, "phone", first, 2));
	read = make_read(STORE_READ_PERSON, ann, 0);
	strcpy(read->device, "phone");
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	assert_string_equal(read->person.name, "ann");
	assert_int_equal(read->blocks_n, 1);
	assert_int_equal(read->blocks[0], eve);
	assert_true(read->device_known);
	assert_int_equal(read->cursors_n, 2);
	assert_int_equal(read->upto, 3);
	assert_int_equal(read->memberships_n, 2);
	for (i = 0; i < 2; i++) {
		if (read->memberships[i].conversation.id == tea) {
			assert_int_equal(read->memberships[i].role,
			    ROLE_OWNER);
			assert_int_equal(
			    read->memberships[i].conversation.last_seq, 2);
		} else {
			assert_string_equal(
			    read->memberships[i].conversation.name,
			    "@ann:bob");
			assert_int_equal(read->memberships[i].joined_seq, 0);
		}
	}
	store_read_free(read);
	read = make_read(STORE_READ_PERSON, bob, 0);
	strcpy(read->device, "laptop");
	harness_ask(h, read);
	assert_false(read->device_known);
	assert_int_equal(read->memberships_n, 1);
	assert_int_equal(read->blocks_n, 0);
	store_read_free(read);
	read = ask(h, STORE_READ_PERSON, 999, 0);
	assert_int_equal(read->status, STORE_NOT_FOUND);
	store_read_free(read);
}

/* ------------------------------------------------------------ conversations */

static void
conversations_by_name(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea"), direct;
	struct store_read *read;

	read = ask_named(h, STORE_READ_CONVERSATION, "#tea");
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->conversation.id, tea);
	assert_int_equal(read->conversation.members, 1);
	store_read_free(read);
	read = ask_named(h, STORE_READ_CONVERSATION, "#lobby");
	assert_int_equal(read->conversation.id, LOBBY_ID);
	store_read_free(read);
	read = ask_named(h, STORE_READ_CONVERSATION, "#none");
	assert_int_equal(read->status, STORE_NOT_FOUND);
	store_read_free(read);
	read = ask_named(h, STORE_READ_CONVERSATION, "@ann:bob");
	assert_int_equal(read->status, STORE_NOT_FOUND);
	assert_int_equal(read->conversation.a, ann);
	assert_int_equal(read->conversation.b, bob);
	store_read_free(read);
	read = ask_named(h, STORE_READ_CONVERSATION, "@ann:zoe");
	assert_int_equal(read->status, STORE_NOT_FOUND);
	assert_int_equal(read->conversation.a, ann);
	assert_int_equal(read->conversation.b, 0);
	store_read_free(read);
	direct = say_to(h, bob, ann, "x");
	read = ask_named(h, STORE_READ_CONVERSATION, "@bob:ann");
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->conversation.id, direct);
	assert_string_equal(read->conversation.name, "@ann:bob");
	assert_string_equal(read->name, "@bob:ann");
	store_read_free(read);
	read = ask(h, STORE_READ_CONVERSATION, 0, direct);
	assert_string_equal(read->conversation.name, "@ann:bob");
	store_read_free(read);
}

static void
conversations_newest_first(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t empty = join(h, ann, "#empty"), tea = join(h, ann, "#tea");
	uint64_t direct = say_to(h, bob, ann, "hi");
	struct store_read *read;

	say(h, ann, tea, "leaves");
	join(h, bob, "#tea");
	read = ask(h, STORE_READ_CONVERSATIONS, ann, 0);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->memberships_n, 3);
	assert_int_equal(read->records_n, 3);
	assert_int_equal(read->memberships[0].conversation.id, tea);
	assert_int_equal(read->records[0].kind, RECORD_MESSAGE);
	assert_string_equal(read->records[0].text, "leaves");
	assert_string_equal(read->records[0].sender_name, "ann");
	assert_int_equal(read->memberships[1].conversation.id, direct);
	assert_string_equal(read->records[1].sender_name, "bob");
	assert_int_equal(read->memberships[2].conversation.id, empty);
	assert_int_equal(read->records[2].kind, 0);
	store_read_free(read);
	read = make_read(STORE_READ_CONVERSATIONS, ann, 0);
	read->limit = 1;
	harness_ask(h, read);
	assert_int_equal(read->memberships_n, 1);
	assert_int_equal(read->records_n, 1);
	assert_true(read->more);
	store_read_free(read);
	read = ask(h, STORE_READ_CONVERSATIONS, 999, 0);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->memberships_n, 0);
	store_read_free(read);
}

static void
members_in_the_order_of_names(void **state)
{
	struct harness *h = *state;
	uint64_t cat = add_user(h, "cat"), ann = add_user(h, "ann");
	uint64_t bob = add_user(h, "bob"), tea = join(h, cat, "#tea");
	struct store_read *read;

	join(h, ann, "#tea");
	join(h, bob, "#tea");
	harness_do(h, make_leave(bob, tea));
	read = ask(h, STORE_READ_MEMBERS, 0, tea);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->members_n, 2);
	assert_int_equal(read->members[0].uid, ann);
	assert_string_equal(read->members[0].name, "ann");
	assert_int_equal(read->members[0].role, ROLE_MEMBER);
	assert_string_equal(read->members[1].name, "cat");
	assert_int_equal(read->members[1].role, ROLE_OWNER);
	store_read_free(read);
}

/* ------------------------------------------------------------------ history */

static void
say_numbers(struct harness *h, uint64_t sender, uint64_t conv, int n)
{
	char text[16];
	int i;

	for (i = 1; i <= n; i++) {
		snprintf(text, sizeof(text), "%d", i);
		store_write_unref(harness_submit(h,
		    make_append(sender, conv, 0, NULL, text)));
	}
	harness_settle(h);
}

static void
check_history(struct harness *h, uint64_t conv, uint64_t after,
    uint64_t before, bool newest, uint64_t first, uint64_t last, bool more)
{
	struct store_read *read = make_read(STORE_READ_HISTORY, 0, conv);
	size_t i;

	read->after = after;
	read->before = before;
	read->newest = newest;
	read->limit = 3;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->records_n, last + 1 - first);
	assert_int_equal(read->more, more);
	for (i = 0; i < read->records_n; i++) {
		assert_int_equal(read->records[i].seq, first + i);
		assert_int_equal(read->records[i].conv, conv);
		assert_int_equal(strtoul(read->records[i].text, NULL, 10),
		    first + i);
		assert_string_equal(read->records[i].sender_name, "ann");
	}
	store_read_free(read);
}

static void
history_by_range(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_read *read;

	check_history(h, LOBBY_ID, 0, UINT64_MAX, true, 1, 0, false);
	say_numbers(h, ann, LOBBY_ID, 10);
	check_history(h, LOBBY_ID, 0, UINT64_MAX, true, 8, 10, true);
	check_history(h, LOBBY_ID, 0, 8, true, 5, 7, true);
	check_history(h, LOBBY_ID, 0, 4, true, 1, 3, false);
	check_history(h, LOBBY_ID, 0, 3, true, 1, 2, false);
	check_history(h, LOBBY_ID, 0, 1, true, 1, 0, false);
	check_history(h, LOBBY_ID, 0, UINT64_MAX, false, 1, 3, true);
	check_history(h, LOBBY_ID, 7, UINT64_MAX, false, 8, 10, false);
	check_history(h, LOBBY_ID, 8, UINT64_MAX, false, 9, 10, false);
	check_history(h, LOBBY_ID, 10, UINT64_MAX, false, 1, 0, false);
	check_history(h, LOBBY_ID, 4, 7, false, 5, 6, false);
	check_history(h, LOBBY_ID, UINT64_MAX - 1, 7, false, 1, 0, false);
	check_history(h, LOBBY_ID, UINT64_MAX, UINT64_MAX, true, 1, 0, false);
	read = ask(h, STORE_READ_HISTORY, 0, 999);
	assert_int_equal(read->status, STORE_NOT_FOUND);
	store_read_free(read);
}

static void
a_client_id_is_found(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_read *read;

	harness_do(h, make_append(ann, LOBBY_ID, 0, "key", "text"));
	read = make_read(STORE_READ_CLIENT_MSG_ID, ann, LOBBY_ID);
	strcpy(read->client_msg_id, "key");
	read->fingerprint = hash_bytes("text", 4);
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_DUPLICATE);
	assert_int_equal(read->records_n, 1);
	assert_int_equal(read->records[0].seq, 1);
	assert_string_equal(read->records[0].client_msg_id, "key");
	store_read_free(read);
	read = make_read(STORE_READ_CLIENT_MSG_ID, ann, LOBBY_ID);
	strcpy(read->client_msg_id, "key");
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_CONFLICT);
	store_read_free(read);
	read = make_read(STORE_READ_CLIENT_MSG_ID, ann + 1, LOBBY_ID);
	strcpy(read->client_msg_id, "key");
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_NOT_FOUND);
	store_read_free(read);
}

/* ----------------------------------------------------------------- catch-up */

static struct store_read *
make_catch_up(const struct store_position *positions, size_t n, uint32_t limit)
{
	struct store_read *read = store_read_new(n * sizeof(*positions));

	assert_non_null(read);
	read->kind = STORE_READ_CATCH_UP;
	read->limit = limit;
	read->gaps_wanted = true;
	read->positions = (struct store_position *)(void *)read->extra;
	read->positions_n = n;
	if (n != 0)
		memcpy(read->positions, positions, n * sizeof(*positions));
	return read;
}

#define CONVS 7
#define EVENTS 400

/* Pages over several conversations are one stream in the order of ids. */
static void
catch_up_merges_by_id(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), last_id = 0, upto = 0;
	struct store_position positions[CONVS] = {{0}};
	uint64_t start[CONVS], total = 0, want = 0;
	struct store_read *read;
	unsigned random = 12345;
	char name[8];
	size_t i, j;
	bool more;

	for (i = 0; i < CONVS; i++) {
		snprintf(name, sizeof(name), "#g%zu", i);
		positions[i].conv = join(h, ann, name);
	}
	for (i = 0; i < EVENTS; i++) {
		random = random * 1103515245 + 12345;
		store_write_unref(harness_submit(h, make_append(ann,
		    positions[random >> 16 & 3].conv, 0, NULL, "x")));
	}
	harness_settle(h);
	for (i = 0; i < CONVS; i++)
		start[i] = positions[i].seq = i; /* past the end of some */
	do {
		read = harness_ask(h, make_catch_up(positions, CONVS, 33));
		assert_int_equal(read->status, STORE_OK);
		assert_true(read->records_n <= 33);
		assert_int_equal(read->gaps_n, 0);
		for (j = 0; j < read->records_n; j++) {
			assert_true(read->records[j].id > last_id);
			last_id = read->records[j].id;
			for (i = 0; i < CONVS; i++) {
				if (positions[i].conv == read->records[j].conv)
					assert_int_equal(++positions[i].seq,
					    read->records[j].seq);
			}
		}
		assert_memory_equal(positions, read->positions,
		    sizeof(positions));
		total += read->records_n;
		more = read->more;
		upto = read->upto;
		store_read_free(read);
	} while (more);
	for (i = 0; i < CONVS; i++)
		want += positions[i].seq - start[i];
	assert_int_equal(total, want);
	assert_int_equal(upto, EVENTS + 2 * CONVS);
	assert_int_equal(last_id, upto);
}

static void
catch_up_cuts_to_the_tail(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	struct store_position positions[] = {
	    {.conv = tea, .seq = 1, .tail = 4},
	    {.conv = LOBBY_ID, .tail = 2, .silent = true},
	    {.conv = 999}};
	struct store_read *read;

	say_numbers(h, ann, tea, 10);
	say_numbers(h, ann, LOBBY_ID, 5);
	read = harness_ask(h, make_catch_up(positions, 3, 5));
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->gaps_n, 1);
	assert_int_equal(read->gaps[0].conv, tea);
	assert_int_equal(read->gaps[0].from, 2);
	assert_int_equal(read->gaps[0].to, 8);
	assert_int_equal(read->records_n, 5);
	assert_int_equal(read->records[0].seq, 9);
	assert_int_equal(read->records[4].conv, LOBBY_ID);
	assert_int_equal(read->records[4].seq, 4);
	assert_int_equal(read->positions[0].seq, 12);
	assert_int_equal(read->positions[1].seq, 4);
	assert_true(read->more);
	memcpy(positions, read->positions, sizeof(positions));
	store_read_free(read);
	/* The next page has nothing to leave out. */
	read = harness_ask(h, make_catch_up(positions, 3, 5));
	assert_int_equal(read->gaps_n, 0);
	assert_int_equal(read->records_n, 1);
	assert_false(read->more);
	store_read_free(read);
	/* Unless gaps are wanted, all of it comes. */
	positions[0].seq = 0;
	read = make_catch_up(positions, 1, 100);
	read->gaps_wanted = false;
	harness_ask(h, read);
	assert_int_equal(read->records_n, 12);
	store_read_free(read);
}

/* With a uid, only where the positions are all that the person is in. */
static void
catch_up_tells_stale_positions(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t mate = join(h, ann, "#mate");
	const struct store_position sets[][3] = {
	    {{.conv = mate}, {.conv = LOBBY_ID}, {.conv = tea}},
	    {{.conv = LOBBY_ID}, {.conv = tea}},
	    {{.conv = mate}, {.conv = tea}, {.conv = 999}},
	    {{.conv = tea}, {.conv = 999}, {.conv = LOBBY_ID}},
	    {{.conv = LOBBY_ID}}};
	static const size_t sizes[] = {3, 2, 3, 3, 1};
	struct store_read *read;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		read = make_catch_up(sets[i], sizes[i], 10);
		read->uid = ann;
		harness_ask(h, read);
		assert_int_equal(read->status, STORE_OK);
		assert_int_equal(read->stale, i != 0);
		assert_int_equal(read->records_n, i == 0 ? 4 : 0);
		store_read_free(read);
	}
	harness_do(h, make_leave(ann, tea));
	harness_do(h, make_leave(ann, mate));
	read = make_catch_up(sets[4], 1, 10);
	read->uid = ann;
	harness_ask(h, read);
	assert_false(read->stale);
	store_read_free(read);
}

static void
catch_up_of_nothing(void **state)
{
	struct harness *h = *state;
	struct store_position lobby = {.conv = LOBBY_ID};
	struct store_read *read = harness_ask(h, make_catch_up(NULL, 0, 10));

	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->records_n, 0);
	store_read_free(read);
	read = harness_ask(h, make_catch_up(&lobby, 1, 10));
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->records_n, 0);
	assert_false(read->more);
	assert_int_equal(read->upto, 0);
	store_read_free(read);
}

static void
a_page_has_bounded_bytes(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_position lobby = {.conv = LOBBY_ID};
	char text[TEXT_MAX + 1];
	struct store_read *read;
	int i;

	memset(text, 'x', TEXT_MAX);
	text[TEXT_MAX] = '\0';
	for (i = 0; i < 30; i++)
		say(h, ann, LOBBY_ID, text);
	read = harness_ask(h, make_catch_up(&lobby, 1, 0));
	assert_int_equal(read->records_n, 16);
	assert_int_equal(read->records[15].text_len, TEXT_MAX);
	assert_string_equal(read->records[15].text, text);
	assert_true(read->more);
	store_read_free(read);
}

/* --------------------------------------------------------- devices, cursors */

static uint64_t
cursor_of(struct harness *h, uint64_t uid, const char *device, uint64_t conv)
{
	struct store_read *read = make_read(STORE_READ_PERSON, uid, 0);
	uint64_t seq = UINT64_MAX;
	size_t i;

	strcpy(read->device, device);
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	for (i = 0; i < read->cursors_n; i++) {
		if (read->cursors[i].conv == conv)
			seq = read->cursors[i].seq;
	}
	store_read_free(read);
	return seq;
}

static uint64_t
delivered_of(struct harness *h, uint64_t uid, uint64_t conv)
{
	struct store_read *read = ask(h, STORE_READ_PERSON, uid, 0);
	uint64_t seq = UINT64_MAX;
	size_t i;

	for (i = 0; i < read->memberships_n; i++) {
		if (read->memberships[i].conversation.id == conv)
			seq = read->memberships[i].delivered_seq;
	}
	store_read_free(read);
	return seq;
}

static void
cursors_only_advance(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea"), other = join(h, bob, "#other");
	struct store_cursor cursors[] = {
	    {other, 1}, {tea, 5}, {LOBBY_ID, 1}, {999, 3}};

	say_numbers(h, ann, tea, 10);
	assert_int_equal(harness_do(h, make_device(ann, "phone", NULL, 0)),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_cursors(ann, "phone", cursors, 4)),
	    STORE_OK);
	assert_int_equal(cursor_of(h, ann, "phone", tea), 5);
	assert_int_equal(cursor_of(h, ann, "phone", other), UINT64_MAX);
	assert_int_equal(cursor_of(h, ann, "phone", LOBBY_ID), UINT64_MAX);
	assert_int_equal(delivered_of(h, ann, tea), 5);
	cursors[1].seq = 4;
	harness_do(h, make_cursors(ann, "phone", cursors, 2));
	assert_int_equal(cursor_of(h, ann, "phone", tea), 5);
	assert_int_equal(delivered_of(h, ann, tea), 5);
	cursors[1].seq = UINT64_MAX;
	harness_do(h, make_cursors(ann, "phone", cursors, 2));
	assert_int_equal(cursor_of(h, ann, "phone", tea), 12);
	assert_int_equal(delivered_of(h, ann, tea), 12);
}

static void
each_device_has_its_own(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	struct store_cursor at = {tea, 1};

	say_numbers(h, ann, tea, 10);
	assert_int_equal(harness_do(h, make_device(ann, "one", &at, 1)),
	    STORE_OK);
	at.seq = 7;
	assert_int_equal(harness_do(h, make_device(ann, "one", &at, 1)),
	    STORE_DUPLICATE);
	assert_int_equal(cursor_of(h, ann, "one", tea), 1);
	assert_int_equal(harness_do(h, make_device(ann, "two", &at, 1)),
	    STORE_OK);
	assert_int_equal(cursor_of(h, ann, "two", tea), 7);
	/* One without a row moves the person's mark alone. */
	at.seq = 8;
	assert_int_equal(harness_do(h, make_cursors(ann, "", &at, 1)),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_cursors(ann, "three", &at, 1)),
	    STORE_OK);
	assert_int_equal(delivered_of(h, ann, tea), 8);
	assert_int_equal(cursor_of(h, ann, "three", tea), UINT64_MAX);
	assert_int_equal(cursor_of(h, ann, "one", tea), 1);
}

/* The harness allows three. */
static void
the_least_recently_used_device_goes(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea");
	struct store_cursor at = {tea, 1};

	harness_do(h, make_device(bob, "a", NULL, 0));
	harness_do(h, make_device(ann, "a", &at, 1));
	harness_do(h, make_device(ann, "b", &at, 1));
	harness_do(h, make_device(ann, "c", &at, 1));
	harness_do(h, make_cursors(ann, "a", &at, 1));
	harness_do(h, make_device(ann, "d", &at, 1));
	assert_int_equal(cursor_of(h, ann, "a", tea), 1);
	assert_int_equal(cursor_of(h, ann, "b", tea), UINT64_MAX);
	assert_int_equal(cursor_of(h, ann, "c", tea), 1);
	assert_int_equal(cursor_of(h, ann, "d", tea), 1);
	assert_int_equal(harness_do(h, make_device(bob, "a", NULL, 0)),
	    STORE_DUPLICATE);
}

static void
a_cursor_over_many_conversations(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_cursor cursors[100];
	char name[8];
	size_t i;

	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "#g%zu", i);
		cursors[99 - i].conv = join(h, ann, name);
		cursors[99 - i].seq = 1;
	}
	harness_do(h, make_device(ann, "phone", cursors + 50, 50));
	harness_do(h, make_cursors(ann, "phone", cursors, 100));
	for (i = 0; i < 100; i++)
		assert_int_equal(cursor_of(h, ann, "phone", cursors[i].conv),
		    1);
}

static void
coming_back_begins_anew(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea");
	struct store_read *read;

	join(h, bob, "#tea");
	harness_do(h, make_leave(bob, tea));
	say(h, ann, tea, "while bob is away");
	assert_int_equal(delivered_of(h, bob, tea), UINT64_MAX);
	join(h, bob, "#tea");
	read = ask(h, STORE_READ_PERSON, bob, 0);
	assert_int_equal(read->memberships_n, 1);
	assert_int_equal(read->memberships[0].joined_seq, 5);
	assert_int_equal(read->memberships[0].delivered_seq, 5);
	assert_int_equal(read->memberships[0].conversation.last_seq, 6);
	store_read_free(read);
}

/* -------------------------------------------------------------- persistence */

static void
all_is_there_after_a_restart(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea"), direct, epoch;
	struct store_cursor at = {tea, 2};
	struct store_write *write;

	direct = say_to(h, ann, bob, "1");
	harness_do(h, make_append(ann, direct, 0, "key", "2"));
	harness_do(h, make_device(ann, "phone", &at, 1));
	harness_do(h, make_block(bob, ann, true));
	epoch = store_epoch(h->store);
	assert_int_not_equal(epoch, 0);
	harness_close(h);
	harness_open(h);
	assert_int_equal(store_epoch(h->store), epoch);
	assert_int_equal(cursor_of(h, ann, "phone", tea), 2);
	assert_int_equal(harness_do(h, make_append(ann, direct, 0, "key",
	    "2")), STORE_DUPLICATE);
	assert_int_equal(harness_do(h, make_append(ann, direct, 0, "key2",
	    "2")), STORE_BLOCKED);
	write = harness_done(h, make_append(bob, direct, 0, NULL, "3"));
	assert_int_equal(write->record.seq, 3);
	assert_int_equal(write->record.id, 5);
	assert_int_equal(write->record.count, 3);
	store_write_unref(write);
	assert_true(add_user(h, "cat") > bob);
	assert_true(join(h, ann, "#new") > direct);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(people_by_name_and_number),
	    BOTH(what_signing_in_needs),
	    BOTH(conversations_by_name),
	    BOTH(conversations_newest_first),
	    BOTH(members_in_the_order_of_names),
	    BOTH(history_by_range),
	    BOTH(a_client_id_is_found),
	    BOTH(catch_up_merges_by_id),
	    BOTH(catch_up_cuts_to_the_tail),
	    BOTH(catch_up_tells_stale_positions),
	    BOTH(catch_up_of_nothing),
	    BOTH(a_page_has_bounded_bytes),
	    BOTH(cursors_only_advance),
	    BOTH(each_device_has_its_own),
	    BOTH(the_least_recently_used_device_goes),
	    BOTH(a_cursor_over_many_conversations),
	    BOTH(coming_back_begins_anew),
	    LMDB(all_is_there_after_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
