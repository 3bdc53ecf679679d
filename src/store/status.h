/* SPDX-License-Identifier: MIT */
#ifndef STORE_STATUS_H
#define STORE_STATUS_H

#include <stdint.h>

#include "store/permission.h"
#include "store/record.h"

/* What writes and reads of the store have in common. */
enum store_status {
	STORE_OK,
	STORE_DUPLICATE,  /* same client_msg_id, same text: first answer given */
	STORE_CONFLICT,	  /* same client_msg_id, other text; or compare failed */
	STORE_NOT_FOUND,
	STORE_EXISTS,	  /* the name is (or was) taken */
	STORE_NOT_MEMBER,
	STORE_BLOCKED,	  /* the other side blocked the sender */
	STORE_MUTED,
	STORE_BANNED,
	STORE_FORBIDDEN,  /* a permission is missing (store_write.missing) */
	STORE_OUTRANKED,  /* the subject's role is not below the sender's */
	STORE_UNINVITED,  /* the group is joined by invitation only */
	STORE_LAST_OWNER, /* a group with members keeps an owner */
	STORE_SLOW,	  /* slow mode: again at record.until_us */
	STORE_TOO_LATE,	  /* the time to edit or delete it is over */
	STORE_NO_MESSAGE, /* no message has this seq, or it was deleted */
	STORE_LIMIT,	  /* members of a group, devices of a person, … */
	STORE_NO_SPACE,	  /* the disk is nearly full; nothing was written */
	STORE_RETRY,	  /* nothing was written; again later */
	STORE_AMBIGUOUS,  /* it may have been written: same client id again */
	STORE_NOMEM,
	STORE_CORRUPT	  /* what is stored does not verify; it was logged */
};

struct conversation_info {
	uint64_t id;
	uint8_t kind;	  /* enum conversation_kind */
	uint64_t a, b;	  /* direct: the two people, in the order of names */
	uint8_t flags;	  /* enum conversation_flag */
	uint32_t members;
	uint32_t owners;  /* group: members of that role */
	uint32_t slow_s;  /* group: seconds between a member's messages */
	uint64_t first_seq; /* older ones were erased; at most last_seq + 1 */
	uint64_t last_seq;
	uint64_t last_id;
	int64_t created_us;
	char name[CONVERSATION_NAME_MAX + 1]; /* "#tea", "@alice:bob" */
};

struct store_cursor {
	uint64_t conv;
	uint64_t seq; /* this and all before it is acknowledged */
};

#endif
