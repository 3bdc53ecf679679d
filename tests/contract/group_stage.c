/* SPDX-License-Identifier: MIT */
#include "tests/contract/group_stage.h"

#include <stdio.h>
#include <string.h>

#include "store/check.h"

/* ------------------------------------------------------------------- making */

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
make_act(enum store_write_kind kind, uint64_t sender, uint64_t conv,
    uint64_t peer)
{
	struct store_write *write = make(kind, sender, 0);

	write->record.conv = conv;
	write->peer = peer;
	return write;
}

struct store_write *
make_role(uint64_t sender, uint64_t conv, uint64_t peer, enum role role)
{
	struct store_write *write =
	    make_act(STORE_WRITE_ROLE, sender, conv, peer);

	write->record.role = (uint8_t)role;
	return write;
}

static const char *
put_text(char **at, const char *text, size_t len)
{
	const char *put = *at;

	if (len != 0)
		memcpy(*at, text, len);
	*at += len;
	return put;
}

static struct store_write *
make_set(enum store_write_kind kind, uint64_t sender,
    const struct store_settings *settings, const char *text)
{
	size_t text_len = strlen(text);
	struct store_write *write = make(kind, sender, text_len +
	    settings->title_len + settings->description_len);
	char *at = write->extra;

	write->record.text = put_text(&at, text, text_len);
	write->record.text_len = (uint32_t)text_len;
	write->settings = *settings;
	write->settings.title = put_text(&at, settings->title,
	    settings->title_len);
	write->settings.description = put_text(&at, settings->description,
	    settings->description_len);
	return write;
}

struct store_write *
make_create(uint64_t sender, const char *name,
    const struct store_settings *settings, const char *text)
{
	struct store_write *write =
	    make_set(STORE_WRITE_CREATE, sender, settings, text);

	snprintf(write->name, sizeof(write->name), "%s", name);
	return write;
}

struct store_write *
make_update(uint64_t sender, uint64_t conv,
    const struct store_settings *settings, const char *text)
{
	struct store_write *write =
	    make_set(STORE_WRITE_UPDATE, sender, settings, text);

	write->record.conv = conv;
	return write;
}

/* -------------------------------------------------------------------- doing */

enum store_status
act(struct harness *h, enum store_write_kind kind, uint64_t sender,
    uint64_t conv, uint64_t peer)
{
	return harness_do(h, make_act(kind, sender, conv, peer));
}

enum store_status
act_until(struct harness *h, enum store_write_kind kind, uint64_t sender,
    uint64_t conv, uint64_t peer, int64_t until_us)
{
	struct store_write *write = make_act(kind, sender, conv, peer);

	write->until_us = until_us;
	return harness_do(h, write);
}

enum store_status
give(struct harness *h, uint64_t sender, uint64_t conv, uint64_t peer,
    enum role role)
{
	return harness_do(h, make_role(sender, conv, peer, role));
}

enum store_status
update(struct harness *h, uint64_t sender, uint64_t conv,
    const struct store_settings *settings)
{
	return harness_do(h, make_update(sender, conv, settings, "{}"));
}

static void
force(struct harness *h, struct store_write *write)
{
	enum store_status status;

	write->forced = true;
	harness_done(h, write);
	status = write->status;
	assert_true(status == STORE_OK || status == STORE_DUPLICATE);
	assert_int_equal(write->record.flags, RECORD_FORCED);
	store_write_unref(write);
}

void
put_in(struct harness *h, uint64_t conv, uint64_t uid, enum role role)
{
	force(h, make_act(STORE_WRITE_ADD, uid, conv, uid));
	force(h, make_role(uid, conv, uid, role));
}

uint64_t
add_member(struct harness *h, uint64_t conv, const char *name, enum role role)
{
	uint64_t uid = add_user(h, name);

	put_in(h, conv, uid, role);
	return uid;
}

uint64_t
make_private(struct harness *h, uint64_t uid, const char *name)
{
	const struct store_settings settings = {
	    .has = SETTING_PRIVATE, .private = true};
	struct store_write *write =
	    harness_done(h, make_create(uid, name, &settings, "{}"));
	uint64_t conv = write->record.conv;

	assert_int_equal(write->status, STORE_OK);
	store_write_unref(write);
	return conv;
}

/* ------------------------------------------------------------------ looking */

static void
check_membership(struct harness *h, const struct group *group,
    const struct store_member *member)
{
	struct store_read *read = harness_ask(h,
	    make_read(STORE_READ_PERSON, member->uid, 0));
	size_t i, found = 0;

	assert_int_equal(read->status, STORE_OK);
	for (i = 0; i < read->memberships_n; i++) {
		if (read->memberships[i].conversation.id != group->info.id)
			continue;
		found++;
		assert_int_equal(read->memberships[i].role, member->role);
		assert_int_equal(read->memberships[i].muted_until_us,
		    member->muted_until_us);
	}
	assert_int_equal(found, 1);
	store_read_free(read);
}

static void
check_log(struct harness *h, const struct conversation_info *info)
{
	struct store_position at = {.conv = info->id};
	struct store_read *read = store_read_new(sizeof(at));
	size_t i;

	assert_non_null(read);
	read->kind = STORE_READ_CATCH_UP;
	read->limit = 1000;
	read->positions = (struct store_position *)(void *)read->extra;
	memcpy(read->positions, &at, sizeof(at));
	read->positions_n = 1;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->records_n, info->last_seq);
	for (i = 0; i < read->records_n; i++)
		assert_int_equal(read->records[i].seq, i + 1);
	store_read_free(read);
}

void
look(struct harness *h, uint64_t conv, struct group *group)
{
	struct store_read *read;
	uint32_t owners = 0;
	size_t i;

	memset(group, 0, sizeof(*group));
	read = harness_ask(h, make_read(STORE_READ_CONVERSATION, 0, conv));
	assert_int_equal(read->status, STORE_OK);
	group->info = read->conversation;
	store_read_free(read);
	read = harness_ask(h, make_read(STORE_READ_MEMBERS, 0, conv));
	assert_int_equal(read->status, STORE_OK);
	assert_true(read->members_n <= STAGE_MEMBERS);
	assert_int_equal(read->members_n, group->info.members);
	group->members_n = read->members_n;
	for (i = 0; i < read->members_n; i++) {
		group->members[i] = read->members[i];
		owners += read->members[i].role == ROLE_OWNER;
		check_membership(h, group, &read->members[i]);
	}
	assert_int_equal(owners, group->info.owners);
	assert_true(owners > 0 || group->info.members == 0);
	store_read_free(read);
	check_log(h, &group->info);
}

bool
is_same_group(const struct group *one, const struct group *other)
{
	size_t i;

	if (one->info.last_seq != other->info.last_seq ||
	    one->info.flags != other->info.flags ||
	    one->info.slow_s != other->info.slow_s ||
	    one->members_n != other->members_n)
		return false;
	for (i = 0; i < one->members_n; i++) {
		if (one->members[i].uid != other->members[i].uid ||
		    one->members[i].role != other->members[i].role ||
		    one->members[i].muted_until_us !=
			other->members[i].muted_until_us)
			return false;
	}
	return true;
}

static void
found(void *arg, const char *finding)
{
	(void)arg;
	print_message("%s\n", finding);
}

static void
check_tables_of(struct harness *h)
{
	struct check_totals totals = {0};
	struct error err = {0};
	struct kv *kv = harness_kv(h);
	struct kv_txn *reader = kv_reader_new(kv, &err);

	assert_non_null(reader);
	assert_int_equal(kv_renew(reader), KV_OK);
	assert_int_equal(check_store(reader, found, NULL, &totals, &err), 0);
	assert_int_equal(totals.findings, 0);
	kv_reset(reader);
	kv_reader_free(reader);
	kv_close(kv);
}

void
reopen(struct harness *h)
{
	harness_close(h);
	if (strcmp(h->kind, "lmdb") == 0)
		check_tables_of(h);
	harness_open(h);
}

enum role
role_of(struct harness *h, uint64_t conv, uint64_t uid)
{
	struct group group;
	size_t i;

	look(h, conv, &group);
	for (i = 0; i < group.members_n; i++) {
		if (group.members[i].uid == uid)
			return (enum role)group.members[i].role;
	}
	return ROLE_NONE;
}

struct record
event_of(struct harness *h, uint64_t conv, uint64_t seq)
{
	struct store_read *read = make_read(STORE_READ_HISTORY, 0, conv);
	struct record record;

	read->after = seq - 1;
	read->before = seq + 1;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->records_n, 1);
	record = read->records[0];
	record.text = record.sender_name = record.subject_name = NULL;
	record.client_msg_id = NULL;
	store_read_free(read);
	return record;
}
