/* SPDX-License-Identifier: MIT */
#ifndef CHAT_REQUEST_H
#define CHAT_REQUEST_H

#include "base/flat.h"
#include "base/json.h"
#include "chat/state.h"

/*
 * What a client asks for, from its parsing to its answer.  A session's
 * requests run one after the other, in the order they came; a command of the
 * policy adds its own behind the line that caused them.
 *
 * The whole vocabulary is one table (commands.c).  For each entry C checks
 * the members, finds the conversation, asks the policy where there is one,
 * and proceeds.  A step that refuses has answered.
 */
#define REF_MAX 96 /* encoded */

struct request;

enum target {
	TARGET_NONE,
	TARGET_REQUIRED, /* `conversation` or `to` must exist */
	TARGET_OPTIONAL, /* if there is one: none, and target is "" */
	TARGET_PEER	 /* or be a direct one that is not made yet */
};

struct command {
	const char *type;
	enum target target;
	bool free; /* not counted as a request */
	bool automatic; /* no sign of a person at the device */
	bool connected; /* is about a connection: no call can ask for it */
	uint8_t scope;	/* enum scope that the token must have, or 0 */
	uint8_t write;	/* enum store_write_kind, where entries share steps */
	bool (*check)(struct session *session, struct request *request);
	/* What it returns false for is answered, or will be. */
	bool (*policy)(struct session *session, struct request *request);
	void (*proceed)(struct session *session, struct request *request);
};

struct request {
	struct request *next;
	const struct command *command;
	json_t *json; /* its members; or NULL, and flat has them */
	/* Where it goes: the name, folded; the two found by the lookup. */
	char target[CONVERSATION_NAME_MAX + 1];
	struct conversation *conversation;
	uint64_t peer;	  /* of a direct one that is not made yet */
	bool checked;	  /* policy and proceed are left */
	const char *text; /* send, line */
	size_t text_len;
	const char *client_msg_id; /* or NULL */
	uint64_t fingerprint;
	uint64_t seq, before, after, around, offset, limit;
	int64_t duration_s; /* mute, ban; 0: none */
	struct store_settings settings; /* create, update */
	const char *trail; /* what the rules said, until they are next asked */
	size_t trail_len;
	uint8_t flags; /* enum record_flag, for send */
	uint8_t role;  /* enum role */
	bool on;
	bool last; /* edit, delete: one's newest message, whichever it is */
	bool messages; /* history: those alone */
	bool compare; /* edit, delete: if it was last edited at edited_us */
	int64_t edited_us;
	char user[NAME_BYTES_MAX + 1]; /* whom it is done to, folded */
	char ref[REF_MAX]; /* as encoded JSON; "" for none */
	struct flat flat;
	char frame[]; /* a copy of the client's, what flat borrows from */
};

/* NULL: none was given. */
static inline const char *
request_ref(const struct request *request)
{
	return request->ref[0] != '\0' ? request->ref : NULL;
}

/* The next ones in line, until the session is parked or has none. */
void requests_run(struct session *session);
void requests_free(struct session *session);

/*
 * Adds one behind those that wait.  Takes the reference over.  ref, if not
 * NULL, is encoded JSON to answer with instead of a member `ref`.
 */
void request_add(struct session *session, json_t *json, const char *ref);

/* Counts one; if that is one too many, answers so and is false. */
bool request_within_rate(struct session *session, const char *ref);

/* Whether there is such a member, null included. */
bool request_has(const struct request *request, const char *key);
/* Whether it says something: null does not. */
bool request_given(const struct request *request, const char *key);

/*
 * A member of the request, or the default; a wrong type or range is answered
 * and false.
 */
bool request_string(struct session *session, const struct request *request,
    const char *key, size_t max, const char **value, size_t *len);
bool request_number(struct session *session, const struct request *request,
    const char *key, uint64_t *value);
bool request_bool(struct session *session, const struct request *request,
    const char *key, bool *value);
/* "10m", or a number of seconds; at most DURATION_MAX. */
bool request_duration(struct session *session, const struct request *request,
    const char *key, int64_t *seconds);

/* In commands.c: by name, or the nearest for a hint. */
const struct command *command_find(const char *type);
const char *command_nearest(const char *type);

/* A name of a person in `key`, folded; missing or wrong is answered. */
bool request_user(struct session *session, const struct request *request,
    const char *key, char name[NAME_BYTES_MAX + 1]);

/*
 * Where it goes, folded, into request->target; `key` is where that was said.
 * What is wrong is answered and false.
 */
bool request_target(struct session *session, struct request *request,
    const char *key, const char *text, size_t len);

/* `limit` into request->limit, or the default; out of range: answered. */
bool request_limit(struct session *session, struct request *request);
#define PAGE_DEFAULT 50
#define PAGE_MAX 200

/* A read or a write that remembers whose request it was, for done(). */
struct store_read *request_read(struct session *session,
    const struct request *request, enum store_read_kind kind,
    store_read_done *done, size_t extra);
struct store_write *request_write(struct session *session,
    const struct request *request, enum store_write_kind kind,
    store_write_done *done, size_t extra);

/*
 * Off they go; nothing else of the client is taken in until done() unparks.
 * NULL, as those above give it: the request is refused.
 */
void request_query(struct session *session, const struct request *request,
    struct store_read *read);
void request_submit(struct session *session, const struct request *request,
    struct store_write *write);

/*
 * Both begin their extra with the request's ref and the person's name; what
 * was asked for as extra is behind.
 */
#define EXTRA_USER REF_MAX
#define EXTRA_REST (REF_MAX + 40)

/* Their session, if it is still there, and the request's ref, or NULL. */
struct session *read_session(const struct store_read *read);
struct session *write_session(const struct store_write *write);
const char *extra_ref(const char *extra);

/*
 * For writes whose answer is `ok` and nothing else: answers it, or why the
 * store refused, and lets the client go on.
 */
void write_answered(struct store_write *write);

/*
 * Says why the store refused: who may, until when, what to do instead.  Where
 * the conversation may be unknown to the store, write->name has its name.
 */
void write_refused(struct session *session, const struct store_write *write);
/* The same of a read whose name is the conversation's and `after` a seq. */
void read_refused(struct session *session, const struct store_read *read);

/* -------------------------------------------------------- group_settings.c */
/*
 * The settings of a group among the members, into request->settings.  What is
 * wrong is answered and false.
 */
bool group_settings_read(struct session *session, struct request *request);

/* A write with them, and with their JSON as its text; NULL: no memory. */
struct store_write *group_settings_write(struct session *session,
    const struct request *request, enum store_write_kind kind,
    store_write_done *done);

/* ------------------------------------------------------- the table's entries */
/* command_send.c */
/* Trims and checks request->text, which is there. */
bool send_text(struct session *session, struct request *request);
bool send_check(struct session *session, struct request *request);
bool send_policy(struct session *session, struct request *request);
void send_proceed(struct session *session, struct request *request);
/* command_line.c */
bool line_check(struct session *session, struct request *request);
void line_proceed(struct session *session, struct request *request);
/* A text frame that is no JSON. */
void line_run(struct session *session, const char *text, size_t len);
void commands_proceed(struct session *session, struct request *request);
/* command_group.c */
bool join_check(struct session *session, struct request *request);
void join_proceed(struct session *session, struct request *request);
bool create_check(struct session *session, struct request *request);
void create_proceed(struct session *session, struct request *request);
void leave_proceed(struct session *session, struct request *request);
bool update_check(struct session *session, struct request *request);
void update_proceed(struct session *session, struct request *request);
void members_proceed(struct session *session, struct request *request);
/* command_member.c: what is done to somebody in a group */
bool member_check(struct session *session, struct request *request);
void member_proceed(struct session *session, struct request *request);
/* command_message.c: what becomes of a message */
bool edit_check(struct session *session, struct request *request);
bool delete_check(struct session *session, struct request *request);
bool react_check(struct session *session, struct request *request);
void change_proceed(struct session *session, struct request *request);
bool versions_check(struct session *session, struct request *request);
void versions_proceed(struct session *session, struct request *request);
/* command_read.c */
/* Those of whom the person blocked, in what is no direct conversation. */
void hide_reactions(const struct person *person, struct store_read *read);
bool history_check(struct session *session, struct request *request);
void history_proceed(struct session *session, struct request *request);
/* command_list.c */
bool conversations_check(struct session *session, struct request *request);
void conversations_proceed(struct session *session, struct request *request);
/* command_search.c */
bool search_check(struct session *session, struct request *request);
void search_proceed(struct session *session, struct request *request);
/* command_marks.c */
bool read_check(struct session *session, struct request *request);
void read_proceed(struct session *session, struct request *request);
bool unread_check(struct session *session, struct request *request);
void unread_proceed(struct session *session, struct request *request);
bool receipts_check(struct session *session, struct request *request);
void receipts_proceed(struct session *session, struct request *request);
bool settings_check(struct session *session, struct request *request);
void settings_proceed(struct session *session, struct request *request);
/* command_person.c */
bool user_check(struct session *session, struct request *request);
void block_proceed(struct session *session, struct request *request);
void unblock_proceed(struct session *session, struct request *request);
bool presence_check(struct session *session, struct request *request);
void presence_proceed(struct session *session, struct request *request);
bool status_check(struct session *session, struct request *request);
void status_proceed(struct session *session, struct request *request);
bool received_check(struct session *session, struct request *request);
void received_proceed(struct session *session, struct request *request);
bool typing_check(struct session *session, struct request *request);
void typing_proceed(struct session *session, struct request *request);
void ping_proceed(struct session *session, struct request *request);
void auth_proceed(struct session *session, struct request *request);

#endif
