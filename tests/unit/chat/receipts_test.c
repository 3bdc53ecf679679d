/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chat/state.h"
#include "world.h"

#define MEMBERS 10000
#define FIRST_UID 100000 /* of members who are only simulated */

static void
receive(struct client *client, const char *conversation, int seq)
{
	client_say(client, "{\"type\":\"received\",\"conversation\":\"%s\","
	    "\"seq\":%d,\"ref\":1}", conversation, seq);
	client_next(client, "ok");
}

/* ----------------------------------------------- what the store would feed */

struct group {
	struct chat *chat;
	struct conversation *conversation;
	struct client *author;
};

static struct group
make_group(struct world *world)
{
	struct group group;

	group.author = client_open(world, "ann", "", false);
	client_join(group.author, "#tea");
	group.chat = group.author->session.chat;
	group.conversation = conversation_by_name(group.chat, "#tea");
	assert_non_null(group.conversation);
	return group;
}

static struct store_write *
new_write(const struct group *group, enum store_write_kind kind, uint64_t uid)
{
	struct store_write *write = store_write_new(0);

	assert_non_null(write);
	write->kind = kind;
	write->record.conv = write->conversation.id = group->conversation->id;
	write->record.sender = uid;
	write->record.sender_name = "sim";
	write->record.at_us = 1;
	write->conversation.kind = CONVERSATION_GROUP;
	write->conversation.members = MEMBERS + 1;
	strcpy(write->conversation.name, "#tea");
	return write;
}

static void
feed(const struct group *group, struct store_write *write)
{
	feed_take(group->chat, write);
	store_write_unref(write);
}

static void
feed_message(const struct group *group, uint64_t seq)
{
	struct store_write *write = new_write(group, STORE_WRITE_APPEND,
	    group->author->session.uid);

	write->record.kind = RECORD_MESSAGE;
	write->record.seq = seq;
	write->record.id = 1000000 + seq;
	write->record.text = "x";
	write->record.text_len = 1;
	feed(group, write);
}

static void
feed_mark(const struct group *group, uint64_t uid, struct store_mark before,
    struct store_mark now)
{
	struct store_write *write = new_write(group, STORE_WRITE_MARK, uid);

	write->before = before;
	write->now = now;
	feed(group, write);
}

static void
check_numbers(const json_t *said, int seq, int delivered, int read, int of)
{
	assert_int_equal(seq, number_in(said, "seq"));
	assert_int_equal(delivered, number_in(said, "delivered_n"));
	assert_int_equal(read, number_in(said, "read_n"));
	assert_int_equal(of, number_in(said, "of_n"));
}

static size_t
count_said(const struct client *client, const char *type)
{
	const json_t *said;
	size_t i, n = 0;

	json_array_foreach(client->said, i, said) {
		n += json_is_object(said) &&
		    strcmp(text_in(said, "type"), type) == 0;
	}
	return n;
}

/* --------------------------------------------------------- in large groups */

/* Ten thousand marks are one event to who wrote, and then a few. */
static void
a_large_group_is_counted(void **state)
{
	const struct store_mark none = {10, 10}, has = {11, 10},
	    both = {11, 11};
	struct group group = make_group(*state);
	uint64_t i;

	feed_message(&group, 11);
	for (i = 0; i < MEMBERS; i++)
		feed_mark(&group, FIRST_UID + i, none, has);
	check_numbers(client_next(group.author, "delivered"), 11, MEMBERS, 0,
	    MEMBERS);
	for (i = 0; i < MEMBERS; i += 2)
		feed_mark(&group, FIRST_UID + i, has, both);
	check_numbers(client_next(group.author, "read"), 11, MEMBERS,
	    MEMBERS / 2, MEMBERS);
	for (i = 1; i < MEMBERS; i += 2)
		feed_mark(&group, FIRST_UID + i, has, both);
	check_numbers(client_next(group.author, "read"), 11, MEMBERS, MEMBERS,
	    MEMBERS);
	assert_int_equal(1, count_said(group.author, "delivered"));
	assert_int_equal(2, count_said(group.author, "read"));
	client_close(group.author);
}

/* Each mark counts for the messages that it passed, and for no other. */
static void
marks_pass_messages(void **state)
{
	const struct store_mark none = {10, 10};
	struct group group = make_group(*state);
	uint64_t seq;

	for (seq = 11; seq <= 14; seq++)
		feed_message(&group, seq);
	feed_mark(&group, FIRST_UID, none, (struct store_mark){13, 12});
	feed_mark(&group, FIRST_UID + 1, none, (struct store_mark){12, 11});
	feed_mark(&group, group.author->session.uid, none,
	    (struct store_mark){14, 14}); /* one's own count for nothing */
	check_numbers(client_next(group.author, "delivered"), 13, 1, 0,
	    MEMBERS);
	check_numbers(client_next(group.author, "read"), 12, 2, 1, MEMBERS);
	check_numbers(client_next(group.author, "read"), 11, 2, 2, MEMBERS);
	client_close(group.author);
}

/* More messages than are counted: the newest are. */
static void
old_messages_are_given_up(void **state)
{
	struct group group = make_group(*state);
	uint64_t seq;

	for (seq = 11; seq <= 1010; seq++)
		feed_message(&group, seq);
	feed_mark(&group, FIRST_UID, (struct store_mark){10, 10},
	    (struct store_mark){1010, 10});
	check_numbers(client_next(group.author, "delivered"), 1010, 1, 0,
	    MEMBERS);
	client_close(group.author);
}

static void
feed_leave(const struct group *group, uint64_t uid, uint64_t joined_seq,
    struct store_mark before)
{
	struct store_write *write = new_write(group, STORE_WRITE_LEAVE, uid);

	write->record.kind = RECORD_LEFT;
	write->record.seq = 100;
	write->record.id = 2000000 + uid;
	write->joined_seq = joined_seq;
	write->before = before;
	feed(group, write);
}

/* No more have read than have it, whoever was counted before they hid it. */
static void
who_hides_and_leaves_does_not_count(void **state)
{
	const struct store_mark none = {10, 10}, both = {11, 11};
	struct group group = make_group(*state);
	struct store_write *write;

	feed_message(&group, 11);
	feed_mark(&group, FIRST_UID, none, both);
	client_next(group.author, "read");
	write = new_write(&group, STORE_WRITE_LEAVE, FIRST_UID);
	write->record.kind = RECORD_LEFT;
	write->record.seq = 100;
	write->record.id = 2000000;
	write->joined_seq = 1;
	write->before = both;
	write->hides_read = true;
	feed(&group, write);
	check_numbers(client_next(group.author, "read"), 11, 0, 0,
	    MEMBERS - 1);
	client_close(group.author);
}

static void
who_leaves_does_not_count(void **state)
{
	const struct store_mark none = {10, 10}, both = {11, 11};
	struct group group = make_group(*state);

	feed_message(&group, 11);
	feed_mark(&group, FIRST_UID, none, both);
	feed_leave(&group, FIRST_UID, 1, both);
	feed_leave(&group, FIRST_UID + 1, 1, none);
	feed_leave(&group, FIRST_UID + 2, 50, (struct store_mark){50, 50});
	feed_mark(&group, FIRST_UID + 3, none, both);
	check_numbers(client_next(group.author, "read"), 11, 1, 1,
	    MEMBERS - 2);
	client_close(group.author);
}

/* ------------------------------------------------------- delivered at once */

/* Nothing is lost when the session ends right after it acknowledged. */
static void
acknowledged_at_the_end(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *bob = client_open(*state, "bob", "phone", false);
	int seq;

	client_join(ann, "#tea");
	client_join(bob, "#tea");
	for (seq = 1; seq <= 20; seq++) {
		client_send(ann, "@bob", "x");
		client_next(bob, "message");
	}
	client_send(ann, "#tea", "one");
	client_send(ann, "#tea", "two");
	client_next(bob, "message");
	seq = (int)number_in(client_next(bob, "message"), "seq");
	for (int i = 1; i <= 20; i++)
		receive(bob, "@ann", i);
	receive(bob, "#tea", seq - 1);
	receive(bob, "#tea", seq);
	client_close(bob);
	for (int last = 0, now; last != 20; last = now) {
		now = (int)number_in(client_next(ann, "delivered"), "seq");
		assert_true(now > last);
	}
	check_numbers(client_next(ann, "delivered"), seq, 1, 0, 1);
	client_close(ann);
}

/* A device that only has one's own messages of another tells nobody. */
static void
own_events_need_no_mark(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *phone = client_open(*state, "bob", "phone", false);
	struct client *laptop = client_open(*state, "bob", "laptop", false);

	client_send(phone, "@ann", "mine");
	client_next(laptop, "message");
	receive(laptop, "@ann", 1);
	client_send(ann, "@bob", "yours");
	client_next(laptop, "message");
	receive(laptop, "@ann", 2);
	assert_int_equal(2, number_in(client_next(ann, "delivered"), "seq"));
	assert_int_equal(1, count_said(ann, "delivered"));
	client_close(phone);
	client_close(laptop);
	client_close(ann);
}

/* -------------------------------------------------------------- first load */

static long long
count_above(const struct client *client, long long upto)
{
	const json_t *said;
	long long n = 0;
	size_t i;

	json_array_foreach(client->said, i, said) {
		n += json_is_object(said) &&
		    strcmp(text_in(said, "type"), "message") == 0 &&
		    number_in(said, "id") > upto;
	}
	return n;
}

/* The list, and what the stream brings on top of it, are all there is. */
static void
list_and_stream_join(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *bob;
	const json_t *list, *item;
	long long total = 0;
	int round, i;

	bob = client_open(*state, "bob", "", false);
	client_join(ann, "#tea");
	client_join(bob, "#tea");
	client_close(bob);
	for (round = 0; round < 25; round++) {
		bob = client_begin(*state, "bob", "", false);
		for (i = 0; i < 4; i++, total++)
			client_send(ann, "#tea", "x");
		client_next(bob, "welcome");
		for (i = 0; i < round; i++, total++)
			client_send(ann, "#tea", "x");
		client_say(bob, "{\"type\":\"conversations\","
		    "\"conversation\":\"#tea\"}");
		for (i = 0; i < 4; i++, total++)
			client_send(ann, "#tea", "x");
		list = client_next(bob, "conversations");
		client_send(ann, "#tea", "last");
		total++;
		bob->seen = 0;
		while (strcmp(text_in(client_next(bob, "message"), "text"),
			"last") != 0 || bob->seen != json_array_size(bob->said))
			continue;
		item = json_array_get(json_object_get(list, "items"), 0);
		assert_int_equal(total, number_in(item, "unread") +
		    count_above(bob, number_in(list, "upto")));
		client_close(bob);
	}
	client_close(ann);
}

/* The other side may live on another worker, or come and go meanwhile. */
static void
lists_show_who_is_here(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *bob = client_open(*state, "bob", "", false);
	struct client *cat = client_open(*state, "cat", "", false);
	const json_t *items, *other;
	size_t i;

	client_send(ann, "@bob", "x");
	client_send(ann, "@cat", "x");
	client_next(bob, "message");
	client_next(cat, "message");
	client_say(ann, "{\"type\":\"conversations\"}");
	items = json_object_get(client_next(ann, "conversations"), "items");
	assert_int_equal(2, json_array_size(items));
	for (i = 0; i < 2; i++) {
		other = json_object_get(json_array_get(items, i), "other");
		assert_string_equal("online", text_in(other, "status"));
	}
	/* Who asks may be gone before the answer. */
	client_say(ann, "{\"type\":\"conversations\"}");
	client_close(ann);
	client_close(bob);
	client_close(cat);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(a_large_group_is_counted),
	    WORLD_TEST(marks_pass_messages),
	    WORLD_TEST(old_messages_are_given_up),
	    WORLD_TEST(who_leaves_does_not_count),
	    WORLD_TEST(who_hides_and_leaves_does_not_count),
	    WORLD_TEST(acknowledged_at_the_end),
	    WORLD_TEST(own_events_need_no_mark),
	    WORLD_TEST(list_and_stream_join),
	    WORLD_TEST(lists_show_who_is_here)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
