/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ctl/export_state.h"
#include "store/rows_account.h"

static void
set_if_any(json_t *line, const char *key, const char *text)
{
	if (text[0] != '\0')
		export_set(line, key, json_string(text));
}

/* The hash of a password is not for who takes home what is theirs. */
static void
see_account(struct export *export, struct kv_bytes key, struct kv_bytes value)
{
	uint64_t uid = get_be64(key.data);
	struct account_row row;
	json_t *line;

	(void)value;
	if (row_get_account(export->txn, uid, &row) != STORE_OK) {
		export_fail(export, "an account");
		return;
	}
	line = export_new_line("account");
	export_set_person(export, line, "user", uid);
	export_set_flag(line, "claimed", row.flags & ROW_CLAIMED);
	set_if_any(line, "email", row.email);
	if (export->uid == 0)
		set_if_any(line, "password", row.password);
	set_if_any(line, "display_name", row.display_name);
	set_if_any(line, "avatar_url", row.avatar_url);
	set_if_any(line, "about", row.about);
	export_set_flag(line, "disabled", row.flags & ACCOUNT_DISABLED);
	export_set_flag(line, "deactivated", row.flags & ACCOUNT_DEACTIVATED);
	export_set_flag(line, "bot", row.flags & ACCOUNT_BOT);
	export_set_time(line, "banned_until", row.banned_until_us);
	set_if_any(line, "reason", row.reason);
	export_set_time(line, "tokens_from", row.tokens_from_us);
	export_set_time(line, "created_at", row.created_us);
	export_set_time(line, "updated_at", row.updated_us);
	export_write_line(export, line);
}

static void
see_range(struct export *export, struct kv_bytes key, struct kv_bytes value)
{
	struct store_ban ban;
	json_t *line;

	if (row_unpack_range(value, &ban) != STORE_OK) {
		export_fail(export, "a banned range");
		return;
	}
	line = export_new_line("range");
	export_set_text(line, "range", key.data, key.len);
	export_set_time(line, "at", ban.at_us);
	export_set_time(line, "until", ban.until_us);
	set_if_any(line, "reason", ban.reason);
	export_write_line(export, line);
}

static void
write_lockdown(struct export *export)
{
	uint64_t on = 0;
	struct key key;

	key_lockdown(&key);
	row_get_u64(export->txn, KV_META, &key, &on);
	if (on != 0)
		export_write_line(export, export_new_line("lockdown"));
}

void
export_accounts(struct export *export)
{
	export_walk(export, KV_ACCOUNT, export->uid, 8, see_account);
	if (export->uid != 0)
		return;
	export_walk(export, KV_RANGE, 0, 1, see_range);
	write_lockdown(export);
}
