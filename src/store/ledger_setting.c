/* SPDX-License-Identifier: MIT */
#include "store/ledger_group.h"

#include <string.h>

static void
set_flag(uint8_t *flags, enum conversation_flag flag, bool on)
{
	*flags = (uint8_t)(on ? *flags | flag : *flags & ~flag);
}

void
ledger_settings_apply(const struct store_settings *settings,
    struct conversation_info *info)
{
	if ((settings->has & SETTING_PRIVATE) != 0)
		set_flag(&info->flags, CONVERSATION_PRIVATE,
		    settings->private);
	if ((settings->has & SETTING_SINCE_JOIN) != 0)
		set_flag(&info->flags, CONVERSATION_SINCE_JOIN,
		    settings->since_join);
	if ((settings->has & SETTING_SLOW) != 0)
		info->slow_s = settings->slow_s;
}

bool
ledger_settings_fit(const struct store_settings *settings)
{
	return ((settings->has & SETTING_TITLE) == 0 ||
	    settings->title_len <= TITLE_MAX) &&
	    ((settings->has & SETTING_DESCRIPTION) == 0 ||
	    settings->description_len <= DESCRIPTION_MAX);
}

/* Takes the place of *text if it is another: whether it is. */
static bool
set_text(struct kv_bytes *text, const char *data, uint32_t len)
{
	if (text->len == len &&
	    (len == 0 || memcmp(text->data, data, len) == 0))
		return false;
	*text = (struct kv_bytes){data, len};
	return true;
}

enum store_status
ledger_settings_pack(struct ledger *ledger, uint64_t conv,
    const struct store_settings *settings, size_t *len)
{
	struct kv_bytes title, description;
	enum store_status status;
	bool changed = false;

	*len = 0;
	status = row_get_texts(ledger->txn, conv, &title, &description);
	if (status != STORE_OK)
		return status;
	if ((settings->has & SETTING_TITLE) != 0)
		changed |= set_text(&title, settings->title,
		    settings->title_len);
	if ((settings->has & SETTING_DESCRIPTION) != 0)
		changed |= set_text(&description, settings->description,
		    settings->description_len);
	if (changed)
		*len = row_pack_texts(title, description, ledger->room);
	return STORE_OK;
}

enum store_status
ledger_update(struct ledger *ledger, struct store_write *write)
{
	struct conversation_row *conversation;
	struct conversation_info info;
	enum store_status status;
	struct key key;
	size_t len;

	status = ledger_group_open(ledger, write, PERMISSION_UPDATE,
	    &conversation);
	if (status != STORE_OK)
		return status;
	if (!ledger_settings_fit(&write->settings))
		return STORE_LIMIT;
	info = conversation->info;
	ledger_settings_apply(&write->settings, &info);
	status = ledger_settings_pack(ledger, info.id, &write->settings, &len);
	if (status != STORE_OK)
		return status;
	if (len == 0 && info.flags == conversation->info.flags &&
	    info.slow_s == conversation->info.slow_s)
		return STORE_DUPLICATE;
	if (ledger->disk_is_full)
		return STORE_NO_SPACE;
	key_texts(&key, info.id);
	if (len != 0)
		status = ledger_put(ledger, KV_CONV, &key, len);
	conversation->info.flags = info.flags;
	conversation->info.slow_s = info.slow_s;
	if (status == STORE_OK)
		status = ledger_put_info(ledger, conversation);
	if (status == STORE_OK)
		status = ledger_group_log(ledger, conversation, write,
		    RECORD_UPDATED, ROLE_NONE);
	return status;
}
