/* SPDX-License-Identifier: MIT */
#include "tests/contract/store_harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lists of conversations, what is unread in them, and their history. */

static struct store_write *
make(enum store_write_kind kind, uint64_t sender, uint64_t conv)
{
	struct store_write *write = store_write_new(0);

	assert_non_null(write);
	write->kind = kind;
	write->record.sender = sender;
	write->record.sender_name = "somebody";
	write->record.conv = conv;
	return write;
}

static void
mark_read(struct harness *h, uint64_t uid, uint64_t conv, uint64_t seq)
{
	struct store_write *write = make(STORE_WRITE_MARK, uid, conv);

	write->mark.read = seq;
	harness_do(h, write);
}

static void
delete_message(struct harness *h, uint64_t uid, uint64_t conv, uint64_t seq)
{
	struct store_write *write = make(STORE_WRITE_DELETE, uid, conv);

	write->record.target = seq;
	write->forced = true;
	assert_int_equal(harness_do(h, write), STORE_OK);
}

/* text is one of the program's. */
static void
change_message(struct harness *h, enum store_write_kind kind, uint64_t uid,
    uint64_t conv, uint64_t seq, const char *text)
{
	struct store_write *write = make(kind, uid, conv);

	write->record.target = seq;
	write->record.text = text;
	write->record.text_len = (uint32_t)strlen(text);
	assert_int_equal(harness_do(h, write), STORE_OK);
}

static void
update(struct harness *h, uint64_t uid, uint64_t conv,
    const struct store_settings *settings)
{
	struct store_write *write = make(STORE_WRITE_UPDATE, uid, conv);

	write->settings = *settings;
	write->record.text = "{}";
	write->record.text_len = 2;
	assert_int_equal(harness_do(h, write), STORE_OK);
}

static void
invite(struct harness *h, uint64_t uid, uint64_t peer, uint64_t conv)
{
	struct store_write *write = make(STORE_WRITE_INVITE, uid, conv);

	write->peer = peer;
	write->record.subject_name = "somebody";
	assert_int_equal(harness_do(h, write), STORE_OK);
}

static void
trim(struct harness *h, uint64_t conv, uint64_t keep)
{
	struct store_write *write = make(STORE_WRITE_TRIM, 0, conv);

	write->limit = 10000;
	write->trim.keep = keep;
	assert_int_equal(harness_do(h, write), STORE_OK);
}

static struct store_read *
list(struct harness *h, uint64_t uid, uint64_t conv)
{
	struct store_read *read =
	    harness_ask(h, make_read(STORE_READ_CONVERSATIONS, uid, conv));

	assert_int_equal(read->status, STORE_OK);
	return read;
}

static void
check_unread(struct harness *h, uint64_t uid, uint64_t conv, uint32_t unread,
    uint32_t mentions, bool more)
{
	struct store_read *read = list(h, uid, conv);

	assert_int_equal(read->memberships_n, 1);
	assert_int_equal(read->memberships[0].unread, unread);
	assert_int_equal(read->memberships[0].mentions, mentions);
	assert_int_equal(read->memberships[0].unread_more, more);
	store_read_free(read);
}

static void
say_often(struct harness *h, uint64_t uid, uint64_t conv, unsigned n)
{
	while (n-- > 0)
		store_write_unref(harness_submit(h,
		    make_append(uid, conv, 0, NULL, "x")));
	harness_settle(h);
}

/* ---------------------------------------------------------------- the lists */

static void
all_is_listed(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea"), direct;
	const struct store_settings settings = {
	    .has = SETTING_TITLE | SETTING_DESCRIPTION, .title = "Tea",
	    .title_len = 3, .description = "Green and black",
	    .description_len = 15};
	struct store_membership *m;
	struct store_read *read;

	update(h, ann, tea, &settings);
	direct = say_to(h, bob, ann, "hi @ann");
	mark_read(h, bob, direct, 1);
	read = list(h, ann, 0);
	assert_int_equal(read->memberships_n, 2);
	m = &read->memberships[0];
	assert_int_equal(m->conversation.id, direct);
	assert_int_equal(m->other, bob);
	assert_int_equal(m->other_read, 1);
	assert_int_equal(m->other_delivered, 1);
	assert_int_equal(m->unread, 1);
	assert_int_equal(m->mentions, 1);
	assert_false(m->marked_unread);
	assert_string_equal(m->title, "");
	m = &read->memberships[1];
	assert_int_equal(m->conversation.id, tea);
	assert_string_equal(m->title, "Tea");
	assert_string_equal(m->description, "Green and black");
	assert_int_equal(m->role, ROLE_OWNER);
	assert_int_equal(m->unread, 0);
	assert_int_equal(read->records[1].kind, 0);
	store_read_free(read);
}

static void
of_one_conversation(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea");
	struct store_write *flag;
	struct store_read *read;

	flag = make(STORE_WRITE_UNREAD, ann, tea);
	flag->unread = true;
	assert_int_equal(harness_do(h, flag), STORE_OK);
	say(h, ann, tea, "leaves");
	read = list(h, ann, tea);
	assert_int_equal(read->memberships_n, 1);
	assert_true(read->memberships[0].marked_unread);
	assert_string_equal(read->records[0].text, "leaves");
	store_read_free(read);
	read = harness_ask(h, make_read(STORE_READ_CONVERSATIONS, bob, tea));
	assert_int_equal(read->status, STORE_NOT_MEMBER);
	store_read_free(read);
	read = harness_ask(h, make_read(STORE_READ_CONVERSATIONS, bob, 999));
	assert_int_equal(read->status, STORE_NOT_FOUND);
	store_read_free(read);
}

/* Pages by `before` are the whole list, each conversation once. */
static void
lists_have_pages(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), convs[7], before = 0;
	struct store_read *read;
	size_t i, seen = 0;
	char name[8];
	bool more;

	for (i = 0; i < 7; i++) {
		snprintf(name, sizeof(name), "#g%zu", i);
		convs[i] = join(h, ann, name);
	}
	do {
		read = make_read(STORE_READ_CONVERSATIONS, ann, 0);
		read->limit = 3;
		read->before = before;
		harness_ask(h, read);
		assert_int_equal(read->records_n, read->memberships_n);
		for (i = 0; i < read->memberships_n; i++)
			assert_int_equal(read->memberships[i].conversation.id,
			    convs[6 - seen++]);
		before = read->memberships[i - 1].conversation.last_id;
		more = read->more;
		store_read_free(read);
	} while (more);
	assert_int_equal(seen, 7);
}

static void
hidden_marks_are_not_told(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t direct = say_to(h, ann, bob, "hi");
	struct store_write *hide = make(STORE_WRITE_HIDE_READ, bob, 0);
	struct store_read *read;

	hide->hides_read = true;
	assert_int_equal(harness_do(h, hide), STORE_OK);
	mark_read(h, bob, direct, 1);
	read = list(h, ann, 0);
	assert_int_equal(read->memberships[0].other_delivered, 1);
	assert_int_equal(read->memberships[0].other_read, 0);
	store_read_free(read);
	read = list(h, bob, 0);
	assert_int_equal(read->memberships[0].read_seq, 1);
	store_read_free(read);
	read = harness_ask(h, make_read(STORE_READ_MEMBERS, 0, direct));
	assert_false(read->members[0].hides_read);
	assert_true(read->members[1].hides_read);
	store_read_free(read);
}

static void
invitations_come_with_the_first_page(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea"), mate = join(h, ann, "#mate");
	struct store_read *read;
	size_t i;

	invite(h, ann, bob, tea);
	invite(h, ann, bob, mate);
	for (i = 0; i < 2; i++) {
		read = harness_ask(h, make_read(i == 0
		    ? STORE_READ_CONVERSATIONS : STORE_READ_PERSON, bob, 0));
		assert_int_equal(read->status, STORE_OK);
		assert_int_equal(read->invitations_n, 2);
		assert_string_equal(read->invitations[0].conversation.name,
		    "#tea");
		assert_int_equal(read->invitations[1].conversation.id, mate);
		assert_int_equal(read->invitations[1].by, ann);
		assert_string_equal(read->invitations[1].by_name, "ann");
		assert_true(read->invitations[1].at_us > 0);
		store_read_free(read);
	}
	join(h, bob, "#tea");
	read = make_read(STORE_READ_CONVERSATIONS, bob, 0);
	read->before = UINT64_MAX;
	harness_ask(h, read);
	assert_int_equal(read->memberships_n, 1);
	assert_int_equal(read->invitations_n, 0);
	store_read_free(read);
	read = list(h, bob, 0);
	assert_int_equal(read->invitations_n, 1);
	store_read_free(read);
}

/* ------------------------------------------------------------------- unread */

static void
what_counts_as_unread(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t eve = add_user(h, "eve"), tea = join(h, ann, "#tea"), seq;

	join(h, bob, "#tea");
	join(h, eve, "#tea");
	check_unread(h, ann, tea, 0, 0, false);
	say(h, ann, tea, "own, even @ann");
	check_unread(h, ann, tea, 0, 0, false);
	seq = say(h, bob, tea, "hello @Ann!");
	say(h, eve, tea, "mail ann@ann.example");
	check_unread(h, ann, tea, 2, 1, false);
	check_unread(h, bob, tea, 2, 0, false);
	harness_do(h, make_block(ann, eve, true));
	check_unread(h, ann, tea, 1, 1, false);
	say_to(h, ann, eve, "x");
	harness_do(h, make_block(ann, eve, false));
	change_message(h, STORE_WRITE_EDIT, bob, tea, seq, "hello");
	change_message(h, STORE_WRITE_REACT, bob, tea, seq, "!");
	check_unread(h, ann, tea, 2, 0, false);
	delete_message(h, bob, tea, seq);
	check_unread(h, ann, tea, 1, 0, false);
	mark_read(h, ann, tea, seq);
	check_unread(h, ann, tea, 1, 0, false);
	mark_read(h, ann, tea, seq + 1);
	check_unread(h, ann, tea, 0, 0, false);
}

/* Who is blocked was not when they wrote what waits in a direct one. */
static void
direct_messages_count_when_blocked(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t direct = say_to(h, bob, ann, "hi");

	harness_do(h, make_block(ann, bob, true));
	check_unread(h, ann, direct, 1, 0, false);
	check_unread(h, bob, direct, 0, 0, false);
}

static void
counts_to_a_thousand(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");

	say_to(h, bob, ann, "1");
	say_often(h, bob, 2, UNREAD_MAX - 1);
	check_unread(h, ann, 2, UNREAD_MAX, 0, false);
	say_often(h, bob, 2, 1);
	check_unread(h, ann, 2, UNREAD_MAX, 0, true);
	mark_read(h, ann, 2, 1);
	check_unread(h, ann, 2, UNREAD_MAX, 0, false);
	mark_read(h, ann, 2, UNREAD_MAX);
	check_unread(h, ann, 2, 1, 0, false);
}

/* What does not count is not looked at without end. */
static void
scans_are_bounded(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");

	say_to(h, ann, bob, "own");
	say_often(h, ann, 2, 21000);
	say(h, bob, 2, "far away");
	check_unread(h, ann, 2, 0, 0, true);
	mark_read(h, ann, 2, 2000);
	check_unread(h, ann, 2, 1, 0, false);
}

static void
newcomers_begin_where_they_joined(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea");
	const struct store_settings settings = {
	    .has = SETTING_SINCE_JOIN, .since_join = true};
	struct store_read *read;

	say(h, ann, tea, "old");
	join(h, bob, "#tea");
	check_unread(h, bob, tea, 0, 0, false);
	read = list(h, bob, tea);
	assert_string_equal(read->records[0].text, "old");
	store_read_free(read);
	update(h, ann, tea, &settings);
	read = list(h, bob, tea);
	assert_int_equal(read->records[0].kind, 0);
	store_read_free(read);
	say(h, ann, tea, "new");
	check_unread(h, bob, tea, 1, 0, false);
	read = list(h, bob, tea);
	assert_string_equal(read->records[0].text, "new");
	store_read_free(read);
}

/* ------------------------------------------------------- unread vs. a model */

#define PEOPLE 3
#define STEPS 600

struct model {
	struct harness *h;
	uint64_t conv, uids[PEOPLE], read[PEOPLE];
	bool blocks[PEOPLE][PEOPLE];
	struct {
		uint64_t seq;
		unsigned sender;
		bool deleted, mentions;
	} messages[STEPS];
	size_t n;
	uint32_t random;
};

static unsigned
draw(struct model *model, unsigned n)
{
	model->random = model->random * 1103515245 + 12345;
	return (model->random >> 16) % n;
}

/* Everybody is called in those that mention. */
#define CALL "@ann, @bob, @eve: tea"

static void
model_say(struct model *model, unsigned who)
{
	bool mentions = draw(model, 3) == 0;

	model->messages[model->n].seq = say(model->h, model->uids[who],
	    model->conv, mentions ? CALL : "tea");
	model->messages[model->n].sender = who;
	model->messages[model->n++].mentions = mentions;
}

static void
model_change(struct model *model)
{
	size_t i;
	unsigned who;

	if (model->n == 0)
		return;
	i = draw(model, (unsigned)model->n);
	who = model->messages[i].sender;
	if (model->messages[i].deleted)
		return;
	if (draw(model, 2) == 0) {
		delete_message(model->h, model->uids[who], model->conv,
		    model->messages[i].seq);
		model->messages[i].deleted = true;
	} else if (model->messages[i].mentions) {
		change_message(model->h, STORE_WRITE_EDIT, model->uids[who],
		    model->conv, model->messages[i].seq, "no tea");
		model->messages[i].mentions = false;
	} else {
		change_message(model->h, STORE_WRITE_EDIT, model->uids[who],
		    model->conv, model->messages[i].seq, CALL "!");
		model->messages[i].mentions = true;
	}
}

static void
model_read(struct model *model, unsigned who)
{
	uint64_t seq;

	if (model->n == 0)
		return;
	seq = model->messages[draw(model, (unsigned)model->n)].seq;
	mark_read(model->h, model->uids[who], model->conv, seq);
	if (model->read[who] < seq)
		model->read[who] = seq;
}

static void
model_block(struct model *model, unsigned who)
{
	unsigned whom = (who + 1 + draw(model, PEOPLE - 1)) % PEOPLE;
	bool *blocks = &model->blocks[who][whom];

	*blocks = !*blocks;
	harness_do(model->h, make_block(model->uids[who], model->uids[whom],
	    *blocks));
}

static void
model_check(struct model *model)
{
	uint32_t unread, mentions;
	unsigned who, sender;
	size_t i;

	for (who = 0; who < PEOPLE; who++) {
		unread = mentions = 0;
		for (i = 0; i < model->n; i++) {
			sender = model->messages[i].sender;
			if (model->messages[i].seq <= model->read[who] ||
			    model->messages[i].deleted || sender == who ||
			    model->blocks[who][sender])
				continue;
			unread++;
			mentions += model->messages[i].mentions;
		}
		check_unread(model->h, model->uids[who], model->conv, unread,
		    mentions, false);
	}
}

static void
unread_as_a_model_has_it(void **state)
{
	static const char *const names[PEOPLE] = {"ann", "bob", "eve"};
	struct model model = {.h = *state, .random = 2026};
	unsigned i, who;

	for (i = 0; i < PEOPLE; i++) {
		model.uids[i] = add_user(model.h, names[i]);
		model.conv = join(model.h, model.uids[i], "#tea");
	}
	for (i = 0; i < STEPS; i++) {
		who = draw(&model, PEOPLE);
		switch (draw(&model, 16)) {
		case 0:
			model_read(&model, who);
			break;
		case 1:
			model_block(&model, who);
			break;
		case 2:
		case 3:
		case 4:
			model_change(&model);
			break;
		default:
			model_say(&model, who);
		}
		if (i % 7 == 0)
			model_check(&model);
	}
	model_check(&model);
}

/* ------------------------------------------------------------------ history */

static struct store_read *
by_offset(struct harness *h, uint64_t uid, uint64_t conv, uint64_t offset,
    uint32_t limit)
{
	struct store_read *read = make_read(STORE_READ_HISTORY, uid, conv);

	read->by_offset = true;
	read->offset = offset;
	read->limit = limit;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	return read;
}

#define MESSAGES 60

/* Messages with all kinds of other events between them. */
static void
make_mixed_log(struct harness *h, uint64_t ann, uint64_t bob, uint64_t conv,
    uint64_t seqs[MESSAGES])
{
	unsigned i, j;

	for (i = 0; i < MESSAGES; i++) {
		seqs[i] = say(h, ann, conv, "x");
		for (j = 0; j < i % 5 * (i % 3); j++) {
			join(h, bob, "#tea");
			harness_do(h, make_leave(bob, conv));
		}
	}
	delete_message(h, ann, conv, seqs[MESSAGES - 1]);
	delete_message(h, ann, conv, seqs[7]);
}

static void
history_by_offset(void **state)
{
	static const uint64_t offsets[] = {
	    0, 1, 7, MESSAGES - 1, MESSAGES, MESSAGES + 1, UINT64_MAX};
	static const uint32_t limits[] = {0, 1, 2, 13, MESSAGES, 200};
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea"), seqs[MESSAGES], n, offset;
	struct store_read *read;
	size_t i, j, k;

	make_mixed_log(h, ann, bob, tea, seqs);
	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		for (j = 0; j < sizeof(limits) / sizeof(limits[0]); j++) {
			offset = offsets[i];
			read = by_offset(h, ann, tea, offset, limits[j]);
			n = offset < MESSAGES ? MESSAGES - offset : 0;
			assert_int_equal(read->total, MESSAGES);
			assert_int_equal(read->more, n > limits[j]);
			if (n > limits[j])
				n = limits[j];
			assert_int_equal(read->records_n, n);
			assert_int_equal(read->gaps_n, 0);
			for (k = 0; k < n; k++)
				assert_int_equal(read->records[k].seq,
				    seqs[MESSAGES - offset - n + k]);
			store_read_free(read);
		}
	}
	read = by_offset(h, ann, tea, 0, 1);
	assert_int_equal(read->records[0].flags, RECORD_TOMBSTONE);
	assert_int_equal(read->records[0].text_len, 0);
	assert_int_equal(read->conversation.id, tea);
	assert_int_equal(read->last_us, read->records[0].at_us);
	store_read_free(read);
}

static void
history_tells_its_extent(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_read *read;
	unsigned i;

	read = by_offset(h, ann, LOBBY_ID, 0, 10);
	assert_int_equal(read->total, 0);
	assert_int_equal(read->first_us, 0);
	assert_int_equal(read->last_us, 0);
	store_read_free(read);
	h->clock.fixed = 1;
	for (i = 1; i <= 5; i++) {
		h->clock.now_us = (int64_t)i * 1000000;
		say(h, ann, LOBBY_ID, "x");
	}
	read = make_read(STORE_READ_HISTORY, ann, LOBBY_ID);
	read->limit = 2;
	harness_ask(h, read);
	assert_int_equal(read->total, 5);
	assert_int_equal(read->first_us, 1000000);
	assert_int_equal(read->last_us, 5000000);
	assert_int_equal(read->records_n, 2);
	store_read_free(read);
}

static void
check_seen(struct harness *h, uint64_t uid, uint64_t conv, uint64_t first,
    uint64_t total)
{
	struct store_read *read = make_read(STORE_READ_HISTORY, uid, conv);

	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->total, total);
	assert_true(read->records_n != 0);
	assert_int_equal(read->records[0].seq, first);
	assert_int_equal(read->gaps_n, 0);
	assert_false(read->more);
	store_read_free(read);
	read = by_offset(h, uid, conv, 0, 100);
	assert_int_equal(read->records_n, total);
	assert_int_equal(read->gaps_n, 0);
	store_read_free(read);
}

static void
history_is_of_members(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea");
	const struct store_settings settings = {
	    .has = SETTING_SINCE_JOIN, .since_join = true};
	struct store_read *read;

	say(h, ann, tea, "1");
	say(h, ann, tea, "2");
	read = harness_ask(h, make_read(STORE_READ_HISTORY, bob, tea));
	assert_int_equal(read->status, STORE_NOT_MEMBER);
	assert_int_equal(read->records_n, 0);
	store_read_free(read);
	join(h, bob, "#tea"); /* 5 */
	check_seen(h, bob, tea, 1, 2);
	update(h, ann, tea, &settings);
	say(h, ann, tea, "3");
	check_seen(h, bob, tea, 5, 1);
	check_seen(h, ann, tea, 1, 3);
	check_seen(h, 0, tea, 1, 3);
}

static void
what_was_erased_is_not_missed(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t direct = say_to(h, ann, bob, "1"), i;
	struct store_read *read;

	for (i = 2; i <= 20; i++)
		say(h, ann, direct, "x");
	check_unread(h, bob, direct, 20, 0, false);
	trim(h, direct, 5);
	check_seen(h, bob, direct, 16, 5);
	check_unread(h, bob, direct, 5, 0, false);
	mark_read(h, bob, direct, 17);
	check_unread(h, bob, direct, 3, 0, false);
	read = make_read(STORE_READ_HISTORY, ann, direct);
	read->before = 10;
	read->newest = true;
	harness_ask(h, read);
	assert_int_equal(read->records_n, 0);
	assert_false(read->more);
	store_read_free(read);
	read = by_offset(h, ann, direct, 2, 2);
	assert_int_equal(read->records[0].seq, 17);
	assert_int_equal(read->records[1].seq, 18);
	assert_true(read->more);
	store_read_free(read);
}

static void
catch_up_passes_over_what_was_erased(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t direct = say_to(h, ann, bob, "1"), from, i;
	struct store_position *position;
	struct store_read *read;
	uint32_t tail;

	for (i = 2; i <= 20; i++)
		say(h, ann, direct, "x");
	trim(h, direct, 5);
	for (from = 0; from <= 20; from += 5) {
		for (tail = 0; tail <= 3; tail += 3) {
			read = store_read_new(sizeof(*position));
			position = (struct store_position *)(void *)read->extra;
			*position = (struct store_position){
			    .conv = direct, .seq = from, .tail = tail};
			read->kind = STORE_READ_CATCH_UP;
			read->gaps_wanted = true;
			read->positions = position;
			read->positions_n = 1;
			harness_ask(h, read);
			i = tail != 0 ? 17 : from < 15 ? 15 : from;
			if (from == 20)
				i = 20;
			assert_int_equal(read->gaps_n, i > from);
			if (i > from) {
				assert_int_equal(read->gaps[0].from, from + 1);
				assert_int_equal(read->gaps[0].to, i);
			}
			assert_int_equal(read->records_n, 20 - i);
			assert_int_equal(position->seq, 20);
			store_read_free(read);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(all_is_listed),
	    BOTH(of_one_conversation),
	    BOTH(lists_have_pages),
	    BOTH(hidden_marks_are_not_told),
	    BOTH(invitations_come_with_the_first_page),
	    BOTH(what_counts_as_unread),
	    BOTH(direct_messages_count_when_blocked),
	    BOTH(counts_to_a_thousand),
	    BOTH(scans_are_bounded),
	    BOTH(newcomers_begin_where_they_joined),
	    BOTH(unread_as_a_model_has_it),
	    BOTH(history_by_offset),
	    BOTH(history_tells_its_extent),
	    BOTH(history_is_of_members),
	    BOTH(what_was_erased_is_not_missed),
	    BOTH(catch_up_passes_over_what_was_erased),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
