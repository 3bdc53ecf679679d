/* SPDX-License-Identifier: MIT */
#include "tests/contract/group_stage.h"

#include <stdio.h>
#include <string.h>

/* -------------------------------------------------------------- permissions */

/*
 * What is answered to a sender (a row, from no member to owner) who does
 * something to a subject (a column, likewise):
 *
 *	+ done		= nothing to do		n no member
 *	f forbidden	o outranked		? not found
 */
#define ROLES (ROLE_OWNER + 1)
static const struct rule {
	enum store_write_kind kind;
	enum role role; /* ROLE */
	enum permission permission;
	enum record_kind event;
	const char *answers[ROLES];
} rules[] = {
	{STORE_WRITE_INVITE, ROLE_NONE, PERMISSION_INVITE, RECORD_INVITED,
	    {"nnnnn", "+====", "+====", "+====", "+===="}},
	{STORE_WRITE_ADD, ROLE_NONE, PERMISSION_ADD, RECORD_JOINED,
	    {"nnnnn", "fffff", "fffff", "+====", "+===="}},
	{STORE_WRITE_KICK, ROLE_NONE, PERMISSION_KICK, RECORD_KICKED,
	    {"nnnnn", "fffff", "?+ooo", "?++oo", "?++++"}},
	{STORE_WRITE_BAN, ROLE_NONE, PERMISSION_BAN, RECORD_BANNED,
	    {"nnnnn", "fffff", "++ooo", "+++oo", "+++++"}},
	{STORE_WRITE_UNBAN, ROLE_NONE, PERMISSION_BAN, RECORD_UNBANNED,
	    {"nnnnn", "fffff", "+====", "+====", "+===="}},
	{STORE_WRITE_MUTE, ROLE_NONE, PERMISSION_MUTE, RECORD_MUTED,
	    {"nnnnn", "fffff", "?+ooo", "?++oo", "?++++"}},
	{STORE_WRITE_UNMUTE, ROLE_NONE, PERMISSION_MUTE, RECORD_UNMUTED,
	    {"nnnnn", "fffff", "?+ooo", "?++oo", "?++++"}},
	{STORE_WRITE_ROLE, ROLE_MEMBER, PERMISSION_ROLE, RECORD_ROLE,
	    {"nnnnn", "fffff", "fffff", "?=+oo", "?=+++"}},
	{STORE_WRITE_ROLE, ROLE_MODERATOR, PERMISSION_ROLE, RECORD_ROLE,
	    {"nnnnn", "fffff", "fffff", "?+=oo", "?+=++"}},
	{STORE_WRITE_ROLE, ROLE_ADMIN, PERMISSION_ROLE, RECORD_ROLE,
	    {"nnnnn", "fffff", "fffff", "?oooo", "?++=+"}},
	{STORE_WRITE_ROLE, ROLE_OWNER, PERMISSION_ROLE, RECORD_ROLE,
	    {"nnnnn", "fffff", "fffff", "?oooo", "?+++="}},
};

static enum store_status
status_of(char answer)
{
	switch (answer) {
	case '+':
		return STORE_OK;
	case '=':
		return STORE_DUPLICATE;
	case 'n':
		return STORE_NOT_MEMBER;
	case 'f':
		return STORE_FORBIDDEN;
	case 'o':
		return STORE_OUTRANKED;
	default:
		return STORE_NOT_FOUND;
	}
}

/* A group with another owner, the sender and the subject, ready for rule. */
static uint64_t
set_up(struct harness *h, const struct rule *rule, enum role sender_role,
    enum role subject_role, uint64_t people[3])
{
	static const char *const names[3] = {"root", "sender", "subject"};
	const enum role roles[3] = {ROLE_OWNER, sender_role, subject_role};
	static unsigned count;
	char name[32];
	uint64_t conv;
	int i;

	snprintf(name, sizeof(name), "#g%u", ++count);
	for (i = 0; i < 3; i++) {
		struct store_write *user = harness_done(h,
		    make_user(names[i]));

		people[i] = user->record.sender;
		store_write_unref(user);
	}
	conv = join(h, people[0], name);
	for (i = 1; i < 3; i++) {
		if (roles[i] != ROLE_NONE)
			put_in(h, conv, people[i], roles[i]);
	}
	if (rule->kind == STORE_WRITE_UNBAN && subject_role == ROLE_NONE)
		act(h, STORE_WRITE_BAN, people[0], conv, people[2]);
	if (rule->kind == STORE_WRITE_UNMUTE && subject_role != ROLE_NONE)
		assert_int_equal(act(h, STORE_WRITE_MUTE, people[0], conv,
		    people[2]), STORE_OK);
	return conv;
}

static void
check_done(struct harness *h, const struct rule *rule,
    const struct store_write *write, const struct group *before)
{
	struct record event = event_of(h, write->record.conv,
	    before->info.last_seq + 1);

	assert_int_equal(write->record.seq, before->info.last_seq + 1);
	assert_int_equal(write->record.kind, rule->event);
	assert_int_equal(write->record.subject, write->peer);
	assert_int_equal(event.kind, rule->event);
	assert_int_equal(event.id, write->record.id);
	assert_int_equal(event.sender, write->record.sender);
	assert_int_equal(event.subject, write->peer);
	if (rule->kind == STORE_WRITE_ROLE)
		assert_int_equal(event.role, rule->role);
}

static void
try_rule(struct harness *h, const struct rule *rule, enum role sender_role,
    enum role subject_role)
{
	enum store_status expected =
	    status_of(rule->answers[sender_role][subject_role]);
	struct group before, after;
	struct store_write *write;
	uint64_t people[3], conv;

	conv = set_up(h, rule, sender_role, subject_role, people);
	look(h, conv, &before);
	write = make_role(people[1], conv, people[2], rule->role);
	write->kind = rule->kind;
	harness_done(h, write);
	look(h, conv, &after);
	if (write->status != expected)
		fail_msg("write %d to role %d by %d on %d: %d, not %d",
		    (int)rule->kind, (int)rule->role, (int)sender_role,
		    (int)subject_role, (int)write->status, (int)expected);
	assert_int_equal(write->missing,
	    expected == STORE_FORBIDDEN ? rule->permission : PERMISSION_NONE);
	assert_int_equal(write->role, sender_role);
	if (expected == STORE_OUTRANKED || expected == STORE_OK)
		assert_int_equal(write->subject_role, subject_role);
	assert_int_equal(is_same_group(&before, &after),
	    expected != STORE_OK);
	if (expected == STORE_OK)
		check_done(h, rule, write, &before);
	store_write_unref(write);
}

static void
who_may_do_what_to_whom(void **state)
{
	enum role sender, subject;
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		for (sender = ROLE_NONE; sender <= ROLE_OWNER; sender++) {
			for (subject = ROLE_NONE; subject <= ROLE_OWNER;
			     subject++)
				try_rule(*state, &rules[i], sender, subject);
		}
	}
	reopen(*state);
}

static void
nobody_outranks_oneself(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t adm = add_member(h, tea, "adm", ROLE_ADMIN);
	uint64_t mod = add_member(h, tea, "mod", ROLE_MODERATOR);
	uint64_t bob = add_member(h, tea, "bob", ROLE_MEMBER);

	put_in(h, tea, add_user(h, "eve"), ROLE_OWNER);
	assert_int_equal(act(h, STORE_WRITE_KICK, ann, tea, ann),
	    STORE_OUTRANKED);
	assert_int_equal(act(h, STORE_WRITE_BAN, mod, tea, mod),
	    STORE_OUTRANKED);
	assert_int_equal(act(h, STORE_WRITE_MUTE, mod, tea, adm),
	    STORE_OUTRANKED);
	assert_int_equal(act(h, STORE_WRITE_MUTE, adm, tea, mod), STORE_OK);
	assert_int_equal(act(h, STORE_WRITE_UNMUTE, mod, tea, mod),
	    STORE_OUTRANKED);
	/* Up needs another; down is one's own affair. */
	assert_int_equal(give(h, bob, tea, bob, ROLE_OWNER), STORE_FORBIDDEN);
	assert_int_equal(give(h, mod, tea, mod, ROLE_ADMIN), STORE_FORBIDDEN);
	assert_int_equal(give(h, adm, tea, adm, ROLE_OWNER), STORE_OUTRANKED);
	assert_int_equal(give(h, bob, tea, bob, ROLE_MEMBER),
	    STORE_DUPLICATE);
	assert_int_equal(give(h, mod, tea, mod, ROLE_MEMBER), STORE_OK);
	assert_int_equal(give(h, ann, tea, ann, ROLE_ADMIN), STORE_OK);
	assert_int_equal(role_of(h, tea, mod), ROLE_MEMBER);
	assert_int_equal(role_of(h, tea, ann), ROLE_ADMIN);
}

static void
only_groups_have_roles(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t direct = say_to(h, ann, bob, "x");
	const struct store_settings settings = {
	    .has = SETTING_SLOW, .slow_s = 1};
	const uint64_t convs[2] = {LOBBY_ID, direct};
	enum store_write_kind kind;
	struct store_write *write;
	int i;

	for (i = 0; i < 2; i++) {
		for (kind = STORE_WRITE_INVITE; kind <= STORE_WRITE_ROLE;
		     kind++) {
			write = make_act(kind, ann, convs[i], bob);
			write->record.role = ROLE_ADMIN;
			harness_done(h, write);
			assert_int_equal(write->status, STORE_FORBIDDEN);
			assert_int_equal(write->missing, PERMISSION_NONE);
			store_write_unref(write);
		}
		assert_int_equal(update(h, ann, convs[i], &settings),
		    STORE_FORBIDDEN);
	}
	assert_int_equal(act(h, STORE_WRITE_KICK, ann, 4711, bob),
	    STORE_NOT_FOUND);
}

/* ------------------------------------------------------------------- owners */

static void
a_group_with_members_keeps_an_owner(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t bob, root = add_user(h, "root");
	enum store_write_kind kind;
	struct store_write *write;
	struct group before, after;

	assert_int_equal(give(h, ann, tea, ann, ROLE_ADMIN),
	    STORE_LAST_OWNER); /* though alone */
	bob = add_member(h, tea, "bob", ROLE_ADMIN);
	look(h, tea, &before);
	assert_int_equal(harness_do(h, make_leave(ann, tea)),
	    STORE_LAST_OWNER);
	assert_int_equal(give(h, ann, tea, ann, ROLE_MEMBER),
	    STORE_LAST_OWNER);
	for (kind = STORE_WRITE_KICK; kind <= STORE_WRITE_ROLE; kind++) {
		if (kind != STORE_WRITE_KICK && kind != STORE_WRITE_BAN &&
		    kind != STORE_WRITE_ROLE)
			continue;
		write = make_act(kind, root, tea, ann);
		write->record.role = ROLE_MEMBER;
		write->forced = true;
		assert_int_equal(harness_do(h, write), STORE_LAST_OWNER);
	}
	look(h, tea, &after);
	assert_true(is_same_group(&before, &after));
	/* Ownership goes over; then the first is free. */
	assert_int_equal(give(h, ann, tea, bob, ROLE_OWNER), STORE_OK);
	assert_int_equal(give(h, ann, tea, ann, ROLE_MEMBER), STORE_OK);
	assert_int_equal(harness_do(h, make_leave(bob, tea)),
	    STORE_LAST_OWNER);
	assert_int_equal(harness_do(h, make_leave(ann, tea)), STORE_OK);
	assert_int_equal(harness_do(h, make_leave(bob, tea)), STORE_OK);
	look(h, tea, &after);
	assert_int_equal(after.info.members, 0);
}

static void
who_joins_an_empty_group_owns_it(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea");

	join(h, bob, "#tea");
	assert_int_equal(role_of(h, tea, bob), ROLE_MEMBER);
	assert_int_equal(give(h, ann, tea, bob, ROLE_OWNER), STORE_OK);
	assert_int_equal(harness_do(h, make_leave(ann, tea)), STORE_OK);
	assert_int_equal(harness_do(h, make_leave(bob, tea)), STORE_OK);
	join(h, ann, "#tea");
	join(h, bob, "#tea");
	assert_int_equal(role_of(h, tea, ann), ROLE_OWNER);
	assert_int_equal(role_of(h, tea, bob), ROLE_MEMBER);
}

static void
an_owner_may_put_out_another(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t bob = add_member(h, tea, "bob", ROLE_OWNER);

	assert_int_equal(act(h, STORE_WRITE_BAN, bob, tea, ann), STORE_OK);
	assert_int_equal(harness_do(h, make_append(ann, tea, 0, NULL, "x")),
	    STORE_NOT_MEMBER);
	assert_int_equal(role_of(h, tea, bob), ROLE_OWNER);
}

/* What the one who leaves had is known, for the receipts of the others. */
static void
the_marks_of_who_is_out_are_told(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t bob = add_user(h, "bob"), eve = add_user(h, "eve");
	struct store_cursor cursor = {.conv = tea};
	struct store_write *write;

	join(h, bob, "#tea");
	say(h, ann, tea, "x");
	cursor.seq = say(h, ann, tea, "y");
	assert_int_equal(harness_do(h, make_cursors(bob, "", &cursor, 1)),
	    STORE_OK);
	write = harness_done(h, make_act(STORE_WRITE_KICK, ann, tea, bob));
	assert_int_equal(write->status, STORE_OK);
	assert_int_equal(write->before.delivered, cursor.seq);
	assert_int_equal(write->before.read, 2);
	assert_int_equal(write->joined_seq, 2);
	store_write_unref(write);
	write = harness_done(h, make_act(STORE_WRITE_BAN, ann, tea, eve));
	assert_int_equal(write->status, STORE_OK);
	assert_true(write->joined_seq == UINT64_MAX);
	store_write_unref(write);
}

/* --------------------------------------------------------- making, settings */

static const struct store_settings tea_settings = {
    .has = SETTING_TITLE | SETTING_DESCRIPTION | SETTING_PRIVATE |
	SETTING_SINCE_JOIN | SETTING_SLOW,
    .private = true, .since_join = true, .slow_s = 30,
    .title = "Tea", .title_len = 3,
    .description = "Leaves and water", .description_len = 16};

static void
a_group_is_made_with_its_settings(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea;
	struct store_write *write;
	struct store_read *read;
	struct group group;

	write = harness_done(h, make_create(ann, "#tea", &tea_settings,
	    "{\"title\":\"Tea\"}"));
	tea = write->record.conv;
	assert_int_equal(write->status, STORE_OK);
	assert_true(write->created);
	assert_int_equal(write->record.kind, RECORD_JOINED);
	assert_int_equal(write->record.seq, 2);
	assert_int_equal(write->conversation.owners, 1);
	store_write_unref(write);
	look(h, tea, &group);
	assert_int_equal(group.info.flags,
	    CONVERSATION_PRIVATE | CONVERSATION_SINCE_JOIN);
	assert_int_equal(group.info.slow_s, 30);
	assert_int_equal(group.members[0].role, ROLE_OWNER);
	/* Everything is as it should be already. */
	assert_int_equal(update(h, ann, tea, &tea_settings),
	    STORE_DUPLICATE);
	/* What was set is told with the making alone. */
	read = harness_ask(h, make_read(STORE_READ_HISTORY, 0, tea));
	assert_int_equal(read->records_n, 2);
	assert_int_equal(read->records[0].kind, RECORD_CREATED);
	assert_int_equal(read->records[0].text_len, 15);
	assert_memory_equal(read->records[0].text, "{\"title\":\"Tea\"}", 15);
	assert_int_equal(read->records[1].text_len, 0);
	store_read_free(read);
}

static void
a_name_is_given_once(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	const struct store_settings none = {0};
	uint64_t tea = join(h, ann, "#tea");

	assert_int_equal(harness_do(h, make_create(bob, "#tea", &none, "")),
	    STORE_EXISTS);
	assert_int_equal(harness_do(h, make_leave(ann, tea)), STORE_OK);
	assert_int_equal(harness_do(h, make_create(bob, "#tea", &none, "")),
	    STORE_EXISTS);
	assert_int_equal(harness_do(h, make_create(bob, "#lobby", &none, "")),
	    STORE_EXISTS);
	assert_int_equal(harness_do(h, make_create(bob, "tea", &none, "")),
	    STORE_FORBIDDEN);
	assert_int_equal(harness_do(h, make_create(4711, "#x", &none, "")),
	    STORE_NOT_FOUND);
}

static void
settings_change_one_by_one(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t mod = add_member(h, tea, "mod", ROLE_MODERATOR), seq;
	struct store_settings all = tea_settings, one = tea_settings;
	struct store_write *write;
	struct group group;

	write = harness_done(h, make_update(mod, tea, &all, "{}"));
	assert_int_equal(write->status, STORE_FORBIDDEN);
	assert_int_equal(write->missing, PERMISSION_UPDATE);
	store_write_unref(write);
	look(h, tea, &group);
	seq = group.info.last_seq;
	for (one.has = 1; one.has <= SETTING_SLOW; one.has <<= 1) {
		assert_int_equal(update(h, ann, tea, &one), STORE_OK);
		assert_int_equal(update(h, ann, tea, &one), STORE_DUPLICATE);
		assert_int_equal(event_of(h, tea, ++seq).kind,
		    RECORD_UPDATED);
	}
	assert_int_equal(update(h, ann, tea, &all), STORE_DUPLICATE);
	one.has = 0;
	assert_int_equal(update(h, ann, tea, &one), STORE_DUPLICATE);
	/* And back again, but for the title. */
	all = (struct store_settings){.has = all.has & ~SETTING_TITLE};
	assert_int_equal(update(h, ann, tea, &all), STORE_OK);
	one = (struct store_settings){
	    .has = SETTING_TITLE, .title = "Tea", .title_len = 3};
	assert_int_equal(update(h, ann, tea, &one), STORE_DUPLICATE);
	look(h, tea, &group);
	assert_int_equal(group.info.flags, 0);
	assert_int_equal(group.info.slow_s, 0);
	assert_int_equal(group.info.last_seq, seq + 1);
}

static void
texts_have_a_limit(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	char text[DESCRIPTION_MAX + 1];
	struct store_settings title = {.has = SETTING_TITLE, .title = text};
	struct store_settings description = {
	    .has = SETTING_DESCRIPTION, .description = text};

	memset(text, 'x', sizeof(text));
	title.title_len = TITLE_MAX;
	description.description_len = DESCRIPTION_MAX;
	assert_int_equal(update(h, ann, tea, &title), STORE_OK);
	assert_int_equal(update(h, ann, tea, &description), STORE_OK);
	assert_int_equal(update(h, ann, tea, &title), STORE_DUPLICATE);
	title.title_len++;
	description.description_len++;
	assert_int_equal(update(h, ann, tea, &title), STORE_LIMIT);
	assert_int_equal(update(h, ann, tea, &description), STORE_LIMIT);
	assert_int_equal(harness_do(h, make_create(ann, "#x", &title, "")),
	    STORE_LIMIT);
	join(h, ann, "#x"); /* it was not made */
}

/* ------------------------------------------------------------------- limits */

static struct store_write *
limited(struct store_write *write, uint32_t groups_max)
{
	write->groups_max = groups_max;
	return write;
}

static void
a_person_is_in_so_many_groups(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	const struct store_settings none = {0};
	struct store_write *write;
	uint64_t tea = join(h, bob, "#tea");

	say_to(h, ann, bob, "direct ones do not count");
	assert_int_equal(harness_do(h, limited(make_join(ann, "#a"), 2)),
	    STORE_OK);
	assert_int_equal(harness_do(h, limited(make_create(ann, "#b", &none,
	    ""), 2)), STORE_OK);
	write = harness_done(h, limited(make_join(ann, "#tea"), 2));
	assert_int_equal(write->status, STORE_LIMIT);
	assert_int_equal(write->missing, PERMISSION_ADD);
	store_write_unref(write);
	assert_int_equal(harness_do(h, limited(make_join(ann, "#c"), 2)),
	    STORE_LIMIT);
	assert_int_equal(harness_do(h, limited(make_create(ann, "#c", &none,
	    ""), 2)), STORE_LIMIT);
	write = limited(make_act(STORE_WRITE_ADD, bob, tea, ann), 2);
	harness_done(h, write);
	assert_int_equal(write->status, STORE_LIMIT);
	assert_int_equal(write->missing, PERMISSION_ADD);
	store_write_unref(write);
	assert_int_equal(harness_do(h, limited(make_join(ann, "#a"), 2)),
	    STORE_DUPLICATE);
	assert_int_equal(harness_do(h, limited(make_join(ann, "#tea"), 3)),
	    STORE_OK);
}

static void
a_group_takes_so_many_members(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t eve = add_user(h, "eve"), tea;
	const struct store_settings none = {0};
	struct store_write *write = make_create(ann, "#tea", &none, "");

	write->limit = 2;
	harness_done(h, write);
	tea = write->record.conv;
	assert_int_equal(write->status, STORE_OK);
	store_write_unref(write);
	join(h, bob, "#tea");
	write = harness_done(h, limited(make_join(eve, "#tea"), 9));
	assert_int_equal(write->status, STORE_LIMIT);
	assert_int_equal(write->missing, PERMISSION_NONE);
	store_write_unref(write);
	assert_int_equal(act(h, STORE_WRITE_ADD, ann, tea, eve), STORE_LIMIT);
	assert_int_equal(act(h, STORE_WRITE_KICK, ann, tea, bob), STORE_OK);
	assert_int_equal(act(h, STORE_WRITE_ADD, ann, tea, eve), STORE_OK);
	assert_int_equal(role_of(h, tea, eve), ROLE_MEMBER);
}

/* -------------------------------------------------------------- publication */

static void
all_workers_are_told(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t bob = add_user(h, "bob");
	struct store_write *write;
	size_t feeds = 0, i;

	harness_settle_feeds(h);
	harness_forget(h);
	write = harness_done(h, make_act(STORE_WRITE_INVITE, ann, tea, bob));
	store_write_unref(write);
	/* Refused, or nothing to do: nobody is told. */
	act(h, STORE_WRITE_INVITE, ann, tea, bob);
	act(h, STORE_WRITE_KICK, bob, tea, ann);
	harness_settle_feeds(h);
	for (i = 0; i < h->events_n; i++)
		feeds += h->events[i].feed &&
		    h->events[i].write->kind == STORE_WRITE_INVITE;
	for (i = 0; i < h->events_n; i++)
		assert_true(!h->events[i].feed ||
		    h->events[i].write->kind != STORE_WRITE_KICK);
	assert_int_equal(feeds, WORKERS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(who_may_do_what_to_whom),
	    BOTH(nobody_outranks_oneself),
	    BOTH(only_groups_have_roles),
	    BOTH(a_group_with_members_keeps_an_owner),
	    BOTH(who_joins_an_empty_group_owns_it),
	    BOTH(an_owner_may_put_out_another),
	    BOTH(the_marks_of_who_is_out_are_told),
	    BOTH(a_group_is_made_with_its_settings),
	    BOTH(a_name_is_given_once),
	    BOTH(settings_change_one_by_one),
	    BOTH(texts_have_a_limit),
	    BOTH(a_person_is_in_so_many_groups),
	    BOTH(a_group_takes_so_many_members),
	    BOTH(all_workers_are_told)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
