/* SPDX-License-Identifier: MIT */
#ifndef CHAT_STATE_H
#define CHAT_STATE_H

/* An element that there is no memory for has no table. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "base/map.h"
#include "chat/chat.h"
#include "chat/wire.h"

/*
 * What the domain of one worker is made of; private to src/chat.
 *
 *	chat ── people ── person ── sessions ── session   (transport owns it)
 *	  │                 └─ joined ─┐
 *	  └── conversations ── conversation ── present ──> person
 *
 * A person is here while they have a session, a grace of going offline, a
 * save under way or a watcher, and until their rates are full again.  A conversation is here while someone is
 * present in it, and after that among the idle ones until it is the oldest.
 */

struct news;
struct receipts;
struct listing;

struct conversation {
	UT_hash_handle by_name;
	uint64_t id;
	uint64_t a, b; /* direct: its two people */
	struct person **present; /* public, group: who is here */
	uint32_t present_n, present_size;
	uint32_t members;
	uint32_t refs; /* 0: idle */
	uint8_t kind;
	struct conversation *older, *newer; /* of the idle ones */
	struct receipts *receipts; /* group: of who is here, or NULL */
	char name[];
};

struct membership {
	struct conversation *conversation;
	uint64_t joined_seq; /* events above it are theirs */
	uint32_t index; /* in conversation->present */
};

/* What few people have at a time. */
struct person_more {
	struct map *watchers; /* who asked for this presence, or NULL */
	struct map *watching; /* whose presence this person asked for */
	struct rates *rates;  /* NULL until the first request */
	struct typing *typing;
	struct timer grace;   /* before offline */
	struct timer linger;  /* with calls alone, or rates that are not full */
	struct person *person;
};

struct person {
	struct chat *chat;
	uint64_t uid;
	struct session *sessions;
	struct membership *joined; /* groups */
	uint64_t *peers;	   /* the others of direct conversations */
	struct map *blocks;	   /* whom this person blocked, or NULL */
	struct person_more *more;  /* or NULL */
	int64_t last_seen_us;
	uint32_t lobby_index; /* in the public room's present */
	uint32_t joined_n, joined_size, peers_n, peers_size;
	uint32_t active_s; /* monotonic: the last input */
	uint32_t saving;   /* cursor writes without an answer */
	uint32_t round;	   /* of the last presence news it got */
	uint32_t access_changes; /* told of, since it is here */
	uint8_t presence;  /* enum presence, as told to others */
	bool loaded;	   /* joined, peers and blocks are known */
	char name[NAME_BYTES_MAX + 1];
};

enum session_state {
	SESSION_WAITING, /* for the cursors of an older connection */
	SESSION_READING, /* the person, the device, what was missed */
	SESSION_LIVE,
	SESSION_CLOSED
};

/*
 * How far a device is in each conversation, as far as that is not settled: an
 * entry lives from the first event sent until all sent is acknowledged and
 * saved, so an idle session has none.
 *
 *	saved <= acked <= pinged <= sent
 */
struct cursor {
	uint64_t conv;
	uint64_t sent;	 /* queued on the connection */
	uint64_t pinged; /* sent before the ping that is out */
	uint64_t acked;
	uint64_t saved;
	/* Events by others: the first without a mark (or 0), the last sent. */
	uint64_t theirs, theirs_last;
	bool direct;
};

struct cursors {
	struct session *session;
	struct cursors *next, **prev; /* of the unsaved; NULL: saved */
	struct timer timer;	      /* the next ping */
	struct timer marks;	      /* those of groups */
	uint32_t n, size;
	struct cursor *list;
};

/* A walk over what a device missed (catch_up.c). */
struct catch_up {
	struct store_position *positions;
	struct conversation **conversations; /* of positions, a ref each */
	size_t n;
	struct store_read *person; /* with invitations, or NULL */
	uint64_t invited_upto;	   /* the last event that they know of */
	uint64_t since;		   /* as session_options */
	struct session_token token; /* too */
	bool resumes;		   /* too */
	bool known; /* the person was read once */
	bool device_known, welcomed, waits;
};

/* How many committed events a worker remembers for sessions going live. */
#define RECENT_MAX 2048

struct chat {
	unsigned worker, workers;
	struct store *store;
	struct bus *bus;
	struct mailbox *mailbox;
	struct timers *timers;
	const struct clock *clock;
	const struct log *log;
	const char *server;
	struct chat_limits limits;
	struct policy *policy;
	store_feed *fed;
	void *fed_arg;
	struct map people;   /* uid -> person */
	struct map by_id;    /* conversation id -> conversation */
	struct conversation *by_name;
	struct conversation *lobby;
	struct conversation *idle_oldest, *idle_newest;
	size_t idle_n;
	struct store_write *recent[RECENT_MAX]; /* a ring of references */
	size_t recent_at;
	uint64_t recent_floor; /* ids up to this may be gone from it */
	struct cursors *unsaved; /* that moved since they were saved */
	struct timer save, sweep;
	struct listing *listings; /* that wait for other workers */
	struct buf scratch; /* one frame being encoded */
	struct refusals *refusals; /* NULL until the first */
	uint64_t next_session;
	uint32_t round;
	struct chat_stats stats;
	uint32_t drain_spread_ms; /* 0: it does not drain */
};

/* ---------------------------------------------------------------- chat.c */
struct session *chat_session(struct chat *chat, uint64_t uid, uint64_t id);
int64_t chat_now_ms(const struct chat *chat);
int64_t chat_now_us(const struct chat *chat);

/* What was just encoded in scratch, as a frame; NULL: no memory. */
struct blob *chat_frame(struct chat *chat);

/* ------------------------------------------------------------- session.c */
static inline const struct wire *
session_wire(const struct session *session)
{
	return session->readable ? &wire_text : &wire_json;
}

/* Signed in on a connection. */
static inline bool
session_is_here(const struct session *session)
{
	return session->state == SESSION_LIVE && !session->quiet;
}

/* Here, and its token lets it read: it is told what happens. */
static inline bool
session_hears(const struct session *session)
{
	return session_is_here(session) && session->scopes & SCOPE_READ;
}

/*
 * Into the domain, with an id and a person.  -1: no memory, nothing was begun.
 */
int session_enter(struct session *session, struct chat *chat,
    const struct session_options *options);

/* An empty scratch to encode an answer in; then session_answer(). */
struct buf *session_scratch(struct session *session);
void session_answer(struct session *session);
void session_tell(struct session *session, uint64_t id); /* of an event */
void session_ok(struct session *session, const char *ref);
void session_fail(struct session *session, const struct wire_error *error);
void session_refuse(struct session *session, const char *ref,
    enum chat_code code, const char *field, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void session_refuse_store(struct session *session, const char *ref,
    enum store_status status);

/* A read as this person, which done() answers; NULL: no memory. */
struct store_read *session_read(const struct session *session,
    enum store_read_kind kind, store_read_done *done, size_t extra);

/* Why nothing of a client is taken in: until the last reason is gone. */
enum park {
	PARK_ANSWER = 1 << 0, /* its request waits for the store */
	PARK_FLOW = 1 << 1,   /* too many appends are under way */
	PARK_DRAIN = 1 << 2   /* the server is about to end */
};
void session_park(struct session *session, enum park why);
void session_unpark(struct session *session, enum park why);

/* Unlinks it from the domain and tells the transport to close. */
void session_end(struct session *session, enum session_end why);

/* When all it asked for is answered and the server drains: says goodbye. */
void session_settle(struct session *session);

/* ---------------------------------------------------------------- call.c */
/* Those that are left, without called(). */
void calls_free(struct chat *chat, uint64_t uid);

/* ------------------------------------------------------------ catch_up.c */
int catch_up_begin(struct session *session);
void catch_up_continue(struct session *session);
void catch_up_free(struct chat *chat, struct catch_up *catch_up);

/* ------------------------------------------------------------- cursors.c */
/* An event of a conversation with cursors was queued. */
void cursors_sent(struct session *session, const struct record *record,
    bool direct);
/* The device had that before, up to seq: had->saved, theirs are known. */
void cursors_had(struct session *session, const struct cursor *had,
    uint64_t seq);
void cursors_received(struct session *session, uint64_t conv, uint64_t seq);
void cursors_pong(struct session *session, uint32_t mark);
void cursors_save(struct session *session);
void cursors_save_all(struct timer *timer);
void cursors_free(struct session *session);
struct cursor *cursors_find(struct cursors *cursors, uint64_t conv);

/* --------------------------------------------------------------- marks.c */
/* An event by somebody else was queued. */
void marks_sent(struct cursor *cursor, uint64_t seq, bool direct);
void marks_acknowledged(struct session *session);
void marks_due(struct timer *timer);
/* Before the cursor is saved; false: no memory, it is not to be saved. */
bool marks_save(struct session *session, struct cursor *cursor);
/* The person's mark is known to have moved, by another device or a read. */
void marks_moved(struct person *person, uint64_t conv, uint64_t delivered);

/* ------------------------------------------------------------ receipts.c */
/* What the store fed: MARK, UNREAD, HIDE_READ. */
void receipts_feed(struct chat *chat, const struct store_write *write);
void receipts_feed_unread(struct chat *chat, const struct store_write *write);
void receipts_feed_settings(struct chat *chat,
    const struct store_write *write);
/* A message of a group by somebody who may be here: its readers count. */
void receipts_message(struct person *author, struct conversation *conversation,
    const struct store_write *write);
/* A member, uid, left or was put out of it: LEAVE, KICK, BAN of a member. */
void receipts_left(struct conversation *conversation,
    const struct store_write *write, uint64_t uid);
/* The author is not here any more. */
void receipts_forget(struct conversation *conversation, uint64_t author);
void receipts_free(struct conversation *conversation);

/* -------------------------------------------------------------- person.c */
struct person *person_find(struct chat *chat, uint64_t uid);
/* Made when first needed; NULL: no memory. */
struct person_more *person_more(struct person *person);
/* A grace of going offline begins, or is over before its time. */
void person_grace(struct person *person, bool on); /* then release */
/* A call has ended: others may follow soon. */
void person_linger(struct person *person);
struct person *person_obtain(struct chat *chat, uint64_t uid);
int person_load(struct person *person, const struct store_read *read);
int person_join(struct person *person, struct conversation *conversation,
    uint64_t joined_seq);
/* Of a group, or NULL: not in it. */
const struct membership *person_membership(const struct person *person,
    const struct conversation *conversation);
void person_leave(struct person *person, struct conversation *conversation);
bool person_is_in(const struct person *person,
    const struct conversation *conversation);
int person_add_peer(struct person *person, uint64_t uid);
bool person_has_peer(const struct person *person, uint64_t uid);
bool person_blocks(const struct person *person, uint64_t uid);
int person_set_block(struct person *person, uint64_t uid, bool on);
bool person_is_here(const struct person *person); /* has a live session */
/* What is being read of them may be out of date. */
void person_stale(struct person *person);
void person_release(struct person *person); /* frees it if nothing is left */
void person_free(struct person *person);
/* No memory to follow what was fed: all sessions end, to read it anew. */
void person_fail(struct person *person);

/* A set of people as a map; *set is NULL while empty. */
int people_add(struct map **set, uint64_t uid);
void people_drop(struct map **set, uint64_t uid);
bool people_have(const struct map *set, uint64_t uid);

/* -------------------------------------------------------- conversation.c */
struct conversation *conversation_find(struct chat *chat, uint64_t id);
struct conversation *conversation_by_name(struct chat *chat,
    const char *name);
struct conversation *conversation_learn(struct chat *chat,
    const struct conversation_info *info);
void conversation_ref(struct chat *chat, struct conversation *conversation);
void conversation_unref(struct chat *chat, struct conversation *conversation);
void conversations_free(struct chat *chat);

/* ---------------------------------------------------------------- feed.c */
void feed_take(void *arg, struct store_write *write); /* arg: the chat */

/* ------------------------------------------------------------ sign_out.c */
/* What the store fed of accounts and sign-ins. */
void sign_out_feed(struct chat *chat, const struct store_write *write);
/* Whether a token lets its person in no more, and why. */
bool sign_out_why(const struct chat *chat, const struct store_access *access,
    const struct session_token *token, enum session_end *why);

/* ------------------------------------------------------------ delivery.c */
/* Its event to all who are present; a group's making comes first. */
void delivery_send(struct chat *chat, const struct store_write *write);
/* To a person who is not in the group; else they have it already. */
void delivery_send_outside(const struct person *person,
    const struct store_write *write);
/* Into the ring of recent ones. */
void delivery_remember(struct chat *chat, struct store_write *write);
/*
 * Committed events after the session's live_from, from the ring; and before,
 * after invited_upto, invitations of its person, which no page has.
 */
void delivery_replay(struct session *session, uint64_t invited_upto);

/* ------------------------------------------------------------ presence.c */
void presence_online(struct person *person);  /* a first session is loaded */
void presence_left(struct person *person);    /* the last session closed */
void presence_gone(struct person *person);    /* and none came in time */
void presence_input(struct session *session); /* the client sent something */
void presence_status(struct session *session, bool idle);
void presence_watch(struct person *person, const struct store_person *whom);
void presence_sweep(struct timer *timer);
void presence_forget(struct person *person);
void presence_say(struct session *session, const struct news *news);

/* -------------------------------------------------------------- typing.c */
/* peer: the other one of a direct conversation, or 0 and conv says where. */
void typing_set(struct person *person, uint64_t conv, uint64_t peer,
    const char *name, bool on);
void typing_message(struct person *person, const char *name);
void typing_free(struct person *person);

/* ---------------------------------------------------------------- news.c */
enum news_kind {
	NEWS_PRESENCE, /* of uid, to peers and to those present in convs */
	NEWS_STATUS,   /* of uid, to one person */
	NEWS_WATCH, NEWS_UNWATCH, /* uid wants that of the receiver, or not */
	NEWS_TYPING,
	NEWS_WHO, /* session of uid asks who is here */
	NEWS_HERE, /* the answer */
	NEWS_ASK, /* session of uid asks who of the peers is here */
	NEWS_TOLD /* the answer: who is online, and as convs who is idle */
};

/* One on the bus; behind it ids, peers then conversations, or names. */
struct news {
	uint8_t kind; /* enum news_kind */
	uint8_t status;
	bool on;
	uint32_t peers_n, convs_n, names_n;
	uint64_t uid;
	uint64_t session;
	int64_t last_seen_us;
	char user[NAME_BYTES_MAX + 1];
	char conversation[CONVERSATION_NAME_MAX + 1];
};

void news_to_person(struct chat *chat, uint64_t uid, const struct news *news);
void news_to_all(struct chat *chat, uint64_t key, const struct news *news,
    const uint64_t *ids);
void news_receive(void *arg, enum bus_topic topic, uint64_t key,
    const void *data, size_t len);
void presence_news(struct chat *chat, enum bus_topic topic, uint64_t key,
    const struct news *news, const uint64_t *ids);
void typing_news(struct chat *chat, enum bus_topic topic, uint64_t key,
    const struct news *news);

/* ---------------------------------------------------------------- late.c */
void late_keep(struct session *session, const struct news *news);
void late_send(struct session *session);
void late_free(struct map *late);

/* -------------------------------------------------------------- roster.c */
void roster_ask(struct session *session, const char *ref);
void roster_news(struct chat *chat, const struct news *news,
    const char *names);
void roster_free(struct roster *roster);

/* ------------------------------------------------------------- listing.c */
/* Takes over what was read; answers it, and unparks, now or later. */
void listing_begin(struct session *session, struct store_read *read);
void listing_drop(const struct session *session);
void listing_news(struct chat *chat, const struct news *news,
    const uint64_t *ids);

/* --------------------------------------------------------------- rates.c */
enum rate_kind { RATE_JOIN, RATE_REQUEST };
/* 0, or after how many milliseconds to try again. */
uint32_t rates_take(struct person *person, enum rate_kind kind);
uint32_t rates_take_message(struct person *person, uint64_t conv);
void rates_free(struct rates *rates); /* NULL is allowed */
/* The same, of limits.slow_ms; key: of the conversation, not 0. */
uint32_t rates_take_slow(struct person *person, uint64_t key);
void rates_give_back(struct person *person, uint64_t conv);
/* Until all are full again: 0, or at most the ms that takes. */
uint64_t rates_refilled_ms(const struct person *person);
/* Notes a refusal; true when it has gone on for too long. */
bool rates_abused(struct person *person);

#endif
