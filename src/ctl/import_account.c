/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ctl/import_state.h"
#include "store/rows_account.h"

static void
take_text(struct import *import, const char *key, char *room, size_t size)
{
	strcpy(room, import_text(import, key, size - 1, false));
}

static uint8_t
take_flags(struct import *import)
{
	static const struct {
		const char *key;
		uint8_t flag;
	} flags[] = {{"claimed", ROW_CLAIMED}, {"disabled", ACCOUNT_DISABLED},
	    {"deactivated", ACCOUNT_DEACTIVATED}, {"bot", ACCOUNT_BOT}};
	uint8_t taken = 0;
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (import_flag(import, flags[i].key))
			taken |= flags[i].flag;
	}
	return taken;
}

/* That no other account has it is seen when all are there. */
static void
put_email(struct import *import, const char *email, uint64_t uid)
{
	struct key key;

	key_string(&key, email);
	if (key.len != 0)
		import_put_u64(import, KV_EMAIL, &key, uid);
}

void
import_account(struct import *import)
{
	uint64_t uid = import_person(import, "user", true);
	struct account_row row = {.flags = take_flags(import)};
	struct key key;

	take_text(import, "email", row.email, sizeof(row.email));
	take_text(import, "password", row.password, sizeof(row.password));
	take_text(import, "display_name", row.display_name,
	    sizeof(row.display_name));
	take_text(import, "avatar_url", row.avatar_url,
	    sizeof(row.avatar_url));
	take_text(import, "about", row.about, sizeof(row.about));
	take_text(import, "reason", row.reason, sizeof(row.reason));
	row.banned_until_us = import_time(import, "banned_until");
	row.tokens_from_us = import_time(import, "tokens_from");
	row.created_us = import_time(import, "created_at");
	row.updated_us = import_time(import, "updated_at");
	put_email(import, row.email, uid);
	key_u64(&key, uid);
	import_put(import, KV_ACCOUNT, &key, import->room,
	    row_pack_account(&row, import->room));
}

void
import_range(struct import *import)
{
	const char *range = import_text(import, "range", RANGE_MAX - 1, true);
	struct store_ban ban = {.at_us = import_time(import, "at"),
	    .until_us = import_time(import, "until")};
	struct key key;

	take_text(import, "reason", ban.reason, sizeof(ban.reason));
	key_string(&key, range);
	import_put(import, KV_RANGE, &key, import->room,
	    row_pack_range(&ban, import->room));
}

void
import_lockdown(struct import *import)
{
	struct key key;

	key_lockdown(&key);
	import_put_u64(import, KV_META, &key, 1);
}
